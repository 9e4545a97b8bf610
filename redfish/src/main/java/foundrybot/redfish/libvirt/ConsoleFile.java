// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.libvirt;

import foundrybot.redfish.BmcFault;
import foundrybot.redfish.BmcFault.Kind;
import foundrybot.redfish.ConsoleListener;
import foundrybot.redfish.Outcome;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The file in which libvirt's host keeps what a machine's serial line says: what comes to it while
 * somebody listens. virtlogd begins another one when it is full, and keeps the old ones as {@code
 * FILE.0} and so on.
 */
final class ConsoleFile {
  private static final Duration LOOK = Duration.ofMillis(250);
  private static final int MOST_AT_ONCE = 64 << 10;
  private static final int MOST_BEHIND = 1 << 20;
  private static final int MOST_OLD = 10;

  private final String bmc;
  private final Path file;
  private Optional<Object> key = Optional.empty();
  private long read;

  ConsoleFile(String bmc, Path file) {
    this.bmc = bmc;
    this.file = file;
  }

  /** Reads what is new until nobody wants more; a file that is not there yet is waited for. */
  Outcome<String> follow(ConsoleListener listener) {
    try {
      begin();
      listener.opened(bmc + ": the serial console by its file " + file);
      while (listener.wanted()) {
        look(listener);
        Thread.sleep(LOOK);
      }
      return new Outcome.Done<>("closed", bmc + ": the serial console: closed");
    } catch (AccessDeniedException e) {
      return failed(
          Kind.NO_PRIVILEGE,
          "it may not be read",
          "let the appliance's user read it (setfacl), or set 'console: off' for this node");
    } catch (IOException e) {
      return failed(Kind.BROKEN, String.valueOf(e.getMessage()), "look at that file");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return failed(Kind.UNKNOWN_OUTCOME, "interrupted", "read it again");
    }
  }

  private Outcome<String> failed(Kind kind, String answered, String advice) {
    return new Outcome.Failed<>(new BmcFault(kind, bmc, "reading " + file, answered, advice));
  }

  /** What stands there already is of before. */
  private void begin() throws IOException {
    Optional<BasicFileAttributes> there = attributes();
    key = there.map(BasicFileAttributes::fileKey);
    read = there.map(BasicFileAttributes::size).orElse(0L);
    if (there.isPresent()) {
      // So that whoever may not read it is told at once.
      FileChannel.open(file).close();
    }
  }

  private Optional<BasicFileAttributes> attributes() throws IOException {
    try {
      BasicFileAttributes there =
          Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      if (!there.isRegularFile()) {
        throw new IOException("it is no file (expected: a regular one, no link and no device)");
      }
      return Optional.of(there);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  private void look(ConsoleListener listener) throws IOException {
    Optional<BasicFileAttributes> there = attributes();
    if (there.isEmpty()) {
      return;
    }
    Optional<Object> now = there.map(BasicFileAttributes::fileKey);
    if (!now.equals(key) || there.get().size() < read) {
      key = now;
      read = 0;
    }
    if (there.get().size() - read > MOST_BEHIND) {
      listener.missed("more at once than is read: " + (there.get().size() - read) + " bytes");
      read = there.get().size() - MOST_AT_ONCE;
    }
    if (there.get().size() > read) {
      take(listener);
    }
  }

  private void take(ConsoleListener listener) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(MOST_AT_ONCE);
    try (FileChannel channel = FileChannel.open(file)) {
      int length = channel.read(bytes, read);
      while (length > 0) {
        byte[] some = new byte[length];
        bytes.get(0, some);
        read += length;
        listener.heard(some);
        bytes.clear();
        length = listener.wanted() ? channel.read(bytes, read) : 0;
      }
    } catch (NoSuchFileException e) {
      // It was put aside just now, and the next look finds the new one.
      read = 0;
    }
  }

  /**
   * Deletes it with its older ones.
   *
   * @return the files that are still there, or may be
   */
  static List<Path> delete(Path file) {
    return Stream.concat(
            Stream.of(file),
            IntStream.range(0, MOST_OLD)
                .mapToObj(number -> file.resolveSibling(file.getFileName() + "." + number)))
        .filter(ConsoleFile::stays)
        .toList();
  }

  private static boolean stays(Path file) {
    try {
      Files.deleteIfExists(file);
      return false;
    } catch (IOException e) {
      return true;
    }
  }
}
