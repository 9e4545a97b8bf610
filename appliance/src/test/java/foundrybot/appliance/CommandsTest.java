// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.appliance.cli.Main;
import foundrybot.appliance.lifecycle.Fact;
import foundrybot.appliance.store.FactWriter;
import foundrybot.appliance.store.Journal;
import foundrybot.appliance.store.Store;
import foundrybot.appliance.store.StoreException;
import foundrybot.bootserver.http.HttpAnswer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A command is carried out once, however often it is sent. */
class CommandsTest {
  private static final String MAC = "52:54:00:bb:00:01";
  private static final String ID = "0123456789abcdef-1";

  @TempDir private Path folder = Path.of("");
  private LoopbackAppliance rack;

  @BeforeEach
  void start() {
    rack = new LoopbackAppliance(folder);
    rack.node(MAC, "w1", "debian-12").node("52:54:00:bb:00:02", "w2", "debian-12").start();
  }

  @AfterEach
  void stop() {
    rack.close();
  }

  private Heard told(String path, String id) {
    return rack.send(rack.asOperator(path).header("Command-Id", id).POST(BodyPublishers.noBody()));
  }

  private int run() {
    return rack.statusJson(MAC).get("run").asInt();
  }

  @Test
  void whoSendsACommandAgainGetsItsAnswerAndNothingIsDone() {
    Heard first = told("nodes/w1/reinstall", ID);
    Heard again = told("nodes/w1/reinstall", ID);
    assertEquals(200, first.status(), first.text());
    assertEquals(first.text(), again.text());
    assertEquals(2, run());
    assertEquals(200, told("nodes/w1/reinstall", ID + "2").status());
    assertEquals(3, run());
  }

  @Test
  void anIdIsGoodForOneCommandOnly() {
    assertEquals(200, told("nodes/w1/reinstall", ID).status());
    for (String other : List.of("nodes/w2/reinstall", "nodes/w1/hold", "nodes/w1/reinstall?x=1")) {
      Heard refused = told(other, ID);
      assertEquals(422, refused.status(), other);
      assertTrue(refused.text().contains("for another command"), refused.text());
    }
    assertEquals(422, told("nodes/w1/reinstall", "short").status());
    assertEquals(2, run());
  }

  @Test
  void anApplianceThatWasStartedAgainKnowsTheIdAndSaysWhereTheOutcomeIs() {
    assertEquals(200, told("nodes/w1/reinstall", ID).status());
    rack.stop();
    rack.startAgain();
    Heard again = told("nodes/w1/reinstall", ID);
    assertEquals(409, again.status(), again.text());
    assertTrue(again.text().contains("bootserver audit"), again.text());
    assertEquals(2, run());
  }

  @Test
  void oneOfManyCommandsIsStillAnsweredAsItWas() {
    Heard first = told("nodes/w1/reinstall", ID);
    assertEquals(200, first.status());
    for (int i = 0; i < 70; i++) {
      assertEquals(422, told("nodes/w2/arm", ID + "-" + i).status());
    }
    Heard again = told("nodes/w1/reinstall", ID);
    assertEquals(200, again.status(), again.text());
    assertEquals(first.text(), again.text());
    assertEquals(2, run());
  }

  /** Each of the largest rack is a command of its own; a form that is sent twice is done once. */
  @Test
  void thousandsAtOnceAreDoneOnceAndALongAnswerIsKeptAmongFew() {
    try (Store store = Store.open(folder.resolve("own"));
        Journal journal = Journal.driven(store, _ -> {}, _ -> {}, () -> {})) {
      Commands commands = commands(journal);
      AtomicInteger done = new AtomicInteger();
      Supplier<CompletionStage<HttpAnswer>> brief = answering(done, 1024);
      for (int i = 0; i < 5_000; i++) {
        var _ = commands.once(Optional.of("brief-0123456789-" + i), "hold", brief);
        if (i % 500 == 0) {
          assertTrue(journal.turn());
        }
      }
      assertTrue(journal.turn());
      for (int i : new int[] {0, 2_500, 4_999}) {
        Optional<String> id = Optional.of("brief-0123456789-" + i);
        assertEquals(200, status(commands.once(id, "hold", brief)));
      }
      assertEquals(5_000, done.get());
      for (int i = 0; i < 65; i++) {
        Optional<String> id = Optional.of("long-0123456789-" + i);
        var _ = commands.once(id, "deploy", answering(done, 1025));
        assertTrue(journal.turn());
      }
      CompletionStage<HttpAnswer> kept =
          commands.once(Optional.of("long-0123456789-1"), "deploy", brief);
      assertEquals(200, status(kept));
      CompletionStage<HttpAnswer> gone =
          commands.once(Optional.of("long-0123456789-0"), "deploy", brief);
      assertEquals(409, status(gone));
      HttpAnswer.Body said =
          assertInstanceOf(HttpAnswer.Body.class, gone.toCompletableFuture().join());
      assertTrue(
          new String(said.bytes(), StandardCharsets.UTF_8)
              .contains("or 64 commands with answers as long came after it"));
      assertEquals(5_065, done.get());
    }
  }

