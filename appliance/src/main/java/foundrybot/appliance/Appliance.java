// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.answerfiles.ApplianceSettings;
import foundrybot.answerfiles.DhcpMode;
import foundrybot.answerfiles.Mac;
import foundrybot.answerfiles.Node;
import foundrybot.answerfiles.Profile;
import foundrybot.answerfiles.RackFile;
import foundrybot.answerfiles.TimeServer;
import foundrybot.appliance.lifecycle.Diagnosis;
import foundrybot.appliance.lifecycle.Fact;
import foundrybot.appliance.live.Live;
import foundrybot.appliance.live.Marks;
import foundrybot.appliance.logs.LogLine;
import foundrybot.appliance.logs.NodeLogs;
import foundrybot.appliance.mesh.CertificateDesk;
import foundrybot.appliance.mesh.ClusterKey;
import foundrybot.appliance.mesh.MeshBook;
import foundrybot.appliance.mesh.MeshDesk;
import foundrybot.appliance.mesh.PresharedSecret;
import foundrybot.appliance.metrics.FactMeter;
import foundrybot.appliance.notify.Couriers;
import foundrybot.appliance.notify.HookSetup;
import foundrybot.appliance.operator.AuditEntry;
import foundrybot.appliance.power.BmcDesk;
import foundrybot.appliance.power.BmcLocks;
import foundrybot.appliance.power.Bmcs;
import foundrybot.appliance.power.Deployments;
import foundrybot.appliance.power.PowerSetup;
import foundrybot.appliance.store.Journal;
import foundrybot.appliance.store.Keeping;
import foundrybot.appliance.store.KeyRing;
import foundrybot.appliance.store.Store;
import foundrybot.appliance.store.StoreException;
import foundrybot.appliance.tls.ImageSigner;
import foundrybot.appliance.tls.NodeCertificates;
import foundrybot.bootserver.BindException;
import foundrybot.bootserver.EventLoops;
import foundrybot.bootserver.WireObserver;
import foundrybot.bootserver.dhcp.DhcpServer;
import foundrybot.bootserver.dns.DnsServer;
import foundrybot.bootserver.dns.DnsSettings;
import foundrybot.bootserver.http.HttpAnswer;
import foundrybot.bootserver.http.HttpServer;
import foundrybot.bootserver.http.HttpSettings;
import foundrybot.bootserver.http.LocalServer;
import foundrybot.bootserver.sntp.SntpServer;
import foundrybot.bootserver.syslog.SyslogServer;
import foundrybot.bootserver.tftp.TftpServer;
import foundrybot.images.BuildException;
import foundrybot.ipxe.BootPrograms;
import foundrybot.ipxe.MediumPrograms;
import foundrybot.ipxe.SignedPrograms;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The running appliance: everything that {@code bootserver serve} starts, in the order in which it
 * is started, and closed in the opposite order.
 */
public final class Appliance implements AutoCloseable {
  /** Of the product. */
  public static final String VERSION = "0.1.0";

  /** The folder of the nodes' logs, in the data folder. */
  static final String LOGS = "logs";

  private static final Logger LOG = LoggerFactory.getLogger(Appliance.class);
  private static final int MOST_FILE_THREADS = 4;
  private static final int MOST_WEB_THREADS = 8;

  private final Deque<AutoCloseable> running = new ArrayDeque<>();
  private final Fleet fleet;
  private final ApplianceSettings settings;
  private final Clock clock;
  private final WireCounters counters = new WireCounters();
  private final Path data;
  private final Map<Mac, String> lastCommands = new ConcurrentHashMap<>();
  private final ArtifactLibrary artifacts;
  private volatile String rackFault = "";
  private volatile Optional<Audit> changes = Optional.empty();
  private volatile Optional<Couriers> couriers = Optional.empty();
  private volatile Optional<Announcer> announcer = Optional.empty();
  private volatile Optional<Retries> retries = Optional.empty();
  private volatile Optional<Deployments> powering = Optional.empty();
  private volatile Function<Mac, List<LogLine>> lastLines = _ -> List.of();
  private volatile FirmwareTable firmware;
  private final RackNames names;

