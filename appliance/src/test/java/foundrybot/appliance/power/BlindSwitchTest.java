// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.power;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import foundrybot.answerfiles.Node;
import foundrybot.appliance.LoopbackAppliance;
import foundrybot.appliance.TickingClock;
import foundrybot.appliance.lifecycle.Diagnosis;
import foundrybot.appliance.lifecycle.FactKind;
import foundrybot.appliance.lifecycle.PowerRun.Step;
import foundrybot.redfish.Bmc;
import foundrybot.redfish.BmcEndpoint;
import foundrybot.redfish.HardwareAddress;
import foundrybot.redfish.PowerAction;
import foundrybot.redfish.SecureOn;
import foundrybot.redfish.Trust;
import foundrybot.redfish.WakeOnLan;
import foundrybot.redfish.webhook.Webhook;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Switches that cannot tell whether the machine is on: a plug without a status, a magic packet. */
class BlindSwitchTest {
  private static final String RACK =
      """
      nodes:
        52:54:00:bb:00:01: { role: worker, name: w1, bmc: "http://10.0.0.1" }
      """;

  private final TickingClock clock = new TickingClock();
  private final MemoryLog log = new MemoryLog(clock, RACK);
  private final Node node = log.nodes().getFirst();
  private final AtomicInteger told = new AtomicInteger();
  private final int port = free();
  private Optional<HttpServer> plug = Optional.empty();
  private WakeOnLan.Pause betweenAttempts = _ -> {};
  private Supplier<Bmc> bmc = () -> webhook("http://127.0.0.1:" + port);
  private Deployments deployments = started();

  private Deployments started() {
    URI none = URI.create("none:/");
    return new Deployments(
        log,
        _ -> bmc.get(),
        _ -> none,
        (_, _) -> none,
        Patience.USUAL,
        clock,
        this::pause,
        BmcLocks.none(),
        Executors.newVirtualThreadPerTaskExecutor());
  }

  private void pause(Duration time) throws InterruptedException {
    clock.pass(time);
    if (time.compareTo(Patience.USUAL.firstWait()) >= 0) {
      betweenAttempts.pause(time);
    }
  }

  private Bmc webhook(String url) {
    Webhook.Hook on = new Webhook.Hook("POST", "/on", Optional.empty(), Set.of());
    Webhook.Hooks hooks =
        new Webhook.Hooks(
            Map.of(PowerAction.ON, on), Optional.empty(), Optional.empty(), Duration.ZERO);
    BmcEndpoint endpoint =
        new BmcEndpoint(URI.create(url), Optional.empty(), new Trust.Any(), Optional.empty());
    return Webhook.open(endpoint, hooks, clock, clock::pass);
  }

  private static int free() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** The plug is there from now on; a status of 0 breaks the connection once it has heard. */
  private void plugIn(int status) {
    try {
      HttpServer server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 5);
      server.createContext(
          "/on",
          exchange -> {
            told.incrementAndGet();
            if (status > 0) {
              exchange.sendResponseHeaders(status, -1);
            }
            exchange.close();
          });
      server.start();
      plug = Optional.of(server);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @AfterEach
  void close() {
    deployments.close();
    plug.ifPresent(server -> server.stop(0));
  }

  private void deploy() {
    deployments.deploy(List.of(node), false).join();
    ended();
  }

  private void ended() {
    LoopbackAppliance.eventually(
        "it is on, or not", () -> !log.state(node.mac()).power().isUnderWay());
  }

  private void resume() {
    deployments.close();
    deployments = started();
    deployments.resume(log.nodes());
    ended();
  }

  private Step step() {
    return log.state(node.mac()).power().step();
  }

  @Test
  void aPlugThatCouldNotBeReachedIsToldAgainOnceItIsThere() {
    betweenAttempts =
        _ -> {
          if (plug.isEmpty()) {
            plugIn(200);
          }
        };
    deploy();
    assertEquals(1, told.get(), () -> log.kinds(node).toString());
    assertEquals(Step.TOLD, step());
  }

  @ParameterizedTest
  @ValueSource(strings = {"http://127.0.0.1:%d", "http://plug.invalid:%d"})
  void aPlugThatIsNeverReachedIsRefusedAndNotOn(String url) {
    bmc = () -> webhook(url.formatted(port));
    deploy();
    assertEquals(Step.REFUSED, step());
    assertFalse(log.kinds(node).contains("power.told"), () -> log.kinds(node).toString());
    assertFalse(log.state(node.mac()).isWindowOpen(clock.instant()), "nobody was switched on");
  }

  @Test
  void whatDidNotArriveIsSentByTheNextAppliance() throws Exception {
    CountDownLatch failed = new CountDownLatch(1);
    betweenAttempts =
        _ -> {
          failed.countDown();
          new CountDownLatch(1).await();
        };
    deployments.deploy(List.of(node), false).join();
    failed.await();
    plugIn(200);
    resume();
    assertEquals(1, told.get());
    assertEquals(Step.TOLD, step());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 500})
  void aPlugThatMayHaveHeardIsNotToldTwiceAndTheStatusSaysWhatIsUnknown(int status) {
    plugIn(status);
    deploy();
    assertEquals(1, told.get());
    assertEquals(Step.UNKNOWN, step());
    String said = log.state(node.mac()).power().said();
    assertTrue(said.contains("asked on by POST /on, answered "), said);
    assertTrue(said.endsWith("nothing tells whether it is on; it is not told again"), said);
    clock.pass(Duration.ofMinutes(16));
    Diagnosis why = Diagnosis.of("w1", log.state(node.mac()), clock.instant()).orElseThrow();
    assertTrue(why.why().contains("answered "), why::why);
    assertFalse(why.why().startsWith("powered on"), why::why);
    assertTrue(why.tryNext().contains("bootserver deploy w1"), why::tryNext);
  }

  @Test
  void aPlugThatWasTooBusyIsToldAgain() {
    plugIn(503);
    betweenAttempts =
        _ -> {
          plug.orElseThrow().stop(0);
          told.set(0);
          plugIn(200);
        };
    deploy();
    assertEquals(1, told.get());
    assertEquals(Step.TOLD, step());
  }

  @Test
  void whatAKillHidesIsNotSentAgainAndSaidToBeUnknown() {
    log.note(node.mac(), FactKind.POWER_WANTED.text(), "deployment");
    log.note(node.mac(), FactKind.POWER_ASKED.text(), "on; boots its own order");
    plugIn(200);
    resume();
    assertEquals(0, told.get());
    assertEquals(Step.UNKNOWN, step());
    String said = log.state(node.mac()).power().said();
    assertTrue(said.contains("nothing tells whether it is on"), said);
  }

  private Bmc packets(String source, WakeOnLan.Pause pause) {
    HardwareAddress card = new HardwareAddress(node.mac().toString());
    Inet4Address loopback = Inet4Address.ofLiteral("127.0.0.1");
    WakeOnLan.Way way =
        new WakeOnLan.Way(Inet4Address.ofLiteral(source), loopback, port, 3, Duration.ofMillis(1));
    return new WakeOnLan(card, SecureOn.NONE, way, pause);
  }

  @Test
  void aMagicPacketThatCouldNotLeaveIsSentAgain() {
    AtomicInteger attempts = new AtomicInteger();
    bmc =
        () ->
            packets(
                attempts.incrementAndGet() == 1 ? "192.0.2.1" : "127.0.0.1",
                _ -> told.incrementAndGet());
    deploy();
    assertEquals(2, told.get(), "three packets, two pauses");
    assertEquals(Step.TOLD, step());
  }
}
