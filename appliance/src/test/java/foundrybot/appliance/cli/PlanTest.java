// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.appliance.LoopbackAppliance;
import foundrybot.appliance.Machine;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Isolated("takes System.out and System.err")
class PlanTest {
  private static final String MAC = "52:54:00:bb:00:01";
  private static final String OTHER = "52:54:00:bb:00:02";

  @RegisterExtension private final Printed printed = new Printed();

  @TempDir private Path folder = Path.of("");

  /** What the command printed. */
  private String plan(int status, String... more) {
    Stream<String> line =
        Stream.concat(
            Stream.of("plan", "--rack", folder + "/rack.yaml", "--data", folder + "/data"),
            Stream.of(more));
    assertEquals(status, printed.run(line.toArray()), this::out);
    return out();
  }

  private String out() {
    return printed.out();
  }

  private void rackFile(String yaml) throws Exception {
    Files.writeString(folder.resolve("rack.yaml"), yaml);
  }

  @Test
  void aNodeIsNewThenUnchangedThenChangedAndAtLastGone() throws Exception {
    LoopbackAppliance appliance =
        new LoopbackAppliance(folder).node(MAC, "w1", "debian-12").node(OTHER, "w2", "debian-12");
    try (appliance) {
      appliance.start();
      String yaml = appliance.yaml();
      rackFile(yaml);
      String before = plan(2, "--exit-code");
      assertTrue(before.contains("2 nodes: 2 new"), before);

      String token = new Machine(appliance, MAC).fetchToken();
      assertEquals(200, appliance.get("/node/" + token + "/preseed.cfg").status());
      Path kept = folder.resolve("data/plans/52-54-00-bb-00-01.json");
      LoopbackAppliance.eventually("kept", () -> Files.exists(kept));
      assertFalse(Files.readString(kept).contains(token));
      String given = plan(0);
      assertTrue(given.contains("2 nodes: 1 new, 1 unchanged"), given);
      assertTrue(plan(0, "w1", "--exit-code").contains("1 node: 1 unchanged"));

      rackFile(yaml.replace("timezone: UTC", "timezone: Europe/Paris"));
      String changed = plan(2, "w1", "--diff", "--exit-code");
      assertTrue(changed.contains("changed since run 1 of 20"), changed);
      assertTrue(changed.contains("preseed.cfg +1 -1"), changed);
      assertTrue(changed.contains("-d-i time/zone string UTC\n"), changed);
      assertTrue(changed.contains("+d-i time/zone string Europe/Paris\n"), changed);

      rackFile(yaml.lines().filter(line -> !line.contains(MAC)).collect(Collectors.joining("\n")));
      String gone = plan(0);
      assertTrue(gone.contains("gone: w1 (" + MAC + ", worker)"), gone);
      assertTrue(gone.contains("1 node: 1 gone, 1 new"), gone);
    }
  }

  @Test
  void newBootFilesAreAChangeAndTheJsonSaysWhich() throws Exception {
    LoopbackAppliance appliance = new LoopbackAppliance(folder).node(MAC, "w1", "debian-12");
    try (appliance) {
      appliance.start();
      rackFile(appliance.yaml());
      Machine machine = new Machine(appliance, MAC);
      machine.fetchToken();
      assertEquals(200, machine.get("preseed.cfg").status());
      LoopbackAppliance.eventually(
          "kept", () -> Files.exists(folder.resolve("data/plans/52-54-00-bb-00-01.json")));
      String digest =
          JsonMapper.builder().build().readTree(plan(0, "--json")).at("/nodes/0/digest").asString();
      appliance.anotherKernel("debian-12");
      JsonNode node = JsonMapper.builder().build().readTree(plan(0, "--json")).at("/nodes/0");
      assertEquals("changed", node.get("change").asString());
      assertEquals("boot-files +1 -1", node.at("/changes/0").asString());
      assertEquals(1, node.get("last-run").asInt());
      assertFalse(node.get("digest").asString().equals(digest));
    }
  }

  @Test
  void whatRoleAndNodeAskForIsShownAndSoIsWhatHasChangedOfIt() throws Exception {
    LoopbackAppliance appliance = new LoopbackAppliance(folder).node(MAC, "w1", "debian-12");
    try (appliance) {
      appliance.start();
      String yaml = appliance.yaml();
      rackFile(yaml);
      assertFalse(plan(0).contains("settings"), "nothing is asked for");
      Machine machine = new Machine(appliance, MAC);
      machine.fetchToken();
      assertEquals(200, machine.get("preseed.cfg").status());
      LoopbackAppliance.eventually(
          "kept", () -> Files.exists(folder.resolve("data/plans/52-54-00-bb-00-01.json")));

      Files.writeString(folder.resolve("motd"), "hello\n");
      rackFile(
          yaml
              + "roles: { worker: { labels: { example.org/pool: a },"
              + " files: { /etc/motd: { source-file: motd } } } }\n");
      String changed = plan(0, "--diff");
      assertTrue(changed.contains("  with 1 file, 1 label: 'bootserver answer w1"), changed);
      assertTrue(changed.contains("settings +2 -0"), changed);
      assertTrue(changed.contains("+label example.org/pool=a\n"), changed);
      JsonNode node = JsonMapper.builder().build().readTree(plan(0, "--json")).at("/nodes/0");
      assertEquals("a", node.get("labels").get("example.org/pool").asString());
      assertEquals("/etc/motd", node.at("/files/0/path").asString());
      assertEquals(6, node.at("/files/0/bytes").asInt());
      assertEquals("socat", node.at("/packages/2").asString());

      String before = node.get("digest").asString();
      Files.writeString(folder.resolve("motd"), "other\n");
      assertFalse(plan(0, "--json").contains(before), "the text of a file counts");
      assertEquals(
          0,
          printed.run("answer", "w1", "--rack", folder + "/rack.yaml", "--file", "settings"),
          printed::err);
      assertTrue(out().startsWith("file /etc/motd 0644 root:root 6 bytes, sha256 "), this::out);
    }
  }

  @Test
  void bootFilesThatAreNotThereYetAreNoReasonToShowNothing() throws Exception {
    LoopbackAppliance appliance = new LoopbackAppliance(folder).node(MAC, "w1", "debian-12-cast");
    try (appliance) {
      rackFile(appliance.withAnyPorts().yaml());
      String plan = plan(0);
      assertTrue(plan.contains("1 node: 1 new"), plan);
    }
  }

  @Test
  void aPlanThatCannotBeReadIsNamed() throws Exception {
    LoopbackAppliance appliance = new LoopbackAppliance(folder).node(MAC, "w1", "debian-12");
    try (appliance) {
      rackFile(appliance.withAnyPorts().yaml());
      Files.createDirectories(folder.resolve("data/plans"));
      Files.writeString(folder.resolve("data/plans/52-54-00-bb-00-01.json"), "{");
      plan(1);
      assertTrue(printed.err().contains("52-54-00-bb-00-01.json: no plan"), printed::err);
    }
  }
}