  /**
   * What an appliance is made of.
   *
   * @param rack the valid rack file
   * @param firmware which firmware needs what
   * @param data the folder of all durable state
   * @param programFolder where the boot programs lie; empty for Debian's
   * @param clock for everything that is dated
   * @param onFatal told once when the state can no longer be written
   * @param power how machines are switched on
   * @param keeping how much evidence the journal keeps
   * @param hooks what webhooks need beside the rack file
   * @param keys the secret keys of the data folder
   */
  public record Setup(
      RackFile rack,
      FirmwareTable firmware,
      Path data,
      Optional<Path> programFolder,
      Clock clock,
      Consumer<String> onFatal,
      PowerSetup power,
      Keeping keeping,
      HookSetup hooks,
      KeyRing keys) {
    /** With keys that are not encrypted. */
    public Setup(
        RackFile rack,
        FirmwareTable firmware,
        Path data,
        Optional<Path> programFolder,
        Clock clock,
        Consumer<String> onFatal,
        PowerSetup power,
        Keeping keeping,
        HookSetup hooks) {
      this(
          rack,
          firmware,
          data,
          programFolder,
          clock,
          onFatal,
          power,
          keeping,
          hooks,
          KeyRing.plain(data));
    }

    /** With webhooks whose keys lie in the data folder. */
    public Setup(
        RackFile rack,
        FirmwareTable firmware,
        Path data,
        Optional<Path> programFolder,
        Clock clock,
        Consumer<String> onFatal,
        PowerSetup power,
        Keeping keeping) {
      this(
          rack,
          firmware,
          data,
          programFolder,
          clock,
          onFatal,
          power,
          keeping,
          HookSetup.of(data, Map.of()));
    }

    /** With BMCs whose passwords lie in the data folder, and the usual evidence. */
    public Setup(
        RackFile rack,
        FirmwareTable firmware,
        Path data,
        Optional<Path> programFolder,
        Clock clock,
        Consumer<String> onFatal) {
      this(
          rack,
          firmware,
          data,
          programFolder,
          clock,
          onFatal,
          PowerSetup.of(new Bmcs(data, data, Map.of(), rack.appliance().address())),
          Keeping.USUAL);
    }

    /** With the built-in firmware table alone. */
    public Setup(
        RackFile rack,
        Path data,
        Optional<Path> programFolder,
        Clock clock,
        Consumer<String> onFatal) {
      this(rack, FirmwareTable.builtIn(), data, programFolder, clock, onFatal);
    }

    /** The same with other webhooks' files and patience. */
    public Setup with(HookSetup other) {
      return new Setup(
          rack, firmware, data, programFolder, clock, onFatal, power, keeping, other, keys);
    }

    /** The same with other hands on the power. */
    public Setup with(PowerSetup other) {
      return new Setup(
          rack, firmware, data, programFolder, clock, onFatal, other, keeping, hooks, keys);
    }

    /** The same with keys that may be encrypted. */
    public Setup with(KeyRing other) {
      return new Setup(
          rack, firmware, data, programFolder, clock, onFatal, power, keeping, hooks, other);
    }
  }

  private Appliance(Setup setup) {
    this.fleet = new Fleet(setup.rack(), setup.clock().instant());
    this.settings = setup.rack().appliance();
    this.firmware = setup.firmware();
    this.clock = setup.clock();
    this.data = setup.data();
    this.artifacts = ArtifactLibrary.load(data, profiles(setup.rack()));
    this.names = new RackNames(fleet::rack, clock, Thread::startVirtualThread);
  }

  /**
   * Starts everything, or nothing.
   *
   * @throws StartException if something is missing
   * @throws StoreException if the state cannot be opened
   * @throws foundrybot.appliance.tls.TlsException if a certificate cannot serve
   * @throws foundrybot.bootserver.BindException if a port cannot be had
   */
  public static Appliance start(Setup setup) {
    Appliance appliance = new Appliance(setup);
    try {
      appliance.run(setup);
      return appliance;
    } catch (RuntimeException e) {
      appliance.close();
      throw e;
    }
  }

