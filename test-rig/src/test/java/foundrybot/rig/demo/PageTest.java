// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.answerfiles.DhcpMode;
import foundrybot.answerfiles.Node;
import foundrybot.answerfiles.RackFile;
import foundrybot.appliance.Appliance;
import foundrybot.images.ArtifactManifest;
import foundrybot.rig.sim.Milestone;
import foundrybot.rig.sim.Mishaps;
import foundrybot.rig.sim.Pace;
import foundrybot.rig.sim.SimulatedRack;
import foundrybot.rig.sim.Weather;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.Keys;

/** The page in a real browser, with a real appliance and simulated machines behind it. */
@Tag("slow")
class PageTest {
  private static final Map<String, Milestone> SILENT =
      Map.of(
          "worker-3", Milestone.KERNEL,
          "storage-1", Milestone.OFFERED,
          "worker-1", Milestone.ANSWER);

  @TempDir Path folder = Path.of("");

  private final List<String> fatal = new CopyOnWriteArrayList<>();

  private static Demo.Settings settings(int nodes, Path data) {
    return new Demo.Settings(
        nodes,
        DhcpMode.PROXY,
        false,
        data,
        Pace.watchable(),
        name -> Optional.ofNullable(SILENT.get(name)).map(Mishaps::stopsAfter).orElse(Mishaps.NONE),
        Weather.FAIR,
        7,
        _ -> {});
  }

  private static URI page(RackFile rack) {
    return URI.create(
        "http://" + DemoRack.APPLIANCE + ":" + rack.appliance().ports().http() + "/ui/");
  }

  private void logIn(Browser browser, RackFile rack, Path data) throws IOException {
    browser.open(page(rack));
    assertEquals("/ui/login", browser.path());
    browser.press(Files.readString(data.resolve("operator.token")).strip(), Keys.ENTER);
    browser.await("logged in", () -> browser.path().equals("/ui/"));
  }

  private static void isUsable(Browser browser) {
    assertEquals(List.of(), browser.accessibilityFaults(), browser.path());
    assertFalse(browser.scrollsSideways(), browser.path());
  }

  @Test
  void anOperatorSeesTheRackComeUpAndDoesSomethingAboutWhoDoesNot() throws Exception {
    Path data = Files.createDirectory(folder.resolve("data"));
    MovedClock clock = new MovedClock();
    clock.forward(Duration.ofMinutes(-20));
    Demo.Prepared files = Demo.prepare(16, DhcpMode.PROXY, List.of(), data);
    try (Appliance appliance = Demo.appliance(files, data, clock, fatal::add);
        SimulatedRack rack = Demo.machines(files.rack(), settings(16, data));
        Browser browser = new Browser(folder.resolve("profile"))) {
      browser.open(page(files.rack()));
      browser.script("document.querySelector('main').append(document.createElement('img'))");
      assertEquals(1, browser.accessibilityFaults().size(), "the checker finds what is wrong");
      browser.script("document.querySelector('main > img').remove()");
      isUsable(browser);
      browser.picture("page-login");
      logIn(browser, files.rack(), data);
      assertEquals(16, browser.count(".cell"));
      browser.await("it is live", () -> browser.text("#live").equals("live"));
      assertTrue(browser.text("#n-worker-1").contains("planned"), browser.text("#n-worker-1"));
      isUsable(browser);

      browser.script("window.stillThere = true; document.getElementById('n-worker-1').focus()");
      rack.powerOn();
      browser.await("it comes up", () -> !browser.text("#summary").startsWith("0 of 16"));
      browser.await(
          "all others are ready", () -> browser.text("#summary").contains("13 of 16 ready"));
      assertEquals(true, browser.script("return window.stillThere"), "without loading it again");
      assertEquals("n-worker-1", browser.script("return document.activeElement.id"), "the focus");
      assertEquals("live", browser.text("#live"));
      assertTrue(rack.await(Duration.ofSeconds(60)));
      clock.forward(Duration.ofMinutes(20));
      browser.await("who is stuck is told", () -> browser.text("#attention").contains("worker-3"));
      assertTrue(browser.text("#n-worker-3").contains("stuck"));
      isUsable(browser);
      assertFalse(
          browser.text("#attention").contains("ago"), "for how long, not since how long ago");
      browser.picture("page-rack");

      browser.dark(true);
      isUsable(browser);
      browser.picture("page-rack-dark");
      narrow(browser, "page-rack-phone");

      browser.dark(false);
      severalAtOnce(browser);
      browser.dark(true);
      browser.tabTo("#see-storage-1");
      browser.press(Keys.ENTER);
      browser.await("the node's page", () -> browser.path().equals("/ui/node/storage-1"));
      browser.await("its diagnosis", () -> !browser.text("#why").isEmpty());
      isUsable(browser);
      browser.dark(false);
      isUsable(browser);
      browser.picture("page-node");
      narrow(browser, "page-node-phone");

      byKeyboardAlone(browser, appliance);
      assertEquals(List.of(), browser.requestsElsewhere(page(files.rack())));
      browser.open(page(files.rack()).resolve("/ui/audit"));
      assertTrue(browser.text("main").contains("reinstall storage-1"));
      isUsable(browser);
      browser.picture("page-audit");
      narrow(browser, "page-audit-phone");
      browser.find(".out button").click();
      browser.await("logged out", () -> browser.path().equals("/ui/login"));
    }
    assertEquals(List.of(), fatal);
  }

