// SPDX-License-Identifier: Apache-2.0
package foundrybot.images.cast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the erasure does to disks, here to files full of noise, under the local shells. */
class EraseScriptTest {
  private static final int MIB = 1 << 20;

  /** Two whole MiB and three sectors: the end of a disk is no whole block. */
  private static final int SIZE = 2 * MIB + 3 * 512;

  @TempDir Path folder = Path.of("");

  private DeployShell shell = new DeployShell(Path.of(""));

  @BeforeEach
  void layOut() throws IOException {
    shell = new DeployShell(folder);
    Files.createDirectories(folder.resolve("dev"));
    file("proc/uptime", "12.34 5.6\n");
    disk("sda", SIZE);
    disk("sdb", 5 * MIB);
  }

  private void file(String path, String content) throws IOException {
    Path file = folder.resolve(path);
    Files.createDirectories(file.resolveSibling(""));
    Files.write(file, content.getBytes(StandardCharsets.US_ASCII));
  }

  private void disk(String name, int bytes) throws IOException {
    file("sys/block/" + name + "/size", bytes / 512 + "\n");
    file("sys/block/" + name + "/ro", "0\n");
    file("sys/block/" + name + "/removable", "0\n");
    Files.createDirectories(folder.resolve("sys/block/" + name + "/device"));
    byte[] noise = new byte[bytes];
    new Random(bytes).nextBytes(noise);
    Files.write(folder.resolve("dev/" + name), noise);
  }

  private DeployShell.Result run(List<String> command, String script) {
    return shell.run(
        command,
        "SYS=$1/sys PROC=$1/proc DEV=$1/dev RUN=$1 . ./inspect.sh; . ./erase.sh;"
            + " SYS=$1/sys PROC=$1/proc DEV=$1/dev RUN=$1; http_post() { echo \"$*\" >>posts; };\n"
            + script);
  }

  private JsonNode erased(List<String> command, String settings) {
    DeployShell.Result result = run(command, settings + " erasure_json");
    assertEquals(0, result.status(), result.output());
    return JsonMapper.builder().build().readTree(result.output());
  }

  private long nonZero(String name) throws IOException {
    long count = 0;
    for (byte one : Files.readAllBytes(folder.resolve("dev/" + name))) {
      count += one == 0 ? 0 : 1;
    }
    return count;
  }

  @Test
  void everyByteOfAllDisksIsZeroAndWasReadBack() throws IOException {
    for (List<String> command : DeployShell.shells()) {
      layOut();
      assertTrue(nonZero("sda") > MIB);
      JsonNode report = erased(command, "");
      assertEquals("whole", report.get("proof").asString());
      assertEquals(2, report.get("disks").size());
      for (JsonNode disk : report.get("disks")) {
        assertEquals("", disk.get("fault").asString(), report.toString());
        assertEquals("writing", disk.get("method").asString());
        assertEquals(disk.get("bytes").asLong(), disk.get("readBytes").asLong());
        assertEquals(0, disk.get("nonZero").asLong());
        assertEquals(0, nonZero(disk.get("name").asString()));
      }
      assertEquals(SIZE, Files.size(folder.resolve("dev/sda")), "nothing beyond its end");
      assertEquals(SIZE, report.get("disks").get(0).get("bytes").asLong());
    }
  }

  @Test
  void aDiskThatIsNotNamedIsLeftAlone() throws IOException {
    long before = nonZero("sdb");
    for (List<String> command : DeployShell.shells()) {
      JsonNode report = erased(command, "DISKS=sda;");
      assertEquals(1, report.get("disks").size());
      assertEquals(before, nonZero("sdb"));
    }
  }

  @Test
  void whatMustNotBeErasedIsNotAndSaysWhy() throws IOException {
    file("sys/block/sda/removable", "1\n");
    file("sys/block/sdb/ro", "1\n");
    long before = nonZero("sda") + nonZero("sdb");
    for (List<String> command : DeployShell.shells()) {
      assertEquals(0, erased(command, "").get("disks").size());
      JsonNode named = erased(command, "DISKS=sda,sdb,sdc;").get("disks");
      assertEquals("removable", named.get(0).get("fault").asString());
      assertEquals("read-only", named.get(1).get("fault").asString());
      assertEquals("there is no such disk", named.get(2).get("fault").asString());
      assertEquals(before, nonZero("sda") + nonZero("sdb"));
    }
  }

  @Test
  void aByteThatStaysIsCountedWhereverItIs() throws IOException {
    for (List<String> command : DeployShell.shells()) {
      for (int at : new int[] {0, MIB - 1, MIB, SIZE - 1}) {
        byte[] one = new byte[SIZE];
        one[at] = 1;
        Files.write(folder.resolve("dev/sda"), one);
        DeployShell.Result result = run(command, "prove sda whole; echo $? $READ $NONZERO");
        assertEquals("0 " + SIZE + " 1\n", result.output());
      }
    }
  }

  @Test
  void aDiskThatEndsTooEarlyIsNotProved() throws IOException {
    Files.write(folder.resolve("dev/sda"), new byte[SIZE - 512]);
    for (List<String> command : DeployShell.shells()) {
      DeployShell.Result result = run(command, "prove sda whole; echo $? $NONZERO");
      assertEquals("1 0\n", result.output());
    }
  }

  @Test
  void samplesReadTheEndsAndAsManyBlocksAsWereStated() throws IOException {
    disk("sda", 9 * MIB);
    Files.write(folder.resolve("dev/sda"), new byte[9 * MIB]);
    for (List<String> command : DeployShell.shells()) {
      DeployShell.Result result =
          run(command, "SAMPLES=4; prove sda samples; echo $? $READ $NONZERO");
      assertEquals("0 " + 6 * MIB + " 0\n", result.output());
    }
    byte[] last = new byte[9 * MIB];
    last[9 * MIB - 1] = 7;
    Files.write(folder.resolve("dev/sda"), last);
    for (List<String> command : DeployShell.shells()) {
      DeployShell.Result result = run(command, "SAMPLES=4; prove sda samples; echo $NONZERO");
      assertTrue(Integer.parseInt(result.output().strip()) >= 1, result.output());
    }
  }

  @Test
  void itIsHeardOfWhileItWorks() throws IOException {
    erased(DeployShell.shells().getFirst(), "");
    String posts = Files.readString(folder.resolve("posts"));
    assertTrue(posts.startsWith("progress detail=overwriting sda: "), posts);
    assertFalse(posts.contains("of 0 bytes"), posts);
  }

  @Test
  void shellcheckFindsNothing() {
    DeployShell.Result result = shell.check("erase.sh");
    assertEquals(0, result.status(), result.output());
  }
}
