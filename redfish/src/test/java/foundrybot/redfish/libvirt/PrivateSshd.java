// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.libvirt;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;

/**
 * OpenSSH's sshd on a port of loopback, with a host key of its own and one key that may log in as
 * root; everything of it lies in a folder. Needs root.
 */
final class PrivateSshd implements AutoCloseable {
  private final Path folder;
  private final int port;
  private final Process process;

  PrivateSshd(Path folder) throws IOException, InterruptedException {
    this.folder = folder;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    for (String name : new String[] {"host", "user", "other"}) {
      key(name);
    }
    String text =
        """
        Port %d
        ListenAddress 127.0.0.1
        HostKey %s/host
        AuthorizedKeysFile %s/user.pub
        PidFile none
        StrictModes no
        UsePAM no
        PasswordAuthentication no
        KbdInteractiveAuthentication no
        PermitRootLogin prohibit-password
        """
            .formatted(port, folder, folder);
    Path config = Files.writeString(folder.resolve("config"), text);
    process =
        new ProcessBuilder(
                "unshare",
                "-m",
                "sh",
                "-c",
                "mount -t tmpfs tmpfs /run && mkdir /run/sshd && exec /usr/sbin/sshd -D -e -f"
                    + " \"$0\"",
                config.toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile())
            .start();
    Instant end = Instant.now().plus(Duration.ofSeconds(60));
    while (!answers()) {
      if (!process.isAlive() || Instant.now().isAfter(end)) {
        close();
        throw new IllegalStateException(Files.readString(folder.resolve("log")));
      }
      Thread.sleep(100);
    }
  }

  private void key(String name) throws IOException, InterruptedException {
    String file = folder.resolve(name).toString();
    Process made =
        new ProcessBuilder("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", file).start();
    if (!made.waitFor(60, TimeUnit.SECONDS) || made.exitValue() != 0) {
      throw new IllegalStateException("ssh-keygen " + file);
    }
  }

  private boolean answers() {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  int port() {
    return port;
  }

  /** The private half of a key: {@code user} may log in, {@code other} may not. */
  Path identity(String name) {
    return folder.resolve(name);
  }

  /** A file of host keys that says that this one is the host's. */
  Path knownHosts(String key) throws IOException {
    String text = Files.readString(folder.resolve(key + ".pub"));
    return Files.writeString(folder.resolve("known-" + key), "[127.0.0.1]:" + port + " " + text);
  }

  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroy);
    process.destroy();
  }
}
