// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.power;

import foundrybot.answerfiles.Mac;
import foundrybot.appliance.store.AesGcm;
import foundrybot.appliance.store.KeyRing;
import foundrybot.appliance.store.SecretFile;
import foundrybot.appliance.store.StoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The BMCs that operators have entered: a file for each machine under {@code bmcs} of the data
 * folder, encrypted ({@link AesGcm}) under the key in {@code bmcs.key} beside it. The machine's MAC
 * is authenticated with it, so that no file passes for another machine's.
 *
 * <p>Files are read when they are asked for, so a change holds at once, also for a program that
 * runs. They protect a copy of the folder without the key; who can read both has everything.
 */
public final class BmcStore {
  private static final String KEY_FILE = "bmcs.key";
  private static final String WHAT = "a key for BMCs";
  private static final String SUFFIX = ".bmc";
  private static final byte[] MARK = {'F', 'B', 'M', 1};
  private static final long MAX_BYTES = 1 << 18;

  /** For how long a look into the folder holds where every packet asks. */
  private static final Duration LATELY = Duration.ofSeconds(1);

  private final KeyRing keys;
  private final Path folder;
  private final SecureRandom random = new SecureRandom();
  private volatile Look last = Look.NONE;

  /**
   * What was in the folder.
   *
   * @param at when it was looked at, in the JVM's nanoseconds
   * @param changed the folder's time, by which another look may be spared
   */
  private record Look(long at, FileTime changed, Set<Mac> machines) {
    static final FileTime NEVER = FileTime.fromMillis(0);
    static final Look NONE = new Look(System.nanoTime() - LATELY.toNanos(), NEVER, Set.of());

    boolean isRecent() {
      return System.nanoTime() - at < LATELY.toNanos();
    }
  }

  /** Of an appliance's folder; nothing is made before something is entered. */
  public BmcStore(Path data) {
    this(KeyRing.plain(data));
  }

  /** The same where its key may be encrypted. */
  public BmcStore(KeyRing keys) {
    this.keys = keys;
    this.folder = keys.data().resolve("bmcs");
  }

  /** Whether one was entered for that machine; costs a look into a folder. */
  public boolean has(Mac machine) {
    return Files.exists(file(machine));
  }

  /**
   * The same as of a second ago at most, for what is asked with each packet: a look at the disk for
   * every boot script was a tenth of its cost.
   */
  public boolean hadLately(Mac machine) {
    Look look = last;
    if (!look.isRecent()) {
      look = look(look);
      last = look;
    }
    return look.machines().contains(machine);
  }

  private Look look(Look before) {
    long at = System.nanoTime();
    FileTime changed = changed();
    if (!changed.equals(Look.NEVER) && changed.equals(before.changed())) {
      return new Look(at, changed, before.machines());
    }
    // A file that comes in the same tick of the clock would not change the folder's time.
    boolean settled =
        changed.toInstant().isBefore(Instant.now().minus(LATELY)) || changed.equals(Look.NEVER);
    return new Look(at, settled ? changed : Look.NEVER, Set.copyOf(machines()));
  }

  private FileTime changed() {
    try {
      return Files.getLastModifiedTime(folder);
    } catch (IOException e) {
      return Look.NEVER;
    }
  }

  /**
   * The one of that machine.
   *
   * @throws PowerException if there is one that cannot be read
   */
  public Optional<StoredBmc> find(Mac machine) {
    Path file = file(machine);
    try {
      if (!Files.exists(file)) {
        return Optional.empty();
      }
      if (Files.size(file) > MAX_BYTES) {
        throw broken(machine, file, "more than " + MAX_BYTES + " bytes");
      }
      return Optional.of(StoredBmc.of(opened(machine, file, Files.readAllBytes(file))));
    } catch (NoSuchFileException e) {
      throw broken(machine, file, e.getFile() + " is missing");
    } catch (AccessDeniedException e) {
      throw new PowerException(
          e.getFile()
              + ": no right to read it (expected: owned by who runs this); use the user that the"
              + " appliance runs as, or sudo");
    } catch (IOException | StoreException | IllegalArgumentException e) {
      throw broken(machine, file, String.valueOf(e.getMessage()));
    }
  }

  /** The machines for which one was entered, in the order of their MACs. */
  public List<Mac> machines() {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> String.valueOf(file.getFileName()))
          .filter(name -> name.endsWith(SUFFIX))
          .flatMap(name -> Mac.parse(name.substring(0, name.length() - SUFFIX.length())).stream())
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new PowerException(folder + ": cannot be read: " + e.getMessage());
    }
  }

  /** Enters one, in place of what was there; durable when it returns. */
  public void put(Mac machine, StoredBmc bmc) {
    try {
      Files.createDirectories(
          folder,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      // Two commands at a time must not make two keys.
      try (FileChannel channel =
              FileChannel.open(
                  folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          var _ = channel.lock()) {
        byte[] key = HexFormat.of().parseHex(keys.secret(KEY_FILE, WHAT));
        SecretFile.write(file(machine), sealed(machine, key, bmc.encode()));
      }
    } catch (IOException e) {
      throw new PowerException(folder + ": cannot be written: " + e);
    } catch (StoreException e) {
      throw new PowerException(String.valueOf(e.getMessage()));
    }
  }

  /** Whether there was one. */
  public boolean remove(Mac machine) {
    try {
      return Files.deleteIfExists(file(machine));
    } catch (IOException e) {
      throw new PowerException(file(machine) + ": cannot be removed: " + e);
    }
  }

  private Path file(Mac machine) {
    return folder.resolve(machine.toString().replace(":", "") + SUFFIX);
  }

  private static PowerException broken(Mac machine, Path file, String why) {
    return new PowerException(
        file
            + ": "
            + why
            + "; bring back this file or "
            + KEY_FILE
            + " from a backup, or enter the BMC again: 'bootserver bmc remove "
            + machine
            + "', then 'bmc add'");
  }

  private byte[] sealed(Mac machine, byte[] key, byte[] plain) {
    byte[] sealed = AesGcm.sealed(key, purpose(machine), plain, random);
    return ByteBuffer.allocate(MARK.length + sealed.length).put(MARK).put(sealed).array();
  }

  private byte[] opened(Mac machine, Path file, byte[] bytes) throws IOException {
    if (bytes.length < MARK.length || !Arrays.equals(bytes, 0, MARK.length, MARK, 0, MARK.length)) {
      throw broken(machine, file, "no file of this program");
    }
    byte[] sealed = Arrays.copyOfRange(bytes, MARK.length, bytes.length);
    byte[] key = HexFormat.of().parseHex(keys.existing(KEY_FILE, WHAT));
    return AesGcm.opened(key, purpose(machine), sealed)
        .orElseThrow(
            () -> broken(machine, file, "changed, another machine's, or of another " + KEY_FILE));
  }

  private static String purpose(Mac machine) {
    return "foundrybot bmc " + machine;
  }
}
