// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.appliance.Appliance;
import foundrybot.appliance.LoopbackAppliance;
import foundrybot.appliance.Machine;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

@Isolated("takes System.out and System.err")
class ProfilesTest {
  private static final String MAC = "52:54:00:bb:00:01";

  private static final String YAML =
      """
      system: Some OS
      version: "1"
      artifacts: debian-12
      kernel: linux
      initrd: [initrd.gz]
      arguments: ["answers={{nodeUrl}}/answers.json"]
      files:
        answers.json: { format: json, template: answers.mustache }
      """;

  @RegisterExtension private final Printed printed = new Printed();

  @TempDir private Path folder = Path.of("");

  private int run(Object... arguments) {
    return printed.run(arguments);
  }

  private String out() {
    return printed.out();
  }

  private String err() {
    return printed.err();
  }

  private Path profile(String yaml, String template) throws Exception {
    Path own = Files.createDirectories(folder.resolve("profiles/mine"));
    Files.writeString(own.resolve("answers.mustache"), template);
    Files.writeString(own.resolve("profile.yaml"), yaml);
    return own;
  }

  @Test
  void aProfileBesideTheRackFileIsServedAndAChangedOneWhenItIsSound() throws Exception {
    profile(YAML, "{ \"name\": {{node}} }\n");
    LoopbackAppliance appliance = new LoopbackAppliance(folder).node(MAC, "w1", "debian-12");
    try (appliance) {
      appliance.start();
      String yaml = appliance.yaml().replace("profile: debian-12", "profile: mine");
      Path rack = Files.writeString(folder.resolve("rack.yaml"), yaml);
      RackSource source = new RackSource(rack);
      ProfileSource profiles = ProfileSource.beside(rack);
      FirmwareSource firmware = FirmwareSource.beside(rack);
      ServeCommand.reload(source, firmware, appliance.appliance());
      assertEquals("", appliance.appliance().status().rackFault());
      Machine machine = new Machine(appliance, MAC);
      String token = machine.fetchToken();
      assertTrue(
          appliance
              .get("/boot/" + MAC.replace(':', '-') + "/bios.ipxe")
              .text()
              .contains("answers=http://" + LoopbackAppliance.ADDRESS),
          token);
      assertEquals("{ \"name\": \"w1\" }\n", machine.get("answers.json").text());
      assertEquals(404, machine.get("preseed.cfg").status());
      try (RackWatcher _ =
          RackWatcher.start(
              profiles::mark,
              profiles.mark(),
              () -> ServeCommand.reload(source, firmware, appliance.appliance()))) {
        profile(YAML, "{ \"name\": {{nodde}} }\n");
        LoopbackAppliance.eventually(
            "refused", () -> !appliance.appliance().status().rackFault().isEmpty());
        String fault = appliance.appliance().status().rackFault();
        assertTrue(fault.contains("answers.mustache:1:1: node w1: nodde: no value"), fault);
        assertEquals("{ \"name\": \"w1\" }\n", machine.get("answers.json").text());
        profile(YAML, "{ \"names\": [{{fqdn}}] }\n");
        LoopbackAppliance.eventually(
            "in force", () -> appliance.appliance().status().rackFault().isEmpty());
        assertTrue(machine.get("answers.json").text().startsWith("{ \"names\": [\"w1."));
      }
    }
  }

  @Test
  void validateNamesProfileFileLineAndNode() throws Exception {
    Path own = profile(YAML, "{\n \"name\": {{node}}\n}\n");
    LoopbackAppliance appliance = new LoopbackAppliance(folder).node(MAC, "w1", "mine");
    try (appliance) {
      String yaml = appliance.withAnyPorts().yaml();
      Path rack = Files.writeString(folder.resolve("rack.yaml"), yaml);
      assertEquals(0, run("validate", rack), this::out);
      profile(YAML, "{\n \"name\": {{nodee}}\n}\n");
      assertEquals(1, run("validate", rack));
      assertTrue(out().startsWith(own + "/answers.mustache:2:1: node w1: nodee: no value"), out());
      assertTrue(out().contains("did you mean node?"), out());
      profile(YAML, "{\n \"name\": \n}\n");
      assertEquals(1, run("validate", rack));
      assertTrue(out().contains("answers.mustache:1:1: node w1: answers.json:3: "), out());
      profile(YAML.replace("kernel: linux", "kernell: linux"), "{}\n");
      assertEquals(1, run("validate", rack));
      assertTrue(out().contains(own + "/profile.yaml:4:1: kernell: unknown key"), out());
      assertTrue(out().contains("did you mean kernel?"), out());
    }
  }

