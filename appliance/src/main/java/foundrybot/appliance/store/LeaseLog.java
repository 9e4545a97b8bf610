// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.store;

import foundrybot.appliance.store.Store.LeaseRow;
import foundrybot.images.FileTrees;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The leases: a file to which each change is appended, and of which the last word on an address
 * counts. It is written anew when most of it is outdated.
 */
final class LeaseLog implements AutoCloseable {
  /** Bytes below which nothing is written anew. */
  private static final long SMALL = 1 << 20;

  /** So many times what is needed is too much. */
  private static final int OUTDATED = 4;

  private final Path path;
  private LogFile file;
  private long needed;

  private LeaseLog(Path path) throws IOException {
    this.path = path;
    this.file = LogFile.open(path);
    file.cut(LogFile.scan(path, (_, _) -> {}));
    this.needed = file.end();
  }

  /** Opens what is there; what a kill has torn at its end is cut off. */
  static LeaseLog open(Path path) throws IOException {
    return new LeaseLog(path);
  }

  /** Replaces what was kept for the addresses of these leases; durable when it returns. */
  synchronized void save(List<LeaseRow> changed) throws IOException {
    add(file, changed);
    if (file.end() > Math.max(SMALL, OUTDATED * needed)) {
      writeAnew();
    }
  }

  private static void add(LogFile file, Collection<LeaseRow> leases) throws IOException {
    for (LeaseRow lease : leases) {
      file.add(out -> encode(lease, out));
    }
    file.write();
    file.force();
  }

  private void writeAnew() throws IOException {
    Path next = path.resolveSibling(path.getFileName() + ".new");
    Files.deleteIfExists(next);
    LogFile smaller = LogFile.open(next);
    try {
      add(smaller, all());
      Files.move(next, path, StandardCopyOption.ATOMIC_MOVE);
      // Else a lost power could bring back the old file, without what is appended to this one.
      FileTrees.force(path.toAbsolutePath().resolveSibling(""));
    } catch (IOException e) {
      smaller.close();
      throw e;
    }
    file.close();
    file = smaller;
    needed = file.end();
  }

  /** The last word on each address. */
  synchronized Collection<LeaseRow> all() throws IOException {
    Map<String, LeaseRow> leases = new LinkedHashMap<>();
    LogFile.scan(
        path,
        (payload, _) -> {
          LeaseRow lease = decode(payload);
          leases.put(lease.address(), lease);
        });
    return leases.values();
  }

  private static void encode(LeaseRow lease, ByteBuffer out) {
    Texts.put(out, lease.address());
    Texts.put(out, lease.mac());
    Texts.put(out, lease.expires());
    Texts.put(out, lease.state());
  }

  private static LeaseRow decode(ByteBuffer in) {
    return new LeaseRow(Texts.get(in), Texts.get(in), Texts.time(in), Texts.get(in));
  }

  @Override
  public synchronized void close() throws IOException {
    file.close();
  }
}