  private void run(Setup setup) {
    setup.keys().unlock();
    setup.keys().requireWhole();
    BootPrograms.Loaded programs = programs(setup);
    Map<String, byte[]> signed = signedPrograms(setup.programFolder());
    Store store = opened(Store.open(setup.data()));
    Ledger ledger = Ledger.of(fleet, store, setup.data(), clock);
    Live live =
        opened(
            new Live(
                () -> StreamRoutes.nodes(this::status),
                fact -> StreamRoutes.isTold(fleet, fact),
                StreamRoutes::json,
                store));
    counters.add("stream", live::counters);
    NodeLogs logs = opened(nodeLogs(setup));
    counters.add("logs", logs::counters);
    lastLines = logs::atHand;
    KeptHardware kept = KeptHardware.in(data, fleet);
    PageBoard board =
        new PageBoard(fleet, store, logs, this::status, setup.power().bmcs(), kept, clock);
    Marks marks = opened(new Marks(board::mark));
    counters.add("page", marks::counters);
    FactMeter meter = new FactMeter();
    Journal journal =
        opened(
            Journal.placing(
                store,
                (place, fact) -> {
                  ledger.apply(fact, meter::moved);
                  meter.heard(fact, clock.instant());
                  live.heard(place, fact);
                  board.heard(fact);
                  marks.heard();
                  asked(fact);
                  announcer.ifPresent(it -> it.heard(fact));
                  couriers.ifPresent(it -> it.heard(fact));
                },
                problem -> {
                  ledger.refused();
                  setup.onFatal().accept(String.valueOf(problem.getMessage()));
                }));
    FlightRecorder recorder = new FlightRecorder(journal, fleet, setup.clock());
    ledger.into(recorder);
    Audit audit = new Audit(recorder);
    changes = Optional.of(audit);
    Commands commands = new Commands(recorder);
    store.replay(Commands.KINDS, commands::apply);
    Couriers told = tell(setup, store, recorder);
    // It reads and writes as much as the replays do, which machines wait for.
    opened(JournalPruner.start(store, fleet, setup.keeping(), told::floor, setup.clock()));
    counters.add("audit", audit::counters);
    ExecutorService blocking = opened(Executors.newVirtualThreadPerTaskExecutor());
    // TFTP and HTTP have threads of their own: hundreds of machines that fetch images delay no DHCP
    // and no names.
    EventLoops loops = opened(EventLoops.start(1));
    EventLoops fileLoops = opened(EventLoops.start(threads(1, MOST_FILE_THREADS)));
    EventLoops webLoops = opened(EventLoops.start(threads(1, MOST_WEB_THREADS)));

    Health health = new Health(recorder::settled, data, blocking);
    health.loops("dhcp", loops);
    health.loops("tftp", fileLoops);
    health.loops("http", webLoops);

    URI url = url(settings.address(), settings.ports().http());
    OwnFiles own = opened(OwnFiles.in(setup.data().resolve("tftp")));
    Tokens tokens = Tokens.open(setup.keys());
    MachineSide machines =
        new MachineSide(
            new MachineSide.Parts(
                fleet,
                ledger,
                recorder,
                tokens,
                artifacts,
                new MachineSide.Programs(programs, signed, () -> firmware, own),
                settings.ports(),
                setup.power().bmcs()::hadLately,
                clock),
            audit);
    WireObserver observer = machines.observer();
    TokenDesk desk = machines.desk();
    TalosFile.check(setup.rack());
    Optional<Https> https = Https.of(setup.rack(), setup.keys(), setup.clock().instant());
    MeshDesk mesh = meshDesk(setup, ledger.book(), recorder, https, blocking);
    Optional<CertificateDesk> certificates =
        https
            .filter(Https::own)
            .map(_ -> NodeCertificates.open(setup.keys(), url.resolve("/" + Routes.CRL), clock))
            .map(
                signing ->
                    new CertificateDesk(
                        mesh.cluster(), signing, fleet::rack, ledger.book(), clock, blocking));
    ledger.expelling(new Expulsion(fleet, ledger.book(), recorder.ofMesh(), certificates));
    Signatures signatures =
        new Signatures(
            https.filter(Https::own).map(_ -> new ImageSigner(setup.keys(), clock)), blocking);
    if (signatures.areMade()) {
      own.beginVouching();
    }
    Supplier<CompletionStage<HttpAnswer>> revocations =
        () ->
            certificates
                .map(signing -> signing.revoked().thenApply(list -> Answers.crl(list)))
                .orElseGet(() -> CompletableFuture.completedStage(Answers.notFound("no CA")));
    OperatorAccess access =
        OperatorAccess.open(
            setup.data(),
            https.map(Https::url).orElse(url),
            https.map(Https::certificates).orElse(List.of()));
    OperatorTokens operators = OperatorTokens.open(setup.data(), access.token());
    counters.add(
        "journal",
        () ->
            Map.of(
                "dropped-disk-too-slow", journal.dropped(),
                "dropped-machine-too-loud", recorder.suppressed()));
    BootMedia media =
        BootMedia.in(
            setup.data(),
            fleet,
            desk,
            MediumPrograms.of(programs, expected(setup.rack(), setup.programFolder())),
            https,
            tokens,
            audit,
            setup.clock());
    Deployments deployments =
        opened(
            new Deployments(
                new FleetPower(fleet, recorder),
                setup.power().bmcs(),
                media,
                machines.httpPrograms(),
                setup.power().patience(),
                clock,
                Thread::sleep,
                BmcLocks.in(setup.data()),
                Executors.newVirtualThreadPerTaskExecutor()));
    powering = Optional.of(deployments);
    // One for all who ask: it knows which commands are under way.
    BmcDesk bmcDesk = deployments.desk();
    LogIns logIns = new LogIns(operators, OwnUser.number(), this::isOwn, clock);
    OperatorLimits limits = new OperatorLimits(audit, clock);
    GivenPlans plans = GivenPlans.in(setup.data(), clock);
    Reports reports =
        new Reports(
            fleet, store, plans, artifacts, programs.byName(), signed, mesh.cluster(), kept, clock);
    HardwareReports hardware = new HardwareReports(fleet, kept, clock, blocking);
    ApiRoutes api =
        new ApiRoutes(
            fleet,
            store,
            recorder,
            this::status,
            new StreamRoutes(fleet, live, blocking),
            new MetricsPage(this::status, meter, journal, live, told, data, clock),
            new DeployRoutes(fleet, deployments, artifacts, blocking),
            new PowerRoutes(bmcDesk),
            new Holds(fleet, recorder, deployments),
            new Releases(deployments, bmcDesk, certificates, setup.power().bmcs()::has),
            told,
            commands,
            media,
            desk,
            mesh,
            certificates,
            logs,
            reports,
            hardware,
            audit,
            operators,
            logIns,
            limits,
            clock,
            blocking);
    PageDoor door = new PageDoor(fleet, logIns, audit, new Sessions(clock), https.map(Https::url));
    PageRoutes page =
        new PageRoutes(
            fleet,
            store,
            recorder,
            board,
            marks,
            door,
            new PageActions(fleet, api, board, door),
            limits,
            blocking);
    openSocket(api, webLoops, observer);
    MachineSide.Desks desks =
        new MachineSide.Desks(
            mesh,
            machines.gates(mesh.cluster()),
            certificates,
            signatures,
            plans,
            hardware,
            health,
            blocking);
    MachineSide.Beside beside =
        new MachineSide.Beside(
            Optional.of(api), Optional.of(page), Optional.of(media), revocations);
    // Each network is told of our address there: its machines may have no route to any other.
    for (Listener listener : Listener.all(settings)) {
      Optional<MeshOffer> offer =
          https.flatMap(
              tls ->
                  tls.authority()
                      .map(ca -> new MeshOffer(tls.url(listener.address()), mesh.cluster(), ca)));
      MachineSide.Served served =
          machines.at(
              listener.url(), https.map(tls -> tls.url(listener.address())), offer, desks, beside);
      HttpServer web = opened(HttpServer.start(listener.http(), webLoops, served.http(), observer));
      counters.add("http", web::counters);
      if (https.isPresent()) {
        HttpSettings secure = https.get().on(listener.http());
        Routes all = served.https().orElseThrow();
        HttpServer secureWeb = opened(HttpServer.start(secure, webLoops, all, observer));
        counters.add("https", secureWeb::counters);
      }
      TftpServer tftp =
          opened(
              TftpServer.start(
                  listener.tftp(settings.tftp()), fileLoops, served.files(), observer));
      counters.add("tftp", tftp::counters);
    }
    if (settings.dhcp() != DhcpMode.OFF) {
      DhcpServer dhcp =
          opened(
              DhcpServer.start(
                  DhcpWiring.settings(setup.rack()),
                  loops,
                  machines.bootPolicy(),
                  DhcpWiring.reservations(fleet),
                  names.watching(new LeaseWriter(store, blocking)),
                  recorder,
                  setup.clock()));
      counters.add("dhcp", dhcp::counters);
    }
    for (Listener listener : Listener.all(settings)) {
      startNames(listener, loops, recorder);
    }
    receiveLogs(logs, loops);
    // Last: who is switched on finds everything served.
    deployments.resume(fleet.rack().nodes());
    opened(ConsoleLogs.start(fleet, recorder, setup.power(), logs, clock));
    retries =
        Optional.of(
            opened(Retries.start(fleet, recorder, deployments, setup.power().bmcs()::has, clock)));
    health.started();
    LOG.info(
        "serving cluster={} nodes={} dhcp={} http={}",
        setup.rack().cluster(),
        setup.rack().nodes().size(),
        settings.dhcp(),
        url);
  }

