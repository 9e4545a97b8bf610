// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.answerfiles.ApplianceSettings;
import foundrybot.answerfiles.DhcpMode;
import foundrybot.answerfiles.Mac;
import foundrybot.answerfiles.Node;
import foundrybot.answerfiles.Profile;
import foundrybot.answerfiles.RackFile;
import foundrybot.answerfiles.TpmRule;
import foundrybot.appliance.lifecycle.Diagnosis;
import foundrybot.appliance.lifecycle.FactKind;
import foundrybot.appliance.lifecycle.NodeState;
import foundrybot.appliance.lifecycle.PowerRun;
import foundrybot.appliance.logs.NodeLogs;
import foundrybot.appliance.mesh.ClusterKey;
import foundrybot.appliance.mesh.MeshBook;
import foundrybot.appliance.mesh.MeshDesk;
import foundrybot.appliance.mesh.PresharedSecret;
import foundrybot.appliance.power.Begun;
import foundrybot.appliance.power.BmcLocks;
import foundrybot.appliance.power.BmcSource;
import foundrybot.appliance.power.Deployments;
import foundrybot.appliance.power.Patience;
import foundrybot.appliance.power.PowerLog;
import foundrybot.appliance.store.FactWriter;
import foundrybot.appliance.store.Journal;
import foundrybot.appliance.store.KeyRing;
import foundrybot.appliance.store.Store;
import foundrybot.bootserver.WireObserver;
import foundrybot.bootserver.dhcp.DhcpService;
import foundrybot.bootserver.dhcp.LeaseStore;
import foundrybot.bootserver.http.HttpHandler;
import foundrybot.bootserver.syslog.SyslogMessage;
import foundrybot.bootserver.tftp.TftpTable;
import foundrybot.ipxe.Autoexec;
import foundrybot.ipxe.BootPrograms;
import foundrybot.redfish.WakeOnLan;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;

/**
 * An appliance without ports, and without threads and a clock of its own: its parts are those of
 * {@link Appliance}, but whoever holds it brings each packet and each request, lets time pass, and
 * writes its journal. So a whole rack's day can be played through in seconds, always in the same
 * way, and the appliance can be killed between any two steps.
 *
 * <p>What it has not: operators who come by HTTP, images of boot media, TLS and its certificates,
 * TPMs, names and time.
 */
public final class DrivenAppliance {

  /**
   * What it is made of.
   *
   * @param data the folder of its state, in which the artifacts lie, too
   * @param programs the folder of the boot programs
   * @param digests SHA-256 of those by name
   * @param tokenKey 64 hexadecimal digits
   * @param random what tokens are drawn from
   * @param writer what stands between journal and store
   * @param leases what stands between DHCP and store
   * @param room how many bytes are left on the disk of the data folder
   * @param onFatal told once when the state can no longer be written
   * @param wanted called when somebody waits for {@link #write}
   * @param hands how machines are switched on
   */
  public record Setup(
      RackFile rack,
      Path data,
      Path programs,
      Map<String, String> digests,
      Clock clock,
      String tokenKey,
      SecureRandom random,
      UnaryOperator<FactWriter> writer,
      UnaryOperator<LeaseStore> leases,
      LongSupplier room,
      Consumer<String> onFatal,
      Runnable wanted,
      DhcpService.Loop loop,
      Hands hands) {}

  /**
   * How machines are switched on.
   *
   * @param pause how time passes for a thread of {@code workers}
   * @param waits how such a thread waits for something to become durable
   * @param log what stands between deployments and journal
   */
  public record Hands(
      BmcSource bmcs,
      Patience patience,
      ExecutorService workers,
      WakeOnLan.Pause pause,
      Wait waits,
      UnaryOperator<PowerLog> log) {}

  /** How a thread waits for what others do. */
  public interface Wait {
    void until(CompletionStage<?> done) throws InterruptedException;
  }

  private final Store store;
  private final Fleet fleet;
  private final Journal journal;
  private final FlightRecorder recorder;
  private final MachineSide machines;
  private final MachineSide.Served served;
  private final ClusterKey cluster;
  private final OwnFiles own;
  private final Optional<DhcpService> dhcp;
  private final Deployments deployments;
  private final Retries retries;
  private final NodeLogs logs;
  private final Optional<InstallerLogs> installers;
  private final Clock clock;
  private final Path data;
  private final LongSupplier room;

