// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.answerfiles.Node;
import foundrybot.answerfiles.Ports;
import foundrybot.appliance.mesh.CertificateDesk;
import foundrybot.appliance.mesh.ClusterKey;
import foundrybot.appliance.mesh.GateDesk;
import foundrybot.appliance.mesh.MeshDesk;
import foundrybot.bootserver.BootPolicy;
import foundrybot.bootserver.MacAddress;
import foundrybot.bootserver.WireObserver;
import foundrybot.bootserver.http.HttpAnswer;
import foundrybot.ipxe.BootPrograms;
import java.net.URI;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * What machines meet of an appliance, put together in one place: {@link Appliance} adds ports,
 * threads and operators, {@link DrivenAppliance} somebody else's clock and packets. So what is
 * simulated is wired as what serves.
 */
final class MachineSide {
  /**
   * What it is made of.
   *
   * @param fleet at the end of the journal
   * @param hasBmc whether a node has a BMC at this moment
   */
  record Parts(
      Fleet fleet,
      Ledger ledger,
      FlightRecorder recorder,
      Tokens tokens,
      ArtifactLibrary artifacts,
      Programs programs,
      Ports ports,
      Predicate<Node> hasBmc,
      Clock clock) {}

  /**
   * What firmware is given.
   *
   * @param signed shim and GRUB; empty where none are there
   * @param table which firmware needs what, as it is now
   * @param own the user's files
   */
  record Programs(
      BootPrograms.Loaded loaded,
      Map<String, byte[]> signed,
      Supplier<FirmwareTable> table,
      OwnFiles own) {}

  /**
   * Who takes what machines say, and signs what they get.
   *
   * @param gates one for all addresses, since it knows what was said before
   * @param certificates empty where nodes have none
   */
  record Desks(
      MeshDesk mesh,
      GateKeeper gates,
      Optional<CertificateDesk> certificates,
      Signatures signatures,
      GivenPlans plans,
      HardwareReports hardware,
      Health health,
      Executor blocking) {}

  /**
   * What is for operators under the same address.
   *
   * @param media what BMCs play
   * @param revocations the list of the nodes' certificates that are good no more
   */
  record Beside(
      Optional<ApiRoutes> api,
      Optional<PageRoutes> page,
      Optional<BootMedia> media,
      Supplier<CompletionStage<HttpAnswer>> revocations) {
    static final Beside NOBODY =
        new Beside(
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            () -> CompletableFuture.completedStage(Answers.notFound("no CA")));
  }

  /**
   * What is served at one address.
   *
   * @param files by TFTP, and under their names by HTTP
   * @param https empty where there is none
   */
  record Served(BootFiles files, Routes http, Optional<Routes> https) {}

  private final Parts parts;
  private final Audit audit;
  private final WireObserver observer;
  private final TokenDesk desk;
  private final TokenDoor door;
  private final MediumDoor media;
  private final FleetBootPolicy policy;
  private final LastAsked asked;
  private final Identities identities;
  private final PiSerials serials;

  MachineSide(Parts parts, Audit audit) {
    this.parts = parts;
    this.audit = audit;
    Fleet fleet = parts.fleet();
    Clock clock = parts.clock();
    Predicate<MacAddress> known = mac -> fleet.node(Answers.mac(mac)).isPresent();
    FreshLoaders loaders = new FreshLoaders(clock, known);
    this.observer = WireObserver.both(loaders, WireObserver.both(parts.recorder(), audit));
    this.desk = new TokenDesk(fleet, parts.recorder(), parts.tokens(), clock, parts.hasBmc());
    this.door = new TokenDoor(fleet, desk, audit, clock);
    this.media = new MediumDoor(fleet, parts.tokens(), door, audit, clock);
    Programs programs = parts.programs();
    this.policy =
        new FleetBootPolicy(
            fleet,
            programs.loaded(),
            programs.table(),
            loaders::isRunningOn,
            !programs.signed().isEmpty(),
            parts.ports());
    this.asked = new LastAsked(fleet, programs.table(), policy);
    this.identities = new Identities(fleet, parts.recorder(), asked);
    this.serials = new PiSerials(known);
  }

  /** Who is told what was seen on the wire. */
  WireObserver observer() {
    return observer;
  }

  TokenDesk desk() {
    return desk;
  }

  /** What decides which machine is offered what, and hears who asks. */
  BootPolicy bootPolicy() {
    return serials.learningFrom(identities);
  }

  /** Who hears what nodes of that cluster prove. */
  GateKeeper gates(ClusterKey cluster) {
    return new GateKeeper(
        new GateDesk(cluster, parts.ledger().book(), parts.clock()),
        parts.fleet(),
        parts.recorder(),
        parts.clock());
  }

  /** What BMCs are told whose machines boot by HTTP. */
  HttpPrograms httpPrograms() {
    return new HttpPrograms(parts.fleet(), policy);
  }

  /**
   * What is served at one address of ours.
   *
   * @param url how its machines write it
   * @param secure the same for HTTPS; empty without
   * @param offer what they are told of the mesh
   */
  Served at(
      URI url, Optional<URI> secure, Optional<MeshOffer> offer, Desks desks, Beside operators) {
    Fleet fleet = parts.fleet();
    FlightRecorder recorder = parts.recorder();
    ArtifactLibrary artifacts = parts.artifacts();
    InstallScripts texts = new InstallScripts(fleet, artifacts, parts.tokens(), url, offer);
    ScriptRoutes scripts =
        new ScriptRoutes(fleet, recorder, artifacts, desk, door, texts, identities, audit, url);
    NodeRoutes nodes = nodes(texts, scripts, desks);
    Programs programs = parts.programs();
    BootFiles files =
        new BootFiles(
            programs.loaded(),
            programs.signed(),
            programs.own(),
            fleet,
            serials,
            new GrubFiles(fleet, artifacts, recorder, scripts),
            url,
            asked::verifiesImages);
    SignedScripts verified = new SignedScripts(fleet, recorder, scripts, desks.signatures());
    AnswerRoutes answers = new AnswerRoutes(fleet, scripts);
    Under under =
        (at, mesh) ->
            new Routes(
                scripts,
                verified,
                answers,
                nodes,
                operators.api(),
                operators.page(),
                files,
                desks.signatures(),
                artifacts,
                operators.media(),
                recorder,
                desks.health(),
                operators.revocations(),
                mesh,
                at);
    return new Served(
        files,
        under.routes(url, Optional.empty()),
        secure.map(at -> under.routes(at, Optional.of(mesh(desks)))));
  }

  /** The same with and without the mesh, which is about secrets. */
  private interface Under {
    Routes routes(URI at, Optional<MeshRoutes> mesh);
  }

  private NodeRoutes nodes(InstallScripts texts, ScriptRoutes scripts, Desks desks) {
    return new NodeRoutes(
        parts.fleet(),
        parts.recorder(),
        parts.artifacts(),
        desk,
        door,
        media,
        texts,
        scripts,
        identities,
        audit,
        desks.plans(),
        desks.mesh().cluster().signer(),
        desks.signatures(),
        desks.hardware(),
        desks.mesh()::unproved,
        desks.blocking());
  }

  private MeshRoutes mesh(Desks desks) {
    return new MeshRoutes(
        parts.fleet(),
        parts.recorder(),
        desk,
        door,
        identities,
        parts.ledger().book(),
        desks.mesh(),
        desks.gates(),
        audit,
        desks.certificates());
  }
}