  /** Before anything is served, so that nothing that a machine does is missed. */
  private Couriers tell(Setup setup, Store store, FlightRecorder recorder) {
    Couriers all =
        opened(
            new Couriers(
                data,
                store,
                setup.hooks(),
                () -> fleet.rack().cluster(),
                (kind, detail) -> recorder.note("", kind, detail),
                clock,
                new SecureRandom()));
    all.replace(setup.rack().webhooks());
    couriers = Optional.of(all);
    announcer = Optional.of(opened(Announcer.start(this::status, recorder, store, all::isWanted)));
    return all;
  }

  private MeshDesk meshDesk(
      Setup setup,
      MeshBook book,
      FlightRecorder recorder,
      Optional<Https> https,
      ExecutorService blocking) {
    return new MeshDesk(
        ClusterKey.open(setup.keys(), book.hasIssued()),
        https.flatMap(Https::authority),
        PresharedSecret.open(setup.keys()),
        fleet::rack,
        RackFile::tpmOf,
        book,
        recorder.ofMesh(),
        setup.clock(),
        blocking);
  }

  private boolean isOwn(InetAddress address) {
    return settings.networks().stream()
        .anyMatch(network -> network.address().filter(address::equals).isPresent());
  }

  /** Without it the command line goes by HTTP, with the token of the data folder. */
  private void openSocket(ApiRoutes api, EventLoops loops, WireObserver observer) {
    if (!loops.isEpoll()) {
      return;
    }
    try {
      opened(
          LocalServer.start(
              OperatorAccess.socket(data), loops, user -> new LocalRoutes(api, user), observer));
    } catch (BindException e) {
      LOG.warn("no socket for the command line, which goes by HTTP: {}", e.getMessage());
    }
  }

