// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.appliance.LogIns.LogIn;
import foundrybot.appliance.LogIns.Way;
import foundrybot.appliance.cli.Main;
import foundrybot.appliance.operator.Operator;
import foundrybot.appliance.operator.Scope;
import foundrybot.bootserver.http.HttpRequestView;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OperatorsTest {
  private static final String MAC = "52:54:00:bb:00:01";

  /** What a node has only after an inspection or an erasure. */
  private static final Set<ApiRoute> NOTHING_YET = Set.of(ApiRoute.INVENTORY, ApiRoute.ERASURE);

  private LoopbackAppliance appliance;

  @BeforeEach
  void start(@TempDir Path folder) {
    appliance =
        new LoopbackAppliance(folder)
            .node(MAC, "w1", "debian-12")
            .webhook("chat", "{ url: http://127.0.0.1:9/, secret-env: NOT_SET }")
            .start();
  }

  @AfterEach
  void stop() {
    appliance.close();
    assertEquals(List.of(), appliance.fatal);
  }

  private Heard change(String path) {
    return appliance.send(appliance.asOperator(path).POST(BodyPublishers.noBody()));
  }

  private String add(String name, Scope scope) {
    Heard added = change("operators/" + name + "/add?scope=" + scope);
    assertEquals(200, added.status(), added.text());
    return added.text().strip();
  }

  private Heard as(String token, String method, String path) {
    return appliance.send(request(token, method, path));
  }

  private HttpRequest.Builder request(String token, String method, String path) {
    return HttpRequest.newBuilder(appliance.uri("/api/v1/" + path))
        .header("Authorization", "Bearer " + token)
        .method(method, BodyPublishers.noBody());
  }

  private static String example(ApiRoute route) {
    return route
        .path()
        .replace("{node}", "w1")
        .replace("{mac}", "52-54-00-ee-00-01")
        .replace("{webhook}", "chat")
        .replace("{operator}", "probe");
  }

  @Test
  void eachRouteIsOpenToItsScopeAndToThoseAboveIt() {
    for (Scope scope : Scope.values()) {
      String token = add("of-" + scope, scope);
      for (ApiRoute route : ApiRoute.values()) {
        int status = appliance.status(request(token, route.method(), example(route)));
        boolean may = scope.compareTo(route.scope()) >= 0;
        assertEquals(may, status != 403, scope + " " + route + ": " + status);
        assertTrue(status != 401 && status < 500, route + ": " + status);
        assertTrue(status != 404 || NOTHING_YET.contains(route), route + ": " + status);
      }
    }
    assertTrue(
        Stream.of(ApiRoute.values()).noneMatch(r -> r.changes() && r.scope() == Scope.READ),
        "who may look changes nothing");
  }

  /** CVE-2024-6107: parts of one program that believe whoever speaks their language. */
  @Test
  void whoShowsNothingIsLetInByNoRouteFromThisMachineEither() throws Exception {
    for (ApiRoute route : ApiRoute.values()) {
      HttpRequest.Builder bare =
          HttpRequest.newBuilder(appliance.uri("/api/v1/" + example(route)))
              .method(route.method(), BodyPublishers.noBody());
      assertEquals(401, appliance.status(bare), route::toString);
    }
    assertEquals("planned", appliance.statusJson(MAC).get("stage").asString());
    Path folder = OperatorAccess.socket(appliance.data()).toAbsolutePath().resolveSibling("");
    assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)));
  }

  @Test
  void aTokenIsShownOnceAndKeptAsAHash() throws Exception {
    String token = add("ops", Scope.READ);
    assertTrue(token.matches("[0-9a-f]{64}"), token);
    assertEquals(200, as(token, "GET", "status").status());
    assertEquals(422, change("operators/ops/add?scope=read").status());
    assertEquals(422, change("operators/local/add?scope=read").status());
    assertEquals(422, change("operators/other/add?scope=root").status());
    String listed = appliance.send(appliance.asOperator("operators")).text();
    assertTrue(listed.contains("\"ops\"") && listed.contains("\"read\""), listed);

    Path folder = appliance.data().resolve("operators");
    String rights = PosixFilePermissions.toString(Files.getPosixFilePermissions(folder));
    assertEquals("rwx------", rights);
    String kept = Files.readString(folder.resolve("tokens"));
    assertTrue(kept.startsWith("ops read "), kept);
    String log = appliance.send(appliance.asOperator("audit")).text();
    for (String text : List.of(listed, kept, log)) {
      assertFalse(text.contains(token), text);
    }
    assertTrue(log.contains("operator add ops scope read"), log);

    appliance.stop();
    appliance.startAgain();
    assertEquals(200, as(token, "GET", "status").status());
    assertEquals(200, change("operators/ops/remove").status());
    assertEquals(401, as(token, "GET", "status").status());
    assertEquals(422, change("operators/ops/remove").status());
  }

  @Test
  void whatIsBeyondAScopeIsRefusedAndNotedWithTheName() {
    String token = add("viewer", Scope.READ);
    Heard refused = as(token, "POST", "nodes/w1/reinstall");
    assertEquals(403, refused.status());
    assertTrue(refused.text().contains("expected: operate"), refused.text());
    String log = appliance.send(appliance.asOperator("audit")).text();
    assertTrue(
        log.contains("\"who\":\"viewer\"")
            && log.contains("beyond the operator's scope: reinstall"),
        log);
    assertEquals("1", appliance.statusJson(MAC).get("run").asString());
  }

  @Test
  void aListThatCannotBeReadLetsNobodyIn() throws Exception {
    add("ops", Scope.ADMIN);
    Path list = appliance.data().resolve("operators").resolve("tokens");
    for (String broken : List.of("-1", "ops admin - 2026-01-01T00:00:00Z", "ops root x y", "\n")) {
      appliance.stop();
      Files.writeString(list, broken + "\n");
      StartException refused = assertThrows(StartException.class, appliance::startAgain, broken);
      assertTrue(String.valueOf(refused.getMessage()).contains("line 1"), refused.getMessage());
    }
    Files.delete(list);
    appliance.startAgain();
  }

  @Test
  void aTokenOfTheDataFolderThatOthersCanReadStopsTheStart() throws Exception {
    Path file = appliance.data().resolve("operator.token");
    appliance.stop();
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    StartException refused = assertThrows(StartException.class, appliance::startAgain);
    assertTrue(String.valueOf(refused.getMessage()).contains("chmod 600"), refused.getMessage());
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    appliance.startAgain();
  }

  @Test
  void afterAHundredRefusedLogInsAnAddressIsNotHeardForAWhile() {
    String token = OperatorAccess.of(appliance.data()).token();
    int wrong = 0;
    while (as("f".repeat(64), "GET", "status").status() == 401) {
      assertTrue(++wrong <= 100, "still heard");
    }
    assertEquals(100, wrong);
    assertEquals(429, as(token, "GET", "status").status());
    assertEquals(0, Main.run("events", "w1", "--data", appliance.data().toString()), "the socket");
    appliance.clock.pass(Duration.ofMinutes(1));
    assertEquals(200, as(token, "GET", "status").status());
  }

  @Test
  void aTokenThatCameInClearFromAnotherMachineIsRefused() {
    String token = add("ops", Scope.ADMIN);
    OperatorTokens tokens = OperatorTokens.open(appliance.data(), "0".repeat(64));
    LogIns logIns = new LogIns(tokens, 1000, _ -> false, appliance.clock);
    assertInstanceOf(LogIn.Out.class, logIns.of(from("10.0.0.7", token), LogIns.CLEAR));
    assertInstanceOf(LogIn.In.class, logIns.of(from("127.0.0.1", token), LogIns.CLEAR));
    assertEquals(
        new LogIn.In(new Operator("ops", Scope.ADMIN)),
        logIns.of(from("10.0.0.7", token), LogIns.TLS));
    String local = "0".repeat(64);
    assertInstanceOf(LogIn.Out.class, logIns.of(from("10.0.0.7", local), LogIns.CLEAR));
    LogIn in = new LogIn.In(Operator.LOCAL);
    assertEquals(in, logIns.of(from("127.0.0.1", local), LogIns.CLEAR));
    assertEquals(in, logIns.of(from("10.0.0.7", local), LogIns.TLS));
  }

  @Test
  void onlyRootAndTheAppliancesOwnUserAreLetInByTheSocket() {
    OperatorTokens tokens = OperatorTokens.open(appliance.data(), "0".repeat(64));
    LogIns logIns = new LogIns(tokens, 1000, _ -> false, appliance.clock);
    HttpRequestView anybody = from("127.0.0.1", "0".repeat(64));
    assertEquals(
        new LogIn.In(new Operator("uid:0", Scope.ADMIN)), logIns.of(anybody, new Way.Socket(0)));
    assertInstanceOf(LogIn.In.class, logIns.of(anybody, new Way.Socket(1000)));
    assertInstanceOf(LogIn.Out.class, logIns.of(anybody, new Way.Socket(1001)));
  }

  private static HttpRequestView from(String address, String token) {
    return new HttpRequestView(
        "GET",
        "/api/v1/status",
        Map.of(),
        Map.of("authorization", "Bearer " + token),
        new InetSocketAddress(address, 1),
        new byte[0]);
  }

  @Test
  void theCommandLineComesByTheSocketAsTheUserThatItIs() throws Exception {
    String data = appliance.data().toString();
    assertEquals(0, Main.run("reinstall", "w1", "--no-wait", "--data", data));
    String log = said("audit", "--json", "--data", data);
    assertTrue(log.contains("\"uid:" + OwnUser.number() + "\""), log);
    assertTrue(log.contains("\"from\" : \"socket\""), log);
    assertEquals(404, bySocket("GET /boot/" + MAC + "/bios.ipxe"));
    assertEquals(400, bySocket("GET /api/../x"));
    assertEquals(200, bySocket("GET /api/v1/status"));

    String token = said("operator", "add", "desk", "--scope", "operate", "--data", data).strip();
    assertEquals(200, as(token, "POST", "nodes/w1/reinstall").status());
    assertTrue(said("operator", "list", "--data", data).startsWith("desk "));
    assertEquals(0, Main.run("operator", "remove", "desk", "--data", data));
    assertEquals(401, as(token, "GET", "status").status());
  }

  private static String said(String... words) {
    PrintStream before = System.out;
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    System.setOut(new PrintStream(text, true, StandardCharsets.UTF_8));
    try {
      assertEquals(0, Main.run(words));
    } finally {
      System.setOut(before);
    }
    return text.toString(StandardCharsets.UTF_8);
  }

  private int bySocket(String request) throws Exception {
    Path file = OperatorAccess.socket(appliance.data());
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(file))) {
      String head = request + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
      channel.write(ByteBuffer.wrap(head.getBytes(StandardCharsets.US_ASCII)));
      ByteBuffer answer = ByteBuffer.allocate(12);
      while (answer.hasRemaining() && channel.read(answer) >= 0) {
        // until the status is there
      }
      List<String> words = new ArrayList<>();
      words.addAll(
          List.of(new String(answer.array(), 0, 12, StandardCharsets.US_ASCII).split(" ", -1)));
      return Integer.parseInt(words.get(1));
    }
  }
}
