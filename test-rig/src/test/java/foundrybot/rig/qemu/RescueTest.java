// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.qemu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.images.ArtifactManifest;
import foundrybot.redfish.Credentials;
import foundrybot.redfish.Secret;
import foundrybot.rig.bmc.Personalities;
import foundrybot.rig.bmc.PoweredMachine;
import foundrybot.rig.bmc.RedfishEmulator;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** An engineer looks at a machine that was off, from afar, and leaves its disk as it was. */
@Tag("qemu")
@ExtendWith(QemuFolders.class)
final class RescueTest {
  /** About three times what it takes on two idle cores. */
  private static final Duration TO_RESCUE = Duration.ofMinutes(10);

  private static final Duration COMMAND = Duration.ofMinutes(2);
  private static final Credentials USER = new Credentials("ops", new Secret("rig-9f27c1"));
  private static final int REDFISH = 8443;
  private static final Pattern ACCESS =
      Pattern.compile("in rescue: .*ssh root@([0-9.]+), host key (SHA256:[A-Za-z0-9+/]+)");

  @TempDir private Path keys = Path.of("");

  @BeforeAll
  static void toolsAreThere() {
    QemuFolders.require(Prerequisites.missingForCast());
    QemuFolders.require(Prerequisites.missingForBmcs());
  }

  private Path key() throws IOException {
    Path key = keys.resolve("key");
    here("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key.toString());
    return key;
  }

  private String here(String... command) {
    Child.Outcome outcome = Child.run(keys.resolve("errors.log"), COMMAND, List.of(command));
    assertEquals(0, outcome.status(), () -> String.join(" ", command) + outcome.output());
    return outcome.output();
  }

  private Child.Outcome ssh(QemuRack rack, String address, List<String> options, String command) {
    List<String> line =
        new ArrayList<>(
            List.of(
                "ssh",
                "-o",
                "BatchMode=yes",
                "-o",
                "StrictHostKeyChecking=no",
                "-o",
                "UserKnownHostsFile=" + keys.resolve("known")));
    line.addAll(options);
    line.addAll(List.of("root@" + address, command));
    return rack.atSite(COMMAND, line);
  }

  @Test
  void aMachineThatWasOffIsLookedAtBySshAndItsDiskStaysAsItWas() throws IOException {
    Path image = BuiltData.cast();
    Path key = key();
    MachineSpec spec =
        new MachineSpec("res", "52:54:00:aa:00:7a", Firmware.UEFI_PXE, 1024, 1, Optional.empty());
    String bmc =
        ", bmc: { user: %s, password-file: bmc.pw, trust: first-use, url: \"https://127.0.0.1:%d\" }"
            .formatted(USER.user(), REDFISH);
    try (QemuRack rack =
        Racks.create(
            "rescue",
            Wiring.PROXY_BESIDE_DNSMASQ,
            Optional.of(image),
            Optional.empty(),
            Files.readString(Path.of(key + ".pub")).strip(),
            List.of(new Racks.Node(spec, "debian-12", bmc)))) {
      Path logs = QemuFolders.logs("rescue");
      Files.writeString(logs.resolve("bmc.pw"), USER.password().reveal() + "\n");
      Path disk = spec.disk(logs);
      here("mke2fs", "-q", "-F", "-t", "ext4", "-L", "evidence", disk.toString());
      String before = ArtifactManifest.digestOf(disk);
      PoweredMachine machine = MachineLoad.powered(rack.machine("res"), BootOrder.First.DISK);
      rack.redfish(
          RedfishEmulator.Setup.of(Personalities.of("hpe-ilo5"), machine)
              .with(USER)
              .with(new InetSocketAddress(InetAddress.getLoopbackAddress(), REDFISH)));

      Child.Outcome said = rack.appliance().tell(TO_RESCUE, "rescue", "res");
      assertEquals(0, said.status(), said.output());
      Matcher access = ACCESS.matcher(said.output());
      assertTrue(access.find(), said.output());
      assertEquals(1, machine.account().powerOns());
      rack.await("its status", COMMAND, () -> rack.hasReached("res", "rescue"));
      String status = rack.appliance().run(COMMAND, "status").output();
      assertTrue(status.contains("res is in rescue: ssh root@" + access.group(1)), status);
      rack.await(
          "a prompt on its serial line",
          COMMAND,
          () -> rack.machine("res").serial().text().contains("rescue # "));

      String address = access.group(1);
      List<String> byKey = List.of("-i", key.toString());
      Child.Outcome labels = ssh(rack, address, byKey, "blkid -o value -s LABEL /dev/vda");
      assertEquals("evidence\n", labels.output());
      assertTrue(
          here("ssh-keygen", "-l", "-f", keys.resolve("known").toString())
              .contains(access.group(2)),
          "the host key is not the one that was reported");
      Child.Outcome mounted =
          ssh(rack, address, byKey, "mount -t ext4 -o ro /dev/vda /mnt && ls /mnt");
      assertEquals("lost+found\n", mounted.output());
      Child.Outcome writing =
          ssh(rack, address, byKey, "umount /mnt; dd if=/dev/zero of=/dev/vda bs=4k count=1");
      assertNotEquals(0, writing.status(), "the disk could be written");
      assertNotEquals(
          0, ssh(rack, address, List.of("-o", "PubkeyAuthentication=no"), "true").status());

      Child.Outcome ended = rack.appliance().tell(COMMAND, "rescue", "--end", "res");
      assertEquals(0, ended.status(), ended.output());
      assertTrue(ended.output().contains("no longer in rescue"), ended.output());
      machine.off();
      assertEquals(before, ArtifactManifest.digestOf(disk));
    }
  }
}
