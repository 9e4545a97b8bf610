// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.answerfiles.DhcpMode;
import foundrybot.answerfiles.Ports;
import foundrybot.answerfiles.RackFile;
import foundrybot.answerfiles.RackFiles;
import foundrybot.answerfiles.RackReading;
import foundrybot.appliance.Appliance;
import foundrybot.appliance.FleetStatus;
import foundrybot.appliance.FleetStatus.NodeStatus;
import foundrybot.appliance.store.Store;
import foundrybot.rig.sim.Milestone;
import foundrybot.rig.sim.Mishaps;
import foundrybot.rig.sim.Pace;
import foundrybot.rig.sim.SimulatedNode;
import foundrybot.rig.sim.Weather;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whole racks against the real appliance, over real sockets. */
class RackTest {
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  @TempDir Path data = Path.of("");

  private Demo.Settings settings(int nodes, DhcpMode dhcp, Function<String, Mishaps> mishaps) {
    return settings(nodes, dhcp, mishaps, Weather.FAIR);
  }

  private Demo.Settings settings(
      int nodes, DhcpMode dhcp, Function<String, Mishaps> mishaps, Weather weather) {
    return new Demo.Settings(
        nodes,
        dhcp,
        false,
        data,
        Pace.hurried(),
        mishaps,
        weather,
        7,
        problem -> {
          throw new AssertionError(problem);
        });
  }

  @Test
  void sixteenMachinesAreEnrolledAndNothingIsBegunTwice() throws InterruptedException {
    try (Demo demo = Demo.start(settings(16, DhcpMode.PROXY, _ -> Mishaps.NONE))) {
      comesUp(demo);
    }
    eachTokenIsMintedOnce(16);
  }

  @Test
  void theApplianceMayGiveTheAddressesItself() throws InterruptedException {
    try (Demo demo = Demo.start(settings(8, DhcpMode.SERVER, _ -> Mishaps.NONE))) {
      comesUp(demo);
    }
    eachTokenIsMintedOnce(8);
  }

  @Test
  void lostPacketsCostTimeAndNothingElse() throws InterruptedException {
    try (Demo demo = Demo.start(settings(4, DhcpMode.PROXY, _ -> Mishaps.losing(0.05)))) {
      comesUp(demo);
    }
  }

  @ParameterizedTest
  @CsvSource({"0.05, SERVER", "0.2, SERVER", "0.2, PROXY"})
  void aNetworkThatLosesDoublesAndReordersCostsTimeAndNothingElse(double loss, DhcpMode dhcp)
      throws InterruptedException {
    Weather weather = new Weather(loss, 0.1, 0.1, Duration.ofMillis(2));
    try (Demo demo = Demo.start(settings(4, dhcp, _ -> Mishaps.NONE, weather))) {
      comesUp(demo);
    }
  }

  @Test
  void aMachineThatFallsSilentAfterItsKernelIsNamedWithWhatToDo() throws InterruptedException {
    Demo.Settings settings =
        settings(
            4,
            DhcpMode.PROXY,
            name -> name.equals("worker-1") ? Mishaps.stopsAfter(Milestone.KERNEL) : Mishaps.NONE);
    try (Demo demo = Demo.start(settings)) {
      demo.rack().powerOn();
      assertTrue(demo.rack().await(PATIENCE), () -> accounts(demo));
      assertEquals(2, demo.status().exitStatus(), "in progress until its deadline has passed");
    }
    // The same state, seen by an appliance that hears nothing more in the stage's 5 minutes.
    MovedClock clock = new MovedClock();
    RackFile rack = readRack();
    Demo.Prepared files =
        new Demo.Prepared(rack, data.resolve("rack.yaml"), data.resolve("boot-programs"));
    try (Appliance appliance = Demo.appliance(files, data, clock, _ -> {})) {
      clock.forward(Duration.ofMinutes(6));
      FleetStatus status = appliance.status();
      assertEquals(3, status.exitStatus());
      List<NodeStatus> stuck =
          status.nodes().stream().filter(node -> node.condition().equals("stuck")).toList();
      assertEquals(List.of("worker-1"), stuck.stream().map(NodeStatus::name).toList());
      assertEquals("kernel", stuck.getFirst().stage());
      assertTrue(stuck.getFirst().why().contains("no answer file"), stuck.getFirst().why());
      assertFalse(stuck.getFirst().tryNext().isEmpty());
    }
  }

