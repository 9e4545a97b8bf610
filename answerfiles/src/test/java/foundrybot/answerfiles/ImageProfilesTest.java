// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Profiles of systems that are not installed from packages by answers to questions. */
class ImageProfilesTest {
  static final List<String> PROFILES =
      List.of("alpine", "fedora-coreos", "flatcar", "nixos", "proxmox-ve", "talos");

  /**
   * Whole files for a node with a lease, and for one that has everything; of all roles the sums.
   */
  @ParameterizedTest
  @ValueSource(strings = {"alpine", "fedora-coreos", "flatcar", "nixos", "proxmox-ve", "talos"})
  void theFilesAreAsAgreed(String profile) throws Exception {
    RackFile plain = InstallerRacks.plain(profile);
    check(profile + "/plain", plain, plain.nodes().getFirst());
    RackFile full = InstallerRacks.full(profile);
    check(profile + "/full", full, full.nodes().getFirst());
    StringBuilder sums = new StringBuilder();
    for (Node node : InstallerRacks.everyRole(profile).nodes()) {
      for (AnswerFile file :
          AnswerFiles.renderAll(InstallerRacks.everyRole(profile), node, InstallerRacks.run())) {
        sums.append(sum(file.text()))
            .append(' ')
            .append(node.role().name())
            .append(' ')
            .append(file.name())
            .append('\n');
      }
    }
    Golden.check("profiles/" + profile + "/roles", sums.toString());
  }

  private static void check(String name, RackFile rack, Node node) {
    RunContext run = InstallerRacks.run(rack);
    StringBuilder all = new StringBuilder("==== arguments\n");
    Profiles.kernelArguments(rack, node, run).forEach(each -> all.append(each).append('\n'));
    for (AnswerFile file : AnswerFiles.renderAll(rack, node, run)) {
      all.append("==== ").append(file.name()).append('\n').append(file.text());
    }
    Golden.check("profiles/" + name, all.toString());
  }

  private static String sum(String text) throws Exception {
    MessageDigest sha = MessageDigest.getInstance("SHA-256");
    byte[] digest = sha.digest(text.getBytes(StandardCharsets.UTF_8));
    return HexFormat.of().formatHex(digest, 0, 8);
  }

  @ParameterizedTest
  @ValueSource(strings = {"fedora-coreos", "flatcar"})
  void whatTheImageIsToldIsWhatWasMeant(String profile) {
    RackFile rack = InstallerRacks.full(profile);
    String text =
        AnswerFiles.render(rack, rack.nodes().getFirst(), InstallerRacks.run(rack), "system.ign")
            .text();
    JsonNode root = DataText.json("system.ign", text);
    Map<String, String> files = new HashMap<>();
    for (JsonNode file : root.path("storage").path("files")) {
      files.put(
          file.path("path").asString(), decoded(file.path("contents").path("source").asString()));
    }
    assertEquals("w\n", files.get("/etc/hostname"));
    assertTrue(String.valueOf(files.get("/etc/foundrybot/run.conf")).startsWith("URL='http://"));
    String first = profile.equals("flatcar") ? "/opt/foundrybot/" : "/usr/local/bin/foundrybot-";
    assertEquals(Samples.FIRST_BOOT, files.get(first + "first-boot"));
    assertEquals("#!/bin/sh\necho 'mesh'\n", files.get(first + "mesh"));
    assertEquals(
        "ops ALL=(ALL:ALL) NOPASSWD: ALL\n", files.get("/etc/sudoers.d/90-foundrybot-admin"));
    String network =
        profile.equals("flatcar")
            ? files.get("/etc/systemd/network/00-foundrybot.network")
            : files.get("/etc/NetworkManager/system-connections/foundrybot.nmconnection");
    assertTrue(String.valueOf(network).contains("10.77.0.12/24"), network);
    assertEquals(
        Samples.KEY,
        root.path("passwd").path("users").path(0).path("sshAuthorizedKeys").path(0).asString());
  }

  /** What a profile says of itself is what its machines are told to do. */
  @Test
  void whatComesByHttpsIsFetchedWithTheAppliancesCaAndNothingOfItByHttp() {
    SecureFetch secure =
        new SecureFetch(
            URI.create("https://10.77.0.1:8443/node/" + "0123456789abcdef".repeat(2)),
            Base64.getEncoder().encodeToString(new byte[100]));
    int found = 0;
    for (Profile profile : Profile.builtIn().values()) {
      for (String name : profile.byHttps()) {
        RackFile rack = InstallerRacks.plain(profile.name());
        RunContext run = InstallerRacks.run();
        String plain = text(rack, run);
        assertTrue(plain.contains(run.nodeUrl() + "/" + name), plain);
        assertTrue(!plain.contains("--cacert"), plain);
        String text = text(rack, run.withSecure(Optional.of(secure)));
        assertTrue(text.contains(secure.nodeUrl() + "/" + name), text);
        assertTrue(!text.contains(run.nodeUrl() + "/" + name), text);
        assertTrue(text.contains("-----BEGIN CERTIFICATE-----\nAAAAAA"), text);
        assertTrue(text.contains(" --cacert "), text);
        found++;
      }
    }
    assertEquals(3, found);
  }

  private static String text(RackFile rack, RunContext run) {
    return AnswerFiles.render(rack, rack.nodes().getFirst(), run, "install.sh").text();
  }

  private static String decoded(String url) {
    if (url.startsWith("data:;base64,")) {
      byte[] bytes = Base64.getDecoder().decode(url.substring("data:;base64,".length()));
      return new String(bytes, StandardCharsets.UTF_8);
    }
    assertTrue(url.startsWith("data:,"), url);
    return url.substring("data:,".length()).replace("%0A", "\n");
  }

  @Test
  void everyRoleOfEveryProfileIsWhole() {
    for (String profile : PROFILES) {
      RackFile rack = InstallerRacks.everyRole(profile);
      assertEquals(
          List.of(), Rehearsal.faults(rack, _ -> InstallerRacks.run(), (_, _) -> {}), profile);
    }
  }
}