  private static void narrow(Browser browser, String picture) {
    browser.size(360, 740);
    assertFalse(browser.scrollsSideways(), browser.path());
    browser.picture(picture);
    browser.size(1280, 900);
  }

  private static void severalAtOnce(Browser browser) {
    browser.find("#words").sendKeys("etcd");
    browser.await("the filter", () -> visible(browser) == 3);
    browser.tabTo("#what");
    browser.press("Hold");
    browser.tabTo("#tick");
    browser.press(Keys.ENTER);
    browser.await("they are ticked", () -> browser.text("#ticked").equals("3 ticked"));
    isUsable(browser);
    browser.tabTo("input[value=etcd-2]");
    browser.press(Keys.SPACE);
    browser.await("but one", () -> browser.text("#ticked").equals("2 ticked"));
    browser.script("document.getElementById('to-many').focus()");
    browser.press(Keys.ENTER);
    browser.await("the question", () -> browser.path().equals("/ui/many"));
    assertTrue(browser.text("main").contains("Hold 2 machines?"), browser.text("main"));
    assertFalse(browser.text("main").contains("etcd-2"), browser.text("main"));
    isUsable(browser);
    browser.picture("page-many");
    browser.tabTo("main button");
    browser.press(Keys.ENTER);
    browser.await("what each answered", () -> browser.path().equals("/ui/many/do"));
    assertTrue(browser.text("h1").contains("2 of 2 machines done"), browser.text("main"));
    isUsable(browser);
    browser.tabTo("main p a");
    browser.press(Keys.ENTER);
    browser.await("they are held", () -> browser.text("#n-etcd-3").contains("held"));
  }

