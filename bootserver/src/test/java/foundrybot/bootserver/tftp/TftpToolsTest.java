// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.tftp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.apache.commons.net.tftp.TFTP;
import org.apache.commons.net.tftp.TFTPClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that other people wrote: atftp, tftp-hpa, busybox, curl, Apache Commons Net. */
@Tag("slow")
@Timeout(300)
@ParameterizedClass(name = "on one port: {0}")
@ValueSource(booleans = {false, true})
class TftpToolsTest {
  /** More than 65,535 blocks of 512 bytes. */
  private static final int LARGE = 65_700 * 512 + 100;

  @Parameter boolean onePort;
  @TempDir Path dir;
  private TftpRig rig;

  @BeforeEach
  void start() throws IOException {
    rig = new TftpRig(dir, onePort);
  }

  @AfterEach
  void stop() {
    rig.close();
  }

  /** It insists that a transfer has a port of its own (RFC 1350 section 4), and so cannot share. */
  @Test
  void commonsNet() throws Exception {
    TFTPClient client = new TFTPClient();
    client.open();
    try (OutputStream out = Files.newOutputStream(Path.of(target()))) {
      if (onePort) {
        IOException refused = assertThrows(IOException.class, () -> receive(client, out));
        assertTrue(refused.toString().contains("Incorrect source port"), refused.toString());
        return;
      }
      receive(client, out);
    } finally {
      client.close();
    }
    assertEquals(TftpRig.digest(rig.content), fetched());
  }

  private int receive(TFTPClient client, OutputStream out) throws IOException {
    return client.receiveFile("file", TFTP.BINARY_MODE, out, "127.0.0.1", rig.server.port());
  }

  @ParameterizedTest
  @CsvSource({"512, 1", "1468, 1", "1468, 4", "1428, 64"})
  void atftp(int block, int window) throws Exception {
    String got =
        run(
            List.of(
                "atftp",
                "--option",
                "blksize " + block,
                "--option",
                "windowsize " + window,
                "--option",
                "tsize 0",
                "-g",
                "-r",
                "file",
                "-l",
                target(),
                "127.0.0.1",
                port()));
    assertEquals(TftpRig.digest(rig.content), fetched(), got);
    String asked = rig.await("tftp.rrq").detail();
    assertTrue(asked.contains("blksize=" + block + " "), asked);
    assertTrue(asked.contains("windowsize=" + window), asked);
  }

  @Test
  void tftpHpa() throws Exception {
    String got = run(tftpHpa("file"));
    assertEquals(TftpRig.digest(rig.content), fetched(), got);
  }

  private List<String> tftpHpa(String name) {
    return List.of("tftp", "-m", "binary", "127.0.0.1", port(), "-c", "get", name, target());
  }

  @ParameterizedTest
  @ValueSource(ints = {512, 1000, 1468, 8192})
  void busybox(int block) throws Exception {
    String got =
        run(
            List.of(
                "busybox",
                "tftp",
                "-g",
                "-b",
                "" + block,
                "-r",
                "file",
                "-l",
                target(),
                "127.0.0.1",
                port()));
    assertEquals(TftpRig.digest(rig.content), fetched(), got);
  }

  @ParameterizedTest
  @ValueSource(ints = {8, 512, 1468, 65464})
  void curl(int block) throws Exception {
    String got = run(curl("file", "--tftp-blksize", "" + block));
    assertEquals(TftpRig.digest(rig.content), fetched(), got);
  }

  private List<String> curl(String name, String... more) {
    List<String> command = new ArrayList<>(List.of("curl", "-sS", "-o", target()));
    command.addAll(List.of(more));
    command.add("tftp://127.0.0.1:" + port() + "/" + name);
    return command;
  }

  @Test
  void blockNumbersRollOverForTheToolsToo() throws Exception {
    byte[] large = new byte[LARGE];
    new Random(9).nextBytes(large);
    Files.write(dir.resolve("large"), large);
    rig.server.close();
    rig.server =
        rig.serve(
            TftpSettings.Limits.USUAL, _ -> TftpAnswer.File.of(dir.resolve("large"), large.length));
    for (List<String> command : List.of(tftpHpa("large"), curl("large", "--tftp-no-options"))) {
      String got = run(command);
      assertEquals(TftpRig.digest(large), fetched(), command + ": " + got);
    }
  }

  @Test
  void aMissingFileIsToldAsSuch() throws Exception {
    String got = run(tftpHpa("nothing"));
    assertTrue(got.contains("File not found"), got);
  }

  private String target() {
    return dir.resolve("fetched").toString();
  }

  private String port() {
    return Integer.toString(rig.server.port());
  }

  private String fetched() throws Exception {
    Path file = dir.resolve("fetched");
    return Files.exists(file) ? TftpRig.digest(Files.readAllBytes(file)) : "nothing";
  }

  private String run(List<String> command) throws IOException, InterruptedException {
    Files.deleteIfExists(dir.resolve("fetched"));
    Path said = dir.resolve("said");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(said.toFile()).start();
    try {
      assertTrue(process.waitFor(120, TimeUnit.SECONDS), () -> command + " did not end");
      return Files.readString(said, StandardCharsets.ISO_8859_1);
    } finally {
      process.destroyForcibly();
    }
  }
}