  @Test
  void noiseOnEveryPortChangesNothing() throws InterruptedException {
    try (Demo demo = Demo.start(settings(8, DhcpMode.PROXY, _ -> Mishaps.NONE))) {
      Ports ports = readRack().appliance().ports();
      AtomicInteger sent = new AtomicInteger();
      List<Thread> noise =
          List.of(
              Thread.ofVirtual().start(() -> udpNoise(ports.dhcp(), 1, sent)),
              Thread.ofVirtual().start(() -> udpNoise(ports.proxyDhcp(), 2, sent)),
              Thread.ofVirtual().start(() -> udpNoise(ports.tftp(), 3, sent)),
              Thread.ofVirtual().start(() -> httpNoise(ports.http(), 4, sent)));
      // How much there is of it depends on how fast the rack is; that there is some does not.
      while (sent.get() < 100) {
        Thread.sleep(1);
      }
      int before = sent.get();
      comesUp(demo);
      assertTrue(sent.get() > before, "packets of noise while the rack came up: none");
      for (Thread thread : noise) {
        thread.interrupt();
        thread.join();
      }
      assertTrue(demo.status().complete());
    }
    eachTokenIsMintedOnce(8);
  }

  private void comesUp(Demo demo) throws InterruptedException {
    demo.rack().powerOn();
    assertTrue(demo.rack().await(PATIENCE), () -> accounts(demo));
    assertTrue(demo.status().complete(), () -> demo.status().toString());
    for (SimulatedNode node : demo.rack().nodes()) {
      assertEquals(Milestone.ENROLLED, node.account().reached(), node.machine().name());
      assertEquals(1, node.account().installs(), node.machine().name());
    }
  }

  private void eachTokenIsMintedOnce(int nodes) {
    RackFile rack = readRack();
    assertEquals(nodes, rack.nodes().size());
    try (Store store = Store.open(data)) {
      rack.nodes().forEach(node -> assertEquals(1, minted(store, node.mac().toString())));
    }
  }

  static long minted(Store store, String mac) {
    return store.history(mac, 10_000).stream()
        .filter(fact -> fact.kind().equals("token.minted"))
        .count();
  }

  private RackFile readRack() {
    return readRack(data.resolve("rack.yaml"));
  }

  static RackFile readRack(Path file) {
    try {
      return switch (RackFiles.read(Files.readString(file), file.toString())) {
        case RackReading.Valid(RackFile rack) -> rack;
        case RackReading.Invalid invalid -> throw new AssertionError(invalid.faults());
      };
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  static String accounts(Demo demo) {
    return demo.rack().nodes().stream()
        .map(node -> node.machine().name() + " " + node.account())
        .collect(Collectors.joining("\n"));
  }

  /** Random bytes, some behind a head that looks like a DHCP or TFTP request. */
  private static void udpNoise(int port, long seed, AtomicInteger sent) {
    Random random = new Random(seed);
    InetSocketAddress to = new InetSocketAddress(DemoRack.APPLIANCE, port);
    try (DatagramSocket socket = new DatagramSocket()) {
      while (true) {
        byte[] bytes = new byte[random.nextInt(1400)];
        random.nextBytes(bytes);
        if (bytes.length > 300 && random.nextBoolean()) {
          bytes[0] = (byte) random.nextInt(2);
          bytes[1] = 1;
          bytes[2] = 6;
          System.arraycopy(new byte[] {0x63, (byte) 0x82, 0x53, 0x63}, 0, bytes, 236, 4);
        }
        socket.send(new DatagramPacket(bytes, bytes.length, to));
        sent.incrementAndGet();
        Thread.sleep(2);
      }
    } catch (IOException | InterruptedException e) {
      // Told to end.
      return;
    }
  }

  private static void httpNoise(int port, long seed, AtomicInteger sent) {
    Random random = new Random(seed);
    while (!Thread.currentThread().isInterrupted()) {
      try (Socket socket = new Socket(DemoRack.APPLIANCE, port)) {
        byte[] bytes = new byte[1 + random.nextInt(4000)];
        random.nextBytes(bytes);
        socket.getOutputStream().write(bytes);
        sent.incrementAndGet();
        Thread.sleep(5);
      } catch (IOException e) {
        // The server has closed the connection on us: as it should.
        sent.incrementAndGet();
      } catch (InterruptedException e) {
        return;
      }
    }
  }
}
