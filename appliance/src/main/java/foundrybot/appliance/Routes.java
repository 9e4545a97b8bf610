// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.appliance.lifecycle.FactKind;
import foundrybot.appliance.store.StoreException;
import foundrybot.bootserver.MacAddress;
import foundrybot.bootserver.http.HttpAnswer;
import foundrybot.bootserver.http.HttpHandler;
import foundrybot.bootserver.http.HttpRequestView;
import foundrybot.ipxe.GrubConfig;
import foundrybot.ipxe.Trust;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.StringJoiner;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/** The one table of what lies under which path. */
final class Routes implements HttpHandler {
  /** The list of revoked certificates, as their own text says (RFC 5280, section 4.2.1.13). */
  static final String CRL = "ca.crl";

  private static final Set<String> READING = Set.of("GET", "HEAD");

  private final ScriptRoutes scripts;
  private final SignedScripts verified;
  private final AnswerRoutes answers;
  private final NodeRoutes nodes;
  private final Optional<ApiRoutes> api;
  private final Optional<PageRoutes> page;
  private final BootFiles programs;
  private final Signatures signatures;
  private final ArtifactLibrary artifacts;
  private final Optional<BootMedia> media;
  private final FlightRecorder recorder;
  private final Health health;
  private final Supplier<CompletionStage<HttpAnswer>> revocations;
  private final Optional<MeshRoutes> mesh;
  private final LogIns.Way way;
  private final URI appliance;

  /**
   * What answers.
   *
   * @param api empty where no operator comes by HTTP
   * @param page the same
   * @param media empty where no BMC plays one
   * @param revocations the list of the nodes' certificates that are good no more, which is signed
   * @param mesh over HTTPS only, since it is about secrets; empty where others can read along
   * @param appliance how machines write whom they ask here
   */
  Routes(
      ScriptRoutes scripts,
      SignedScripts verified,
      AnswerRoutes answers,
      NodeRoutes nodes,
      Optional<ApiRoutes> api,
      Optional<PageRoutes> page,
      BootFiles programs,
      Signatures signatures,
      ArtifactLibrary artifacts,
      Optional<BootMedia> media,
      FlightRecorder recorder,
      Health health,
      Supplier<CompletionStage<HttpAnswer>> revocations,
      Optional<MeshRoutes> mesh,
      URI appliance) {
    this.scripts = scripts;
    this.verified = verified;
    this.answers = answers;
    this.nodes = nodes;
    this.api = api;
    this.page = page;
    this.programs = programs;
    this.signatures = signatures;
    this.artifacts = artifacts;
    this.media = media;
    this.recorder = recorder;
    this.health = health;
    this.revocations = revocations;
    this.mesh = mesh;
    this.appliance = appliance;
    this.way = mesh.isPresent() ? LogIns.TLS : LogIns.CLEAR;
  }

  /** A state that cannot be written is told at its root, once; machines are to come again. */
  @Override
  public CompletionStage<HttpAnswer> handle(HttpRequestView request) {
    return orUnwritable(route(request));
  }

  /** What is answered where the state cannot be written. */
  static CompletionStage<HttpAnswer> orUnwritable(CompletionStage<HttpAnswer> answer) {
    return answer.exceptionallyCompose(
        problem ->
            problem instanceof StoreException || problem.getCause() instanceof StoreException
                ? done(
                    Answers.text(
                        503, "the appliance cannot write its state\n", "state not writable"))
                : CompletableFuture.failedStage(problem));
  }

  /**
   * Only who has a live token, or is the operator, is listened to for longer than a header; and,
   * for a little, who must say first which machine it is.
   */
  @Override
  public int bodyLimit(HttpRequestView request) {
    List<String> path = List.of(request.path().substring(1).split("/", -1));
    if (path.getFirst().equals("node") && path.size() > 2) {
      return nodes.bodyLimit(
          path.get(1), request.peer().getAddress(), path.subList(2, path.size()));
    }
    if (path.getFirst().equals(MeshRoutes.ROOT) && MeshRoutes.has(path.subList(1, path.size()))) {
      return mesh.map(routes -> routes.bodyLimit(path.subList(1, path.size()))).orElse(0);
    }
    if (AnswerRoutes.isAskedFor(request, path)) {
      return AnswerRoutes.MAX_BYTES;
    }
    if (path.getFirst().equals(PageRoutes.ROOT)) {
      return page.map(pages -> pages.bodyLimit(request, path.subList(1, path.size()), way))
          .orElse(0);
    }
    return path.getFirst().equals("api")
        ? api.map(operators -> operators.bodyLimit(request, way)).orElse(0)
        : 0;
  }

