// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.qemu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.redfish.Credentials;
import foundrybot.redfish.Secret;
import foundrybot.rig.bmc.Personalities;
import foundrybot.rig.bmc.RedfishEmulator;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Real firmware, iPXE and kernels, each of which fails in one way of its own: status names it, and
 * blames nothing else meanwhile.
 */
@Tag("qemu")
@ExtendWith(QemuFolders.class)
final class BlameTest {
  private static final Duration TO_BLAME = Duration.ofMinutes(8);
  private static final Duration COMMAND = Duration.ofMinutes(2);

  /** So many compute at a time that each still comes on within its deadlines. */
  private static final int AT_A_TIME = 3;

  private static final int REDFISH = 8443;
  private static final Credentials USER = new Credentials("ops", new Secret("rig-51d7e2"));

  private static final String DEADLINES =
      ", deadlines: { powered-on: 40s, dhcp: 45s, bootloader: 60s, script: 40s, kernel: 60s,"
          + " installing: 45s }";

  /** When something happens to a machine. */
  private enum When {
    BEFORE,
    WITH_ITS_KERNEL,
    WHILE_INSTALLING
  }

  /**
   * A machine and what is wrong with it.
   *
   * @param when its cable is pulled; empty: it stays
   * @param rule for netfilter, where the appliance or the site's DHCP server hears this machine
   * @param more of its keys in the rack file
   */
  private record Patient(
      String code, Firmware firmware, Optional<When> when, Optional<String> rule, String more) {
    static Patient of(String code, Firmware firmware) {
      return new Patient(code, firmware, Optional.empty(), Optional.empty(), "");
    }

    Patient unplugged(When moment) {
      return new Patient(code, firmware, Optional.of(moment), rule, more);
    }

    Patient dropping(String packets) {
      return new Patient(code, firmware, when, Optional.of(packets), more);
    }

    Patient with(String keys) {
      return new Patient(code, firmware, when, rule, more + keys);
    }
  }

  private static final List<Patient> PATIENTS =
      List.of(
          Patient.of("no-discover", Firmware.BIOS_IPXE_ROM)
              .unplugged(When.BEFORE)
              .with(
                  ", bmc: { user: ops, password-file: bmc.pw, trust: first-use, url:"
                      + " \"https://127.0.0.1:"
                      + REDFISH
                      + "\" }"),
          // The site's server has no address for it.
          Patient.of("no-request", Firmware.BIOS_IPXE_ROM).dropping("udp dport 67"),
          Patient.of("no-boot-program", Firmware.ARM64_PXE),
          // Its acknowledgements stop after a while.
          Patient.of("tftp-aborted", Firmware.UEFI_PXE)
              .dropping("udp dport 1024-65535 udp dport != 4011 quota over 400 bytes"),
          Patient.of("no-script", Firmware.UEFI_PXE).dropping("tcp dport 80"),
          // Segments that begin with GET /nod
          Patient.of("no-kernel", Firmware.BIOS_IPXE_ROM)
              .dropping("tcp dport 80 @ih,0,64 0x474554202f6e6f64"),
          Patient.of("no-answer-file", Firmware.BIOS_IPXE_ROM).unplugged(When.WITH_ITS_KERNEL),
          Patient.of("disk-missing", Firmware.BIOS_IPXE_ROM).with(", disk: /dev/sdz"),
          Patient.of("installer-silent", Firmware.BIOS_IPXE_ROM).unplugged(When.WHILE_INSTALLING));

  /** A patient in its rack, and what status said of it so far. */
  private static final class Case {
    private final Patient patient;
    private final Machine machine;
    private final Set<String> blamed = new LinkedHashSet<>();
    private boolean unplugged;
    private Instant began = Instant.MAX;
    private Duration toBlame = Duration.ZERO;

    Case(Patient patient, Machine machine) {
      this.patient = patient;
      this.machine = machine;
    }

    boolean isNamed() {
      return blamed.contains(patient.code());
    }
  }

  @BeforeAll
  static void toolsAreThere() {
    QemuFolders.require(Prerequisites.missingForCast());
    QemuFolders.require(Prerequisites.missingForBmcs());
  }

  private static MachineSpec spec(int index) {
    Patient patient = PATIENTS.get(index);
    return MachineSpec.of(
        patient.code(), "52:54:00:aa:01:%02x".formatted(index), patient.firmware());
  }

