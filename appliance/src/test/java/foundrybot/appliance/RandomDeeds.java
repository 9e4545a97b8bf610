// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.appliance.mesh.ClusterKey;
import foundrybot.appliance.mesh.NodeKeys;
import foundrybot.appliance.tls.Csr;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.function.BiConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What machines, operators and strangers do at an appliance in an order that is drawn, sensible or
 * not. Each secret that one of them is given is told, and each answer that must have none.
 */
final class RandomDeeds {
  private static final Pattern TOKEN = Pattern.compile("/node/([0-9a-f]{32})/");
  private static final Pattern COOKIE = Pattern.compile("foundrybot=([0-9a-f]+)");
  private static final String THERE = "127.0.0.9";

  private static final List<String> EVENTS =
      List.of("installer-started", "partitioned", "progress", "installed", "first-boot", "failed");

  private static final List<String> ORDERS =
      List.of(
          "arm?for=900",
          "hold",
          "resume",
          "reinstall?by-hand=yes",
          "rescue?by-hand=yes",
          "rescue-end?by-hand=yes",
          "inspect?by-hand=yes",
          "rotate",
          "revoke",
          "identity",
          "power?do=on",
          "tpm-forget");

  private final LoopbackAppliance rack;
  private final Random random;
  private final BiConsumer<String, String> secret;
  private final BiConsumer<String, String> output;
  private final int nodes;
  private final Map<Integer, String> tokens = new HashMap<>();
  private final Map<Integer, NodeKeys> keys = new HashMap<>();
  private int done;
  private int answered;

  RandomDeeds(
      LoopbackAppliance rack,
      Random random,
      BiConsumer<String, String> secret,
      BiConsumer<String, String> output) {
    this.rack = rack;
    this.random = random;
    this.secret = secret;
    this.output = output;
    this.nodes = rack.rack().nodes().size();
  }

  static String mac(int number) {
    return String.format(Locale.ROOT, "52:54:00:bb:00:%02x", number);
  }

  /** Answers that were no refusals. */
  int answered() {
    return answered;
  }

  /** One node goes all its way first, so that there is something to be told of; then so many. */
  void happen(int times) {
    order(1, "arm?for=900");
    boots(1);
    fetches(1, "preseed.cfg");
    reports(1, "installed");
    joins(1);
    enrols(1);
    polls(1);
    certifies(1);
    for (int i = 0; i < times; i++) {
      done = i;
      happens(1 + random.nextInt(nodes));
    }
  }

  private void happens(int node) {
    switch (random.nextInt(14)) {
      case 0, 1 -> boots(node);
      case 2 -> fetches(node, drawn(List.of("preseed.cfg", "late.sh", "deploy.conf")));
      case 3 -> fetches(node, "artifact/" + drawn(List.of("linux", "vmlinuz", "root.img.zst")));
      case 4, 5 -> reports(node, drawn(EVENTS));
      case 6 -> joins(node);
      case 7 -> enrols(node);
      case 8 -> polls(node);
      case 9 -> certifies(node);
      case 10 -> order(node, drawn(ORDERS));
      case 11 -> operator();
      case 12 -> stranger(node);
      default -> rack.clock.pass(Duration.ofSeconds(1 + random.nextInt(1200)));
    }
  }

  private <T> T drawn(List<T> all) {
    return all.get(random.nextInt(all.size()));
  }

  private Heard heard(Heard answer) {
    answered += answer.status() < 300 ? 1 : 0;
    return answer;
  }

  private void refusable(String what, Heard answer) {
    if (heard(answer).status() >= 300) {
      output.accept(done + " refused: " + what, answer.text());
    }
  }

  private String path(int node, String rest) {
    return "/node/" + tokens.getOrDefault(node, "0".repeat(32)) + "/" + rest;
  }

  private void boots(int node) {
    Heard script = heard(rack.get("/boot/" + mac(node).replace(':', '-') + "/bios.ipxe"));
    Matcher token = TOKEN.matcher(script.text());
    if (token.find()) {
      tokens.put(node, token.group(1));
      secret.accept("token " + done + " of w" + node, token.group(1));
    } else {
      output.accept(done + " script without a token", script.text());
    }
  }

