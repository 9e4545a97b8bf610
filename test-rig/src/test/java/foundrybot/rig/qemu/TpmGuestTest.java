// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.qemu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.json.JsonMapper;

/** A node whose TPM is on its board, behind its own kernel: how it gets into the mesh by that. */
@Tag("qemu")
@ExtendWith(QemuFolders.class)
final class TpmGuestTest {
  private static final String NODE = "t1";
  private static final String MAC = "52:54:00:aa:00:9e";

  /** Many times what one start takes on an idle core. */
  private static final Duration LIMIT = Duration.ofMinutes(5);

  private static final Duration COMMAND = Duration.ofMinutes(2);
  private static final Pattern EK = Pattern.compile("guest: ek (sha256:[0-9a-f]{64})");
  private static final String OPENED = "guest: a sealed bundle was opened";

  @BeforeAll
  static void toolsAreThere() {
    QemuFolders.require(Prerequisites.missingForTpm());
  }

  private static QemuRack rack() throws IOException {
    Racks.buildProduct();
    Path built = QemuFolders.logs("tpm-guest-image");
    TpmGuest.build(built);
    Wiring wiring = Wiring.PROXY_BESIDE_DNSMASQ;
    String yaml =
        """
        cluster: alpha
        domain: alpha.rack
        %s
        admin: { user: ops, ssh-keys: ["%s"] }
        mesh: { planes: { control: 10.80.1.0/24 }, tpm: required }
        nodes:
          %s:
            role: worker
            name: %s
            profile: %s
            endpoint: 10.77.0.150
            kernel-arguments: [mitigations=off]
        """
            .formatted(wiring.applianceYaml(), Racks.SSH_KEY, MAC, NODE, TpmGuest.PROFILE);
    return QemuRack.create(
        new QemuRack.Setup(
            QemuFolders.logs("tpm-guest"),
            QemuFolders.bootserver(),
            Optional.of(built),
            wiring,
            yaml,
            Optional.empty(),
            List.of(new MachineSpec(NODE, MAC, Firmware.BIOS_IPXE_ROM, 512, 1, Optional.empty()))));
  }

  @Test
  void aNodeGetsItsBundleSealedToItsTpmAndNoneWithAnotherTpmAndTheSameMac() throws IOException {
    try (QemuRack rack = rack()) {
      Machine machine = rack.machine(NODE);
      machine.newTpm();
      machine.powerOn();
      rack.await("it to enrol", LIMIT, () -> rack.hasReached(NODE, "enrolled"));
      String first = machine.serial().text();
      String own = ek(first);
      assertTrue(first.contains(OPENED), first);
      assertTrue(first.contains("foundrybot-mesh: serial "), first);
      assertEquals(own, pinned(rack));
      List<String> events = rack.appliance().events(NODE);
      for (String fact : List.of("tpm.seen +ek=", "tpm.ek +")) {
        String line = "\\S+ +" + fact + own + "( .*)?";
        assertTrue(events.stream().anyMatch(event -> event.matches(line)), events::toString);
      }

      machine.newTpm();
      run(rack, "reinstall", NODE);
      machine.powerOn();
      rack.await(
          "its refusal",
          LIMIT,
          () ->
              rack.diagnosis(NODE).equals("tpm-refused")
                  && machine.serial().text().contains(" is another TPM"));
      String second = machine.serial().text();
      String other = ek(second);
      assertNotEquals(own, other);
      assertTrue(
          second.contains("403: ek: " + other + " is another TPM (expected: " + own + ")"), second);
      assertFalse(second.contains(OPENED), second);
      assertFalse(rack.hasReached(NODE, "enrolled"));
      assertEquals(own, pinned(rack));
    }
  }

  /** What the guest's own tools and openssl make of its key. */
  private static String ek(String serial) {
    Matcher matcher = EK.matcher(serial);
    assertTrue(matcher.find(), serial);
    return matcher.group(1);
  }

  private static String pinned(QemuRack rack) {
    return JsonMapper.shared().readTree(run(rack, "tpm", NODE, "--json")).get("ek").asString();
  }

  private static String run(QemuRack rack, String... words) {
    Child.Outcome said = rack.appliance().run(COMMAND, words);
    assertEquals(0, said.status(), said::output);
    return said.output();
  }
}