  /** A port that another program has stops the start: leases and answer files name these two. */
  private void startNames(Listener listener, EventLoops loops, FlightRecorder recorder) {
    if (settings.dnsServer()) {
      DnsSettings dns = listener.dns(settings, Resolvers.of(settings, Resolvers.SYSTEM));
      DnsServer server =
          opened(orOff("dns-server", () -> DnsServer.start(dns, loops, names, recorder, clock)));
      counters.add("dns", server::counters);
    }
    if (settings.timeServer() != TimeServer.OFF) {
      OwnClock quality =
          new OwnClock(settings.timeServer(), listener.address(), clock, OwnClock.TIMESYNCD);
      SntpServer server =
          opened(
              orOff(
                  "time-server",
                  () -> SntpServer.start(listener.sntp(), loops, clock, quality, recorder)));
      counters.add("sntp", server::counters);
    }
  }

  /** Logs are evidence: an appliance that cannot have them installs all the same, and says so. */
  private void receiveLogs(NodeLogs logs, EventLoops loops) {
    if (!settings.syslog()) {
      return;
    }
    InstallerLogs sink = new InstallerLogs(fleet, logs, clock);
    counters.add("syslog", sink::counters);
    for (Listener listener : Listener.all(settings)) {
      try {
        SyslogServer server = opened(SyslogServer.start(listener.syslog(), loops, sink));
        counters.add("syslog", server::counters);
      } catch (BindException e) {
        LOG.warn(
            "no logs of installers: {}; or do without them: appliance.syslog: off in the rack file",
            e.getMessage());
      }
    }
  }