  private static void byKeyboardAlone(Browser browser, Appliance appliance) {
    browser.script("window.stillThere = true");
    browser.tabTo("#to-hold");
    browser.press(Keys.ENTER);
    browser.await("it asks", () -> browser.count("#ask[open]") == 1);
    assertTrue(browser.text("#ask").contains("Hold storage-1?"), browser.text("#ask"));
    browser.press(Keys.ESCAPE);
    browser.await("it asks no more", () -> browser.count("#ask[open]") == 0);
    assertEquals("to-hold", browser.script("return document.activeElement.id"), "the focus");
    assertEquals(
        "ok", browser.script("return document.getElementById('said').textContent || 'ok'"));

    browser.tabTo("#to-reinstall");
    browser.press(Keys.ENTER);
    browser.await("it asks again", () -> browser.text("#ask").contains("Reinstall storage-1?"));
    assertEquals(
        true,
        browser.script("return document.getElementById('ask').contains(document.activeElement)"),
        "the focus is in the question");
    isUsable(browser);
    browser.picture("page-confirm");
    browser.tabTo("input[name=sure]");
    browser.press(Keys.SPACE);
    browser.tabTo("#ask button");
    browser.press(Keys.ENTER);
    browser.await("what came of it", () -> browser.text("#said").contains("storage-1"));
    browser.await("the question is gone", () -> browser.count("#ask[open]") == 0);
    browser.await("the new run", () -> browser.text("#timeline").contains("reinstall"));
    assertEquals(true, browser.script("return window.stillThere"), "without loading it again");
    isUsable(browser);
    assertEquals(
        2,
        appliance.status().nodes().stream()
            .filter(node -> node.name().equals("storage-1"))
            .findFirst()
            .orElseThrow()
            .run());
  }

  @Test
  void whereTheStreamDoesNotComeThroughThePageAsksByItselfAndSaysSo() throws Exception {
    Path data = Files.createDirectory(folder.resolve("data"));
    Demo.Prepared files = Demo.prepare(3, DhcpMode.PROXY, List.of(), data);
    Appliance appliance = Demo.appliance(files, data, Clock.systemUTC(), fatal::add);
    try (Browser browser = new Browser(folder.resolve("profile"))) {
      logIn(browser, files.rack(), data);
      String mac = files.rack().nodes().getFirst().mac().toString();
      String first = "#n-" + files.rack().nodes().getFirst().name();
      browser.await("it is live", () -> browser.text("#live").equals("live"));
      browser.block("*/ui/stream*");
      browser.open(page(files.rack()));
      browser.await("it says so", () -> browser.text("#live").startsWith("not live since "));
      isUsable(browser);
      browser.script("return fetch('/boot/" + mac + "/bios.ipxe').then(a => a.status)");
      browser.await("it asks all the same", () -> browser.text(first).contains("script"));
      browser.block();
      browser.await("it is live again", () -> browser.text("#live").equals("live"));

      appliance.close();
      browser.await("it is told", () -> browser.text("#offline").contains("does not answer"));
      assertTrue(browser.text("#offline").startsWith("Since "), browser.text("#offline"));
      isUsable(browser);
      appliance = Demo.appliance(files, data, Clock.systemUTC(), fatal::add);
      browser.await("the log-in", () -> browser.path().equals("/ui/login"));
    } finally {
      appliance.close();
    }
    assertEquals(List.of(), fatal);
  }

  @Test
  void aMachineIsSwitchedHeldDeployedAndRescuedFromItsPageByKeyboard() throws Exception {
    Path data = folder.resolve("data");
    Demo.Settings settings =
        new Demo.Settings(
            2,
            DhcpMode.PROXY,
            true,
            data,
            Pace.watchable(),
            _ -> Mishaps.NONE,
            Weather.FAIR,
            7,
            fatal::add);
    try (Demo demo = Demo.start(settings);
        Browser browser = new Browser(folder.resolve("profile"))) {
      withRescueSystem(data.resolve("artifacts").resolve("debian-12-cast"));
      browser.open(demo.page());
      browser.press(Files.readString(data.resolve("operator.token")).strip(), Keys.ENTER);
      browser.await("logged in", () -> browser.path().equals("/ui/"));
      String first = demo.status().nodes().getFirst().name();
      browser.open(demo.page().resolve("node/" + first));
      browser.script("window.stillThere = true");
      assertTrue(browser.text("#bmc").contains("nothing heard lately"), browser.text("#bmc"));
      answer(browser, "ask-bmc", "Ask the BMC now " + first + "?", first + ": off");
      browser.await("what is known", () -> browser.text("#bmc").contains("off; "));
      answer(browser, "hold", "Hold " + first + "?", first + ": held");
      browser.await("it is held", () -> browser.text("#where").contains("held"));
      answer(browser, "resume", "Resume " + first + "?", first + ": goes on");
      answer(browser, "power-on", "Power on " + first + "?", first + ": on");
      browser.await("what is known now", () -> browser.text("#bmc").contains("on; "));
      browser.picture("page-bmc");
      narrow(browser, "page-bmc-phone");
      answer(browser, "power-off", "Power off " + first + "?", first + ": off");
      answer(browser, "deploy", "Deploy " + first + "?", first + ": Begun");
      browser.await("it comes up", () -> !browser.text("#where").contains("at planned"));
      assertEquals(true, browser.script("return window.stillThere"), "without loading it again");

      String second = demo.status().nodes().getLast().name();
      browser.open(demo.page().resolve("node/" + second));
      browser.dark(true);
      answer(browser, "rescue", "Rescue " + second + "?", second + ": Begun");
      browser.await("its way there", () -> browser.text("#where").contains("rescue"));
      isUsable(browser);
    }
    assertEquals(List.of(), fatal);
  }