  private static Supplier<CompletionStage<HttpAnswer>> answering(AtomicInteger done, int bytes) {
    return () -> {
      done.incrementAndGet();
      return CompletableFuture.completedStage(Answers.text(200, "x".repeat(bytes), "a test"));
    };
  }

  private static int status(CompletionStage<HttpAnswer> answer) {
    return assertInstanceOf(HttpAnswer.Body.class, answer.toCompletableFuture().join()).status();
  }

  @Test
  void anIdThatCouldNotBeNotedIsGoodForItsCommandLater() {
    AtomicInteger done = new AtomicInteger();
    Supplier<CompletionStage<HttpAnswer>> command =
        () -> {
          done.incrementAndGet();
          return CompletableFuture.completedStage(Answers.text(200, "done\n", "a test"));
        };
    try (Store store = Store.open(folder.resolve("own"));
        Journal journal = Journal.driven(store, _ -> {}, _ -> {}, () -> {})) {
      Commands commands = commands(journal);
      for (int i = 0; i < 50_000; i++) {
        journal.note(new Fact(Instant.EPOCH, MAC, "a", ""));
      }
      assertEquals(503, status(commands.once(Optional.of(ID), "hold", command)), "too much waits");
      assertEquals(0, done.get());
      assertTrue(journal.turn());
      CompletionStage<HttpAnswer> again = commands.once(Optional.of(ID), "hold", command);
      assertTrue(journal.turn());
      assertEquals(200, status(again));
      assertEquals(1, done.get());
    }
  }

  @Test
  void anIdThatTheDiskDidNotTakeIsFreeAgain() {
    FactWriter full =
        new FactWriter() {
          @Override
          public long[] append(List<Fact> more) {
            throw new StoreException("disk: full", new IOException());
          }

          @Override
          public void force() {
            throw new StoreException("disk: full", new IOException());
          }
        };
    try (Journal journal = Journal.driven(full, _ -> {}, _ -> {}, () -> {})) {
      Commands commands = commands(journal);
      Supplier<CompletionStage<HttpAnswer>> never =
          () -> CompletableFuture.failedStage(new IllegalStateException("carried out"));
      CompletionStage<HttpAnswer> first = commands.once(Optional.of(ID), "hold", never);
      assertFalse(journal.turn());
      assertEquals(503, status(first));
      assertEquals(503, status(commands.once(Optional.of(ID), "resume", never)), "not 422");
    }
  }

  private static Commands commands(Journal journal) {
    Fleet fleet = new Fleet(FleetTest.rack(MAC), Instant.EPOCH);
    return new Commands(
        new FlightRecorder(journal, fleet, Clock.fixed(Instant.EPOCH, ZoneOffset.UTC)));
  }

  @Test
  void theCommandLineSendsACommandAgainWhoseAnswerIsLostAndItIsDoneOnce() throws Exception {
    try (Lossy way = new Lossy(rack.uri("/"))) {
      Path data = Files.createDirectories(folder.resolve("elsewhere"));
      for (String file : List.of("operator.token", "appliance.url")) {
        Files.copy(rack.data().resolve(file), data.resolve(file));
      }
      Files.writeString(data.resolve("appliance.url"), way.url());
      assertEquals(0, Main.run("reinstall", "w1", "--no-wait", "--data", data.toString()));
      assertTrue(way.lost, "an answer was lost");
      assertEquals(2, run());
    }
  }

  /** A way to the appliance on which the first answer is lost. */
  private static final class Lossy implements AutoCloseable {
    private final ServerSocket here;
    private final URI appliance;
    volatile boolean lost;

    Lossy(URI appliance) throws IOException {
      this.appliance = appliance;
      this.here = new ServerSocket(0, 5, InetAddress.getByName(appliance.getHost()));
      Thread.ofVirtual().start(this::serve);
    }

    String url() {
      return "http://" + appliance.getHost() + ":" + here.getLocalPort();
    }

    private void serve() {
      while (!here.isClosed()) {
        try (Socket client = here.accept();
            Socket server = new Socket(appliance.getHost(), appliance.getPort())) {
          Thread.ofVirtual().start(() -> pump(client, server));
          InputStream answer = server.getInputStream();
          int first = answer.read();
          if (lost) {
            client.getOutputStream().write(first);
            answer.transferTo(client.getOutputStream());
          }
          lost = true;
        } catch (IOException e) {
          // One of them has ended.
        }
      }
    }

    private static void pump(Socket from, Socket to) {
      try {
        from.getInputStream().transferTo(to.getOutputStream());
        to.shutdownOutput();
      } catch (IOException e) {
        // One of them has ended.
      }
    }

    @Override
    public void close() throws IOException {
      here.close();
    }
  }
}