  @Test
  void whatFailsIsNamedAndNothingElseIsBlamed() throws IOException {
    List<Racks.Node> nodes =
        IntStream.range(0, PATIENTS.size())
            .mapToObj(
                i -> new Racks.Node(spec(i), "debian-12-cast", DEADLINES + PATIENTS.get(i).more()))
            .toList();
    try (QemuRack rack =
        Racks.create(
            "blame",
            Wiring.PROXY_BESIDE_DNSMASQ,
            Optional.of(BuiltData.cast()),
            Optional.empty(),
            nodes)) {
      Path logs = QemuFolders.logs("blame");
      Files.writeString(logs.resolve("bmc.pw"), USER.password().reveal() + "\n");
      rack.redfish(
          RedfishEmulator.Setup.of(
                  Personalities.of("hpe-ilo5"),
                  MachineLoad.powered(rack.machine("no-discover"), BootOrder.First.DISK))
              .with(USER)
              .with(new InetSocketAddress(InetAddress.getLoopbackAddress(), REDFISH)));
      infect(rack);
      List<Case> cases =
          PATIENTS.stream()
              .map(patient -> new Case(patient, rack.machine(patient.code())))
              .toList();
      for (int from = 0; from < cases.size(); from += AT_A_TIME) {
        follow(rack, cases.subList(from, Math.min(from + AT_A_TIME, cases.size())));
      }
      List<String> times = new ArrayList<>();
      for (Case each : cases) {
        assertEquals(Set.of(each.patient.code()), each.blamed, each.patient.code());
        assertIsExplained(rack, each.patient.code());
        times.add(each.patient.code() + "\t" + each.toBlame.toSeconds());
      }
      // Seconds from the fault to its name, most of them its deadline.
      Files.write(logs.resolve("times.tsv"), times);
    }
  }

  private static void infect(QemuRack rack) {
    for (Consumer<String> place : List.<Consumer<String>>of(rack::nft, rack::nftAtSite)) {
      place.accept("add table inet blame");
      place.accept("add chain inet blame in { type filter hook input priority 0; }");
    }
    for (int i = 0; i < PATIENTS.size(); i++) {
      String mac = spec(i).mac();
      Optional<String> packets = PATIENTS.get(i).rule();
      if (packets.isEmpty()) {
        continue;
      }
      String rule = "add rule inet blame in ether saddr " + mac + " " + packets.get() + " drop";
      if (PATIENTS.get(i).code().equals("no-request")) {
        rack.nftAtSite(rule);
      } else {
        rack.nft(rule);
      }
    }
  }

  private static void follow(QemuRack rack, List<Case> cases) {
    for (Case each : cases) {
      unplugAt(rack, each, When.BEFORE);
      if (each.patient.more().contains("bmc:")) {
        assertEquals(
            0, rack.appliance().tell(COMMAND, "deploy", "--no-wait", each.patient.code()).status());
      } else {
        each.machine.powerOn();
      }
      each.began = Instant.now();
    }
    String names = String.join(", ", cases.stream().map(each -> each.patient.code()).toList());
    rack.await(
        "the blame for " + names,
        TO_BLAME,
        () -> {
          cases.forEach(each -> look(rack, each));
          return cases.stream().allMatch(Case::isNamed);
        });
  }

  private static void look(QemuRack rack, Case each) {
    if (each.isNamed()) {
      return;
    }
    String code = each.patient.code();
    if (each.machine.serial().kernelStarted()) {
      unplugAt(rack, each, When.WITH_ITS_KERNEL);
    }
    if (rack.hasReached(code, "installing")) {
      unplugAt(rack, each, When.WHILE_INSTALLING);
    }
    String said = rack.diagnosis(code);
    if (!said.isEmpty()) {
      each.blamed.add(said);
    }
    if (each.isNamed()) {
      each.toBlame = Duration.between(each.began, Instant.now());
      each.machine.powerOff();
    }
  }

  private static void unplugAt(QemuRack rack, Case each, When now) {
    if (each.unplugged || each.patient.when().filter(when -> when == now).isEmpty()) {
      return;
    }
    each.unplugged = true;
    each.began = Instant.now();
    rack.unplug(each.machine);
  }

  private static void assertIsExplained(QemuRack rack, String node) {
    String why = rack.appliance().run(COMMAND, "why", node).output();
    for (String part : List.of(node + ": ", "evidence:", "likely, the first most:", "try:")) {
      assertTrue(why.contains(part), why);
    }
  }
}
