// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.qemu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A rack made of virtual machines: what an operator types makes them on Debian's libvirt, has one
 * booted from the network and one from a medium, and deletes them.
 */
@Tag("qemu")
@ExtendWith(QemuFolders.class)
final class LibvirtRackTest {
  private static final String NAME = "libvirt";

  /** Many times what it takes on two idle cores. */
  private static final Duration TO_SCRIPT = Duration.ofMinutes(4);

  private static final Duration COMMAND = Duration.ofMinutes(2);
  private static final Duration START = Duration.ofMinutes(1);

  /** The same private libvirtd that the libvirt tests of the module redfish have. */
  private static final Path LIBVIRTD =
      QemuFolders.project()
          .resolve("redfish/src/test/resources/foundrybot/redfish/libvirt/private-libvirtd");

  private final Path host = QemuFolders.logs(NAME).resolve("host");

  @BeforeAll
  static void toolsAreThere() {
    QemuFolders.require(Prerequisites.missingForLibvirt());
  }

  private String socket() {
    return host.resolve("libvirt-sock").toString();
  }

  private QemuRack rack() {
    String url = ", bmc: { url: \"libvirt+unix:///system?socket=" + socket() + "\"";
    String machine = ", machine: { bridge: br0, memory: 512 MiB, disks: [1 GiB]";
    return Racks.withoutMachines(
        NAME,
        Wiring.PROXY_BESIDE_DNSMASQ,
        List.of(
            new Racks.Node(
                MachineSpec.of("v1", "52:54:00:aa:00:81", Firmware.UEFI_PXE),
                "debian-12",
                url + " }" + machine + ", tpm: on }"),
            new Racks.Node(
                MachineSpec.of("v2", "52:54:00:aa:00:82", Firmware.BIOS_IPXE_ROM),
                "debian-12",
                url + ", boot: media, firmware: legacy }" + machine + ", firmware: bios }")));
  }

  /** On the rack's switch; its machines are plugged into the same bridge as all others. */
  private Child libvirtd(QemuRack rack) throws IOException {
    Path images = Files.createDirectories(host.resolve("images"));
    Child libvirtd =
        rack.besideAppliance(
            "libvirtd",
            QemuFolders.logs(NAME).resolve("libvirtd.log"),
            List.of("unshare", "-m", "sh", LIBVIRTD.toString(), host.toString()));
    rack.await("libvirtd", START, () -> Files.exists(Path.of(socket())));
    virsh("pool-define-as", "default", "dir", "--target", images.toString());
    virsh("pool-start", "--pool", "default");
    return libvirtd;
  }

  private String virsh(String... words) {
    List<String> command = new ArrayList<>(List.of("virsh", "-q", "-c"));
    command.add("qemu+unix:///system?socket=" + socket());
    command.addAll(List.of(words));
    Child.Outcome said = Child.run(host.resolve("virsh.log"), COMMAND, command);
    assertEquals(0, said.status(), () -> command + ": " + said.output());
    return said.output();
  }

  private static String run(QemuRack rack, String... words) throws IOException {
    Child.Outcome said = rack.appliance().run(COMMAND, words);
    assertEquals(0, said.status(), said.output() + Files.readString(rack.appliance().errors()));
    return said.output();
  }

  private static String machine(QemuRack rack, String... words) throws IOException {
    List<String> all = new ArrayList<>(List.of("machine"));
    all.addAll(List.of(words));
    all.addAll(List.of("--rack", rack.appliance().rackFile().toString()));
    return run(rack, all.toArray(String[]::new));
  }

  private static List<String> listed(QemuRack rack) throws IOException {
    return machine(rack, "list").lines().skip(1).map(line -> line.replaceAll(" +", " ")).toList();
  }

  @Test
  void machinesAreMadeDeployedFromNetworkAndMediumAndDeleted() throws IOException {
    try (QemuRack rack = rack()) {
      Child libvirtd = libvirtd(rack);
      assertEquals(
          List.of("v1 - missing 52:54:00:aa:00:81", "v2 - missing 52:54:00:aa:00:82"),
          listed(rack));
      String made = machine(rack, "create");
      assertTrue(made.startsWith("v1: made on libvirt libvirt+unix:///system: 2 cores"), made);
      assertEquals("v1: is there, as wanted\n", machine(rack, "create", "v1"));
      assertEquals(
          List.of(
              "v1 v1 off 2 512 made 52:54:00:aa:00:81", "v2 v2 off 2 512 made 52:54:00:aa:00:82"),
          listed(rack));

      String said = run(rack, "deploy");
      assertTrue(said.endsWith("2 powered on\n"), said);
      assertTrue(virsh("dumpxml", "--domain", "v2").contains("protocol='https'"), "its medium");
      try {
        rack.await("v1's script", TO_SCRIPT, () -> rack.hasReached("v1", "script"));
        rack.await("v2's script", TO_SCRIPT, () -> rack.hasReached("v2", "script"));
      } finally {
        keepConsole(libvirtd, "v1");
        keepConsole(libvirtd, "v2");
      }

      assertEquals("v1: deleted\nv2: deleted\n", machine(rack, "delete", "--all", "--yes"));
      assertEquals("", virsh("list", "--all", "--name").strip());
      assertEquals("", virsh("vol-list", "--pool", "default").strip());
      assertEquals("v1: was not there\n", machine(rack, "delete", "v1", "--yes"));
    }
  }

  /** What it said lies in the memory of libvirtd's own file system. */
  private static void keepConsole(Child libvirtd, String name) throws IOException {
    Path log =
        Path.of("/proc/" + libvirtd.pid() + "/root/var/log/libvirt/qemu/" + name + "-console.log");
    if (Files.exists(log)) {
      Files.copy(log, QemuFolders.logs(NAME).resolve(name + ".console.log"));
    }
  }
}
