// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import foundrybot.ipxe.Platform.Firmware;
import foundrybot.ipxe.Scripts;
import foundrybot.ipxe.Trust;
import foundrybot.rig.sim.IpxeScript.Ending;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class IpxeScriptTest {
  private static final Scripts.Payload PAYLOAD =
      new Scripts.Payload(
          "w1: debian-12",
          URI.create("http://127.0.0.1/linux"),
          List.of(URI.create("http://127.0.0.1/initrd.gz")),
          List.of("url=http://127.0.0.1/preseed.cfg", "console=ttyS0"));

  private final List<String> fetched = new ArrayList<>();
  private Duration slept = Duration.ZERO;

  private Ending run(String script, int failures, boolean disk)
      throws IOException, InterruptedException {
    return IpxeScript.run(
        script,
        Map.of("netX/mac", "52:54:00:00:00:01"),
        new IpxeScript.Host() {
          @Override
          public boolean fetch(URI image) {
            fetched.add(image.getPath());
            return fetched.size() > failures;
          }

          @Override
          public Optional<String> script(URI location) {
            fetched.add(location.toString());
            return Optional.of("#!ipxe\nexit 0\n");
          }

          @Override
          public boolean canBootDisk() {
            return disk;
          }

          @Override
          public void sleep(Duration time) {
            slept = slept.plus(time);
          }
        });
  }

  @Test
  void theProductsScriptStartsTheKernelWithItsArguments() throws Exception {
    Ending ending = run(Scripts.start(PAYLOAD, Scripts.Patience.usual()).print(), 0, false);
    assertEquals(
        new Ending.Started(
            List.of("initrd=initrd0.img", "url=http://127.0.0.1/preseed.cfg", "console=ttyS0")),
        ending);
    assertEquals(List.of("/linux", "/initrd.gz"), fetched);
  }

  @Test
  void aKernelThatIsNotThereIsTriedFiveTimesAndThenTheMachineRestarts() throws Exception {
    Ending ending = run(Scripts.start(PAYLOAD, Scripts.Patience.usual()).print(), 99, false);
    assertEquals(new Ending.Rebooted(), ending);
    assertEquals(5, fetched.size());
    assertEquals(Duration.ofSeconds(5 * 5 + 60), slept);
  }

  @Test
  void aBiosMachineIsSentToItsDiskAndAUefiMachineBackToItsFirmware() throws Exception {
    assertEquals(new Ending.Disk(), run(Scripts.localDisk(Firmware.BIOS).print(), 0, true));
    assertEquals(new Ending.Exited(1), run(Scripts.localDisk(Firmware.BIOS).print(), 0, false));
    assertEquals(new Ending.Exited(1), run(Scripts.localDisk(Firmware.UEFI).print(), 0, true));
  }

  @Test
  void settingsAreExpandedInWhatAMachineReports() throws Exception {
    URI report = URI.create("http://127.0.0.1/d");
    run(Scripts.discover(report, Firmware.UEFI, Trust.ANYTHING).print(), 0, false);
    assertEquals(1, fetched.size());
    assertEquals("52:54:00:00:00:01", URI.create(fetched.getFirst()).getQuery().substring(4, 21));
  }

  @Test
  void whatIsNoScriptIsRefused() {
    assertThrows(Setback.class, () -> run("not found\n", 0, false));
  }

  @Test
  void aScriptWithoutEndIsCutOff() {
    assertThrows(Setback.class, () -> run("#!ipxe\n:a\ngoto a\n", 0, false));
  }
}