  private DrivenAppliance(Setup setup, Store store) {
    this.clock = setup.clock();
    this.data = setup.data();
    this.room = setup.room();
    this.store = store;
    this.fleet = new Fleet(setup.rack(), clock.instant());
    ApplianceSettings settings = setup.rack().appliance();
    Ledger ledger = Ledger.of(fleet, store, data, clock);
    this.logs = nodeLogs(setup);
    this.installers =
        settings.syslog() ? Optional.of(new InstallerLogs(fleet, logs, clock)) : Optional.empty();
    this.journal =
        Journal.driven(
            setup.writer().apply(store),
            fact -> ledger.apply(fact, (_, _) -> {}),
            problem -> {
              ledger.refused();
              setup.onFatal().accept(String.valueOf(problem.getMessage()));
            },
            setup.wanted());
    this.recorder = new FlightRecorder(journal, fleet, clock);
    ledger.into(recorder);
    this.own = OwnFiles.in(data.resolve("tftp"));
    FirmwareTable firmware = FirmwareTable.builtIn();
    this.machines =
        new MachineSide(
            new MachineSide.Parts(
                fleet,
                ledger,
                recorder,
                new Tokens(setup.tokenKey(), setup.random()),
                ArtifactLibrary.ofFolder(data, profiles(setup.rack())),
                new MachineSide.Programs(programs(setup, firmware), Map.of(), () -> firmware, own),
                settings.ports(),
                setup.hands().bmcs()::has,
                clock),
            new Audit(recorder));
    this.cluster = ClusterKey.open(data, ledger.book().hasIssued());
    ledger.expelling(new Expulsion(fleet, ledger.book(), recorder.ofMesh(), Optional.empty()));
    URI url = Appliance.url(settings.address(), settings.ports().http());
    this.served =
        machines.at(
            url,
            Optional.of(url),
            Optional.empty(),
            desks(ledger.book()),
            MachineSide.Beside.NOBODY);
    this.dhcp =
        settings.dhcp() == DhcpMode.OFF
            ? Optional.empty()
            : Optional.of(
                DhcpService.withoutPorts(
                    DhcpWiring.settings(setup.rack()),
                    setup.loop(),
                    machines.bootPolicy(),
                    DhcpWiring.reservations(fleet),
                    setup.leases().apply(new LeaseWriter(store, Runnable::run)),
                    recorder,
                    clock));
    this.deployments =
        new Deployments(
            setup.hands().log().apply(new FleetPower(fleet, recorder)),
            setup.hands().bmcs(),
            node -> medium(node, url, setup.hands().waits()),
            machines.httpPrograms(),
            setup.hands().patience(),
            clock,
            setup.hands().pause(),
            BmcLocks.none(),
            setup.hands().workers());
    this.retries = Retries.idle(fleet, recorder, deployments, setup.hands().bmcs()::has, clock);
  }

  /** No machine has a TPM, so none is asked for; signed is what the mesh's key signs alone. */
  private MachineSide.Desks desks(MeshBook book) {
    MeshDesk bundles =
        new MeshDesk(
            cluster,
            Optional.empty(),
            PresharedSecret.open(KeyRing.plain(data)),
            fleet::rack,
            (_, _) -> TpmRule.OFF,
            book,
            recorder.ofMesh(),
            clock,
            Runnable::run);
    return new MachineSide.Desks(
        bundles,
        machines.gates(cluster),
        Optional.empty(),
        Signatures.none(),
        GivenPlans.none(),
        new HardwareReports(fleet, KeptHardware.in(data, fleet), clock, Runnable::run),
        new Health(recorder::settled, data, Runnable::run),
        Runnable::run);
  }

  private static NodeLogs nodeLogs(Setup setup) {
    Path folder = setup.data().resolve(Appliance.LOGS);
    try {
      return NodeLogs.driven(folder, setup.clock());
    } catch (IOException e) {
      throw new StartException(folder + ": cannot be had (" + e.getMessage() + ")", e);
    }
  }

