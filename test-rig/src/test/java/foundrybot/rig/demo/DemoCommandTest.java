// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.appliance.store.Store;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class DemoCommandTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private int run(String... arguments) {
    PrintStream printer = new PrintStream(out, true, StandardCharsets.UTF_8);
    return new CommandLine(new DemoCommand(printer))
        .setErr(new PrintWriter(Writer.nullWriter()))
        .execute(arguments);
  }

  private String said() {
    return out.toString(StandardCharsets.UTF_8);
  }

  @Test
  void theLastLineSaysThatTheClusterIsCompleteAndTheDataIsGone() {
    assertEquals(0, run("--nodes", "3"), this::said);
    String last = said().strip().lines().toList().getLast();
    assertTrue(last.startsWith("cluster demo: complete, 3 of 3 enrolled in "), last);
    assertTrue(said().contains("stand-ins"), said());
    assertTrue(said().contains("demo: bootserver deploy\n"), said());
    assertFalse(said().contains("exit status"), said());
    Matcher folder = Pattern.compile("rack file (\\S+)/rack.yaml").matcher(said());
    assertTrue(folder.find(), said());
    assertFalse(Files.exists(Path.of(folder.group(1))));
    assertTrue(
        said().contains("log in with what is in " + folder.group(1) + "/operator.token"), said());
    assertTrue(said().contains("demo: the page is http://" + DemoRack.APPLIANCE + ":"), said());
  }

  @Test
  void whatStaysGoesOnUntilItIsEndedAndWasCompleteAllTheSame() throws Exception {
    CompletableFuture<Integer> status = new CompletableFuture<>();
    Thread demo = Thread.ofPlatform().start(() -> status.complete(run("--nodes", "1", "--stay")));
    while (!said().contains("demo: goes on at http://") && demo.isAlive()) {
      Thread.sleep(20);
    }
    demo.interrupt();
    assertEquals(0, status.get(1, TimeUnit.MINUTES), this::said);
    assertTrue(said().endsWith("\ndemo: ended\n"), said());
  }

  @Test
  void aMachineToStopThatTheRackDoesNotHaveIsAnErrorThatListsThoseItHas() {
    StringWriter said = new StringWriter();
    int status =
        new CommandLine(new DemoCommand(new PrintStream(out, true, StandardCharsets.UTF_8)))
            .setErr(new PrintWriter(said))
            .execute("--nodes", "3", "--stop", "wroker-1=SCRIPT");
    assertEquals(2, status);
    String expected =
        "wroker-1 is none of the 3 nodes (expected: etcd-1, control-plane-1, worker-1)";
    assertTrue(said.toString().contains(expected), said::toString);
    assertEquals("", said());
  }

  @Test
  void aMachineThatFallsSilentIsNamedAndTheExitStatusIsThree(@TempDir Path folder) {
    Path data = folder.resolve("kept");
    assertEquals(
        3,
        run(
            "--nodes",
            "2",
            "--timeout",
            "60",
            "--stop",
            "worker-1=SCRIPT",
            "--keep",
            data.toString()),
        this::said);
    assertTrue(said().contains("worker-1: ok at script since "), said());
    assertTrue(said().contains("cluster demo: incomplete, 1 of 2 enrolled in "), said());
    assertTrue(Files.exists(data.resolve("rack.yaml")));
    Set<String> switched = new TreeSet<>();
    try (Store store = Store.open(data)) {
      store.replay(Set.of("power.told"), fact -> switched.add(fact.mac()));
    }
    assertEquals(Set.of(DemoRack.mac(0), DemoRack.mac(1)), switched, "each by its BMC");
  }

  @Test
  void aWrongArgumentIsRefusedBeforeAnythingStarts() {
    assertEquals(2, run("--nodes", "0"));
    assertEquals(2, run("--dhcp", "off"));
    assertEquals(2, run("--loss", "1"));
    assertEquals("", said());
  }

  @Test
  void sixteenMachinesMakeAWholeCluster() {
    List<String> roles = DemoRack.roles(16);
    assertEquals(16, roles.size());
    assertEquals(1, Collections.frequency(roles, "hub"));
    assertEquals(3, Collections.frequency(roles, "etcd"));
    assertEquals(3, Collections.frequency(roles, "control-plane"));
    assertEquals(2, Collections.frequency(roles, "load-balancer"));
    assertEquals(4, Collections.frequency(roles, "worker"));
    assertEquals(2, Collections.frequency(roles, "storage"));
    assertEquals(1, Collections.frequency(roles, "monitor"));
  }

  @Test
  void anyNumberOfMachinesHasAControlPlaneAndAnOddNumberOfEtcds() {
    for (int nodes = 1; nodes <= DemoRack.MOST_NODES; nodes++) {
      List<String> roles = DemoRack.roles(nodes);
      assertEquals(nodes, roles.size());
      assertTrue(roles.contains("control-plane"), () -> "" + roles);
      int etcds = Collections.frequency(roles, "etcd");
      assertTrue(etcds == 0 || etcds % 2 == 1, nodes + " nodes: " + etcds + " etcds");
    }
  }
}