  @Test
  void aCopyOfABuiltInProfileAnswersAsThatOneDoesUntilItIsChanged() throws Exception {
    LoopbackAppliance appliance = new LoopbackAppliance(folder).node(MAC, "w1", "mine");
    try (appliance) {
      String yaml = appliance.withAnyPorts().yaml();
      Path rack = Files.writeString(folder.resolve("rack.yaml"), yaml);
      assertEquals(0, run("profile", "new", "mine", "--from", "debian-12", "--rack", rack));
      assertEquals(0, run("profile", "list", "--rack", rack));
      assertTrue(out().contains("debian-12-cast"), out());
      assertTrue(out().contains(folder.resolve("profiles/mine").toString()), out());
      assertEquals(0, run("answer", "w1", "--diff", "--rack", rack), this::err);
      assertEquals("", out());
      Path template = folder.resolve("profiles/mine/late.sh.mustache");
      Files.writeString(
          template, Files.readString(template).replace("\nsync\n", "\nsync\necho {{node}}\n"));
      assertEquals(0, run("answer", "w1", "--diff", "--rack", rack), this::err);
      assertEquals(
          "--- debian-12/late.sh\n+++ " + template.getParent() + "/late.sh\n+echo 'w1'\n", out());
      assertEquals(1, run("profile", "new", "mine", "--from", "debian-12", "--rack", rack));
      assertTrue(err().contains("is there already"), err());
      assertEquals(64, run("profile", "new", "../x", "--from", "debian-12", "--rack", rack));
      assertEquals(64, run("profile", "new", "x", "--from", "debian-1", "--rack", rack));
    }
  }

  @Test
  void anAnswerIsShownWithoutAToken() throws Exception {
    LoopbackAppliance appliance = new LoopbackAppliance(folder).node(MAC, "w1", "debian-12");
    try (appliance) {
      String yaml = appliance.withAnyPorts().yaml();
      Path rack = Files.writeString(folder.resolve("rack.yaml"), yaml);
      assertEquals(0, run("answer", "w1", "--rack", rack), this::err);
      assertTrue(out().startsWith("==> kernel-arguments\nauto=true\n"), out());
      assertTrue(out().contains("/node/TOKEN/preseed.cfg\n"), out());
      assertTrue(out().contains("==> late.sh\n#!/bin/sh\n"), out());
      assertEquals(0, run("answer", "w1", "--file", "late.sh", "--rack", rack));
      assertTrue(out().startsWith("#!/bin/sh\n"), out());
      assertTrue(out().endsWith("exit 0\n"), out());
      assertEquals(1, run("answer", "w1", "--file", "early.sh", "--rack", rack));
      assertTrue(err().contains("one of kernel-arguments, preseed.cfg, late.sh"), err());
      assertEquals(1, run("answer", "w2", "--rack", rack));
    }
  }

  @Test
  void whatANodeSaysToIgnitionIsReadBesideTheRackFileAndNeverOutsideOfItsFolder() throws Exception {
    Path desk = Files.createDirectories(folder.resolve("desk/butane"));
    Files.writeString(folder.resolve("outside"), "secret\n");
    Files.createSymbolicLink(desk.resolve("link"), folder.resolve("outside"));
    String input =
        """
        variant: flatcar
        version: 1.1.0
        storage: { files: [{ path: /etc/motd, contents: { local: butane/motd } }] }
        """;
    Files.writeString(desk.resolve("w1.bu"), input);
    Files.writeString(desk.resolve("motd"), "hi\n");
    LoopbackAppliance appliance = new LoopbackAppliance(folder).node(MAC, "w1", "flatcar");
    try (appliance) {
      String yaml =
          appliance
              .withAnyPorts()
              .yaml()
              .replace("profile: flatcar", "profile: flatcar, butane: butane/w1.bu");
      Path rack = Files.writeString(folder.resolve("desk/rack.yaml"), yaml);
      assertEquals(0, run("answer", "w1", "--file", "system.ign", "--rack", rack), this::err);
      assertTrue(out().contains("\"data:;base64,aGkK\""), out());
      FolderFiles files = new FolderFiles(folder.resolve("desk"));
      assertTrue(files.bytes("butane/motd").isPresent());
      assertTrue(files.bytes("butane/link").isEmpty());
      assertTrue(files.bytes("../outside").isEmpty());
      assertEquals(files.read(), files.mark());
      Files.writeString(desk.resolve("motd"), "changed\n");
      assertNotEquals(files.read(), files.mark());

      Files.writeString(desk.resolve("w1.bu"), input.replace("butane/motd", "butane/link"));
      assertEquals(1, run("validate", rack));
      assertTrue(out().startsWith(desk + "/w1.bu:3:"), out());
      assertTrue(out().contains("contents.local: butane/link (expected: a file that is"), out());
      assertTrue(!out().contains("secret"), out());
    }
  }

