// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.qemu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.appliance.tls.Certificates;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Firmware that has the appliance's CA among its own fetches its program by HTTPS, and iPXE 2.0,
 * which takes over what the firmware trusts, its script, kernel and initrd. Firmware that has not
 * refuses the appliance.
 */
@Tag("qemu")
@ExtendWith(QemuFolders.class)
final class HttpsBootTest {
  private static final Duration LIMIT = Duration.ofMinutes(4);
  private static final Duration LOOK = Duration.ofSeconds(1);

  /** What iPXE says of each file that it fetches. */
  private static final Pattern FETCHED = Pattern.compile("(https?)://[^ ]+\\.\\.\\. ok");

  /** EDK2 tells no more of a server that nobody vouches for. */
  private static final Pattern REFUSED =
      Pattern.compile("failed to load Boot[0-9A-F]{4} \"UEFI HTTPv4");

  private static final String ROW = "rules:\n  trusting: { https: true }\n";

  @BeforeAll
  static void toolsAreThere() {
    QemuFolders.require(Prerequisites.missingForMatrix());
  }

  @Test
  void theWholeWayToTheKernelIsVerifiedAndWhoTrustsNobodyStaysAway() throws IOException {
    Path authorities = QemuFolders.logs("https-boot").resolve("cacerts");
    MachineSpec trusting =
        MachineSpec.of("trusting", "52:54:00:aa:03:01", Firmware.UEFI_HTTP).trusting(authorities);
    MachineSpec other = MachineSpec.of("other", "52:54:00:aa:03:02", Firmware.UEFI_HTTP);
    try (QemuRack rack =
        Racks.create(
            "https-boot",
            Wiring.SERVER,
            Optional.of(BuiltData.loaders("sid")),
            Optional.of(ROW),
            List.of(new Racks.Node(trusting, "debian-12"), new Racks.Node(other, "debian-12")))) {
      Path data = QemuFolders.logs("https-boot").resolve("data");
      Files.write(authorities, Authorities.of(Certificates.der(Certificates.authority(data))));
      rack.machine("other").powerOn();
      BootRun run = new BootRun(rack, rack.machine("trusting"), LIMIT);
      run.begin();
      BootRun.Progress progress = run.look();
      while (progress instanceof BootRun.Progress.Booting) {
        QemuRack.pause(LOOK);
        rack.lookAfter("the machine that trusts the CA");
        progress = run.look();
      }
      assertTrue(progress instanceof BootRun.Progress.Arrived, progress::toString);
      String screen = rack.machine("trusting").serial().text();
      assertTrue(FETCHED.matcher(screen).results().allMatch(HttpsBootTest::isSecure), screen);
      assertTrue(FETCHED.matcher(screen).find(), screen);

      rack.await(
          "the other one to be told where its program is",
          LIMIT,
          () -> rack.appliance().events("other").toString().contains("dhcp.offer"));
      rack.await(
          "its firmware to refuse the appliance",
          LIMIT,
          () -> REFUSED.matcher(rack.machine("other").serial().text()).find());
      List<String> fetched =
          rack.appliance().events("other").stream()
              .filter(line -> line.contains("loader.fetched"))
              .toList();
      assertEquals(List.of(), fetched);
    }
  }

  private static boolean isSecure(MatchResult fetched) {
    return fetched.group(1).equals("https");
  }
}
