// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.power;

import foundrybot.answerfiles.Mac;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Keeps one program from a BMC while another one speaks to it: a lock of the operating system on a
 * file of the data folder, one for each BMC. So commands without an appliance take turns, and so do
 * a command and an appliance that was started meanwhile. A lock ends with its process, however that
 * ends; what the file holds is for people.
 *
 * <p>Where the file cannot be had (another user's folder, a full disk) nobody is kept waiting: a
 * machine that burns must be switched off all the same, and the reason is told.
 */
public final class BmcLocks {
  private static final String FOLDER = "bmc-locks";
  private static final String SUFFIX = ".lock";

  /** Of the name of a file; enough that no two BMCs share one. */
  private static final int DIGEST_BYTES = 16;

  /** Of what a file says of who has it. */
  private static final int MOST_BYTES = 200;

  /** Why it cannot be had for a moment though nobody has it. */
  public static final String RESTING = "the gap behind the command before";

  /**
   * What this process has, and for what. Static, because the operating system gives locks to a
   * process: it would take one that is held for free, and closing the file a second time would give
   * it back (POSIX, fcntl).
   */
  private static final Map<Path, String> OURS = new ConcurrentHashMap<>();

  /** What came of the wish for a BMC. */
  public sealed interface Answer {}

  /**
   * It can be spoken to, until this is closed.
   *
   * @param problem why others are not kept from it, if so
   */
  public record Held(
      Optional<Path> file,
      Optional<FileChannel> channel,
      InstantSource clock,
      Optional<String> problem)
      implements Answer, AutoCloseable {
    @Override
    public void close() {
      try {
        if (channel.isPresent() && file.isPresent()) {
          try (FileChannel open = channel.get()) {
            // From here the gap counts. It is set while the lock is held, as it closes the file.
            if (open.isOpen()) {
              Files.setLastModifiedTime(file.get(), FileTime.from(clock.instant()));
            }
          }
        }
      } catch (IOException e) {
        // The lock is given back all the same; only the gap may be short.
        return;
      } finally {
        file.ifPresent(OURS::remove);
      }
    }
  }

  /**
   * Somebody else has it.
   *
   * @param with what it is busy with, for people
   */
  public record Busy(String with) implements Answer {}

  private final Optional<Path> folder;
  private final Duration gap;
  private final InstantSource clock;

  private BmcLocks(Optional<Path> folder, Duration gap, InstantSource clock) {
    this.folder = folder;
    this.gap = gap;
    this.clock = clock;
  }

  /** Those of a data folder. */
  public static BmcLocks in(Path data) {
    return in(data, Patience.USUAL.gap(), InstantSource.system());
  }

  static BmcLocks in(Path data, Duration gap, InstantSource clock) {
    return new BmcLocks(Optional.of(data.resolve(FOLDER).toAbsolutePath()), gap, clock);
  }

  /** Where there is nobody else. */
  public static BmcLocks none() {
    return new BmcLocks(Optional.empty(), Duration.ZERO, InstantSource.system());
  }

  /** What is one BMC: a host and port; a magic packet goes to each machine alone. */
  public static String bmc(Optional<URI> url, Mac machine) {
    return url.filter(it -> it.getRawAuthority() != null && !"wol".equals(it.getScheme()))
        .map(URI::getRawAuthority)
        .orElseGet(machine::toString);
  }

  /**
   * Takes a BMC if it is free, and waits for nobody.
   *
   * @param bmc as {@link #bmc} says
   * @param what it is for, in the program's own words, such as {@code power off w1}
   */
  public Answer take(String bmc, String what) {
    if (folder.isEmpty()) {
      return new Held(Optional.empty(), Optional.empty(), clock, Optional.empty());
    }
    Path file = folder.get().resolve(name(bmc) + SUFFIX);
    String who =
        "'"
            + what
            + "' of process "
            + ProcessHandle.current().pid()
            + " since "
            + clock.instant().truncatedTo(ChronoUnit.SECONDS);
    String other = OURS.putIfAbsent(file, who);
    if (other != null) {
      return new Busy(other);
    }
    Answer answer = new Busy(RESTING);
    try {
      answer = locked(folder.get(), file, who);
      return answer;
    } finally {
      if (answer instanceof Busy) {
        OURS.remove(file);
      }
    }
  }

  private Answer locked(Path in, Path file, String who) {
    try {
      Files.createDirectories(
          in, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      FileChannel channel =
          FileChannel.open(
              file,
              Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE),
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      boolean ours = false;
      try {
        Optional<Busy> busy = busy(channel, file);
        if (busy.isPresent()) {
          return busy.get();
        }
        channel.truncate(0);
        channel.write(ByteBuffer.wrap(who.getBytes(StandardCharsets.UTF_8)), 0);
        ours = true;
        return new Held(Optional.of(file), Optional.of(channel), clock, Optional.empty());
      } finally {
        if (!ours) {
          channel.close();
        }
      }
    } catch (IOException e) {
      String why = in + ": cannot be written, so other commands are not kept from this BMC: " + e;
      return new Held(Optional.of(file), Optional.empty(), clock, Optional.of(why));
    }
  }

  /** Empty if the lock is ours now. */
  private Optional<Busy> busy(FileChannel channel, Path file) throws IOException {
    try {
      FileLock lock = channel.tryLock();
      if (lock == null) {
        return Optional.of(new Busy(said(channel)));
      }
    } catch (OverlappingFileLockException e) {
      return Optional.of(new Busy("another command of this process"));
    }
    Instant end = Files.getLastModifiedTime(file).toInstant().plus(gap);
    Instant now = clock.instant();
    boolean rests = channel.size() > 0 && now.isBefore(end) && !now.isBefore(end.minus(gap));
    return rests ? Optional.of(new Busy(RESTING)) : Optional.empty();
  }

  private static String said(FileChannel channel) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(MOST_BYTES);
    channel.read(bytes, 0);
    String text = StandardCharsets.UTF_8.decode(bytes.flip()).toString();
    return text.isBlank() ? "another command" : text.replaceAll("[\\p{Cc}\\p{Cf}]", " ");
  }

  /** Nothing of an address becomes part of a path. */
  private static String name(String bmc) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(bmc.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, DIGEST_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
