// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.libvirt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.redfish.Bmc;
import foundrybot.redfish.BmcFault;
import foundrybot.redfish.BmcFault.Kind;
import foundrybot.redfish.HardwareAddress;
import foundrybot.redfish.Hypervisor;
import foundrybot.redfish.Hypervisor.Whose;
import foundrybot.redfish.MachineSpec;
import foundrybot.redfish.MachineSpec.Disk;
import foundrybot.redfish.MachineSpec.Firmware;
import foundrybot.redfish.MachineSpec.Link;
import foundrybot.redfish.MachineSpec.Nic;
import foundrybot.redfish.Outcome;
import foundrybot.redfish.PowerState;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Debian's libvirt behind OpenSSH's own server. */
@Tag("qemu")
final class LibvirtSshTest {
  private static final HardwareAddress CARD = new HardwareAddress("52:54:00:aa:00:01");

  @TempDir static Path folder;
  private static PrivateLibvirt libvirt;
  private static PrivateSshd sshd;

  @BeforeAll
  static void start() throws Exception {
    libvirt = new PrivateLibvirt(folder);
    libvirt.pool();
    sshd = new PrivateSshd(Files.createDirectory(folder.resolve("ssh")));
  }

  @AfterAll
  static void stop() throws Exception {
    sshd.close();
    libvirt.close();
  }

  private static URI url(String identity, String hostKey) throws IOException {
    return URI.create(
        "libvirt+ssh://root@127.0.0.1:"
            + sshd.port()
            + "/system?socket="
            + folder.resolve("libvirt-sock")
            + "&keyfile="
            + sshd.identity(identity)
            + "&known_hosts="
            + sshd.knownHosts(hostKey));
  }

  private static Hypervisor host(URI url) {
    return Libvirt.hypervisor(url, InstantSource.system(), Thread::sleep);
  }

  private static <T> T done(Outcome<T> outcome) {
    return outcome.result().orElseThrow(() -> new AssertionError(outcome.evidence()));
  }

  private static BmcFault refusal(URI url) {
    try (Hypervisor host = host(url)) {
      Outcome<?> outcome = host.machines();
      return assertInstanceOf(Outcome.Failed.class, outcome, outcome::evidence).fault();
    }
  }

  @Test
  void aMachineIsMadeReadAndDeletedThroughTheHostsOwnKeyAndTheUsers() throws Exception {
    URI url = url("user", "host");
    MachineSpec spec =
        new MachineSpec(
            "n1",
            1,
            64,
            List.of(new Disk(10, Optional.empty(), Optional.empty())),
            List.of(new Nic(CARD, new Link.Bridge(PrivateLibvirt.BRIDGE))),
            Firmware.BIOS,
            false);
    try (Hypervisor host = host(url);
        Bmc bmc =
            Libvirt.open(url, "n1", Optional.of(CARD), InstantSource.system(), Thread::sleep)) {
      assertTrue(done(host.create(spec)).fresh());
      assertEquals(PowerState.OFF, done(bmc.power()));
      assertEquals("n1", libvirt.virsh("", "list", "--all", "--name").strip());
      assertEquals("n1", done(host.delete("n1", CARD, Whose.OURS)).name());
      assertEquals("", libvirt.virsh("", "list", "--all", "--name").strip());
    }
  }

  @Test
  void aHostWithAnotherKeyIsNotTrusted() throws Exception {
    BmcFault fault = refusal(url("user", "other"));
    assertEquals(Kind.NOT_TRUSTED, fault.kind(), fault::evidence);
    assertTrue(fault.answered().contains("HOST IDENTIFICATION HAS CHANGED"), fault::answered);
    assertTrue(fault.advice().contains("known_hosts"), fault::advice);
  }

  @Test
  void aHostThatTheFileDoesNotHaveIsNotTrusted() throws Exception {
    URI url = url("user", "host");
    String known = sshd.knownHosts("host").toString();
    Path nobody = Files.writeString(folder.resolve("nobody"), "");
    BmcFault fault = refusal(URI.create(url.toString().replace(known, nobody.toString())));
    assertEquals(Kind.NOT_TRUSTED, fault.kind(), fault::evidence);
    assertTrue(fault.answered().contains("No ED25519 host key is known"), fault::answered);
  }

  @Test
  void aKeyThatMayNotLogInIsAWrongPassword() throws Exception {
    BmcFault fault = refusal(url("other", "host"));
    assertEquals(Kind.WRONG_PASSWORD, fault.kind(), fault::evidence);
  }
}
