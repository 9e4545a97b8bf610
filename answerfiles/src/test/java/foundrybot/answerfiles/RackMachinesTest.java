// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.answerfiles.MachineSettings.Disk;
import foundrybot.answerfiles.MachineSettings.Firmware;
import foundrybot.answerfiles.MachineSettings.Format;
import foundrybot.answerfiles.MachineSettings.Link;
import foundrybot.answerfiles.MachineSettings.Nic;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RackMachinesTest {
  private static final Mac OWN = Mac.parse("52:54:00:aa:00:01").orElseThrow();
  private static final Mac OTHER = Mac.parse("52:54:00:bb:00:01").orElseThrow();
  private static final String HERE = "bmc: 'libvirt+unix:///system', machine: ";

  private static String yaml(String defaults, String keys) {
    return Samples.HEAD
        + defaults
        + "nodes:\n  52:54:00:aa:00:01: { role: etcd, "
        + keys
        + " }\n  52:54:00:aa:00:02: etcd\n";
  }

  private static MachineSettings machine(String defaults, String machine) {
    return Samples.rack(yaml(defaults, HERE + machine)).nodes().getFirst().machine().orElseThrow();
  }

  @Test
  void aNodeSaysWhatItsMachineIsMadeOf() {
    assertEquals(
        new MachineSettings(
            8,
            16 << 10,
            List.of(
                new Disk(40 << 10, Optional.of("fast"), Optional.of(Format.RAW)),
                new Disk(2 << 20, Optional.of("bulk"), Optional.of(Format.RAW))),
            List.of(
                new Nic(OWN, new Link.Bridge("br0")), new Nic(OTHER, new Link.Network("store"))),
            Firmware.SECURE_BOOT,
            true),
        machine(
            "",
            "{ cores: 8, memory: 16 GiB, disks: [40 GiB, 2 TiB in bulk], pool: fast, format: raw,"
                + " bridge: br0, firmware: secure-boot, tpm: on,"
                + " nics: { 5254.00bb.0001: { network: store } } }"));
  }

  @Test
  void whatManyHaveInCommonStandsOnceAndANodesOwnGoesBefore() {
    MachineSettings machine =
        machine(
            "machine-defaults: { cores: 4, memory: 512MiB, bridge: br0, disks: [], tpm: on }\n",
            "{ network: rack, tpm: off, nics: { 52-54-00-BB-00-01: br1 } }");
    assertEquals(
        new MachineSettings(
            4,
            512,
            List.of(),
            List.of(new Nic(OWN, new Link.Network("rack")), new Nic(OTHER, new Link.Bridge("br1"))),
            Firmware.UEFI,
            false),
        machine);
  }

  @Test
  void whatIsSaidNowhereIsUsual() {
    MachineSettings machine = machine("", "{ bridge: br0 }");
    assertEquals(2, machine.cores());
    assertEquals(4096, machine.memoryMiB());
    assertEquals(List.of(new Disk(20 << 10, Optional.empty(), Optional.empty())), machine.disks());
    assertEquals(Firmware.UEFI, machine.firmware());
    assertEquals(Optional.empty(), Samples.rack(yaml("", "name: e1")).nodes().getFirst().machine());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "machine: { bridge: br0 } | no bmc (expected: a bmc of libvirt+unix, libvirt+ssh, proxmox",
        "'bmc: wol, machine: { bridge: br0 }' | wol (expected: a bmc of libvirt+unix",
        "'bmc: libvirt+unix:///system, machine: {}' | bridge: NAME or network: NAME, here or in",
        "'#{ bridge: br0, network: rack }' | either bridge or network",
        "'#{ bridge: br0, memory: 8 }' | 64 MiB or more, as in 8 GiB",
        "'#{ bridge: br0, memory: 9999999 TiB }' | 64 MiB or more, as in 8 GiB",
        "'#{ bridge: br0, disks: [40 GB] }' | a size, as in 40 GiB",
        "'#{ bridge: br0, disks: [40 GiB in ../x] }' | a size, as in 40 GiB",
        "'#{ bridge: br0, cores: 0 }' | 1..1024",
        "'#{ bridge: br0, firmware: efi }' | one of bios, uefi, secure-boot",
        "'#{ bridge: br0, nics: { 52:54:00:aa:00:02: br1 } }' | each MAC once; line",
        "'#{ bridge: br0, nics: { 52:54:00:bb:00:01: {} } }' | bridge: NAME or network: NAME",
        "'bmc: { url: libvirt+unix:///system, firmware: legacy }, machine: { bridge: br0 }'"
            + " | what bmc.firmware says: legacy",
      })
  void whatCannotBeMeantIsRefusedWithTheCure(String keys, String expected) {
    String node = keys.startsWith("#") ? HERE + keys.substring(1) : keys;
    List<String> faults = Samples.faults(yaml("", node));
    assertEquals(1, faults.size(), faults::toString);
    assertTrue(faults.getFirst().contains(expected), faults::toString);
  }

  @Test
  void faultsOfTheDefaultsAreNotedOnce() {
    List<String> faults =
        Samples.faults(
            yaml("machine-defaults: { bridge: br0, network: rack }\n", HERE + "{ cores: 2 }"));
    assertEquals(1, faults.size(), faults::toString);
    assertTrue(faults.getFirst().contains("machine-defaults.network"), faults::toString);
  }
}
