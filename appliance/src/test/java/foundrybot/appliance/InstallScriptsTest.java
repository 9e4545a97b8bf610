// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import foundrybot.answerfiles.Node;
import foundrybot.answerfiles.Profile;
import foundrybot.answerfiles.Profiles;
import foundrybot.answerfiles.RackFile;
import foundrybot.ipxe.Scripts;
import foundrybot.ipxe.Trust;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is filled into a prepared form against what is printed from the start. */
class InstallScriptsTest {
  private static final URI URL = URI.create("http://10.77.0.1:8080");
  private static final String TOKEN = "0123456789abcdef".repeat(2);

  private LoopbackAppliance files;

  @BeforeEach
  void rackOfDifferentMachines(@TempDir Path folder) {
    files =
        new LoopbackAppliance(folder)
            .castArtifacts()
            .withAnyPorts()
            .node("52:54:00:bb:00:01", "w1", "debian-12")
            .node("52:54:00:bb:00:02", "a-longer-name", "debian-12-cast")
            .entry(
                "52:54:00:bb:00:03",
                "{ role: worker, name: w3, profile: debian-12-cast,"
                    + " kernel-arguments: ['a=1', quiet] }")
            .entry(
                "52:54:00:bb:00:04",
                "{ role: worker, name: w4, profile: debian-12, address: 127.99.0.9/16 }");
  }

  private InstallScripts scripts(Fleet fleet) {
    List<Profile> profiles = fleet.rack().nodes().stream().map(Node::profile).toList();
    return new InstallScripts(
        fleet,
        ArtifactLibrary.load(files.data(), profiles),
        new Tokens("1".repeat(64), new SecureRandom()),
        URL,
        Optional.empty());
  }

  private static String printed(RackFile rack, Node node, InstallScripts scripts) {
    return Scripts.start(payload(rack, node, scripts), Scripts.Patience.usual()).print();
  }

  private static Scripts.Payload payload(RackFile rack, Node node, InstallScripts scripts) {
    String base = URL + "/node/" + TOKEN;
    return new Scripts.Payload(
        node.name() + ": " + node.profile().name(),
        URI.create(base + "/artifact/" + node.profile().kernel()),
        List.of(URI.create(base + "/artifact/" + node.profile().initrds().getFirst())),
        Profiles.kernelArguments(rack, node, scripts.context(node, TOKEN)));
  }

  @Test
  void aPreparedScriptIsTheOneThatIsPrintedForItsMachineAlone() {
    RackFile rack = files.rack();
    Fleet fleet = new Fleet(rack, Instant.EPOCH);
    InstallScripts scripts = scripts(fleet);
    for (int again = 0; again < 2; again++) {
      for (Node node : rack.nodes()) {
        assertEquals(
            printed(rack, node, scripts),
            new String(
                scripts.text(node, "", TOKEN, Trust.ANYTHING, URL), StandardCharsets.US_ASCII));
        assertEquals(
            Scripts.startSigned(
                    payload(rack, node, scripts),
                    URI.create(URL + "/node/" + TOKEN + "/report/failed"),
                    Scripts.Patience.usual())
                .print(),
            new String(
                scripts.text(node, "", TOKEN, Trust.SIGNED, URL), StandardCharsets.US_ASCII));
      }
    }
  }

  @Test
  void aChangedRackFileChangesTheScript() {
    RackFile rack = files.rack();
    Fleet fleet = new Fleet(rack, Instant.EPOCH);
    InstallScripts scripts = scripts(fleet);
    Node before = rack.nodes().getFirst();
    String text =
        new String(scripts.text(before, "", TOKEN, Trust.ANYTHING, URL), StandardCharsets.US_ASCII);
    files.node(before.mac().toString(), "renamed", "debian-12");
    fleet.replace(files.rack());
    Node after = fleet.node(before.mac()).orElseThrow();
    String changed =
        new String(scripts.text(after, "", TOKEN, Trust.ANYTHING, URL), StandardCharsets.US_ASCII);
    assertNotEquals(text, changed);
    assertEquals(printed(fleet.rack(), after, scripts), changed);
  }
}