  /**
   * No image is made. Its token is, and is durable before the image is named: by the place of the
   * scripts that it would lead to, with the token as its password.
   */
  private URI medium(Node node, URI url, Wait wait) throws InterruptedException {
    CompletableFuture<TokenDesk.Prepared> token = machines.desk().prepared(node.mac());
    wait.until(token);
    String folder = MediumDoor.scripts(url, token.join().hash()).toString();
    String who = "://" + Autoexec.USER + ":" + token.join().text() + "@";
    return URI.create(folder.replaceFirst("://", who));
  }

  private static BootPrograms.Loaded programs(Setup setup, FirmwareTable firmware) {
    return Appliance.loaded(
        ProgramFolder.expected(Optional.of(setup.programs()))
            .trusting(setup.digests())
            .also(firmware.programs()));
  }

  private static Set<Profile> profiles(RackFile rack) {
    Set<Profile> used = new LinkedHashSet<>();
    rack.nodes().forEach(node -> used.add(node.profile()));
    return used;
  }

  /**
   * Begins where the journal of the folder ends, and goes on with what was under way.
   *
   * @throws StartException if something is missing
   * @throws foundrybot.appliance.store.StoreException if the state cannot be opened
   */
  public static DrivenAppliance start(Setup setup) {
    Store store = Store.open(setup.data());
    try {
      DrivenAppliance appliance = new DrivenAppliance(setup, store);
      appliance.deployments.resume(setup.rack().nodes());
      return appliance;
    } catch (RuntimeException e) {
      store.close();
      throw e;
    }
  }

  /** Empty with {@code dhcp: off}. */
  public Optional<DhcpService> dhcp() {
    return dhcp;
  }

  public TftpTable files() {
    return served.files();
  }

  public HttpHandler http() {
    return served.http();
  }

  /** What answers over HTTPS, which has what is for nodes of the mesh, too. */
  public HttpHandler https() {
    return served.https().orElseThrow();
  }

  /** What nodes are told with their answer files: whose mesh it is, 32 hexadecimal digits. */
  public String clusterId() {
    return cluster.id();
  }

  /** Who is told what was seen on the wire by who carries requests here. */
  public WireObserver observer() {
    return machines.observer();
  }

  /** A datagram has come to the port for logs. */
  public void log(InetAddress from, ByteBuffer datagram) {
    if (SyslogMessage.decode(datagram) instanceof SyslogMessage.Decoded.Line line) {
      installers.ifPresent(sink -> sink.received(from, line.message()));
    }
  }

  /** Writes to the journal what has gathered, and tells who waits for it. */
  public void write() {
    journal.turn();
  }

  /** Begins what is due about stuck nodes, as happens every few seconds. */
  public CompletableFuture<Void> lookAfterStuckNodes() {
    return retries.begin();
  }

  /** As {@code bootserver deploy} does. */
  public CompletableFuture<List<Begun>> deploy(List<Node> nodes) {
    return deployments.deploy(nodes, false);
  }

  /**
   * As {@code bootserver arm} does, where a machine without a BMC is to be let in by name.
   *
   * @return completes when it is durable; at once where it is let in at any time
   */
  public CompletableFuture<Void> arm(Node node, Duration time) {
    return machines.desk().isAlwaysOpen(node)
        ? CompletableFuture.completedFuture(null)
        : recorder.record(
            node.mac(),
            FactKind.WINDOW_ARMED.text(),
            PowerRun.armedDetail(clock.instant().plus(time)));
  }

  public FleetStatus status() {
    Instant now = clock.instant();
    return FleetStatus.of(fleet, retries::next, logs::atHand, "", Map.of(), now)
        .with(Diagnosis.ofRoom(room.getAsLong(), data.toString(), now).orElse(Diagnosis.NONE));
  }

  public NodeState state(Mac mac) {
    return fleet.state(mac);
  }

  /** Ends it as a kill does: what is not written is lost, and nobody is told anything. */
  public void kill() {
    deployments.close();
    own.close();
    logs.close();
    store.close();
  }
}
