// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.redfish.Bmc;
import foundrybot.redfish.BmcEndpoint;
import foundrybot.redfish.BmcFault;
import foundrybot.redfish.BmcFault.Kind;
import foundrybot.redfish.Credentials;
import foundrybot.redfish.HardwareAddress;
import foundrybot.redfish.Hypervisor;
import foundrybot.redfish.Hypervisor.Creation;
import foundrybot.redfish.Hypervisor.Whose;
import foundrybot.redfish.MachineSpec;
import foundrybot.redfish.MachineSpec.Disk;
import foundrybot.redfish.MachineSpec.Firmware;
import foundrybot.redfish.MachineSpec.Link;
import foundrybot.redfish.MachineSpec.Nic;
import foundrybot.redfish.Outcome;
import foundrybot.redfish.PowerAction;
import foundrybot.redfish.PowerState;
import foundrybot.redfish.Trust;
import foundrybot.redfish.VirtualMachine;
import foundrybot.redfish.proxmox.Proxmox;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Machines made and deleted on the simulated Proxmox VE, by HTTPS over loopback. */
final class ProxmoxHypervisorTest {
  private static final HardwareAddress CARD = new HardwareAddress("bc:24:11:00:00:01");
  private static final HardwareAddress SECOND = new HardwareAddress("bc:24:11:00:00:02");
  private static final MachineSpec N1 = spec("n1", 4, Optional.empty());

  private final PveTime time = new PveTime();
  private PveEmulator pve = PveEmulator.start(PveEmulator.Setup.of(time));

  private static MachineSpec spec(String name, int cores, Optional<String> pool) {
    return new MachineSpec(
        name,
        cores,
        8192,
        List.of(
            new Disk(40 << 10, pool, Optional.empty()),
            new Disk(1500, Optional.of("bulk"), Optional.of(MachineSpec.Format.RAW))),
        List.of(
            new Nic(CARD, new Link.Bridge("vmbr0")), new Nic(SECOND, new Link.Network("vmbr1"))),
        Firmware.UEFI_SECURE_BOOT,
        true);
  }

  private void start(PveEmulator.Setup setup) {
    pve.close();
    pve = PveEmulator.start(setup);
  }

  @AfterEach
  void stop() {
    pve.close();
  }

  private BmcEndpoint endpoint(String path, Credentials who) {
    return new BmcEndpoint(
        URI.create(pve.url() + path),
        Optional.of(who),
        new Trust.Fingerprint(pve.fingerprint()),
        Optional.empty());
  }

  private Hypervisor open(String path) {
    return Proxmox.hypervisor(endpoint(path, PveEmulator.TOKEN), time, time);
  }

  private static <T> T done(Outcome<T> outcome) {
    assertInstanceOf(Outcome.Done.class, outcome, outcome::evidence);
    return outcome.result().orElseThrow();
  }

  private static BmcFault failed(Outcome<?> outcome) {
    return assertInstanceOf(Outcome.Failed.class, outcome, outcome::evidence).fault();
  }

  @Test
  void aMachineIsMadeAsWantedWithAMark() {
    try (Hypervisor hypervisor = open("")) {
      Creation made = done(hypervisor.create(N1));
      assertTrue(made.fresh() && made.machine().ours());
      assertEquals("100", made.machine().id());
      assertEquals(List.of(CARD, SECOND), made.machine().macs());
      Map<String, String> config = pve.config(100);
      assertEquals("local-lvm:vm-100-disk-1,size=40G", config.get("scsi0"));
      assertEquals("bulk:vm-100-disk-0,size=1500M", config.get("scsi1"));
      assertEquals(
          "local-lvm:vm-100-disk-0,efitype=4m,pre-enrolled-keys=1,size=4M", config.get("efidisk0"));
      assertEquals("local-lvm:vm-100-disk-2,version=v2.0,size=4M", config.get("tpmstate0"));
      assertEquals("virtio=BC:24:11:00:00:01,bridge=vmbr0", config.get("net0"));
      assertEquals("virtio=BC:24:11:00:00:02,bridge=vmbr1", config.get("net1"));
      assertEquals("order=net0;scsi0;scsi1;net1", config.get("boot"));
      assertEquals("foundrybot", config.get("tags"));
      assertEquals(List.of(made.machine()), done(hypervisor.machines()));
    }
  }