  private static NodeLogs nodeLogs(Setup setup) {
    Path folder = setup.data().resolve(LOGS);
    try {
      return NodeLogs.open(folder, setup.clock());
    } catch (IOException e) {
      throw new StartException(
          folder + ": cannot be had (" + e.getMessage() + "); is the disk full or read-only?", e);
    }
  }

  private static <T> T orOff(String key, Supplier<T> start) {
    try {
      return start.get();
    } catch (BindException e) {
      throw new BindException(
          e.getMessage() + "; or do without it: appliance." + key + ": off in the rack file", e);
    }
  }

  private static BootPrograms.Loaded programs(Setup setup) {
    return programs(setup.rack(), setup.firmware(), setup.programFolder());
  }

  /**
   * Reads and checks the boot programs.
   *
   * @throws StartException if one is missing or not the expected one
   */
  static BootPrograms.Loaded programs(
      RackFile rack, FirmwareTable firmware, Optional<Path> folder) {
    return loaded(expected(rack, folder).also(firmware.programs()));
  }

  /**
   * The same for programs that are expected otherwise.
   *
   * @throws StartException if one is missing or not the expected one
   */
  static BootPrograms.Loaded loaded(BootPrograms expected) {
    return switch (expected.load()) {
      case BootPrograms.Loaded loaded -> loaded;
      case BootPrograms.Refused refused ->
          throw new StartException("boot programs: " + String.join("\n  ", refused.problems()));
    };
  }

  private static BootPrograms expected(RackFile rack, Optional<Path> folder) {
    return ProgramFolder.expected(folder).trusting(rack.bootProgramDigests());
  }

  /**
   * Shim and GRUB, for machines with Secure Boot: those that were fetched, else those of the
   * system; empty where neither are there, or they are too old.
   */
  static Map<String, byte[]> signedPrograms(Optional<Path> folder) {
    try {
      Map<String, byte[]> fetched =
          folder.isPresent() ? sound(SignedPrograms.in(folder.get())) : Map.of();
      return fetched.isEmpty() ? sound(SignedPrograms.installed()) : fetched;
    } catch (IOException e) {
      throw new StartException("Secure Boot programs cannot be read: " + e);
    }
  }

  private static Map<String, byte[]> sound(Map<String, byte[]> programs) {
    Optional<String> fault = SignedPrograms.fault(programs);
    fault.ifPresent(why -> LOG.warn("not offered for Secure Boot: {}", why));
    return fault.isEmpty() ? programs : Map.of();
  }

  private static Iterable<Profile> profiles(RackFile rack) {
    Map<String, Profile> used = new LinkedHashMap<>();
    rack.nodes().forEach(node -> used.put(node.profile().name(), node.profile()));
    return new LinkedHashSet<>(used.values());
  }

  static URI url(Inet4Address address, int port) {
    return URI.create("http://" + address.getHostAddress() + (port == 80 ? "" : ":" + port));
  }

  private static int threads(int least, int most) {
    return Math.clamp(Runtime.getRuntime().availableProcessors(), least, most);
  }

