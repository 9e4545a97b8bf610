// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.libvirt;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.redfish.BmcFault;
import foundrybot.redfish.ConsoleListener;
import foundrybot.redfish.Outcome;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
final class ConsoleFileTest {
  @TempDir Path folder = Path.of("");
  private Path file = Path.of("");
  private final ByteArrayOutputStream heard = new ByteArrayOutputStream();
  private final CountDownLatch open = new CountDownLatch(1);
  private volatile boolean wanted = true;

  private final ConsoleListener listener =
      new ConsoleListener() {
        @Override
        public void opened(String how) {
          open.countDown();
        }

        @Override
        public void heard(byte[] bytes) {
          heard.writeBytes(bytes);
        }

        @Override
        public void missed(String why) {
          heard.writeBytes(why.getBytes(UTF_8));
        }

        @Override
        public boolean wanted() {
          return wanted;
        }
      };

  @BeforeEach
  void name() {
    file = folder.resolve("w1-console.log");
  }

  private CompletableFuture<Outcome<String>> following() throws InterruptedException {
    CompletableFuture<Outcome<String>> end = new CompletableFuture<>();
    Thread.startVirtualThread(
        () -> end.complete(new ConsoleFile("libvirt", file).follow(listener)));
    assertTrue(open.await(10, TimeUnit.SECONDS));
    return end;
  }

  private void says(String text) throws IOException {
    Files.writeString(file, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  private void isHeard(String text) throws InterruptedException {
    for (int i = 0; i < 500 && !heard.toString(UTF_8).equals(text); i++) {
      Thread.sleep(20);
    }
    assertEquals(text, heard.toString(UTF_8));
  }

  @Test
  void whatComesToItIsHeardAndWhatStoodThereIsNot() throws Exception {
    says("of the last run\n");
    var end = following();
    says("one\n");
    isHeard("one\n");
    says("two\n");
    isHeard("one\ntwo\n");
    wanted = false;
    assertEquals("closed", assertInstanceOf(Outcome.Done.class, end.get()).value());
  }

  @Test
  void aFileThatIsMadeLaterOrBegunAnewIsReadFromItsBeginning() throws Exception {
    var end = following();
    says("first\n");
    isHeard("first\n");
    Files.move(file, folder.resolve("w1-console.log.0"));
    says("second\n");
    isHeard("first\nsecond\n");
    Files.writeString(file, "3\n");
    isHeard("first\nsecond\n3\n");
    wanted = false;
    end.get();
  }

  @Test
  void whatIsNoFileIsNotRead() throws Exception {
    Path other = Files.writeString(folder.resolve("secret"), "secret\n");
    Files.createSymbolicLink(file, other);
    BmcFault fault =
        assertInstanceOf(Outcome.Failed.class, new ConsoleFile("libvirt", file).follow(listener))
            .fault();
    assertTrue(fault.evidence().contains("it is no file"), fault::evidence);
    assertEquals("", heard.toString(UTF_8));
  }

  @Test
  void itIsDeletedWithItsOlderOnesAndWhatStaysIsNamed() throws Exception {
    says("x");
    Path old = Files.writeString(folder.resolve("w1-console.log.0"), "x");
    Path other = Files.writeString(folder.resolve("w10-console.log"), "x");
    assertEquals(List.of(), ConsoleFile.delete(file));
    assertFalse(Files.exists(file));
    assertFalse(Files.exists(old));
    assertTrue(Files.exists(other));
    Files.createDirectories(file.resolve("not empty"));
    assertEquals(List.of(file), ConsoleFile.delete(file));
  }
}
