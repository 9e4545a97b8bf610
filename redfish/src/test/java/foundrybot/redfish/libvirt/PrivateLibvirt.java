// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.libvirt;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * Debian's libvirtd with QEMU without KVM, in mount and network namespaces of its own: its state
 * lies in memory, its bridge is seen by nobody else. Needs root.
 */
final class PrivateLibvirt implements AutoCloseable {
  static final String BRIDGE = "fbbr0";
  private final Path folder;
  private final Process process;

  PrivateLibvirt(Path folder) throws IOException, InterruptedException {
    this.folder = folder;
    Path script = folder.resolve("private-libvirtd");
    try (InputStream text =
        Objects.requireNonNull(PrivateLibvirt.class.getResourceAsStream("private-libvirtd"))) {
      Files.copy(text, script);
    }
    process =
        new ProcessBuilder("unshare", "-mn", "sh", script.toString(), folder.toString(), BRIDGE)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("libvirtd.log").toFile())
            .redirectInput(Path.of("/dev/null").toFile())
            .start();
    Instant end = Instant.now().plus(Duration.ofSeconds(60));
    while (!Files.exists(folder.resolve("libvirt-sock"))) {
      if (!process.isAlive() || Instant.now().isAfter(end)) {
        close();
        throw new IllegalStateException(Files.readString(folder.resolve("libvirtd.log")));
      }
      Thread.sleep(100);
    }
  }

  /** Makes a storage pool of a folder of the test's, which libvirt takes where none is named. */
  void pool() throws IOException, InterruptedException {
    Path images = Files.createDirectory(folder.resolve("images"));
    virsh("", "pool-define-as", "default", "dir", "--target", images.toString());
    virsh("", "pool-start", "--pool", "default");
  }

  /** A file or folder as libvirtd sees it. */
  boolean sees(String path) {
    return Files.exists(Path.of("/proc/" + process.pid() + "/root" + path));
  }

  URI url() {
    return URI.create("libvirt+unix:///system?socket=" + folder.resolve("libvirt-sock"));
  }

  /** virsh itself, which prints what it finds. */
  String virsh(String input, String... command) throws IOException, InterruptedException {
    List<String> vector = new java.util.ArrayList<>(List.of("virsh", "-q", "-c"));
    vector.add("qemu+unix:///system?socket=" + folder.resolve("libvirt-sock"));
    vector.addAll(List.of(command));
    Path in = Files.writeString(folder.resolve("in"), input);
    Path out = folder.resolve("out");
    Process virsh =
        new ProcessBuilder(vector)
            .redirectErrorStream(true)
            .redirectOutput(out.toFile())
            .redirectInput(in.toFile())
            .start();
    if (!virsh.waitFor(60, TimeUnit.SECONDS) || virsh.exitValue() != 0) {
      virsh.destroyForcibly();
      throw new IllegalStateException(vector + ": " + Files.readString(out));
    }
    return Files.readString(out);
  }

  /** Ends its machines too: they are children of nobody otherwise. */
  @Override
  public void close() throws IOException {
    try {
      stop();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void stop() throws IOException, InterruptedException {
    if (process.isAlive()) {
      try {
        for (String name : virsh("", "list", "--name").lines().toList()) {
          if (!name.isBlank()) {
            virsh("", "destroy", "--domain", name);
          }
        }
      } finally {
        process.destroy();
        if (!process.waitFor(20, TimeUnit.SECONDS)) {
          process.destroyForcibly();
        }
      }
    }
  }
}
