// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.tftp;

import io.netty.buffer.ByteBuf;
import java.io.EOFException;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;

/**
 * Files of any size from a disk of any speed. Event loops never read: a thread per piece does, one
 * piece ahead of the client, and pieces are shared by all who fetch the same file, so that a rack
 * that powers on at once reads it once. What is kept is bounded.
 *
 * <p>A piece belongs to one state of its file (time of change and size). A file that is replaced
 * meanwhile ends the transfers of the old one with an error, never with a mixture.
 */
final class DiskFiles {
  static final int PIECE = 128 << 10;

  /** 32 MiB are kept for who comes next; beyond that a piece lives while somebody sends it. */
  private static final int MOST_KEPT = 256;

  private static final int MOST_KNOWN = 4096;

  /** One state of a file. */
  private record Edition(Path path, String mark) {
    static Edition of(Path path) throws IOException {
      BasicFileAttributes now =
          Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      return new Edition(path, now.lastModifiedTime() + " " + now.size() + " " + now.fileKey());
    }
  }

  private record Key(Edition edition, long piece) {}

  private final Executor readers;
  private final Map<Key, WeakReference<CompletableFuture<byte[]>>> known = new HashMap<>();
  private final Map<Key, CompletableFuture<byte[]>> kept =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, CompletableFuture<byte[]>> eldest) {
          return size() > MOST_KEPT;
        }
      };

  /**
   * Reads nothing yet.
   *
   * @param readers may wait for disks
   */
  DiskFiles(Executor readers) {
    this.readers = readers;
  }

  /**
   * Opens a file and has its first piece read.
   *
   * @param size in bytes; the file must hold at least that much
   * @return fails with an {@link IOException} if the file cannot be read
   */
  CompletableFuture<Content> open(Path path, long size) {
    return CompletableFuture.supplyAsync(
            () -> {
              try {
                return new OfFile(Edition.of(path), size);
              } catch (IOException e) {
                throw new CompletionException(e);
              }
            },
            readers)
        .thenCompose(file -> file.piece(0).thenApply(_ -> file));
  }

  private CompletableFuture<byte[]> piece(Edition edition, long number, long size) {
    Key key = new Key(edition, number);
    synchronized (kept) {
      WeakReference<CompletableFuture<byte[]>> reference = known.get(key);
      CompletableFuture<byte[]> piece = reference == null ? null : reference.get();
      if (piece == null) {
        if (known.size() >= MOST_KNOWN) {
          known.values().removeIf(one -> one.refersTo(null));
        }
        piece = CompletableFuture.supplyAsync(() -> load(edition, number, size), readers);
        known.put(key, new WeakReference<>(piece));
        var _ =
            piece.whenComplete(
                (_, problem) -> {
                  if (problem != null) {
                    forget(key);
                  }
                });
      }
      kept.put(key, piece);
      return piece;
    }
  }

  private void forget(Key key) {
    synchronized (kept) {
      known.remove(key);
      kept.remove(key);
    }
  }

  private static byte[] load(Edition edition, long piece, long size) {
    long from = piece * PIECE;
    try (FileChannel file = FileChannel.open(edition.path(), StandardOpenOption.READ)) {
      // To the end of the file, not of what was announced: whoever else shares this piece may know
      // a longer one.
      int length = (int) Math.min(PIECE, Math.max(0, file.size() - from));
      ByteBuffer bytes = ByteBuffer.allocate(length);
      while (bytes.hasRemaining()) {
        if (file.read(bytes, from + bytes.position()) < 0) {
          throw new EOFException("ends at " + (from + bytes.position()));
        }
      }
      if (!Edition.of(edition.path()).equals(edition)) {
        throw new IOException("has changed while it was sent; ask again");
      }
      if (from + length < Math.min(size, from + PIECE)) {
        throw new EOFException("ends at %d (expected: %d bytes)".formatted(from + length, size));
      }
      return bytes.array();
    } catch (IOException e) {
      throw new CompletionException(e);
    }
  }

  /** One transfer's view of a file; on the transfer's loop only. */
  private final class OfFile implements Content {
    private final Edition edition;
    private final long size;
    private final Map<Long, CompletableFuture<byte[]>> held = new HashMap<>();

    OfFile(Edition edition, long size) {
      this.edition = edition;
      this.size = size;
    }

    @Override
    public long size() {
      return size;
    }

    private CompletableFuture<byte[]> piece(long number) {
      return held.computeIfAbsent(number, n -> DiskFiles.this.piece(edition, n, size));
    }

    @Override
    public boolean ready(long position, int length, Runnable then) {
      long first = position / PIECE;
      long last = Math.max(position, position + length - 1) / PIECE;
      held.keySet().removeIf(number -> number < first);
      CompletableFuture<?>[] wanted = new CompletableFuture<?>[(int) (last - first + 1)];
      boolean done = true;
      for (long number = first; number <= last; number++) {
        CompletableFuture<byte[]> piece = piece(number);
        wanted[(int) (number - first)] = piece;
        done &= piece.isDone();
      }
      if ((last + 1) * PIECE < size) {
        var _ = piece(last + 1);
      }
      if (!done) {
        var _ = CompletableFuture.allOf(wanted).whenComplete((_, _) -> then.run());
      }
      return done;
    }

    @Override
    public void read(ByteBuf to, long position, int length) throws IOException {
      for (long at = position; at < position + length; ) {
        byte[] piece = loaded(at / PIECE);
        int offset = (int) (at % PIECE);
        int most = (int) Math.min(position + length - at, (long) piece.length - offset);
        if (most <= 0) {
          throw new EOFException("ends at %d (expected: %d bytes)".formatted(at, size));
        }
        to.writeBytes(piece, offset, most);
        at += most;
      }
    }

    private byte[] loaded(long number) throws IOException {
      try {
        return piece(number).join();
      } catch (CompletionException e) {
        throw e.getCause() instanceof IOException problem ? problem : new IOException(e);
      }
    }
  }
}
