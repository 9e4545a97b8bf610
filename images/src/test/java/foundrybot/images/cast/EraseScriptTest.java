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

  /** As the kernel lays it out: the disk's entry is a link into the tree of devices. */
  private void move(String name, String device) throws IOException {
    Path target = folder.resolve("sys/devices/" + device);
    Files.createDirectories(target.resolveSibling(""));
    Files.move(folder.resolve("sys/block/" + name), target);
    Files.createSymbolicLink(folder.resolve("sys/block/" + name), target);
  }

  @Test
  void aDiskThatOtherMachinesMaySeeIsErasedOnlyWhereItIsNamed() throws IOException {
    for (String name : List.of("sdc", "sdd", "nvme0n1", "nvme1n1", "nvme2n1")) {
      disk(name, MIB);
    }
    move("sda", "pci0/0000:00:1f.2/ata1/host0/target0:0:0/0:0:0:0/block/sda");
    move("sdb", "pci0/host1/rport-1:0-2/target1:0:0/1:0:0:0/block/sdb");
    move("sdc", "platform/host2/session1/target2:0:0/2:0:0:0/block/sdc");
    move("sdd", "pci0/host3/port-3:0/end_device-3:0/target3:0:0/3:0:0:0/block/sdd");
    file("sys/block/nvme0n1/device/transport", "pcie\n");
    file("sys/block/nvme1n1/device/transport", "tcp\n");
    file("sys/block/nvme2n1/device/nvme7/transport", "rdma\n");
    for (List<String> command : DeployShell.shells()) {
      DeployShell.Result result = run(command, "disks_to_erase");
      assertEquals("nvme0n1\nsda\nsdd\n", result.output());
      String posts = Files.readString(folder.resolve("posts"));
      assertTrue(
          posts.endsWith(
              "progress detail=left alone: nvme1n1 (NVMe over tcp), nvme2n1 (NVMe over rdma),"
                  + " sdb (behind Fibre Channel), sdc (behind iSCSI)\n"),
          posts);
      assertEquals("", erased(command, "DISKS=sdb;").get("disks").get(0).get("fault").asString());
    }
  }

  @Test
  void aDriveIsFormattedOnlyWhereItHasNoOtherNamespace() throws IOException {
    disk("nvme0n1", MIB);
    disk("nvme1n1", MIB);
    disk("nvme1n2", MIB);
    disk("nvme10n1", MIB);
    String each =
        "for name in nvme0n1 nvme1n1 nvme1n2 nvme10n1; do is_lone_namespace $name; echo $?; done";
    for (List<String> command : DeployShell.shells()) {
      assertEquals("0\n1\n1\n0\n", run(command, each).output());
    }
  }

  @Test
  void whatCannotBeFetchedIsToldWithoutItsToken() {
    for (List<String> command : DeployShell.shells()) {
      DeployShell.Result result =
          run(
              command,
              "sed -i \"s:/run/:$1/:g\" net.sh; . ./net.sh; sleep() { :; }; fetch_file"
                  + " http://127.0.0.1:1/node/5ec2e7/erase.conf $1/conf 100");
      assertTrue(result.output().startsWith("FAILED: erase.conf: "), result.output());
      assertFalse(result.output().contains("5ec2e7"), result.output());
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