  @Test
  void aTemplateThatLeadsOutOfTheProfilesIsNone() throws Exception {
    Path own = profile(YAML, "");
    Path secret = Files.writeString(folder.resolve("secret"), "s3cret {{node}}\n");
    Files.delete(own.resolve("answers.mustache"));
    Files.createSymbolicLink(own.resolve("answers.mustache"), secret);
    LoopbackAppliance appliance = new LoopbackAppliance(folder).node(MAC, "w1", "mine");
    try (appliance) {
      Path rack = Files.writeString(folder.resolve("rack.yaml"), appliance.withAnyPorts().yaml());
      assertEquals(1, run("validate", rack));
      assertTrue(out().contains("answers.mustache") && !out().contains("s3cret"), out());
    }
  }

  @Test
  void bootFilesAreImportedUnderTheNamesOfTheProfile() throws Exception {
    profile(YAML.replace("artifacts: debian-12\n", ""), "{ \"name\": {{node}} }\n");
    Path kernel = Files.writeString(folder.resolve("vmlinuz-6"), "kernel");
    Path initrd = Files.writeString(folder.resolve("initrd.gz"), "initrd");
    LoopbackAppliance appliance = new LoopbackAppliance(folder).node(MAC, "w1", "debian-12");
    try (appliance) {
      appliance.start();
      String yaml = appliance.yaml().replace("profile: debian-12", "profile: mine");
      Path rack = Files.writeString(folder.resolve("rack.yaml"), yaml);
      RackSource source = new RackSource(rack);
      FirmwareSource firmware = FirmwareSource.beside(rack);
      ServeCommand.reload(source, firmware, appliance.appliance());
      String fault = appliance.appliance().status().rackFault();
      assertTrue(fault.contains("bootserver profile import mine linux initrd.gz"), fault);
      Object data = appliance.data();
      assertEquals(
          0,
          run("profile", "import", "mine", "linux=" + kernel, "--rack", rack, "--data", data),
          this::err);
      assertTrue(out().contains("not there yet: initrd.gz"), out());
      assertEquals(
          0, run("profile", "import", "mine", initrd, "--rack", rack, "--data", data), this::err);
      ServeCommand.reload(source, firmware, appliance.appliance());
      assertEquals("", appliance.appliance().status().rackFault());
      Machine machine = new Machine(appliance, MAC);
      machine.fetchToken();
      assertEquals("kernel", machine.get("artifact/linux").text());
      assertEquals("initrd", machine.get("artifact/initrd.gz").text());
      assertEquals(
          64, run("profile", "import", "mine", "../x=" + kernel, "--rack", rack, "--data", data));
    }
  }

  @Test
  void aKernelThatIsImportedWhileTheApplianceRunsIsServedWithoutARestart() throws Exception {
    profile(YAML.replace("artifacts: debian-12\n", ""), "{ \"name\": {{node}} }\n");
    Path files = Files.createDirectory(folder.resolve("files"));
    LoopbackAppliance appliance = new LoopbackAppliance(folder).node(MAC, "w1", "debian-12");
    try (appliance) {
      appliance.start();
      String yaml = appliance.yaml().replace("profile: debian-12", "profile: mine");
      Path rack = Files.writeString(folder.resolve("rack.yaml"), yaml);
      Runnable reload =
          () ->
              ServeCommand.reload(
                  new RackSource(rack), FirmwareSource.beside(rack), appliance.appliance());
      reload.run();
      String none = Appliance.bootFilesMark(appliance.data());
      importOf(files, rack, appliance, "kernel 1");
      String first = Appliance.bootFilesMark(appliance.data());
      assertNotEquals(none, first, "who watches sees what was missing come");
      reload.run();
      assertEquals("", appliance.appliance().status().rackFault());
      Machine machine = new Machine(appliance, MAC);
      machine.fetchToken();
      assertEquals("kernel 1", machine.get("artifact/linux").text());
      importOf(files, rack, appliance, "kernel 2, which is longer");
      assertNotEquals(first, Appliance.bootFilesMark(appliance.data()));
      reload.run();
      LoopbackAppliance.eventually(
          "not the file that was open before",
          () -> machine.get("artifact/linux").text().equals("kernel 2, which is longer"));
      Files.writeString(
          appliance.data().resolve("artifacts/mine/linux"), "not what its manifest says, longer");
      LoopbackAppliance.eventually(
          "no part of a file that is another", () -> machine.get("artifact/linux").status() == 500);
      importOf(files, rack, appliance, "x");
      reload.run();
      LoopbackAppliance.eventually(
          "the third", () -> machine.get("artifact/linux").text().equals("x"));
    }
  }

