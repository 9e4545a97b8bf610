// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import foundrybot.answerfiles.Mac;
import foundrybot.answerfiles.Node;
import foundrybot.answerfiles.RackFile;
import foundrybot.answerfiles.RackFiles;
import foundrybot.answerfiles.RackReading;
import foundrybot.appliance.power.BmcLocks;
import foundrybot.appliance.power.Bmcs;
import foundrybot.appliance.power.PowerException;
import foundrybot.redfish.Bmc;
import foundrybot.rig.bmc.Operator.Said;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code bootserver bmc add}, {@code list} and {@code remove} as an operator runs them. */
final class EnteredBmcTest {
  private static final String USER = RedfishEmulator.CREDENTIALS.user();
  private static final String KEY = "k3y-of-the-plug";
  private static final String PASSWORD = RedfishEmulator.CREDENTIALS.password().reveal();

  @TempDir private Path folder = Path.of("");
  private final PoweredMachine machine = RedfishEmulatorTest.machine(1);
  private Operator operator = new Operator(folder, PASSWORD);

  @BeforeEach
  void write() throws IOException {
    operator = new Operator(folder, PASSWORD);
    Path file = folder.resolve("bmc.pw");
    Files.writeString(file, PASSWORD + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    Files.writeString(
        folder.resolve("rack.yaml"),
        """
        cluster: alpha
        domain: alpha.rack
        appliance: { address: 127.0.0.1/8 }
        admin: { user: ops, ssh-keys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILewWhH5CTUU3in33UCXnZpwKItYQiqYj2VFSj6dsC8/ me@desk"] }
        nodes:
          %s: { role: etcd, name: add }
        """
            .formatted(machine.macs().getFirst()));
  }

  private RedfishEmulator redfish() {
    return RedfishEmulator.start(
        RedfishEmulator.Setup.of(Personalities.of("dell-idrac9"), machine));
  }

  private static String trust(RedfishEmulator bmc) {
    return "sha256:" + bmc.fingerprint().orElseThrow();
  }

  private Node node() throws IOException {
    return switch (RackFiles.read(Files.readString(folder.resolve("rack.yaml")), "rack.yaml")) {
      case RackReading.Valid(RackFile rack) -> rack.nodes().getFirst();
      case RackReading.Invalid invalid -> throw new AssertionError(invalid.faults().toString());
    };
  }

  private Bmcs bmcs() {
    return new Bmcs(
        folder,
        folder.resolve("foundrybot-data"),
        Map.of(),
        java.net.Inet4Address.ofLiteral("127.0.0.1"));
  }

  @Test
  void anEnteredBmcSwitchesItsNodeListsItselfAndIsForgotten() throws Exception {
    try (RedfishEmulator bmc = redfish()) {
      Said added =
          operator.runWithInput(
              PASSWORD + "\n",
              "bmc",
              "add",
              "add",
              bmc.url().toString(),
              "--user",
              USER,
              "--password-file",
              "-",
              "--trust",
              trust(bmc));
      assertEquals(0, added.status(), added::err);
      assertEquals(1, bmc.account().sessions());
      assertEquals(0, bmc.account().openSessions());
      assertEquals("add: on\n", operator.run("power", "add", "on").out());
      assertEquals(1, machine.account().powerOns());
      assertTrue(operator.run("bmc", "show", "add").out().contains("(in the rack file)"));

      Said list = operator.run("bmc", "list");
      assertTrue(list.out().contains(bmc.url().toString()), list::out);
      assertTrue(list.out().contains(USER) && list.out().contains(trust(bmc)), list::out);

      assertEquals(0, operator.run("bmc", "remove", "add").status());
      Said gone = operator.run("power", "add", "status");
      assertEquals(1, gone.status());
      assertTrue(gone.err().contains("bootserver bmc add"), gone::err);
      assertEquals(1, operator.run("bmc", "remove", "add").status());
    }
  }

  @Test
  void aProgramThatRunsSeesWhatIsEnteredAndTheRackFileGoesBefore() throws Exception {
    Bmcs running = bmcs();
    Node node = node();
    assertFalse(running.has(node));
    try (RedfishEmulator bmc = redfish()) {
      String mac = machine.macs().getFirst().text();
      String url = bmc.url().toString();
      Said added =
          operator.run(
              "bmc",
              "add",
              mac,
              url,
              "--user",
              USER,
              "--password-file",
              "bmc.pw",
              "--trust",
              trust(bmc),
              "--no-check");
      assertEquals(0, added.status(), added::err);
      assertEquals(0, bmc.account().requests());
      assertTrue(running.has(node));
      assertEquals(bmc.url(), running.url(node).orElseThrow());
      try (Bmc opened = running.open(node)) {
        assertTrue(opened.power().result().isPresent());
      }
      String rack = Files.readString(folder.resolve("rack.yaml"));
      Files.writeString(
          folder.resolve("rack.yaml"), rack.replace("name: add", "name: add, bmc: wol"));
      try (Bmc opened = running.open(node())) {
        assertTrue(opened.describe().startsWith("wol"), opened::describe);
      }
      assertTrue(operator.run("bmc", "list").out().contains("not in force"));
    }
  }

  @Test
  void theLogInThatTriesABmcWaitsForACommandThatHasIt() throws Exception {
    try (RedfishEmulator bmc = redfish()) {
      Mac mac = Mac.parse(machine.macs().getFirst().text()).orElseThrow();
      String address = BmcLocks.bmc(Optional.of(bmc.url()), mac);
      BmcLocks locks = BmcLocks.in(folder.resolve("foundrybot-data"));
      BmcLocks.Held held =
          assertInstanceOf(BmcLocks.Held.class, locks.take(address, "power cycle add"));
      Process adding;
      try (held) {
        adding =
            operator.start(
                "bmc",
                "add",
                "add",
                bmc.url().toString(),
                "--user",
                USER,
                "--password-file",
                "bmc.pw",
                "--trust",
                trust(bmc));
        for (int i = 0; i < 200 && Files.readString(folder.resolve("err")).isEmpty(); i++) {
          Thread.sleep(50);
        }
        assertEquals(0, bmc.account().requests(), "nothing was asked yet");
      }
      Said said = operator.ended(adding);
      assertEquals(0, said.status(), said::err);
      assertTrue(
          said.err().startsWith("add: its BMC is busy with 'power cycle add' of process "),
          said::err);
      assertEquals(1, bmc.account().sessions());
    }
  }

  /** A plug that is told by paths with a key in them, and repeats what it does not understand. */
  private static HttpServer plug(AtomicBoolean on, AtomicBoolean broken) throws IOException {
    HttpServer plug =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 5);
    plug.createContext(
        "/",
        exchange -> {
          String asked = exchange.getRequestMethod() + " " + exchange.getRequestURI();
          boolean known = !broken.get() || asked.startsWith("GET /" + KEY + "/state");
          if (known && asked.startsWith("POST /" + KEY + "/")) {
            on.set(asked.endsWith("/on?outlet=7"));
          }
          String said = known ? "{\"on\":" + on + "}" : "cannot " + asked;
          byte[] answer = said.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(known ? 200 : 418, answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
    plug.start();
    return plug;
  }

  @Test
  void aSwitchIsEnteredWithItsRequestsWhichAreNeverShownAgain() throws Exception {
    operator = new Operator(folder, KEY);
    AtomicBoolean on = new AtomicBoolean();
    AtomicBoolean broken = new AtomicBoolean();
    HttpServer plug = plug(on, broken);
    try {
      String url = "webhook+http://127.0.0.1:" + plug.getAddress().getPort();
      Files.writeString(
          folder.resolve("plug.requests"),
          "# of the plug at the window\non: POST /%1$s/on?outlet={system}\n".formatted(KEY)
              + "off: POST /%1$s/off\nstatus: GET /%1$s/state\n".formatted(KEY));
      Said added =
          operator.run(
              "bmc",
              "add",
              "add",
              url,
              "--requests",
              "plug.requests",
              "--system",
              "7",
              "--status-pointer",
              "/on",
              "--status-on",
              "true",
              "--status-off",
              "false");
      assertEquals(0, added.status(), added::err);
      assertTrue(added.err().contains("whoever listens on the way can read"), added::err);
      try (Stream<Path> files = Files.walk(folder.resolve("foundrybot-data"))) {
        for (Path file : files.filter(Files::isRegularFile).toList()) {
          String text = Files.readString(file, StandardCharsets.ISO_8859_1);
          assertFalse(text.contains(KEY), file::toString);
        }
      }
      assertEquals("add: on\n", operator.run("power", "add", "on").out());
      assertTrue(on.get());
      Said list = operator.run("bmc", "list", "--json");
      assertTrue(list.out().contains("\"on, off, status\""), list::out);
      broken.set(true);
      Said refused = operator.run("power", "add", "off");
      assertEquals(1, refused.status(), refused::out);
      assertTrue(refused.err().contains("off by POST (as entered)"), refused::err);
      assertTrue(refused.err().contains("418"), refused::err);
      assertTrue(on.get());
    } finally {
      plug.stop(0);
    }
  }

  @Test
  void aSwitchWithoutItsRequestsIsNotEntered() throws Exception {
    String url = "webhook+https://127.0.0.1:1";
    Said missing = operator.run("bmc", "add", "add", url, "--trust", "any");
    assertEquals(64, missing.status());
    assertTrue(missing.err().contains("--on and --off: missing"), missing::err);
    Said form = operator.run("bmc", "add", "add", url, "--trust", "any", "--on", "k3y-of-mine");
    assertEquals(64, form.status());
    assertFalse(form.err().contains("k3y"), form::err);
    Said key = operator.run("bmc", "add", "add", "wol", "--on", "GET /on");
    assertEquals(64, key.status());
    assertTrue(key.err().contains("with webhook+https and"), key::err);
  }

  @Test
  void whatIsWrongIsSaidAndNothingIsEntered() throws Exception {
    try (RedfishEmulator bmc = redfish()) {
      String url = bmc.url().toString();
      Files.writeString(folder.resolve("wrong.pw"), "wrong\n");
      Said refused =
          operator.run(
              "bmc",
              "add",
              "add",
              url,
              "--user",
              USER,
              "--password-file",
              "wrong.pw",
              "--trust",
              trust(bmc));
      assertEquals(1, refused.status());
      assertTrue(refused.err().contains("nothing was entered"), refused::err);
      assertTrue(refused.err().contains("chmod 600"), refused::err);
      assertEquals(1, bmc.account().refusedLogins());

      Said untrusted =
          operator.run("bmc", "add", "add", url, "--user", USER, "--password-file", "bmc.pw");
      assertEquals(64, untrusted.status());
      assertTrue(untrusted.err().contains("add --trust " + trust(bmc)), untrusted::err);

      Said noPassword = operator.run("bmc", "add", "add", url, "--user", USER, "--trust", "any");
      assertTrue(noPassword.err().contains("no terminal to ask"), noPassword::err);
      Said noUser = operator.run("bmc", "add", "add", url, "--trust", "any");
      assertTrue(noUser.err().contains("--user: missing"), noUser::err);
      Said print = operator.run("bmc", "add", "add", url, "--user", USER, "--trust", "sha256:ab");
      assertEquals(64, print.status());
      assertTrue(print.err().contains("--trust: sha256:ab (expected: sha256: and"), print::err);
      assertEquals(1, bmc.account().refusedLogins());
      assertTrue(operator.run("bmc", "list").out().contains("none entered"));
      try {
        bmcs().open(node());
      } catch (PowerException e) {
        return;
      }
      throw new AssertionError("there is a BMC");
    }
  }

  @Test
  @Tag("slow")
  void atATerminalThePasswordIsAskedForWithoutEchoAndTheCertificateConfirmed() throws Exception {
    try (RedfishEmulator bmc = redfish()) {
      String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
      String command =
          String.join(
              " ",
              java,
              "--enable-native-access=ALL-UNNAMED -cp '"
                  + System.getProperty("java.class.path")
                  + "'",
              "foundrybot.appliance.cli.Main bmc add add",
              bmc.url().toString(),
              "--user",
              USER);
      Process script =
          new ProcessBuilder("script", "-qec", command, "/dev/null")
              .directory(folder.toFile())
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve("seen").toFile())
              .start();
      try (var in = script.getOutputStream()) {
        await("(yes/no)");
        in.write("yes\n".getBytes(StandardCharsets.US_ASCII));
        in.flush();
        await("Password of " + USER);
        in.write((PASSWORD + "\n").getBytes(StandardCharsets.US_ASCII));
        in.flush();
        assertTrue(script.waitFor(60, TimeUnit.SECONDS), "it does not end");
      }
      String seen = Files.readString(folder.resolve("seen"));
      assertEquals(0, script.exitValue(), seen);
      assertTrue(seen.contains(trust(bmc)) && seen.contains("add: entered"), seen);
      assertFalse(seen.contains(PASSWORD), "the password was shown");
      assertEquals("add: off\n", operator.run("power", "add", "status").out());
    }
  }

  private void await(String text) throws IOException, InterruptedException {
    for (int i = 0; i < 600; i++) {
      if (Files.exists(folder.resolve("seen"))
          && Files.readString(folder.resolve("seen")).contains(text)) {
        return;
      }
      Thread.sleep(100);
    }
    throw new AssertionError("never seen: " + text);
  }
}
