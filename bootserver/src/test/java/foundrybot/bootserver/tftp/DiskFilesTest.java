// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.tftp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The disk is a queue of readings that the test carries out when it likes. */
class DiskFilesTest {
  private static final int SIZE = 5 * DiskFiles.PIECE + 77;

  @TempDir Path dir;
  private final Deque<Runnable> disk = new ArrayDeque<>();
  private final DiskFiles files = new DiskFiles(disk::add);
  private final byte[] bytes = new byte[SIZE];
  private Path file;

  @BeforeEach
  void write() throws IOException {
    new Random(3).nextBytes(bytes);
    file = dir.resolve("file");
    Files.write(file, bytes);
  }

  private int work() {
    int done = 0;
    while (!disk.isEmpty()) {
      disk.remove().run();
      done++;
    }
    return done;
  }

  private Content open(long size) {
    CompletableFuture<Content> opened = files.open(file, size);
    assertFalse(opened.isDone());
    work();
    return opened.join();
  }

  private static byte[] read(Content content, long position, int length) throws IOException {
    ByteBuf to = Unpooled.buffer();
    content.read(to, position, length);
    return ByteBufUtil.getBytes(to);
  }

  @Test
  void aPartThatIsNotThereYetIsToldWhenItIs() throws Exception {
    Content content = open(SIZE);
    AtomicInteger told = new AtomicInteger();
    assertTrue(content.ready(0, 1000, told::incrementAndGet));
    assertArrayEquals(Arrays.copyOf(bytes, 1000), read(content, 0, 1000));

    int far = 3 * DiskFiles.PIECE - 10;
    assertFalse(content.ready(far, 100, told::incrementAndGet));
    assertEquals(0, told.get());
    work();
    assertEquals(1, told.get());
    assertTrue(content.ready(far, 100, told::incrementAndGet));
    assertArrayEquals(Arrays.copyOfRange(bytes, far, far + 100), read(content, far, 100));
  }

  @Test
  void whatComesNextIsReadAhead() throws Exception {
    Content content = open(SIZE);
    for (int position = 0; position < SIZE; position += 1468) {
      int length = Math.min(1468, SIZE - position);
      assertTrue(content.ready(position, length, () -> {}), "at " + position);
      assertArrayEquals(
          Arrays.copyOfRange(bytes, position, position + length), read(content, position, length));
      work();
    }
    assertTrue(content.ready(SIZE, 0, () -> {}), "the empty last block");
    assertEquals(0, read(content, SIZE, 0).length);
  }

  @Test
  void manyWhoFetchOneFileReadItOnce() {
    open(SIZE);
    CompletableFuture<Content> other = files.open(file, SIZE);
    assertEquals(1, work(), "its attributes, not its content");
    assertTrue(other.isDone());
  }

  @Test
  void aFileThatIsReplacedIsNeverMixed() throws Exception {
    Content old = open(SIZE);
    byte[] other = new byte[SIZE];
    Files.write(file, other);
    Files.setLastModifiedTime(file, FileTime.fromMillis(1_000_000));

    int far = 4 * DiskFiles.PIECE;
    assertFalse(old.ready(far, 10, () -> {}));
    work();
    assertTrue(old.ready(far, 10, () -> {}));
    IOException fault = assertThrows(IOException.class, () -> read(old, far, 10));
    assertTrue(String.valueOf(fault.getMessage()).contains("changed"), fault.toString());
    assertArrayEquals(new byte[10], read(open(SIZE), 0, 10));
  }

  @Test
  void aFileShorterThanAnnouncedIsAFault() throws Exception {
    Content content = open(SIZE + 1000);
    assertFalse(content.ready(SIZE - 10, 500, () -> {}));
    work();
    assertThrows(IOException.class, () -> read(content, SIZE - 10, 500));
  }

  @Test
  void aMissingFileIsAFaultOfOpening() {
    CompletableFuture<Content> opened = files.open(dir.resolve("nothing"), 5);
    work();
    CompletionException fault = assertThrows(CompletionException.class, opened::join);
    assertInstanceOf(NoSuchFileException.class, fault.getCause());
  }
}