  private CompletionStage<HttpAnswer> route(HttpRequestView request) {
    List<String> path = ApiRoute.path(request.path());
    String root = path.getFirst();
    List<String> rest = path.subList(1, path.size());
    if (api.isPresent() && root.equals("api")) {
      return api.get().handle(request, rest, way);
    }
    if (page.isPresent() && root.equals(PageRoutes.ROOT)) {
      return page.get().handle(request, rest.isEmpty() ? List.of("") : rest, way);
    }
    if (mesh.isPresent() && root.equals(MeshRoutes.ROOT) && MeshRoutes.has(rest)) {
      return mesh.get().ofNode(rest, request);
    }
    if (mesh.isPresent() && rest.size() == 2 && root.equals("node") && isMesh(rest.get(1))) {
      return mesh.get().join(rest.getFirst(), request);
    }
    if (root.equals("node") && rest.size() >= 2) {
      return nodes.ofToken(rest.getFirst(), rest.subList(1, rest.size()), request);
    }
    if (AnswerRoutes.isAskedFor(request, path)) {
      return answers.of(path.getLast(), request);
    }
    if (!READING.contains(request.method())) {
      return done(Answers.text(405, "GET or HEAD only\n", root + ": not a GET"));
    }
    return switch (root) {
      case "boot" ->
          rest.size() == 2
              ? scripts.script(
                  rest.get(0),
                  rest.get(1),
                  Trust.ANYTHING,
                  request.method().equals("HEAD"),
                  request.peer().getAddress(),
                  appliance)
              : done(Answers.notFound("script: no such path"));
      case SignedScripts.ROOT ->
          rest.size() == 2
              ? verified.find(
                  rest.get(0),
                  rest.get(1),
                  request.method().equals("HEAD"),
                  request.peer().getAddress(),
                  appliance)
              : done(Answers.notFound("script: no such path"));
      case "grub" ->
          done(
              request.path().equals("/" + GrubConfig.FILE)
                  ? ScriptRoutes.grubOfAnyone()
                  : Answers.notFound("GRUB: no such file"));
      case BootMedia.ROOT ->
          rest.size() == 3
              ? nodes.ofMedium(rest.getFirst(), rest.subList(1, 3), request)
              : done(
                  media.isPresent() && rest.size() == 1
                      ? media.get().find(rest.getFirst(), request.peer().getAddress())
                      : Answers.notFound("no such path"));
      case "program" -> program(rest);
      case "debian" -> done(mirror(request, rest));
      case "discover" -> done(discovered(request));
      case CRL -> revocations.get();
      case "" ->
          done(
              page.isPresent() && rest.isEmpty()
                  ? PageAnswers.seeOther("/" + PageRoutes.ROOT + "/")
                  : Answers.notFound("no such path"));
      case "healthz" -> health.live();
      case "readyz" -> health.ready();
      default -> done(Answers.notFound("no such path"));
    };
  }

  private static boolean isMesh(String segment) {
    return segment.equals(MeshRoutes.ROOT);
  }

  private HttpAnswer mirror(HttpRequestView request, List<String> path) {
    HttpAnswer answer =
        artifacts
            .inMirror(String.join("/", path))
            .map(item -> Answers.file(item, FlightRecorder.MIRROR + path.getLast()))
            .orElseGet(() -> Answers.notFound(FlightRecorder.NOT_IN_MIRROR));
    return nodes.at(request.peer().getAddress()).map(answer::of).orElse(answer);
  }

  private CompletionStage<HttpAnswer> program(List<String> rest) {
    String name = String.join("/", rest);
    Optional<HttpAnswer> answer = programs.overHttp(name, appliance);
    answer
        .flatMap(HttpAnswer::mac)
        .ifPresent(
            mac -> recorder.noteClaimed(mac, FactKind.LOADER_FETCHED.text(), rest.getLast()));
    return answer
        .map(Routes::done)
        .or(
            () ->
                programs
                    .signedBy(name)
                    .map(digest -> signatures.of(digest, "boot file's signature")))
        .orElseGet(() -> done(Answers.notFound("boot program: no such path")));
  }

  private HttpAnswer discovered(HttpRequestView request) {
    Optional<MacAddress> mac = request.parameter("mac").flatMap(MacAddress::parse);
    if (mac.isEmpty()) {
      return Answers.text(400, "mac: missing\n", "discover: no MAC");
    }
    StringJoiner said = new StringJoiner(" ");
    request.query().forEach((name, values) -> said.add(name + "=" + String.join(",", values)));
    recorder.discovered(mac.get(), said.toString());
    return Answers.text(200, "#!ipxe\necho FoundryBot: seen, thank you.\n", "discover")
        .of(mac.get());
  }

  private static CompletionStage<HttpAnswer> done(HttpAnswer answer) {
    return CompletableFuture.completedStage(answer);
  }
}
