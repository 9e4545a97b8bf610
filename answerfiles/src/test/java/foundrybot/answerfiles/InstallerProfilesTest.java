// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the installers of systems other than Debian's family are given. */
class InstallerProfilesTest {
  private static final String EVERYTHING =
      "address: 10.77.0.12, disk: /dev/disk/by-id/wwn-0x5000, kernel-arguments: [mitigations=off]";

  /** A hash, or a key of an installer that takes a password in clear. */
  private static final Pattern PASSWORD =
      Pattern.compile(
          "\\$(1|2[aby]|5|6|y)\\$[./A-Za-z0-9]|(?i)rootpw"
              + " +--plaintext|user-password(-again|-crypted)? password|root-password(-hashed)?"
              + " *=|<user_password>|passwordHash|hashed_passwd: *[^ ]");

  private static final MeshJoin JOIN =
      new MeshJoin(
          URI.create("https://10.77.0.1"),
          "0123456789abcdef".repeat(2),
          "MCowBQYDK2VwAyEA" + "A".repeat(43) + "=",
          "MIIB",
          "#!/bin/sh\necho 'mesh'\n",
          "[Service]\nExecStart=/x poll\n",
          "[Timer]\nOnBootSec=5s\n");

  /** One node named n. */
  static RackFile rack(String profile, String role, String more) {
    String site = "site: { timezone: Europe/Berlin, ntp: [ntp.alpha.rack, 10.77.0.3] }\n";
    String mesh =
        "mesh: { planes: { control: { subnet: 10.80.1.0/24, roles: [worker], port: 51901 },"
            + " data: { subnet: 10.80.2.0/24, roles: [worker] } } }\n";
    return Samples.rack(
        Samples.HEAD
            + (more.isEmpty() ? "" : site + mesh)
            + "nodes: { 52:54:00:aa:00:01: { name: n, role: "
            + role
            + ", profile: "
            + profile
            + (more.isEmpty() ? "" : ", " + more)
            + " } }\n");
  }

  /** The kernel's arguments and all files, each line behind the name of its file. */
  private static List<String> lines(String profile, String role) {
    RackFile rack = rack(profile, role, "");
    Node node = rack.nodes().getFirst();
    Stream<String> arguments =
        Profiles.kernelArguments(rack, node, Samples.run()).stream()
            .map(argument -> "arguments: " + argument);
    Stream<String> files =
        AnswerFiles.renderAll(rack, node, Samples.run()).stream()
            .flatMap(file -> file.text().lines().map(line -> file.name() + ": " + line));
    return Stream.concat(arguments, files).toList();
  }

  private static void checkWhole(String profile) {
    RackFile simple = rack(profile, "hub", "");
    RackFile everything = rack(profile, "worker", EVERYTHING);
    checkFiles(profile + "/lease", simple, Samples.run());
    checkFiles(profile + "/everything", everything, Samples.run().with(Optional.of(JOIN)));
  }

  private static void checkFiles(String golden, RackFile rack, RunContext run) {
    Node node = rack.nodes().getFirst();
    List<String> arguments = Profiles.kernelArguments(rack, node, run);
    Golden.check(golden + ".arguments", String.join("\n", arguments) + "\n");
    for (AnswerFile file : AnswerFiles.renderAll(rack, node, run)) {
      Golden.check(golden + "." + file.name(), file.text());
    }
  }

  /**
   * Of a hub only what differs from one of the profile whose templates these are, and of the other
   * roles what differs from the hub.
   */
  private static void checkRoles(String profile, String like) {
    Set<String> others = Set.copyOf(lines(like, "hub"));
    Set<String> own = Set.copyOf(lines(profile, "hub"));
    String text =
        Role.builtIn().keySet().stream()
            .map(
                role ->
                    "== " + role + "\n" + without(role.equals("hub") ? others : own, profile, role))
            .collect(Collectors.joining());
    Golden.check(profile + "/roles", text);
  }

  private static String without(Set<String> known, String profile, String role) {
    return lines(profile, role).stream()
        .filter(line -> !known.contains(line))
        .map(line -> line + "\n")
        .collect(Collectors.joining());
  }

  /** CVE-2025-62877: a password that everybody knows. A hash that opens nothing is * or !. */
  @ParameterizedTest
  @MethodSource("profiles")
  void noProfileBringsAPasswordOfItsOwn(String profile) {
    List<String> found =
        lines(profile, "hub").stream()
            .filter(PASSWORD.asPredicate())
            .filter(line -> !line.matches(".*[ =\"'](\\*|!)[\"']?\\s*"))
            .toList();
    assertEquals(List.of(), found);
  }