  @Test
  void makingItAgainChangesNothing() {
    try (Hypervisor hypervisor = open("/pve1")) {
      Creation first = done(hypervisor.create(N1));
      Creation second = done(hypervisor.create(N1));
      assertFalse(second.fresh());
      assertEquals(first.machine(), second.machine());
      assertEquals(1, pve.account().count("POST"));
    }
  }

  @Test
  void whatDiffersIsNamedAndNotTouched() {
    try (Hypervisor hypervisor = open("")) {
      done(hypervisor.create(N1));
      BmcFault fault = failed(hypervisor.create(spec("n1", 8, Optional.of("bulk"))));
      assertEquals(Kind.REFUSED, fault.kind());
      assertTrue(fault.answered().contains("cores: 4 (wanted: 8)"), fault::evidence);
      assertTrue(fault.answered().contains("(wanted: in bulk)"), fault::evidence);
      assertEquals("4", pve.config(100).get("cores"));
    }
  }

  @Test
  void aStrangersMachineWithTheCardIsInTheWay() {
    pve.add("pve1", 200, Map.of("name", "theirs", "net0", "e1000=BC:24:11:00:00:02,bridge=vmbr0"));
    try (Hypervisor hypervisor = open("")) {
      BmcFault fault = failed(hypervisor.create(N1));
      assertEquals(Kind.REFUSED, fault.kind());
      assertTrue(fault.answered().contains("VM 200 on pve1 (theirs) has the card " + SECOND));
      assertEquals(0, pve.account().count("POST"));
    }
  }

  @Test
  void itIsDeletedWithItsDisksEvenWhileItRuns() {
    try (Hypervisor hypervisor = open("")) {
      done(hypervisor.create(N1));
      try (Bmc bmc = Proxmox.open(endpoint("", PveEmulator.TOKEN), "n1", CARD, time, time)) {
        assertEquals(PowerState.ON, done(bmc.power(PowerAction.ON, Duration.ofMinutes(1))));
      }
      VirtualMachine was = done(hypervisor.delete("n1", CARD, Whose.OURS));
      assertEquals("n1", was.name());
      assertEquals(List.of(), done(hypervisor.machines()));
      assertEquals(List.of(), pve.volumes());
      assertEquals(Kind.NO_SUCH_SYSTEM, failed(hypervisor.delete("n1", CARD, Whose.OURS)).kind());
    }
  }

  @Test
  void nothingIsDeletedThatWasNotMadeHere() {
    pve.add(
        "pve1",
        200,
        Map.of(
            "name", "n1",
            "tags", "foundrybot",
            "scsi0", "local-lvm:vm-200-disk-0,size=8G",
            "net0", "virtio=BC:24:11:00:00:01,bridge=vmbr0"));
    try (Hypervisor hypervisor = open("")) {
      BmcFault fault = failed(hypervisor.delete("n1", CARD, Whose.OURS));
      assertEquals(Kind.REFUSED, fault.kind());
      assertTrue(fault.answered().contains("not made here"), fault::evidence);
      BmcFault anybodys = failed(hypervisor.delete("n1", CARD, Whose.ANYBODYS));
      assertTrue(anybodys.answered().contains("vm-200-disk-0"), anybodys::evidence);
      assertEquals(Kind.NO_SUCH_SYSTEM, failed(hypervisor.delete("n1", SECOND, Whose.OURS)).kind());
      assertEquals(0, pve.account().count("DELETE"));
      assertEquals(0, pve.account().count("POST"));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "tags, mine, not made here",
    "description, Taken over., not made here",
    // What a clone of the machine has instead.
    "smbios1, uuid=00000000-0000-4000-8000-000000000001, not made here",
    "scsi5, 'local-lvm:vm-100-disk-9,size=1T', scsi5 (local-lvm:vm-100-disk-9)",
    "unused0, local-lvm:vm-100-disk-9, unused0",
    "protection, 1, protection mode",
    "lock, backup, VM is locked",
  })
  void whoeverTakesTheMachineOverKeepsIt(String option, String value, String words) {
    try (Hypervisor hypervisor = open("")) {
      done(hypervisor.create(N1));
      pve.set(100, option, value);
      BmcFault fault = failed(hypervisor.delete("n1", CARD, Whose.OURS));
      assertTrue(fault.answered().contains(words), fault::evidence);
      assertFalse(pve.config(100).isEmpty());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "task-fails@POST, REFUSED",
    "error-500@POST, REFUSED",
    "busy-503@POST, BUSY",
    "reset-before@POST, UNKNOWN_OUTCOME",
    "html@nextid, BROKEN",
  })
  void whatFailsLeavesNothingBehind(String faults, String kind) {
    start(PveEmulator.Setup.of(time).with(Faults.parse(faults)));
    try (Hypervisor hypervisor = open("")) {
      assertEquals(Kind.valueOf(kind), failed(hypervisor.create(N1)).kind());
      assertEquals(List.of(), done(hypervisor.machines()));
      assertEquals(List.of(), pve.volumes());
    }
  }