  private void fetches(int node, String rest) {
    refusable(rest, rack.get(path(node, rest)));
  }

  /** Also with its own token in its own words, as installers that print their arguments do. */
  private void reports(int node, String event) {
    String own = path(node, "preseed.cfg");
    String token = tokens.getOrDefault(node, "none");
    String words =
        drawn(
            List.of(
                "",
                "log=cannot fetch http://127.99.0.1" + own,
                "log=cannot fetch http:%2F%2F127.99.0.1" + own.replace("/", "%2F"),
                "detail=the token " + token + " is refused",
                "detail=ds=" + token + ";x"));
    refusable("report", heard(rack.post(path(node, "report/" + event), words)));
  }

  private void enrols(int node) {
    String token = tokens.getOrDefault(node, "none");
    String words = "hostname=w" + node + "&machine_id=" + random.nextInt(3) + "&x=" + token;
    refusable("enroll", rack.post(path(node, "enroll"), words));
  }

  private ClusterKey cluster() {
    return ClusterKey.open(rack.data(), true);
  }

  private long now() {
    return rack.clock.instant().getEpochSecond();
  }

  private void joins(int node) {
    NodeKeys made =
        random.nextInt(4) == 0 ? NodeKeys.made() : keys.computeIfAbsent(node, _ -> NodeKeys.made());
    String request = made.request(cluster().id(), "w" + node, 0, now());
    refusable("keys", rack.postSecurely(path(node, "mesh"), request));
  }

  private void polls(int node) {
    NodeKeys own = keys.computeIfAbsent(node, _ -> NodeKeys.made());
    String request = own.request(cluster().id(), "w" + node, random.nextInt(2), now());
    refusable("poll", rack.postSecurely("/mesh/w" + node, request));
  }

  private void certifies(int node) {
    NodeKeys own = keys.computeIfAbsent(node, _ -> NodeKeys.made());
    String subject = "CN=w" + node + drawn(List.of("", ",O=worker", ",O=control-plane"));
    String request =
        own.certificateRequest(cluster().id(), "w" + node, now(), Csr.of(subject, Csr.key()));
    refusable("certificate", rack.postSecurely("/mesh/w" + node + "/certificate", request));
  }

  private void order(int node, String order) {
    HttpRequest.Builder request =
        rack.asOperator("nodes/w" + node + "/" + order).POST(BodyPublishers.ofString("because"));
    output.accept(done + " order " + order, heard(rack.send(request)).text());
  }

  /** One more of them, whose token opens a page by a cookie. */
  private void operator() {
    String name = "desk-" + done;
    Heard added =
        heard(
            rack.send(
                rack.asOperator("operators/" + name + "/add?scope=" + drawn(SCOPES))
                    .POST(BodyPublishers.noBody())));
    String token = added.text().strip();
    secret.accept("token of " + name, token);
    String cookie = rack.cookie("token=" + token + "&to=/ui/");
    Matcher session = COOKIE.matcher(cookie);
    if (session.find()) {
      secret.accept("session of " + name, session.group(1));
      for (String page : List.of("/ui/", "/ui/node/w1", "/ui/node/w2", "/ui/audit")) {
        HttpRequest.Builder look =
            HttpRequest.newBuilder(rack.uri(page)).header("Cookie", session.group());
        output.accept(done + " page " + page, heard(rack.send(look)).text());
      }
    }
  }

  private static final List<String> SCOPES = List.of("read", "operate", "admin");

  private void stranger(int node) {
    byte[] guess = new byte[16];
    random.nextBytes(guess);
    List<String> paths = new ArrayList<>();
    paths.add("/node/" + HexFormat.of().formatHex(guess) + "/preseed.cfg");
    paths.add(path(node, "preseed.cfg"));
    paths.add(path(node, "report/failed?detail=" + tokens.getOrDefault(node, "none")));
    paths.add("/media/" + HexFormat.of().formatHex(guess) + "/boot/bios.ipxe");
    paths.add("/api/v1/status?token=x");
    paths.add("/mesh/w" + node);
    refusable("a stranger", rack.getFrom(THERE, drawn(paths)));
  }
}