  /** CVE-2024-6174: who looks for a data source on the network takes a neighbour's. */
  @ParameterizedTest
  @MethodSource("profiles")
  void cloudInitIsToldItsDataSource(String profile) {
    List<String> lines = lines(profile, "hub");
    if (lines.stream().anyMatch(line -> line.startsWith("user-data: #cloud-config"))) {
      List<String> sources =
          lines.stream().filter(line -> line.startsWith("arguments: ds=")).toList();
      assertEquals(1, sources.size(), sources::toString);
      assertTrue(sources.getFirst().contains(";s=" + Samples.run().nodeUrl()), sources::toString);
    }
  }

  /** All but Talos, which has neither accounts nor cloud-init, and a rack file of its own. */
  private static Stream<String> profiles() {
    return BuiltInProfiles.names().stream().filter(name -> !name.equals("talos"));
  }

  @Test
  void theFilesOfAnacondaAreAsAgreed() {
    checkWhole("rhel-9");
  }

  /** Those whose hub is agreed on as a whole elsewhere. */
  @ParameterizedTest
  @CsvSource({
    "debian-12, debian-12",
    "debian-13, debian-12",
    "debian-12-cast, debian-12-cast",
    "ubuntu-22-04, ubuntu-24-04",
    "ubuntu-24-04, ubuntu-24-04",
    "alpine, alpine",
    "fedora-coreos, fedora-coreos",
    "flatcar, flatcar",
    "nixos, nixos",
    "proxmox-ve, proxmox-ve"
  })
  void theFilesOfEveryRoleOfTheOthersAreAsAgreed(String profile, String like) {
    checkRoles(profile, like);
  }

  @ParameterizedTest
  @ValueSource(strings = {"rhel-9", "rhel-10", "fedora"})
  void theFilesOfEveryRoleOfAnacondaAreAsAgreed(String profile) {
    checkRoles(profile, "rhel-9");
  }

  @Test
  void theFilesOfAutoYastAreAsAgreed() {
    checkWhole("opensuse-leap");
    checkRoles("opensuse-leap", "opensuse-leap");
  }

