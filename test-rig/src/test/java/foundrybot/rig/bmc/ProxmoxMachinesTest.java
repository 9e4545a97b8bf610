// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.rig.bmc.Operator.Said;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code bootserver machine} against the simulated Proxmox VE. */
final class ProxmoxMachinesTest {
  private static final String SECRET = PveEmulator.TOKEN.password().reveal();

  @TempDir private Path folder = Path.of("");

  @Test
  void machinesOfTheRackFileAreMadeListedAndDeletedAndNoOthers() throws Exception {
    try (PveEmulator pve =
        PveEmulator.start(
            PveEmulator.Setup.of(InstantSource.system())
                .with(Duration.ZERO, plate -> new PoweredMachine(plate, PoweredMachine.NOTHING)))) {
      pve.add("pve1", 500, Map.of("name", "theirs", "net0", "virtio=BC:24:11:00:00:50"));
      rack(pve);
      Operator operator = new Operator(folder, SECRET);
      Said made = operator.run("machine", "create");
      assertEquals(0, made.status(), made::err);
      assertEquals(2, made.out().lines().filter(line -> line.contains(": made on ")).count());
      assertEquals("2", pve.config(100).get("cores"));
      assertTrue(operator.run("machine", "create", "n1").out().contains("n1: is there, as wanted"));
      Said list = operator.run("machine", "list", "--others");
      assertEquals(0, list.status(), list::err);
      assertTrue(list.out().contains("made    bc:24:11:00:00:01"), list::out);
      assertTrue(list.out().contains("foreign bc:24:11:00:00:50"), list::out);
      Said deleted = operator.run("machine", "delete", "--all", "--yes");
      assertEquals("n1: deleted\nn2: deleted\n", deleted.out(), deleted::err);
      assertEquals(List.of(), pve.volumes());
      assertEquals("theirs", pve.config(500).get("name"));
    }
  }

  private void rack(PveEmulator pve) throws Exception {
    Path file = Files.writeString(folder.resolve("pve.token"), SECRET + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    Files.writeString(
        folder.resolve("rack.yaml"),
        """
        cluster: alpha
        domain: alpha.rack
        appliance: { address: 127.0.0.1/8 }
        admin: { user: ops, ssh-keys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILewWhH5CTUU3in33UCXnZpwKItYQiqYj2VFSj6dsC8/ me@desk"] }
        bmc-defaults: { user: "%s", password-file: pve.token, trust: "sha256:%s" }
        machine-defaults: { bridge: vmbr0, cores: 2, disks: [20 GiB, 1500 MiB in bulk] }
        nodes:
          bc:24:11:00:00:01: { role: etcd, name: n1, bmc: "%s", machine: {} }
          bc:24:11:00:00:02: { role: etcd, name: n2, bmc: "%s/pve1", machine: { tpm: on } }
        """
            .formatted(PveEmulator.TOKEN.user(), pve.fingerprint(), pve.url(), pve.url()));
  }
}
