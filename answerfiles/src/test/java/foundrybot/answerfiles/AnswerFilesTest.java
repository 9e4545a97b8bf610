// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AnswerFilesTest {
  private static final RackFile RACK =
      Samples.rack(
          Samples.HEAD
              + """
              site: { timezone: Europe/Berlin, ntp: [ntp.alpha.rack, 10.77.0.3] }
              nodes:
                52:54:00:aa:00:01: hub
                52:54:00:aa:00:02: { role: load-balancer, name: lb, address: 10.77.0.12, disk: /dev/vda, kernel-arguments: [mitigations=off, quiet] }
                52:54:00:aa:00:03: { role: worker, profile: debian-12-cast }
                52:54:00:aa:00:04: { role: worker, name: w, profile: debian-12-cast, address: 10.77.0.13/24, disk: /dev/sda, kernel-arguments: [quiet] }
              """);

  private static Node node(String name) {
    return RACK.node(name).orElseThrow();
  }

  @Test
  void thePreseedOfANodeWithALeaseIsAsAgreed() {
    AnswerFile file = AnswerFiles.render(Samples.withNodes("52:54:00:aa:00:01: hub"), hub(), run());
    assertEquals("preseed.cfg", file.name());
    assertEquals("text/plain; charset=utf-8", file.contentType());
    Golden.check("hub-1.preseed.cfg", file.text());
  }

  private static Node hub() {
    return Samples.withNodes("52:54:00:aa:00:01: hub").nodes().getFirst();
  }

  private static RunContext run() {
    return Samples.run();
  }

  @Test
  void thePreseedOfANodeWithEverythingIsAsAgreed() {
    Golden.check("lb.preseed.cfg", AnswerFiles.render(RACK, node("lb"), run()).text());
  }

  @Test
  void theLateScriptsAreAsAgreed() {
    Golden.check("hub-1.late.sh", AnswerFiles.render(RACK, node("hub-1"), run(), "late.sh").text());
    AnswerFile file = AnswerFiles.render(RACK, node("lb"), run(), "late.sh");
    assertEquals("late.sh", file.name());
    Golden.check("lb.late.sh", file.text());
  }

  @Test
  void theDeployersAnswersAreAsAgreed() {
    AnswerFile file = AnswerFiles.render(RACK, node("worker-1"), run());
    assertEquals("deploy.conf", file.name());
    Golden.check("worker-1.deploy.conf", file.text());
    Golden.check("w.deploy.conf", AnswerFiles.render(RACK, node("w"), run()).text());
  }

  @Test
  void aNodeOfTheMeshIsToldWhomToTrustAndGetsTheProgramThatAsks() {
    String planes = "mesh: { planes: { control: { subnet: 10.80.1.0/24, roles: [worker] } } }\n";
    String nodes =
        """
        nodes:
          52:54:00:aa:00:01: { role: worker, name: w1, profile: debian-12 }
          52:54:00:aa:00:02: { role: worker, name: w2, address: 10.77.0.12, profile: debian-12-cast }
          52:54:00:aa:00:03: { role: etcd, name: e1, profile: debian-12 }
        """;
    RackFile rack = Samples.rack(Samples.HEAD + planes + nodes);
    MeshJoin join =
        new MeshJoin(
            URI.create("https://10.77.0.1"),
            "0123456789abcdef".repeat(2),
            "MCowBQYDK2VwAyEA" + "A".repeat(43) + "=",
            "MIIB",
            "#!/bin/sh\necho 'mesh'\n",
            "[Service]\nExecStart=/x poll\n",
            "[Timer]\nOnBootSec=5s\n");
    RunContext run = run().with(Optional.of(join));
    Golden.check(
        "mesh/w1.late.sh", AnswerFiles.render(rack, named(rack, "w1"), run, "late.sh").text());
    Node ubuntu = named(rack, "w1").with(requireNonNull(Profile.builtIn().get("ubuntu-24-04")));
    Golden.check("mesh/ubuntu.late.sh", AnswerFiles.render(rack, ubuntu, run, "late.sh").text());
    Golden.check("mesh/w2.deploy.conf", AnswerFiles.render(rack, named(rack, "w2"), run).text());
    assertTrue(
        Profiles.packages(rack, named(rack, "w1")).containsAll(List.of("nftables", "openssl")));
    assertFalse(Profiles.packages(rack, named(rack, "e1")).contains("nftables"));
  }

  private static Node named(RackFile rack, String name) {
    return rack.node(name).orElseThrow();
  }

  @Test
  void eachProfileHasItsOwnFiles() {
    assertEquals(
        List.of("preseed.cfg", "late.sh"),
        AnswerFiles.renderAll(RACK, node("lb"), run()).stream().map(AnswerFile::name).toList());
    assertEquals(
        List.of("deploy.conf"),
        AnswerFiles.renderAll(RACK, node("w"), run()).stream().map(AnswerFile::name).toList());
    assertThrows(
        RenderException.class, () -> AnswerFiles.render(RACK, node("w"), run(), "late.sh"));
  }

  @Test
  void aLeaseWithoutNameServersMakesTheInstallerAskNothing() {
    List<String> arguments = Profiles.kernelArguments(RACK, node("hub-1"), run());
    assertEquals(
        1, arguments.stream().filter(a -> a.startsWith("netcfg/get_nameservers=")).count());
    assertFalse(arguments.contains("netcfg/disable_autoconfig=true"));
  }

  @Test
  void theInstallersKernelIsToldTheNetworkAsThePreseedComesTooLateForIt() {
    assertEquals(
        List.of(
            "auto=true",
            "priority=critical",
            "url=http://10.77.0.1:8080/node/0123456789abcdef0123456789abcdef/preseed.cfg",
            "interface=auto",
            "hostname=lb",
            "domain=alpha.rack",
            "netcfg/hostname=lb",
            "netcfg/get_nameservers=10.77.0.1",
            "netcfg/disable_autoconfig=true",
            "netcfg/get_ipaddress=10.77.0.12",
            "netcfg/get_netmask=255.255.255.0",
            "netcfg/get_gateway=10.77.0.254",
            "netcfg/confirm_static=true",
            "log_host=10.77.0.1",
            "log_port=514",
            "BOOTIF=01-52-54-00-aa-00-02",
            "mitigations=off",
            "quiet",
            "console=tty0",
            "console=ttyS0,115200n8"),
        Profiles.kernelArguments(RACK, node("lb"), run()));
    assertFalse(
        Profiles.kernelArguments(RACK, node("hub-1"), run()).stream()
            .anyMatch(argument -> argument.contains("ipaddress")));
  }

  @Test
  void theDeployersKernelIsToldWhereItsAnswersLie() {
    assertEquals(
        List.of(
            "foundrybot.url=http://10.77.0.1:8080/node/0123456789abcdef0123456789abcdef",
            "foundrybot.log=10.77.0.1:514",
            "BOOTIF=01-52-54-00-aa-00-03",
            "console=tty0",
            "console=ttyS0,115200n8"),
        Profiles.kernelArguments(RACK, node("worker-1"), run()));
  }

  @Test
  void packagesAreThoseOfProfileAndRoleOnce() {
    List<String> packages = Profiles.packages(RACK, node("lb"));
    assertTrue(packages.containsAll(List.of("openssh-server", "wireguard-tools", "haproxy")));
    assertEquals(packages.size(), packages.stream().distinct().count());
  }

  @Test
  void aRunWithoutAnImageCannotBeCast() {
    RunContext run = run();
    RunContext bare =
        new RunContext(
            run.nodeUrl(), run.applianceUrl(), Optional.empty(), "", "", Optional.empty());
    RenderException refused =
        assertThrows(RenderException.class, () -> AnswerFiles.render(RACK, node("w"), bare));
    String message = String.valueOf(refused.getMessage());
    assertTrue(message.contains("no image for debian-12-cast"), message);
  }

  @Test
  void urlsThatAShellOrAKernelWouldReadOtherwiseAreRefusedAndNotShown() {
    for (String url :
        List.of(
            "http://10.77.0.1/node/secret'x",
            "http://10.77.0.1/node/secret$(x)",
            "http://10.77.0.1/node/secret;x",
            "http://10.77.0.1/node/secret?x=1",
            "https://10.77.0.1/node/secret")) {
      RunContext run = run();
      RunContext hostile =
          new RunContext(
              URI.create(url), run.applianceUrl(), run.image(), "", "", Optional.empty());
      for (String name : List.of("lb", "w")) {
        RenderException refused =
            assertThrows(
                RenderException.class, () -> AnswerFiles.render(RACK, node(name), hostile));
        assertFalse(String.valueOf(refused.getMessage()).contains("secret"));
        assertThrows(
            RenderException.class, () -> Profiles.kernelArguments(RACK, node(name), hostile));
      }
    }
  }

  @Test
  void anAnswerFileDoesNotPrintItsToken() {
    assertFalse(
        AnswerFiles.render(RACK, node("lb"), run()).toString().contains("0123456789abcdef"));
  }
}