  @Test
  void theFilesOfAgamaAreAsAgreed() {
    checkWhole("opensuse-leap-16");
    checkRoles("opensuse-leap-16", "opensuse-leap-16");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"hostname\" | \"host\" | : host (expected: one of",
        "\"id\" | \"name\" | product.id: missing",
        "\"drives\": [ | \"drives\": [], \"volumeGroups\": [ | storage.drives: none",
        "\"pre\" | \"early\" | scripts.early (expected: one of",
        "\"chroot\": true | \"url\": \"x\" | [content, name, url] (expected: name and one of",
        "#!/bin/sh | true | (expected: #! and a program first)",
        "\"product\" | product | Unexpected character",
      })
  void aProfileThatAgamaWouldRefuseIsNotServed(String from, String to, String why) {
    RackFile rack = rack("opensuse-leap-16", "hub", "");
    String text = AnswerFiles.render(rack, rack.nodes().getFirst(), Samples.run()).text();
    assertTrue(text.contains(from), from);
    RenderException refused =
        assertThrows(
            RenderException.class,
            () -> TextFormat.AGAMA.check("profile.json", text.replace(from, to)));
    assertTrue(String.valueOf(refused.getMessage()).contains(why), refused::getMessage);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "version: 1 | version: 2 | autoinstall.version: not 1 (expected: version: 1)",
        "locale: | local: | autoinstall: local (expected: one of",
        "install-server: | install_server: | autoinstall.ssh: install_server (expected: one of",
        "shutdown: reboot | shutdown: halt | autoinstall.shutdown: halt (expected: one of"
            + " poweroff,",
        "user-data: | proxy: | autoinstall: no account (expected: user-data with users",
        "- \"wget -q -O /tmp | - a: \"wget -q -O /tmp | autoinstall.late-commands: {a=wget",
        "packages: | packages: x # | ubuntu:",
        "keyboard: { | keyboard: x #{ | autoinstall.keyboard: x (expected: a mapping)",
      })
  void answersThatUbuntusInstallerWouldRefuseAreNotServed(String from, String to, String why) {
    RackFile rack = rack("ubuntu-24-04", "hub", "");
    String text = AnswerFiles.render(rack, rack.nodes().getFirst(), Samples.run()).text();
    refused(TextFormat.AUTOINSTALL, "ubuntu", text, from, to, why);
  }

  private static void refused(
      TextFormat format, String name, String text, String from, String to, String why) {
    assertTrue(text.contains(from), from);
    RenderException refused =
        assertThrows(
            RenderException.class,
            () ->
                format.check(
                    name, text.replaceFirst(Pattern.quote(from), Matcher.quoteReplacement(to))));
    assertTrue(String.valueOf(refused.getMessage()).contains(why), refused::getMessage);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "mailto | mail-to | global.mail-to (expected: one of",
        "from-dhcp | dhcp | network.source: dhcp (expected: one of from-answer, from-dhcp)",
        "source = \"from-dhcp\" | cidr = \"10.0.0.1/24\" | network.cidr: not with a lease"
            + " (expected:",
        "source = \"from-dhcp\" | source = \"from-answer\" | network.cidr: missing (expected: a"
            + " value",
        "root-password-hashed = \"*\" | # | global.root-password, global.root-password-hashed (exp",
        "filesystem = \"ext4\" | filesystem = \"zfs\" | disk-setup.zfs.raid: missing",
        "[first-boot] | [firstboot] | firstboot (expected: one of",
        "timezone = \"UTC\" | # | global.timezone: missing (expected: a value)",
        "[global] | [[global]] | global: no table (expected: [global])",
        "mailto = | mailto | p:",
      })
  void answersThatProxmoxWouldRefuseAreNotServed(String from, String to, String why) {
    RackFile rack = rack("proxmox-ve", "hub", "");
    String text = AnswerFiles.render(rack, rack.nodes().getFirst(), Samples.run()).text();
    refused(TextFormat.PROXMOX, "p", text, from, to, why);
  }

  /** Of two links one can be the beginning of the other. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "auto | {\"DEVNAME\":\"/dev/*\"}",
        "/dev/vda | {\"DEVNAME\":\"/dev/vda\"}",
        "/dev/disk/by-path/pci-0:17.0-ata-1 | {\"ID_PATH\":\"pci-0:17.0-ata-1\","
            + "\"ID_PATH_ATA_COMPAT\":\"pci-0:17.0-ata-1\","
            + "\"ID_PATH_WITH_USB_REVISION\":\"pci-0:17.0-ata-1\"}",
        "/dev/disk/by-id/wwn-0x5000 | {\"ID_WWN_WITH_EXTENSION\":\"0x5000\"}",
        "/dev/disk/by-id/ata-A_B-1 | {\"ID_SERIAL\":\"A_B-1\"}",
        "/dev/disk/by-id/nvme-A_B | {\"ID_WWN\":\"A_B\",\"ID_SERIAL\":\"A_B*\"}",
        "/dev/mapper/mpatha | {\"DEVLINKS\":\"*/dev/mapper/mpatha*\"}",
      })
  void proxmoxFindsTheDiskByWhatThatOneAloneHas(String disk, String filter) {
    RackFile rack = rack("proxmox-ve", "hub", "disk: \"" + disk + "\"");
    String text = AnswerFiles.render(rack, rack.nodes().getFirst(), Samples.run()).text();
    assertEquals(
        filter, DataText.toml("p", text).path("disk-setup").path("filter").toString(), text);
  }

  @Test
  void theFilesOfEsxiAreAsAgreedAndItsKernelIsToldOfNoLinuxConsole() {
    checkWhole("esxi-8");
    checkRoles("esxi-8", "esxi-8");
    RackFile rack = rack("esxi-8", "hub", "");
    List<String> arguments = Profiles.kernelArguments(rack, rack.nodes().getFirst(), Samples.run());
    assertEquals("-c", arguments.getFirst());
    assertFalse(arguments.toString().contains("console="), arguments::toString);
  }

  @ParameterizedTest
  @ValueSource(strings = {"rhel-9", "rhel-10", "fedora"})
  void packagesOfRolesHaveTheNamesOfTheSystem(String profile) {
    RackFile rack = rack(profile, "worker", EVERYTHING);
    List<String> packages = Profiles.packages(rack, rack.nodes().getFirst());
    assertTrue(packages.containsAll(List.of("conntrack-tools", "iproute", "chrony", "socat")));
    assertFalse(packages.contains("systemd-timesyncd"), packages::toString);
    RackFile storage = rack(profile, "storage", "");
    assertEquals(
        !profile.equals("rhel-10"),
        Profiles.packages(storage, storage.nodes().getFirst()).contains("gdisk"));
  }
}
