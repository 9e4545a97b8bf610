// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.appliance.LoopbackAppliance;
import foundrybot.appliance.Machine;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** Commands that go on with what comes, on a running appliance. */
@Isolated("takes System.out")
@Timeout(60)
class FollowTest {
  private static final String W1 = "52:54:00:aa:00:01";

  @TempDir Path folder = Path.of("");
  @RegisterExtension final Printed printed = new Printed();

  private static void log(LoopbackAppliance appliance, String line) throws IOException {
    try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
      InetSocketAddress to =
          new InetSocketAddress(LoopbackAppliance.ADDRESS, appliance.port("syslog"));
      socket.send(new DatagramPacket(bytes, bytes.length, to));
    }
  }

  private Thread following(LoopbackAppliance appliance, List<String> command) {
    List<Object> all = new ArrayList<>(command);
    all.add("--follow");
    all.add("--data");
    all.add(appliance.data());
    return Thread.ofPlatform().daemon().start(() -> printed.run(all.toArray()));
  }

  private void eventuallyPrinted(String text) {
    LoopbackAppliance.eventually("printed: " + text, () -> printed.out().contains(text));
  }

  @Test
  void aLogIsFollowedLineByLine() throws Exception {
    try (LoopbackAppliance appliance =
        new LoopbackAppliance(folder).node(W1, "w1", "debian-12").start()) {
      Machine machine = new Machine(appliance, W1);
      machine.fetchToken();
      assertEquals(200, machine.report("installer-started").status());
      Thread follower = following(appliance, List.of("logs", "w1"));
      log(appliance, "<6>partman: one");
      eventuallyPrinted("partman: one");
      log(appliance, "<6>partman: two");
      eventuallyPrinted("partman: two");
      follower.interrupt();
      follower.join();
      assertEquals(2, printed.out().lines().count(), printed::out);
      assertEquals(0, printed.run("logs", "w1", "--lines", "1", "--data", appliance.data()));
      assertTrue(printed.out().endsWith(" partman: two\n"), printed::out);
      assertEquals(0, printed.run("logs", "w1", "--json", "--data", appliance.data()));
      assertTrue(printed.out().contains("\"text\":\"partman: one\""), printed::out);
      assertEquals(64, printed.run("logs", "w1", "--lines", "0", "--data", appliance.data()));
      assertTrue(printed.err().contains("--lines: 0 (expected: 1..5000)"), printed::err);
      assertEquals(1, printed.run("logs", "w9", "--data", appliance.data()));
      assertTrue(printed.err().contains("w9 is not in the rack file"), printed::err);
    }
  }

  @Test
  void eventsAreFollowedAndEachIsShownOnce() throws Exception {
    try (LoopbackAppliance appliance =
        new LoopbackAppliance(folder).node(W1, "w1", "debian-12").start()) {
      Machine machine = new Machine(appliance, W1);
      machine.fetchToken();
      Thread follower = following(appliance, List.of("events", "--all"));
      eventuallyPrinted("token.minted");
      assertEquals(200, machine.report("installer-started").status());
      eventuallyPrinted("report.installer-started");
      follower.interrupt();
      follower.join();
      assertEquals(
          1,
          printed.out().lines().filter(line -> line.contains(" token.minted")).count(),
          printed::out);
      assertEquals(64, printed.run("events", "w1", "--all", "--data", appliance.data()));
    }
  }

  @Test
  void theStatusOfANodeHasItsWayAndNoOther() throws Exception {
    try (LoopbackAppliance appliance =
        new LoopbackAppliance(folder).node(W1, "w1", "debian-12").start()) {
      Machine machine = new Machine(appliance, W1);
      machine.fetchToken();
      assertEquals(200, machine.report("installer-started").status());
      assertEquals(2, printed.run("status", "w1", "--data", appliance.data()));
      assertTrue(printed.out().contains("installing"), printed::out);
      assertTrue(printed.out().contains("so far"), printed::out);
      assertEquals(1, printed.run("status", "w9", "--data", appliance.data()));
      assertTrue(printed.err().contains("w9 is not in the rack file"), printed::err);
    }
  }

  @Test
  void aNodeThatIsNotThereIsSaidToBeMissingInTheSameWordsEverywhere() throws Exception {
    String said =
        "bootserver: node: w9 is not in the rack file that the appliance serves (expected: a name"
            + " that 'bootserver status' shows)";
    try (LoopbackAppliance appliance =
        new LoopbackAppliance(folder).node(W1, "w1", "debian-12").start()) {
      for (String command :
          List.of("why w9", "status w9", "status w9 --json", "logs w9", "events w9 --follow")) {
        List<Object> all = new ArrayList<>(List.of(command.split(" ", -1)));
        all.addAll(List.of("--data", appliance.data()));
        assertEquals(1, printed.run(all.toArray()), command);
        assertEquals(said + "\n", printed.err(), command);
      }
      for (String command : List.of("hold", "resume", "arm")) {
        assertEquals(1, printed.run(command, "w9", "--data", appliance.data()), command);
        assertEquals(said + "; nothing was changed\n", printed.err(), command);
      }
      assertEquals(64, printed.run("hold", "--data", appliance.data()));
      assertTrue(printed.err().startsWith("bootserver: NODE: missing"), printed::err);
    }
  }

  private static final List<List<String>> ENDLESS =
      List.of(
          List.of("status", "--watch"),
          List.of("events", "--follow"),
          List.of("logs", "w1", "--follow"));

  @Test
  void whoIsInterruptedEndsQuietlyAndWithTheStatusOfCtrlC() throws Exception {
    try (LoopbackAppliance appliance =
        new LoopbackAppliance(folder).node(W1, "w1", "debian-12").start()) {
      for (List<String> command : ENDLESS) {
        AtomicInteger status = new AtomicInteger(-1);
        List<Object> all = new ArrayList<>(command);
        all.addAll(List.of("--data", appliance.data()));
        Thread thread = Thread.ofPlatform().start(() -> status.set(printed.run(all.toArray())));
        Thread.sleep(100);
        thread.interrupt();
        thread.join();
        assertEquals(130, status.get(), () -> command + ": " + printed.err());
        assertEquals("", printed.err(), command.toString());
      }
    }
  }

  /** By the signal itself, in a process of its own. */
  @Test
  @Tag("slow")
  void ctrlCEndsQuietly() throws Exception {
    try (LoopbackAppliance appliance =
        new LoopbackAppliance(folder).node(W1, "w1", "debian-12").start()) {
      log(appliance, "<6>partman: one");
      new Machine(appliance, W1).fetchToken();
      for (List<String> command : ENDLESS) {
        Path err = folder.resolve("err");
        // Who starts the tests in the background of a shell has SIGINT ignored.
        List<String> line =
            new ArrayList<>(
                List.of(
                    "env",
                    "--default-signal=INT",
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "--enable-native-access=ALL-UNNAMED",
                    "--sun-misc-unsafe-memory-access=allow",
                    "-XX:TieredStopAtLevel=1",
                    "-cp",
                    System.getProperty("java.class.path"),
                    Main.class.getName()));
        line.addAll(command);
        line.addAll(List.of("--data", appliance.data().toString()));
        Process process = new ProcessBuilder(line).redirectError(err.toFile()).start();
        if (command.getFirst().equals("logs")) {
          Thread.sleep(3000);
        } else {
          assertTrue(process.getInputStream().read() >= 0, command.toString());
        }
        assertEquals(0, new ProcessBuilder("kill", "-INT", "" + process.pid()).start().waitFor());
        assertEquals(130, process.waitFor(), command.toString());
        assertEquals("", Files.readString(err), command.toString());
      }
    }
  }
}
