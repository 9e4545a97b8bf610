// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.notify;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.answerfiles.BmcSettings;
import foundrybot.answerfiles.WebhookSettings;
import foundrybot.appliance.TickingClock;
import foundrybot.appliance.lifecycle.Fact;
import foundrybot.appliance.store.Keeping;
import foundrybot.appliance.store.Store;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class CourierTest {
  private static final String MAC = "52:54:00:aa:00:01";
  private static final Keeping NOTHING = new Keeping(Duration.ZERO, 0);

  @TempDir private Path folder = Path.of("");
  private final TickingClock clock = new TickingClock();
  private final List<String> notes = new ArrayList<>();
  private Optional<Store> store = Optional.empty();
  private Duration limit = Duration.ofSeconds(20);

  @BeforeEach
  void open() {
    store = Optional.of(Store.open(folder));
    Receiver.write(folder.resolve("k"), Receiver.KEY + "\n");
  }

  @AfterEach
  void close() {
    store.ifPresent(Store::close);
  }

  private Store store() {
    return store.orElseThrow();
  }

  private WebhookSettings hook(String url, Optional<BmcSettings.Trust> trust, String... events) {
    return new WebhookSettings(
        "chat",
        URI.create(url),
        new BmcSettings.Password.InFile(Path.of("k")),
        List.of(events),
        trust);
  }

  private Courier courier(WebhookSettings hook) {
    HookSetup setup = HookSetup.of(folder, Map.of());
    Sender sender = new Sender(hook, setup, folder.resolve("known"), clock, limit);
    return new Courier(
        hook,
        store(),
        folder.resolve("chat.place"),
        sender,
        Patience.USUAL,
        () -> "alpha",
        (kind, detail) -> notes.add(kind + " " + detail),
        clock,
        new Random(1));
  }

  private Courier courier(Receiver receiver) {
    return courier(hook(receiver.url(), Optional.empty()));
  }

  private void happen(int from, int number) {
    for (int i = from; i < from + number; i++) {
      Notice notice = new Notice.Stage("w" + i, "dhcp", "script", 1, 1);
      store()
          .append(
              List.of(
                  new Fact(clock.instant(), MAC, "dhcp.offer", "of no interest " + i),
                  new Fact(clock.instant(), MAC, notice.kind().text(), notice.detail())));
    }
  }

  /** Until there is nothing to do by the clock as it is; tells when there is. */
  private static Optional<Instant> run(Courier courier, TickingClock clock) {
    for (int i = 0; i < 500; i++) {
      Optional<Instant> next = courier.step();
      if (next.isEmpty() || next.get().isAfter(clock.instant())) {
        return next;
      }
    }
    throw new AssertionError("no end");
  }

  /** Until there is nothing to do at all. */
  private void runToTheEnd(Courier courier) {
    Optional<Instant> next = run(courier, clock);
    while (next.isPresent()) {
      clock.pass(Duration.between(clock.instant(), next.get()));
      next = run(courier, clock);
    }
  }

  private static List<String> nodes(List<Receiver.Got> got) {
    return got.stream().map(it -> it.json().at("/data/node").asString()).toList();
  }

  private static List<String> names(int from, int number) {
    return IntStream.range(from, from + number).mapToObj(i -> "w" + i).toList();
  }

  @Test
  void whatHappensFromNowOnIsToldInOrderSignedAndDated() throws IOException {
    happen(0, 3);
    try (Receiver receiver = Receiver.start()) {
      Courier courier = courier(receiver);
      happen(3, 5);
      runToTheEnd(courier);
      assertEquals(names(3, 5), nodes(receiver.got()));
      for (Receiver.Got got : receiver.got()) {
        assertTrue(got.isSigned(), got.toString());
        assertEquals("application/json", got.headers().get("Content-Type"));
        assertEquals(
            Long.toString(clock.instant().getEpochSecond()),
            got.headers().get("webhook-timestamp"));
      }
      assertEquals(5, receiver.got().stream().map(Receiver.Got::id).distinct().count());
      HookStatus status = courier.status();
      assertEquals(5, status.delivered());
      assertEquals(0, status.waiting());
      assertEquals(receiver.got().getLast().id(), status.lastId());
    }
  }

  @Test
  void whatFailedIsToldAgainByTheSameIdAndNothingOvertakesIt() throws IOException {
    try (Receiver receiver = Receiver.start()) {
      Courier courier = courier(receiver);
      receiver.then(500, "oops").then(503, "", "Retry-After", "0").then(429, "");
      happen(0, 2);
      runToTheEnd(courier);
      List<Receiver.Got> got = receiver.got();
      assertEquals(List.of("w0", "w0", "w0", "w0", "w1"), nodes(got));
      assertEquals(2, got.stream().map(Receiver.Got::id).distinct().count());
      assertTrue(got.stream().allMatch(Receiver.Got::isSigned), "each by its own time");
      assertTrue(
          Long.parseLong(got.get(3).headers().get("webhook-timestamp"))
              > Long.parseLong(got.get(0).headers().get("webhook-timestamp")));
    }
  }

  @Test
  void whoAsksForAWaitGetsIt() throws IOException {
    try (Receiver receiver = Receiver.start()) {
      Courier courier = courier(receiver);
      receiver.then(503, "full", "Retry-After", "600");
      happen(0, 1);
      assertEquals(Optional.of(clock.instant().plusSeconds(600)), run(courier, clock));
      assertEquals("503 full", courier.status().error());
      clock.pass(Duration.ofSeconds(599));
      run(courier, clock);
      assertEquals(1, receiver.got().size());
      clock.pass(Duration.ofSeconds(1));
      run(courier, clock);
      assertEquals(2, receiver.got().size());
      assertEquals("", courier.status().error());
    }
  }

  @Test
  void whatIsRefusedAgainAndAgainIsGivenUpAndSaidSo() throws IOException {
    try (Receiver receiver = Receiver.start()) {
      Courier courier = courier(receiver);
      for (int i = 0; i < 5; i++) {
        receiver.then(400, "do not want");
      }
      happen(0, 2);
      runToTheEnd(courier);
      assertEquals(List.of("w0", "w0", "w0", "w0", "w0", "w1"), nodes(receiver.got()));
      HookStatus status = courier.status();
      assertEquals(1, status.dead());
      assertTrue(status.lastDead().contains("400 do not want, 5 times"), status.lastDead());
      assertEquals(1, notes.size());
      assertTrue(
          notes.getFirst().startsWith("webhook.dead chat node.stage msg_"), notes.toString());
    }
  }

  @Test
  void aRedirectIsNotFollowed() throws IOException {
    try (Receiver receiver = Receiver.start();
        Receiver elsewhere = Receiver.start()) {
      Courier courier = courier(receiver);
      receiver.then(307, "", "Location", elsewhere.url());
      happen(0, 1);
      runToTheEnd(courier);
      assertEquals(2, receiver.got().size());
      assertEquals(List.of(), elsewhere.got());
    }
  }

  @Test
  void whoIsGoneIsLeftAloneUntilItTakesAPing() throws IOException {
    try (Receiver receiver = Receiver.start()) {
      Courier courier = courier(receiver);
      receiver.then(410, "");
      happen(0, 2);
      runToTheEnd(courier);
      clock.pass(Duration.ofDays(1));
      runToTheEnd(courier);
      assertEquals(1, receiver.got().size());
      HookStatus status = courier.status();
      assertTrue(status.stopped().startsWith("410"), status.stopped());
      assertEquals(2, status.waiting());
      assertEquals(clock.instant().minus(Duration.ofDays(1)).toString(), status.waitingSince());
      courier.ping("msg_0");
      runToTheEnd(courier);
      assertEquals("ping", receiver.got().get(1).type());
      assertTrue(receiver.got().get(1).isSigned());
      assertEquals(List.of("w0", "w1"), nodes(receiver.got().subList(2, 4)));
      assertEquals(receiver.got().get(0).id(), receiver.got().get(2).id());
    }
  }

  @Test
  void whoHangsIsWaitedForOnlySoLong() throws IOException {
    limit = Duration.ofMillis(1500);
    try (Receiver receiver = Receiver.start()) {
      Courier courier = courier(receiver);
      receiver.thenHang();
      happen(0, 1);
      runToTheEnd(courier);
      assertEquals(List.of("w0", "w0"), nodes(receiver.got()));
      assertEquals(1, courier.status().delivered());
    }
  }

  @Test
  void ofAnEndlessAnswerOnlyTheBeginningIsRead() throws IOException {
    try (Receiver receiver = Receiver.start()) {
      Courier courier = courier(receiver);
      receiver.then(
          exchange -> {
            exchange.sendResponseHeaders(400, 0);
            byte[] much = "x".repeat(8192).getBytes(StandardCharsets.UTF_8);
            try {
              for (int i = 0; i < 100_000; i++) {
                exchange.getResponseBody().write(much);
              }
            } catch (IOException _) {
              // The other end has read enough.
            }
          });
      happen(0, 1);
      run(courier, clock);
      assertTrue(courier.status().error().startsWith("400 xxx"), courier.status().error());
      assertTrue(courier.status().error().length() < 200);
    }
  }

  @Test
  void onlyWhatItWantsIsTold() throws IOException {
    try (Receiver receiver = Receiver.start()) {
      Courier courier =
          courier(hook(receiver.url(), Optional.empty(), "cluster.complete", "command.ended"));
      happen(0, 3);
      Notice complete = new Notice.Cluster("alpha", "incomplete", "complete");
      store()
          .append(
              List.of(new Fact(clock.instant(), "", complete.kind().text(), complete.detail())));
      runToTheEnd(courier);
      assertEquals(
          List.of("cluster.complete"), receiver.got().stream().map(Receiver.Got::type).toList());
    }
  }

  /** The answer was lost, or the appliance killed before it kept its place: both look so. */
  @Test
  void afterAKillEverythingIsToldAtLeastOnceByTheSameIds() throws IOException {
    try (Receiver receiver = Receiver.start()) {
      Courier first = courier(receiver);
      happen(0, 4);
      first.step();
      first.step();
      byte[] kept = Files.readAllBytes(folder.resolve("chat.place"));
      first.step();
      // The third was taken, and the place of before is on the disk.
      Files.write(folder.resolve("chat.place"), kept);
      store().close();
      store = Optional.of(Store.open(folder));
      happen(4, 2);
      runToTheEnd(courier(receiver));
      List<Receiver.Got> got = receiver.got();
      assertEquals(List.of("w0", "w1", "w2", "w2", "w3", "w4", "w5"), nodes(got));
      assertEquals(got.get(2).id(), got.get(3).id());
      assertEquals(got.get(2).body(), got.get(3).body());
    }
  }

  @Test
  void aPruningKeepsWhatAReceiverHasYetToBeTold() throws IOException {
    try (Receiver receiver = Receiver.start()) {
      Courier courier = courier(receiver);
      happen(0, 4);
      courier.step();
      courier.step();
      clock.pass(Duration.ofDays(100));
      store().prune(NOTHING, _ -> true, clock.instant(), courier.floor(64 << 20));
      runToTheEnd(courier);
      assertEquals(names(0, 4), nodes(receiver.got()));
      assertEquals(0, courier.status().lost());
      // What all have been told is no reason to keep anything.
      happen(4, 1);
      runToTheEnd(courier);
      store().prune(NOTHING, _ -> true, clock.instant(), courier.floor(64 << 20));
      happen(5, 1);
      runToTheEnd(courier);
      store().prune(NOTHING, _ -> true, clock.instant(), courier.floor(64 << 20));
      happen(6, 1);
      runToTheEnd(courier(receiver));
      assertEquals(names(0, 7), nodes(receiver.got()));
      assertEquals(0, courier.status().lost());
    }
  }

  @Test
  void whoIsTooFarBehindLosesTheOldestAndItIsSaidHowMany() throws IOException {
    try (Receiver receiver = Receiver.start()) {
      receiver.thenFail(1000);
      Courier courier = courier(receiver);
      happen(0, 10);
      run(courier, clock);
      assertFalse(courier.status().error().isEmpty());
      assertEquals(10, courier.status().waiting());
      long floor = courier.floor(0);
      assertTrue(floor > 0);
      clock.pass(Duration.ofDays(100));
      store().prune(NOTHING, _ -> true, clock.instant(), floor);
      HookStatus status = courier.status();
      assertEquals(10, status.lost());
      assertTrue(status.lastLost().contains("0 MB of the journal behind"), status.lastLost());
      assertTrue(notes.getFirst().startsWith("webhook.lost chat 10: "), notes.toString());
      receiver.thenFail(0);
      int before = receiver.got().size();
      happen(10, 2);
      runToTheEnd(courier);
      assertEquals(names(10, 2), nodes(receiver.got().subList(before, receiver.got().size())));
      assertEquals(10, courier(receiver).status().lost());
    }
  }

  /** The journal is pruned while the receiver is busy with the first of them. */
  @Test
  void whatIsBeingSentIsLostOnlyIfItDoesNotArrive() throws IOException {
    for (int status : new int[] {204, 500}) {
      try (Receiver receiver = Receiver.start()) {
        Courier courier = courier(receiver);
        long lost = courier.status().lost();
        happen(0, 3);
        receiver.then(
            exchange -> {
              courier.floor(0);
              exchange.sendResponseHeaders(status, -1);
            });
        courier.step();
        boolean arrived = status == 204;
        assertEquals(arrived ? 2 : 3, courier.status().lost() - lost);
        assertEquals(0, courier.status().waiting());
        runToTheEnd(courier);
        assertEquals(names(0, 1), nodes(receiver.got()));
      }
    }
  }

  @Test
  void whoIsEndedWritesItsPlaceNoMore() throws IOException {
    try (Receiver receiver = Receiver.start()) {
      Courier old = courier(receiver);
      happen(0, 1);
      runToTheEnd(old);
      old.end();
      Courier next = courier(receiver);
      happen(1, 3);
      runToTheEnd(next);
      byte[] place = Files.readAllBytes(folder.resolve("chat.place"));
      long floor = old.floor(0);
      assertArrayEquals(place, Files.readAllBytes(folder.resolve("chat.place")));
      assertTrue(floor < next.floor(64 << 20));
      assertEquals(0, old.status().lost());
      assertEquals(names(0, 4), nodes(receiver.got()));
    }
  }

  @Test
  void aPlaceThatAPruningWentOverIsSaidToBeLost() throws IOException {
    try (Receiver receiver = Receiver.start()) {
      courier(receiver);
      happen(0, 3);
      clock.pass(Duration.ofDays(100));
      assertTrue(store().prune(NOTHING, _ -> true, clock.instant()).isPresent());
      Courier courier = courier(receiver);
      happen(3, 2);
      runToTheEnd(courier);
      assertEquals(names(3, 2), nodes(receiver.got()));
      String lost = courier.status().lastLost();
      assertTrue(lost.contains("pruned over its place; how many is not known"), lost);
    }
  }

  @Test
  void aPlaceThatCannotBeReadBeginsAnew() throws IOException {
    try (Receiver receiver = Receiver.start()) {
      happen(0, 2);
      Files.writeString(folder.resolve("chat.place"), "torn {");
      Courier courier = courier(receiver);
      happen(2, 1);
      runToTheEnd(courier);
      assertEquals(names(2, 1), nodes(receiver.got()));
    }
  }

  @Test
  void aKeyThatIsMissingIsSaidAndMendedWithoutARestart() throws IOException {
    try (Receiver receiver = Receiver.start()) {
      Courier courier = courier(receiver);
      Files.delete(folder.resolve("k"));
      happen(0, 1);
      run(courier, clock);
      String error = courier.status().error();
      assertTrue(error.startsWith("secret-file: " + folder.resolve("k")), error);
      assertEquals(List.of(), receiver.got());
      Receiver.write(folder.resolve("k"), Receiver.KEY);
      runToTheEnd(courier);
      assertEquals(names(0, 1), nodes(receiver.got()));
    }
  }

  @Test
  void aCertificateIsTrustedAsTheRackFileSays() throws Exception {
    Receiver.Identity identity = Receiver.Identity.make(folder);
    try (Receiver receiver = Receiver.start(identity)) {
      happen(0, 1);
      for (BmcSettings.Trust right :
          List.of(
              new BmcSettings.Trust.Fingerprint(identity.sha256()),
              new BmcSettings.Trust.Authority(Path.of("receiver.pem")),
              new BmcSettings.Trust.FirstUse(),
              new BmcSettings.Trust.Any())) {
        Courier courier = courier(hook(receiver.url(), Optional.of(right)));
        assertTrue(
            courier.ping("msg_1") instanceof Patience.Reply.Answered answered
                && answered.status() == 204,
            right.toString());
      }
      int taken = receiver.got().size();
      assertTrue(receiver.got().stream().allMatch(Receiver.Got::isSigned));
      for (Optional<BmcSettings.Trust> wrong :
          List.of(
              Optional.<BmcSettings.Trust>empty(),
              Optional.<BmcSettings.Trust>of(new BmcSettings.Trust.Fingerprint("00".repeat(32))))) {
        Patience.Reply reply = courier(hook(receiver.url(), wrong)).ping("msg_2");
        assertTrue(
            reply instanceof Patience.Reply.Unanswered(String why)
                && why.startsWith("its certificate is not trusted: "),
            reply.toString());
      }
      assertEquals(taken, receiver.got().size());
    }
  }
}