  /** The demo's stand-in for the deploy environment has one; nothing is said of what it does. */
  private static void withRescueSystem(Path artifacts) {
    ArtifactManifest made = ArtifactManifest.read(artifacts);
    Map<String, String> facts = new HashMap<>(made.facts());
    facts.put(ArtifactManifest.RESCUE, "ssh");
    new ArtifactManifest(made.profile(), made.builtAt(), facts, made.artifacts()).write(artifacts);
  }

  /** Without a pointer: to the button, through the question, and its box where it has one. */
  private static void answer(Browser browser, String action, String question, String outcome) {
    browser.await("the button", () -> browser.count("#to-" + action) == 1);
    browser.tabTo("#to-" + action);
    browser.press(Keys.ENTER);
    browser.await("it asks", () -> browser.text("#ask[open]").contains(question));
    if (browser.count("#ask input[name=sure]") > 0) {
      // The checker takes its time, and questions without a box are part of these.
      isUsable(browser);
      browser.tabTo("#ask input[name=sure]");
      browser.press(Keys.SPACE);
    }
    browser.tabTo("#ask button");
    browser.press(Keys.ENTER);
    browser.await("what came of it", () -> browser.text("#said").contains(outcome));
    browser.await("the question is gone", () -> browser.count("#ask[open]") == 0);
  }

  @Test
  void aLineOfAnInstallersLogAppearsByItselfAndMovesItsBar() throws Exception {
    Path data = Files.createDirectory(folder.resolve("data"));
    Demo.Prepared files = Demo.prepare(3, DhcpMode.PROXY, List.of(), data);
    Node node = files.rack().nodes().getLast();
    assertEquals("debian-12", node.profile().name());
    try (Appliance _ = Demo.appliance(files, data, Clock.systemUTC(), fatal::add);
        Browser browser = new Browser(folder.resolve("profile"))) {
      logIn(browser, files.rack(), data);
      browser.open(page(files.rack()).resolve("node/" + node.name()));
      browser.await("it is live", () -> browser.text("#live").equals("live"));
      browser.script("window.stillThere = true");
      assertEquals(0, browser.count("pre.log"));
      installerStarts(files.rack(), node);
      logs(files.rack(), "main-menu[211]: INFO: Menu item 'bootstrap-base' selected");
      browser.await("its line", () -> browser.text("pre.log").contains("'bootstrap-base'"));
      browser.await("its bar", () -> browser.text("#where").contains("Installed 12 %: "));
      logs(files.rack(), "debootstrap: Setting up libc6:amd64 (2.36-9+deb12u10) ...");
      browser.await("the next line", () -> browser.text("pre.log").contains("Setting up libc6"));
      browser.await("its bar goes on", () -> browser.text("#where").contains("Installed 32 %: "));
      assertEquals("32", browser.find("#where progress").getDomAttribute("value"));
      assertEquals(true, browser.script("return window.stillThere"), "without loading it again");
      isUsable(browser);
      browser.picture("page-installing");
      browser.dark(true);
      isUsable(browser);
      narrow(browser, "page-installing-phone");
      browser.open(page(files.rack()));
      assertTrue(browser.text("#n-" + node.name()).contains("installing 32 %"));
    }
    assertEquals(List.of(), fatal);
  }

