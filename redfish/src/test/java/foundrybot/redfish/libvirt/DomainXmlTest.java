// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.libvirt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.redfish.BootDevice;
import foundrybot.redfish.BootSetting.FirmwareMode;
import foundrybot.redfish.HardwareAddress;
import foundrybot.redfish.Inventory;
import foundrybot.redfish.MediaSlot;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** Definitions as libvirt 9.0 prints them. */
final class DomainXmlTest {
  private static final String DOMAIN =
      """
      <domain type='qemu'>
        <name>n1</name>
        <uuid>1ce0ab35-e1c1-4843-87de-4663de54c0a2</uuid>
        <memory unit='KiB'>2097152</memory>
        <vcpu placement='static'>2</vcpu>
        <os firmware='efi'>
          <type arch='x86_64' machine='pc-q35-7.2'>hvm</type>
          <boot dev='hd'/>
        </os>
        <devices>
          <disk type='file' device='cdrom'>
            <driver name='qemu' type='raw'/>
            <target dev='sda' bus='sata'/>
            <readonly/>
          </disk>
          <disk type='volume' device='disk'>
            <source pool='default' volume='n1-0.qcow2'/>
            <target dev='vda' bus='virtio'/>
          </disk>
          <interface type='bridge'><mac address='52:54:00:AA:00:09'/><model type='e1000'/></interface>
          <interface type='bridge'><mac address='52:54:00:aa:00:01'/><model type='virtio'/></interface>
          <graphics type='vnc' passwd='s3cret'/>
          <tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>
          <what type='nobody knows'/>
        </devices>
      </domain>
      """;
  private static final HardwareAddress CARD = new HardwareAddress("52:54:00:aa:00:01");

  private static DomainXml domain() {
    return DomainXml.read(DOMAIN).orElseThrow();
  }

  @Test
  void whatTheMachineIsMadeOfIsRead() {
    Inventory inventory = domain().inventory();
    assertEquals("1ce0ab35-e1c1-4843-87de-4663de54c0a2", inventory.uuid());
    assertEquals(2048, inventory.memoryMiB());
    assertEquals(2, inventory.cpus().getFirst().cores());
    assertEquals(
        List.of("52:54:00:aa:00:09", "52:54:00:aa:00:01"),
        inventory.nics().stream().map(nic -> nic.mac().text()).toList());
    assertEquals("default/n1-0.qcow2", inventory.drives().getFirst().media());
    assertEquals("TPM 2.0", inventory.tpm());
    assertEquals(FirmwareMode.UEFI, domain().firmware());
    assertEquals(BootDevice.DISK, domain().boots());
  }

  @Test
  void theCardOfTheRackFileBootsFirstAndAllElseStaysAsItWas() {
    DomainXml domain = domain();
    domain.boot(BootDevice.PXE, Optional.of(CARD));
    DomainXml again = DomainXml.read(domain.text()).orElseThrow();
    assertEquals(BootDevice.PXE, again.boots());
    String text = domain.text();
    assertFalse(text.contains("dev=\"hd\""), text);
    int first = text.indexOf("order=\"1\"");
    assertTrue(text.lastIndexOf("<interface", first) > text.indexOf("00:09"), text);
    assertTrue(text.contains("passwd=\"s3cret\"") && text.contains("nobody knows"), text);
  }

  @Test
  void theOrderOfDevicesIsDisksCardsAndCdsBehindTheOneThatIsWanted() {
    DomainXml domain = domain();
    domain.boot(BootDevice.CD, Optional.of(CARD));
    assertEquals(BootDevice.CD, domain.boots());
    domain.boot(BootDevice.USUAL, Optional.of(CARD));
    assertEquals(BootDevice.DISK, domain.boots());
  }

  @Test
  void aCdIsAFileOrAUrlOfTheHypervisors() {
    DomainXml domain = domain();
    assertEquals(List.of(new MediaSlot("sda", List.of("CD", "DVD"), false, "")), domain.slots());
    URI image = URI.create("https://10.0.0.1/a/b.iso?t=1");
    String drive = domain.drive("sda", Optional.of(image));
    DomainXml filled =
        DomainXml.read("<domain><devices>" + drive + "</devices></domain>").orElseThrow();
    assertEquals("https://10.0.0.1:443/a/b.iso?t=1", filled.slots().getFirst().image());
    assertTrue(drive.contains("<ssl verify=\"no\"/>"), drive);
    String plain = domain.drive("sda", Optional.of(URI.create("http://10.0.0.1/a.iso")));
    assertFalse(plain.contains("<ssl"), plain);
    String file = domain.drive("sda", Optional.of(URI.create("file:///iso/a.iso")));
    assertTrue(file.contains("<source file=\"/iso/a.iso\"/>"), file);
    assertFalse(domain.drive("sda", Optional.empty()).contains("source"));
  }