  @Test
  void whatIsLeftOverIsNamed() {
    start(PveEmulator.Setup.of(time).with(Faults.parse("reset-after@POST")));
    try (Hypervisor hypervisor = open("")) {
      BmcFault fault = failed(hypervisor.create(N1));
      assertEquals(Kind.UNKNOWN_OUTCOME, fault.kind());
      assertTrue(fault.advice().contains("VM 100 on pve1 may be left over"), fault::evidence);
      time.pause(Duration.ofSeconds(30));
      // Its task went on, so the next attempt finds it made.
      assertFalse(done(hypervisor.create(N1)).fresh());
    }
  }

  @Test
  void whereSeveralStoragesOrNodesAreThereOneMustBeNamed() {
    start(PveEmulator.Setup.of(time).withNodes("pve1", "pve2"));
    try (Hypervisor hypervisor = open("")) {
      BmcFault fault = failed(hypervisor.create(N1));
      assertTrue(fault.answered().contains("several nodes: pve1, pve2"), fault::evidence);
    }
    try (Hypervisor hypervisor = open("/pve2")) {
      done(hypervisor.create(N1));
      assertEquals(1, pve.account().count("POST /nodes/pve2/qemu"));
    }
    try (Hypervisor hypervisor = open("/pve3")) {
      BmcFault fault = failed(hypervisor.create(spec("n2", 1, Optional.empty())));
      assertEquals(Kind.REFUSED, fault.kind());
    }
    try (Hypervisor hypervisor = open("/pve1")) {
      BmcFault fault =
          failed(
              hypervisor.create(
                  new MachineSpec(
                      "n2",
                      1,
                      512,
                      List.of(new Disk(1024, Optional.of("nowhere"), Optional.empty())),
                      List.of(
                          new Nic(
                              new HardwareAddress("bc:24:11:00:00:0a"), new Link.Bridge("vmbr0"))),
                      Firmware.BIOS,
                      false)));
      assertTrue(fault.answered().contains("storage 'nowhere' does not exist"), fault::evidence);
    }
  }

  @Test
  void aNodeThatIsAwayIsNamedSinceItsCardsAreNotKnown() {
    start(PveEmulator.Setup.of(time).withNodes("pve1", "pve2"));
    pve.add("pve2", 200, Map.of("name", "theirs"));
    pve.cutOff("pve2");
    try (Hypervisor hypervisor = open("/pve1")) {
      Outcome<Creation> made = hypervisor.create(N1);
      assertTrue(done(made).fresh());
      List<String> warnings = ((Outcome.Done<Creation>) made).warnings();
      assertTrue(warnings.getFirst().contains("VM 200 on pve2"), warnings::toString);
    }
  }

  @Test
  void aNameThatIsNoHostsNameIsRefusedBeforeAnythingIsAsked() {
    try (Hypervisor hypervisor = open("")) {
      assertEquals(
          Kind.REFUSED, failed(hypervisor.create(spec("n_1", 1, Optional.empty()))).kind());
      assertEquals(0, pve.account().count(""));
    }
  }
}
