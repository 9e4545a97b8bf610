// SPDX-License-Identifier: Apache-2.0
package foundrybot.images.cast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the inspection reads from a machine, here from a tree of files, under the local shells. */
class InspectScriptTest {
  @TempDir Path folder = Path.of("");

  private DeployShell shell = new DeployShell(Path.of(""));

  @BeforeEach
  void layOut() throws IOException {
    shell = new DeployShell(folder);
    file(
        "proc/cpuinfo", "processor\t: 0\nmodel name\t: A CPU\n\nprocessor\t: 1\nmodel name\t: B\n");
    file("proc/meminfo", "MemTotal:        2048 kB\nMemFree: 1 kB\n");
    file("sys/class/dmi/id/product_uuid", "11111111-2222-4333-8444-555555555555\n");
    file("sys/class/dmi/id/product_serial", "S \"1\\\" \u0007x\n");
    file("sys/class/dmi/id/sys_vendor", "Acme\n");
    disk("sda", "4096");
    file("sys/block/sda/device/vendor", "ATA     \n");
    file("sys/block/sda/device/model", "Disk One        \n");
    Files.write(
        Files.createDirectories(folder.resolve("sys/block/sda/device")).resolve("vpd_pg80"),
        new byte[] {0, (byte) 0x80, 0, 6, ' ', 'Z', '9', 'A', ' ', ' '});
    disk("nvme0n1", "8");
    file("sys/block/nvme0n1/device/serial", "N1  \n");
    disk("loop0", "8");
    file("sys/class/net/eth0/device/x", "");
    file("sys/class/net/eth0/address", "52:54:00:aa:00:01\n");
    file("sys/class/net/eth0/carrier", "1\n");
    Files.createSymbolicLink(
        folder.resolve("sys/class/net/eth0/device/driver"), Path.of("../bus/drivers/virtio_net"));
    file("sys/class/net/lo/address", "00:00:00:00:00:00\n");
  }

  private void file(String path, String content) throws IOException {
    Path file = folder.resolve(path);
    Files.createDirectories(file.resolveSibling(""));
    Files.write(file, content.getBytes(StandardCharsets.ISO_8859_1));
  }

  private void disk(String name, String sectors) throws IOException {
    file("sys/block/" + name + "/size", sectors + "\n");
    file("sys/block/" + name + "/ro", "0\n");
    file("sys/block/" + name + "/removable", "0\n");
    file("sys/block/" + name + "/queue/rotational", name.startsWith("sd") ? "1\n" : "0\n");
    Files.createDirectories(folder.resolve("sys/block/" + name + "/device"));
  }

  private JsonNode inventory(java.util.List<String> command) {
    DeployShell.Result result =
        shell.run(command, "SYS=$1/sys PROC=$1/proc . ./inspect.sh; inventory_json");
    assertEquals(0, result.status(), result.output());
    return JsonMapper.builder().build().readTree(result.output());
  }

  @Test
  void aMachineIsReadFromTheKernelsFiles() {
    for (var command : DeployShell.shells()) {
      JsonNode found = inventory(command);
      assertEquals("bios", found.get("firmware").asString());
      assertEquals("11111111-2222-4333-8444-555555555555", found.get("uuid").asString());
      assertEquals("S 1 x", found.get("serial").asString(), "what JSON trips over is left out");
      assertEquals(2, found.get("cpus").asInt());
      assertEquals("A CPU", found.get("cpuModel").asString());
      assertEquals(2048 * 1024, found.get("memoryBytes").asLong());
      JsonNode disks = found.get("disks");
      assertEquals(2, disks.size(), disks.toString());
      JsonNode nvme = disks.get(0);
      assertEquals("nvme0n1", nvme.get("name").asString());
      assertEquals("N1", nvme.get("serial").asString());
      assertFalse(nvme.get("rotational").asBoolean());
      JsonNode sda = disks.get(1);
      assertEquals(4096 * 512, sda.get("bytes").asLong());
      assertEquals("Disk One", sda.get("model").asString());
      assertEquals("Z9A", sda.get("serial").asString());
      assertTrue(sda.get("rotational").asBoolean());
      assertEquals(1, found.get("nics").size());
      JsonNode nic = found.get("nics").get(0);
      assertEquals("virtio_net", nic.get("driver").asString());
      assertTrue(nic.get("link").asBoolean());
    }
  }

  @Test
  void aMachineThatTellsNothingIsSaidToHaveNothing() throws IOException {
    for (String gone : new String[] {"proc/cpuinfo", "proc/meminfo"}) {
      Files.delete(folder.resolve(gone));
    }
    file("sys/class/dmi/id/product_uuid", "To be filled by O.E.M.\n");
    file("sys/block/sda/size", "08; reboot\n");
    for (var command : DeployShell.shells()) {
      JsonNode found = inventory(command);
      assertEquals("", found.get("uuid").asString());
      assertEquals(0, found.get("cpus").asInt());
      assertEquals(0, found.get("memoryBytes").asLong());
      assertEquals(0, found.get("disks").get(1).get("bytes").asLong());
    }
  }

  /** What a report comes to when the appliance answers with these statuses, one after another. */
  private String reported(java.util.List<String> command, String statuses) {
    return shell
        .run(
            command,
            "sed -i \"s:/usr/bin/curl:curl_here:; s:/run/:$1/:g\" inspect.sh; . ./inspect.sh\n"
                + "sleep() { :; }; : >answer; : >asked\n"
                + "curl_here() { echo >>asked; set -- "
                + statuses
                + "; shift $(($(wc -l <asked) - 1)); printf %s \"$1\"; }\n"
                + "URL=http://a; post_report erasure x; echo \"kept after $(($(wc -l <asked)))\"")
        .output()
        .strip();
  }

  @Test
  void aTokenThatIsOverMeansKeptOnlyWhereAnAnswerWasLost() {
    String over = "FAILED: report erasure: this token is good no more";
    for (var command : DeployShell.shells()) {
      assertEquals("kept after 1", reported(command, "200"));
      assertEquals("kept after 2", reported(command, "000 404"));
      assertEquals("kept after 2", reported(command, "'' 404"));
      assertEquals("kept after 3", reported(command, "000 503 404"));
      assertEquals("kept after 3", reported(command, "429 500 200"));
      assertEquals(over, reported(command, "404"));
      assertEquals(over, reported(command, "503 404"));
      assertEquals(over, reported(command, "429 404"));
    }
  }

  @Test
  void shellcheckFindsNothing() {
    DeployShell.Result result = shell.check("inspect.sh");
    assertEquals(0, result.status(), result.output());
  }
}
