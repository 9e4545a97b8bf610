// SPDX-License-Identifier: Apache-2.0
package foundrybot.images.cast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the appliance's tests do not see of the program; there it runs in namespaces. */
class MeshClientTest {
  @TempDir Path folder = Path.of("");

  @Test
  @Tag("slow")
  void shellcheckFindsNothingInWhatNodesRun() throws Exception {
    Files.writeString(folder.resolve("mesh"), MeshClient.script());
    Files.writeString(folder.resolve("first-boot"), FirstBoot.script());
    Process process =
        new ProcessBuilder("shellcheck", "-s", "sh", "mesh", "first-boot")
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals("", said);
    assertEquals(0, process.waitFor());
  }

  @Test
  void theUnitsNameTheProgramWhereItLies() {
    assertTrue(MeshClient.service().contains("ExecStart=" + MeshClient.SCRIPT_PATH + " poll\n"));
    assertTrue(MeshClient.timer().contains("WantedBy=timers.target\n"));
  }
}
