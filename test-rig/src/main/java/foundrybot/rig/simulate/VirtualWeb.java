// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.simulate;

import foundrybot.appliance.DrivenAppliance;
import foundrybot.bootserver.WireEvent;
import foundrybot.bootserver.http.HttpAnswer;
import foundrybot.bootserver.http.HttpHandler;
import foundrybot.bootserver.http.HttpRequestView;
import foundrybot.rig.sim.Setback;
import foundrybot.rig.sim.Web;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * HTTP of one machine, from its request to the appliance's handlers and back; what lies between, a
 * TCP connection and its bytes, is time that passes, or a connection that breaks.
 */
final class VirtualWeb implements Web {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration REFUSED = Duration.ofMillis(5);
  private static final Duration TELLING = Duration.ofSeconds(5);
  private static final int PORT = 40_000;

  private final World world;
  private final VirtualMachine machine;

  VirtualWeb(World world, VirtualMachine machine) {
    this.world = world;
    this.machine = machine;
  }

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Arrived(int status, byte[] body, String wanted) {}

  @Override
  public String text(URI uri) throws IOException {
    ByteArrayOutputStream sink = new ByteArrayOutputStream();
    var _ = fetch(uri, sink);
    return sink.toString(StandardCharsets.UTF_8);
  }

  @Override
  public long fetch(URI uri, OutputStream sink) throws IOException {
    Arrived arrived = send("GET", uri, "");
    if (arrived.status() != 200) {
      throw new Setback("http: status " + arrived.status());
    }
    sink.write(arrived.body());
    return arrived.body().length;
  }

  @Override
  public int status(String method, URI uri, String form) throws IOException {
    return send(method, uri, form).status();
  }

  /** What is behind the user of a URI; iPXE says it to nobody. */
  static Optional<String> password(URI uri) {
    return Optional.ofNullable(uri.getUserInfo()).map(who -> who.substring(who.indexOf(':') + 1));
  }

  /** As iPXE does: what it cannot have so, it asks for once more with a proof of its password. */
  private Arrived send(String method, URI uri, String form) throws IOException {
    Arrived arrived = send(method, uri, form, Map.of());
    return arrived.status() == 401 && password(uri).isPresent()
        ? send(method, uri, form, Map.of("authorization", Proof.of(method, uri, arrived.wanted())))
        : arrived;
  }

  private Arrived send(String method, URI uri, String form, Map<String, String> headers)
      throws IOException {
    machine.pass(world.network().late());
    if (machine.losesHttp(uri)) {
      machine.pass(PATIENCE);
      throw new Setback("http: no answer");
    }
    Optional<DrivenAppliance> appliance = world.appliance();
    if (appliance.isEmpty()) {
      machine.pass(REFUSED);
      throw new Setback("http: connection refused");
    }
    HttpRequestView request = view(method, uri, form, headers, handler(appliance.get(), uri));
    int epoch = world.network().epoch();
    HttpAnswer answer = answer(handler(appliance.get(), uri), request);
    byte[] body = body(answer);
    int status = answer instanceof HttpAnswer.Body made ? made.status() : 200;
    String wanted =
        answer instanceof HttpAnswer.Body made
            ? made.headers().getOrDefault("WWW-Authenticate", "")
            : "";
    world.exchanged(machine, request.path(), status, body);
    arrive(appliance.get(), request, answer, status, body.length, epoch);
    return new Arrived(status, body, wanted);
  }

  private static HttpHandler handler(DrivenAppliance appliance, URI uri) {
    return "https".equals(uri.getScheme()) ? appliance.https() : appliance.http();
  }

  private HttpAnswer answer(HttpHandler handler, HttpRequestView request) throws IOException {
    CompletableFuture<HttpAnswer> answer = new CompletableFuture<>();
    world.network().open(answer);
    try {
      var _ =
          handler
              .handle(request)
              .whenComplete(
                  (given, problem) -> {
                    if (problem == null) {
                      answer.complete(given);
                    } else {
                      answer.completeExceptionally(problem);
                    }
                  });
      world.touched();
      machine.await(answer);
      if (answer.state() == CompletableFuture.State.FAILED) {
        if (!(answer.exceptionNow() instanceof Network.Cut)) {
          world.broke(answer.exceptionNow());
        }
        throw new Setback("http: connection reset");
      }
      return answer.join();
    } finally {
      world.network().close(answer);
    }
  }

  /** The answer's way back, with what the HTTP server tells the flight recorder of it. */
  private void arrive(
      DrivenAppliance appliance,
      HttpRequestView request,
      HttpAnswer answer,
      int status,
      int bytes,
      int epoch)
      throws IOException {
    Duration left = machine.transfer(answer.label());
    boolean breaks = world.network().breaksNow();
    if (breaks) {
      left = left.dividedBy(2);
    }
    Duration all = left;
    while (left.compareTo(TELLING) > 0) {
      machine.pass(TELLING);
      left = left.minus(TELLING);
      whole(epoch);
      long sent = bytes - bytes * left.toMillis() / Math.max(1, all.toMillis());
      tell(appliance, answer, request, "http.progress", " " + sent + " of " + bytes + " bytes");
    }
    machine.pass(left.plus(world.network().late()));
    whole(epoch);
    if (breaks) {
      tell(appliance, answer, request, "http.aborted", " " + status + " at 0 of " + bytes);
      throw new Setback("http: connection reset");
    }
    tell(appliance, answer, request, "http.request", " " + status + " " + bytes + " bytes");
  }

  private void whole(int epoch) throws IOException {
    if (epoch != world.network().epoch()) {
      throw new Setback("http: connection reset");
    }
  }

  private void tell(
      DrivenAppliance appliance,
      HttpAnswer answer,
      HttpRequestView request,
      String kind,
      String rest) {
    String method = kind.equals("http.progress") ? "" : request.method() + " ";
    appliance
        .observer()
        .observed(
            new WireEvent(
                WireEvent.Protocol.HTTP,
                kind,
                answer.mac(),
                request.peer(),
                method + answer.label() + rest));
    world.touched();
  }

  /** As the HTTP server reads it: who may not say anything is heard without its body. */
  private HttpRequestView view(
      String method, URI uri, String form, Map<String, String> headers, HttpHandler handler) {
    InetSocketAddress peer = new InetSocketAddress(machine.hardware().address(), PORT);
    byte[] body = form.getBytes(StandardCharsets.UTF_8);
    Map<String, List<String>> query = query(uri);
    HttpRequestView bare =
        new HttpRequestView(method, uri.getPath(), query, headers, peer, new byte[0]);
    return body.length == 0 || body.length > handler.bodyLimit(bare)
        ? bare
        : new HttpRequestView(method, uri.getPath(), query, headers, peer, body);
  }

  private static Map<String, List<String>> query(URI uri) {
    Map<String, List<String>> query = new LinkedHashMap<>();
    String raw = uri.getRawQuery();
    if (raw != null) {
      for (String pair : raw.split("&", -1)) {
        String[] parts = pair.split("=", 2);
        query
            .computeIfAbsent(decoded(parts[0]), _ -> new ArrayList<>())
            .add(parts.length == 2 ? decoded(parts[1]) : "");
      }
    }
    return query;
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  private static byte[] body(HttpAnswer answer) throws IOException {
    return switch (answer) {
      case HttpAnswer.Body made -> made.bytes();
      case HttpAnswer.File file -> Files.readAllBytes(file.path());
      // What goes on and on is for operators; no machine asks for it.
      case HttpAnswer.Stream _ -> new byte[0];
    };
  }
}
