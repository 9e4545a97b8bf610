// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.qemu;

import foundrybot.images.FileTrees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A TPM 2.0 of swtpm on the board of a QEMU machine. Its seeds lie in its folder, so it is the same
 * one at each start of the machine.
 */
final class SoftwareTpm implements AutoCloseable {
  private static final Duration START = Duration.ofSeconds(30);
  private static final Duration LOOK = Duration.ofMillis(20);

  private final String name;
  private final Path state;

  /** A folder of its own, since the paths of such sockets must be short. */
  private final Path sockets;

  private Optional<Child> swtpm = Optional.empty();

  private SoftwareTpm(String name, Path state, Path sockets) {
    this.name = name;
    this.state = state;
    this.sockets = sockets;
  }

  /** One that nobody has used. */
  static SoftwareTpm create(String name, Path folder) {
    Path state = folder.resolve(name);
    try {
      Folders.empty(state);
      return new SoftwareTpm(name, state, Files.createTempDirectory("fbtpm"));
    } catch (IOException e) {
      throw new RigException(state + ": cannot be made", e);
    }
  }

  private Path socket() {
    return sockets.resolve("socket");
  }

  /** What QEMU is told to have it. */
  List<String> devices() {
    return List.of(
        "-chardev",
        "socket,id=swtpm,path=" + socket(),
        "-tpmdev",
        "emulator,id=tpm0,chardev=swtpm",
        "-device",
        "tpm-tis,tpmdev=tpm0");
  }

  /** Before each start of the machine: swtpm ends with the QEMU that it has served. */
  void start() {
    stop();
    Child child =
        Child.start(
            name,
            state.resolveSibling(name + ".log"),
            List.of(
                "swtpm",
                "socket",
                "--tpm2",
                "--tpmstate",
                "dir=" + state,
                "--ctrl",
                "type=unixio,path=" + socket(),
                "--terminate"));
    swtpm = Optional.of(child);
    Instant deadline = Instant.now().plus(START);
    while (!Files.exists(socket())) {
      if (!child.isAlive() || Instant.now().isAfter(deadline)) {
        throw new RigException(name + ": swtpm does not listen; see " + child.log());
      }
      QemuRack.pause(LOOK);
    }
  }

  void stop() {
    swtpm.ifPresent(Child::close);
    swtpm = Optional.empty();
    try {
      Files.deleteIfExists(socket());
    } catch (IOException e) {
      throw new RigException(socket() + ": cannot be deleted", e);
    }
  }

  @Override
  public void close() {
    stop();
    FileTrees.delete(sockets);
  }
}