  /** As a machine does over its own card: it fetches its script, and reports with what is in it. */
  private static void installerStarts(RackFile rack, Node node) throws Exception {
    String mac = node.mac().toString().replace(':', '-');
    try (HttpClient machine = HttpClient.newHttpClient()) {
      String script =
          machine
              .send(
                  HttpRequest.newBuilder(page(rack).resolve("/boot/" + mac + "/bios.ipxe")).build(),
                  BodyHandlers.ofString())
              .body();
      Matcher own = Pattern.compile("/node/[0-9a-f]{32}/").matcher(script);
      assertTrue(own.find(), script);
      HttpRequest report =
          HttpRequest.newBuilder(page(rack).resolve(own.group() + "report/installer-started"))
              .build();
      assertEquals(200, machine.send(report, BodyHandlers.discarding()).statusCode());
    }
  }

  private static void logs(RackFile rack, String line) throws IOException {
    byte[] bytes = ("<13>Nov 29 15:40:00 " + line).getBytes(StandardCharsets.UTF_8);
    InetSocketAddress appliance =
        new InetSocketAddress(DemoRack.APPLIANCE, rack.appliance().ports().syslog());
    try (DatagramSocket socket = new DatagramSocket(0, InetAddress.ofLiteral("127.0.0.1"))) {
      socket.send(new DatagramPacket(bytes, bytes.length, appliance));
    }
  }

  @Test
  void aThousandMachinesAreOnePageOfWhichOnlyChangesAreSent() throws Exception {
    Path data = Files.createDirectory(folder.resolve("data"));
    Demo.Prepared small = Demo.prepare(1, DhcpMode.OFF, List.of(), data);
    String yaml = Files.readString(small.rackFile());
    StringBuilder large = new StringBuilder(yaml.substring(0, yaml.indexOf("nodes:\n") + 7));
    for (int i = 0; i < 1000; i++) {
      large.append(
          String.format(
              Locale.ROOT,
              "  52:54:00:de:%02x:%02x: { role: worker, rack: { name: r%d, unit: %d } }\n",
              i >> 8,
              i & 0xff,
              i / 40,
              i % 40 + 1));
    }
    Files.writeString(small.rackFile(), large);
    RackFile rack = RackTest.readRack(small.rackFile());
    Demo.Prepared files = new Demo.Prepared(rack, small.rackFile(), small.programs());
    try (Appliance _ = Demo.appliance(files, data, Clock.systemUTC(), fatal::add);
        Browser browser = new Browser(folder.resolve("profile"))) {
      logIn(browser, rack, data);
      assertEquals(1000, browser.count(".cell"));
      assertFalse(browser.scrollsSideways());
      browser.picture("page-thousand");
      isUsable(browser);
      browser.find("#words").sendKeys("worker-77");
      browser.await("the filter", () -> visible(browser) == 11);
      isUsable(browser);
      browser.find("#words").clear();
      browser.find("#words").sendKeys("worker-500");
      browser.await("one", () -> visible(browser) == 1);
      browser.script(
          "return fetch('/boot/52-54-00-de-01-f3/bios.ipxe').then(answer => answer.status)");
      browser.await("it changes", () -> browser.text("#n-worker-500").contains("script"));
      Object bytes =
          browser.script(
              "return Math.max(...performance.getEntriesByType('resource')"
                  + ".filter(e => e.name.includes('/ui/changes')).map(e => e.decodedBodySize))");
      assertTrue(bytes instanceof Number sent && sent.longValue() < 5000, "bytes: " + bytes);
    }
    assertEquals(List.of(), fatal);
  }

  private static long visible(Browser browser) {
    return browser.script("return document.querySelectorAll('.slot:not([hidden])').length")
            instanceof Number number
        ? number.longValue()
        : -1;
  }
}