  private void importOf(Path files, Path rack, LoopbackAppliance appliance, String kernel)
      throws Exception {
    Path linux = Files.writeString(files.resolve("linux"), kernel);
    Path initrd = Files.writeString(files.resolve("initrd.gz"), "initrd of " + kernel);
    assertEquals(
        0,
        run("profile", "import", "mine", linux, initrd, "--rack", rack, "--data", appliance.data()),
        this::err);
  }

  /** As of an image that is mounted: who wrote it has chosen what its names lead to. */
  @Test
  void aLinkOutOfAnImageIsNotFollowed() throws Exception {
    profile(YAML.replace("artifacts: debian-12\n", ""), "{ \"name\": {{node}} }\n");
    Path secret = Files.writeString(folder.resolve("secret"), "of this machine");
    Path image = Files.createDirectory(folder.resolve("image"));
    Files.writeString(image.resolve("vmlinuz-6"), "kernel");
    Path out = Files.createSymbolicLink(image.resolve("linux"), secret);
    Path up = Files.createSymbolicLink(image.resolve("initrd.gz"), Path.of("../secret"));
    Path inside = Files.createSymbolicLink(image.resolve("vmlinuz"), Path.of("vmlinuz-6"));
    Path data = folder.resolve("other");
    try (LoopbackAppliance appliance = new LoopbackAppliance(folder).node(MAC, "w1", "mine")) {
      Path rack = Files.writeString(folder.resolve("rack.yaml"), appliance.withAnyPorts().yaml());
      for (Path link : List.of(out, up)) {
        assertEquals(1, run("profile", "import", "mine", link, "--rack", rack, "--data", data));
        assertTrue(err().contains(link + ": a link to " + secret.toRealPath()), err());
        assertTrue(err().contains("nothing was imported"), err());
      }
      assertFalse(Files.exists(data.resolve("artifacts/mine")));
      assertEquals(
          0,
          run("profile", "import", "mine", "linux=" + inside, "--rack", rack, "--data", data),
          this::err);
      assertEquals("kernel", Files.readString(data.resolve("artifacts/mine/linux")));
    }
  }

  @Test
  void theListOfVmwaresModulesIsChangedAsItIsImportedAndWhatItLacksIsNamed() throws Exception {
    Path loader = Files.writeString(folder.resolve("bootx64.efi"), "loader");
    Path kernel = Files.writeString(folder.resolve("b.b00"), "kernel");
    Path list =
        Files.writeString(
            folder.resolve("boot.cfg"), "prefix=\nkernel=/b.b00\nmodules=/k.b00 --- /s.v00\n");
    LoopbackAppliance appliance = new LoopbackAppliance(folder).node(MAC, "w1", "esxi-8");
    try (appliance) {
      Path rack = Files.writeString(folder.resolve("rack.yaml"), appliance.withAnyPorts().yaml());
      Path data = folder.resolve("other");
      assertEquals(
          0,
          run(
              "profile",
              "import",
              "esxi-8",
              "mboot.efi=" + loader,
              kernel,
              list,
              "--rack",
              rack,
              "--data",
              data),
          this::err);
      assertTrue(out().contains("not there yet: k.b00, s.v00"), out());
      assertEquals(
          "kernel=b.b00\nmodules=k.b00 --- s.v00\n",
          Files.readString(data.resolve("artifacts/esxi-8/boot.cfg")));
      Files.writeString(list, "kernel=/b.b00\nmodules=/../x\n");
      assertEquals(1, run("profile", "import", "esxi-8", list, "--rack", rack, "--data", data));
      assertTrue(err().contains("boot.cfg: modules: ../x (expected: the name of"), err());
    }
  }
}