  private <T extends AutoCloseable> T opened(T service) {
    running.push(service);
    return service;
  }

  /**
   * Puts changed files in force; addresses, ports and boot programs need a restart. A rack file
   * that names a profile without boot files is refused.
   */
  public void replaceRack(RackFile rack, FirmwareTable table) {
    try {
      artifacts.add(data, profiles(rack));
      TalosFile.check(rack);
    } catch (StartException | BuildException e) {
      refuseRack(String.valueOf(e.getMessage()));
      return;
    }
    firmware = table;
    rackFault = "";
    fleet.replace(rack);
    changes.ifPresent(it -> it.inForce(rack));
    couriers.ifPresent(it -> it.replace(rack.webhooks()));
    announcer.ifPresent(Announcer::look);
    names.changed();
    LOG.info("rack file in force nodes={}", rack.nodes().size());
    if (!DhcpWiring.sameService(rack.appliance(), settings)) {
      LOG.warn(
          "of the rack file's appliance section, interface, address, dhcp, ports, tftp, pool,"
              + " router, dns, tls, networks, dns-server, time-server and syslog stay as they were"
              + " until the appliance is started again");
    }
  }

  /**
   * Differs whenever boot files were imported, built, installed by a package or deleted; {@link
   * #replaceRack} then puts them in force.
   *
   * @param data the data folder
   */
  public static String bootFilesMark(Path data) {
    return ArtifactLibrary.mark(data);
  }

  /** Keeps the old rack file in force and says why the changed one is not. */
  public void refuseRack(String fault) {
    rackFault = fault;
    LOG.warn("rack file refused, the old one stays in force: {}", fault);
  }

  public FleetStatus status() {
    FleetStatus.Next next =
        (node, state, now) ->
            retries
                .map(care -> care.next(node, state, now))
                .filter(said -> !said.isEmpty())
                .or(() -> powering.flatMap(deployments -> deployments.now(node)))
                .orElse("");
    return FleetStatus.of(fleet, next, lastLines, rackFault, counters.snapshot(), clock.instant())
        .with(ownTrouble());
  }

  /** Does now what is due about stuck nodes, for who has a clock that is none of the world's. */
  void lookAfterStuckNodes() {
    retries.ifPresent(Retries::look);
  }

  /** Before the journal stops for want of room. */
  private Diagnosis ownTrouble() {
    try {
      long usable = Files.getFileStore(data).getUsableSpace();
      return Diagnosis.ofRoom(usable, data.toString(), clock.instant()).orElse(Diagnosis.NONE);
    } catch (IOException e) {
      LOG.warn("disk of the data folder not asked for its room cause={}", e.toString());
      return Diagnosis.NONE;
    }
  }

  /** Only of machines of the rack file, so that there are only so many. */
  private void asked(Fact fact) {
    AuditEntry.of(fact)
        .filter(entry -> !entry.id().isEmpty())
        .flatMap(entry -> Mac.parse(entry.mac()).filter(mac -> fleet.node(mac).isPresent()))
        .ifPresent(mac -> AuditEntry.of(fact).ifPresent(it -> lastCommands.put(mac, it.id())));
  }

  /** Whose MAC or name that is, for the log; empty if it is none of the rack file. */
  public Optional<LogNode> logNode(String key) {
    return Mac.parse(key)
        .flatMap(fleet::node)
        .or(() -> fleet.nodeNamed(key))
        .map(
            node ->
                new LogNode(
                    node.mac().toString(),
                    node.name(),
                    fleet.state(node.mac()).run(),
                    lastCommands.getOrDefault(node.mac(), "")));
  }

  /** Nodes of the rack file in force. */
  public Iterable<Node> nodes() {
    return fleet.rack().nodes();
  }

  @Override
  public void close() {
    while (!running.isEmpty()) {
      AutoCloseable service = running.pop();
      try {
        service.close();
      } catch (Exception e) {
        LOG.warn("not closed cleanly: {}", service.getClass().getSimpleName(), e);
      }
    }
  }
}