  @Test
  void documentTypesAndWhatIsNoDomainAreNothing() {
    String bomb = "<!DOCTYPE domain [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>" + DOMAIN;
    assertEquals(Optional.empty(), DomainXml.read(bomb));
    assertEquals(Optional.empty(), DomainXml.read("<network/>"));
    assertEquals(Optional.empty(), DomainXml.read("error: no"));
  }

  @Test
  void aMarkIsReadInItsNamespaceAlone() {
    String mark =
        "<metadata><m:machine xmlns:m='urn:foundrybot:machine:1'><m:disk pool='p' volume='v'/>"
            + "</m:machine></metadata><devices>";
    String marked = DOMAIN.replace("<devices>", mark);
    assertEquals(
        Optional.of(new Mark(List.of(new Volume("p", "v")))),
        DomainXml.read(marked).flatMap(Mark::read));
    String foreign = marked.replace("foundrybot:machine:1", "somebody");
    assertEquals(Optional.empty(), DomainXml.read(foreign).flatMap(Mark::read));
    assertEquals(Optional.empty(), Mark.read(domain()));
  }

  @Test
  void aWordThatVirshWouldSplitIsNotGivenToIt() {
    Virsh virsh = new Virsh("libvirt", "test:///default");
    List<List<String>> commands = List.of(List.of("echo", "a; undefine n1"));
    assertThrows(IllegalArgumentException.class, () -> virsh.batch(commands));
  }

  @Test
  void whatStorageAndHostTellIsRead() {
    assertEquals(Optional.of("dir"), Storage.poolType("<pool type='dir'/>"));
    assertEquals(
        OptionalLong.of(104857600),
        Storage.capacityOfVolume("<volume><capacity unit='bytes'>104857600</capacity></volume>"));
    assertEquals(
        OptionalLong.of(1048576),
        Storage.capacityOfBlock("Capacity:       1048576\nAllocation:     0\n"));
    assertEquals(OptionalLong.empty(), Storage.capacityOfBlock("Capacity:       -\n"));
    String host =
        "<capabilities><guest><arch name='x86_64'><domain type='qemu'/><domain type='kvm'/></arch>"
            + "</guest></capabilities>";
    assertEquals(Optional.of(List.of("qemu", "kvm")), LibvirtHypervisor.domainTypes(host));
    assertEquals(
        Optional.empty(), LibvirtHypervisor.domainTypes(host.replace("x86_64", "aarch64")));
  }

  @Test
  void complaintsAreToldApart() {
    assertEquals(
        Complaint.NO_POOL,
        Complaint.read("failed to get pool 'nix'; Storage pool not found: no storage pool"));
    assertEquals(
        Complaint.NO_VOLUME, Complaint.read("failed to get vol 'n1'; Storage volume not found"));
    assertEquals(Complaint.NO_NETWORK, Complaint.read("failed to get network 'rack'"));
    assertEquals(Complaint.NO_DOMAIN, Complaint.read("failed to get domain 'n2'"));
    assertEquals(
        Complaint.NO_CONNECTION,
        Complaint.read(
            "failed to connect to the hypervisor; Failed to connect socket to '/x': No such file"));
    assertEquals(
        Complaint.PRIVILEGE,
        Complaint.read(
            "failed to connect to the hypervisor; Failed to connect socket to '/x': Permission"
                + " denied"));
    assertEquals(
        Complaint.LOGIN,
        Complaint.read(
            "failed to connect to the hypervisor; Cannot recv data: ops@h: Permission denied"
                + " (publickey,password)."));
    assertEquals(
        Complaint.HOST_KEY, Complaint.read("Cannot recv data: Host key verification failed."));
    assertEquals(Complaint.OTHER, Complaint.read("Requested operation is not valid"));
  }
}
