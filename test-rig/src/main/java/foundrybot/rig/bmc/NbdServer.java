// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * Gives one disk, to be read, to QEMU by the protocol of network block devices (NBD), on a socket
 * in a folder of its owner's alone: there it is found from any network namespace, and by nobody
 * else.
 */
final class NbdServer implements AutoCloseable {
  private static final int MOST_CONNECTIONS = 8;
  private static final int ENDING_S = 5;

  private final Path folder;
  private final ServerSocketChannel server;
  private final Disk disk;
  private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("nbd-", 0).factory());

  private NbdServer(Path folder, ServerSocketChannel server, Disk disk) {
    this.folder = folder;
    this.server = server;
    this.disk = disk;
  }

  /**
   * Serves until closed.
   *
   * @throws UncheckedIOException if the socket cannot be had
   */
  static NbdServer start(Disk disk) {
    try {
      Path folder = Files.createTempDirectory("bmc-media-");
      ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
      NbdServer started = new NbdServer(folder, server, disk);
      server.bind(UnixDomainSocketAddress.of(started.socket()));
      started.threads.execute(started::accept);
      return started;
    } catch (IOException e) {
      throw new UncheckedIOException("NBD socket: " + e.getMessage(), e);
    }
  }

  private Path socket() {
    return folder.resolve("nbd");
  }

  /** {@code nbd+unix:///medium?socket=/tmp/...}, as QEMU takes it (NBD URI specification). */
  URI url() {
    return URI.create("nbd+unix:///" + NbdConversation.EXPORT + "?socket=" + socket());
  }

  private void accept() {
    while (server.isOpen()) {
      try {
        SocketChannel client = server.accept();
        if (open.size() >= MOST_CONNECTIONS) {
          client.close();
        } else {
          open.add(client);
          threads.execute(() -> serve(client));
        }
      } catch (IOException e) {
        // It is closed, or the client has gone before it was served.
      }
    }
  }

  private void serve(SocketChannel client) {
    try (client) {
      NbdConversation.over(client, disk).run();
    } catch (IOException e) {
      // The machine is off, or spoke no NBD; a drive has nobody to tell that.
    } finally {
      open.remove(client);
    }
  }

  @Override
  public void close() {
    try {
      server.close();
      for (SocketChannel client : open) {
        client.close();
      }
      threads.shutdownNow();
      if (!threads.awaitTermination(ENDING_S, TimeUnit.SECONDS)) {
        throw new IllegalStateException("NBD: a connection does not end");
      }
      Files.deleteIfExists(socket());
      Files.deleteIfExists(folder);
    } catch (IOException e) {
      throw new UncheckedIOException("NBD socket: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
