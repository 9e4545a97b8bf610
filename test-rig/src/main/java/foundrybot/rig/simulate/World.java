// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.simulate;

import foundrybot.answerfiles.Mac;
import foundrybot.answerfiles.Node;
import foundrybot.answerfiles.PowerLimits;
import foundrybot.answerfiles.Profile;
import foundrybot.answerfiles.RackFile;
import foundrybot.appliance.DrivenAppliance;
import foundrybot.appliance.lifecycle.Deadlines;
import foundrybot.appliance.lifecycle.Fact;
import foundrybot.appliance.lifecycle.FactKind;
import foundrybot.appliance.lifecycle.NodeState;
import foundrybot.appliance.power.Begun;
import foundrybot.appliance.power.BmcSource;
import foundrybot.appliance.power.Patience;
import foundrybot.appliance.power.PowerLog;
import foundrybot.appliance.store.FactWriter;
import foundrybot.appliance.store.StoreException;
import foundrybot.bootserver.dhcp.DhcpService;
import foundrybot.bootserver.dhcp.Lease;
import foundrybot.bootserver.dhcp.LeaseStore;
import foundrybot.redfish.Bmc;
import foundrybot.redfish.BootDevice;
import foundrybot.rig.sim.FirmwareKind;
import foundrybot.rig.sim.Machine;
import foundrybot.rig.sim.SimulatedRack;
import foundrybot.rig.simulate.Invariant.Violated;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Inet4Address;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** One appliance, its machines, and the cables between them; all on one virtual clock. */
final class World {
  /** What a flush to a disk takes. */
  private static final Duration WRITE = Duration.ofMillis(2);

  /** What a disk without room answers (ENOSPC). */
  private static final String NO_ROOM = "No space left on device";

  /**
   * The appliance dies in the middle of something. No exception that it could catch: whoever is in
   * its way must do nothing more.
   */
  static final class Killed extends Error {
    private static final long serialVersionUID = 1;

    private Killed() {
      super("the appliance was killed", null, false, false);
    }
  }

  /** For how long somebody lets in the machines that he puts into the rack. */
  private static final Duration A_SHIFT = Duration.ofHours(12);

  /** How long evidence gathers that nobody waits for; the journal's own thread does the same. */
  private static final Duration MOMENT = Duration.ofMillis(50);

  private static final FirmwareKind[] FIRMWARE = {
    FirmwareKind.BIOS, FirmwareKind.UEFI, FirmwareKind.UEFI, FirmwareKind.UEFI_HTTP
  };

  /**
   * What is simulated.
   *
   * @param folder an empty one, for the appliance's state
   * @param full when that folder's disk has no room
   * @param faults of each node that has one
   */
  record Plan(
      RackFile rack,
      Path folder,
      long seed,
      Weather weather,
      FullDisk full,
      Map<Mac, Ailment> faults) {}

  /** Who judges what happens. */
  interface Watcher {
    /** An answer has left the appliance. */
    void saw(Exchange exchange);

    /**
     * The appliance can no longer write its state, and is about to end.
     *
     * @param said its last words
     */
    void failed(String said);

    /** The appliance has given a machine an address, for so long. */
    void acknowledged(VirtualMachine machine, Inet4Address address, Duration lasts);

    /** A machine has found somebody else at the address that it was given. */
    void declined(VirtualMachine machine, Inet4Address address);
  }

  private final Plan plan;
  private final VirtualTime time = new VirtualTime();
  private final Random random;
  private final EventLog log;
  private final Map<String, String> digests;
  private final Map<Mac, VirtualMachine> machines = new LinkedHashMap<>();
  private final Map<Mac, Strand> twins = new LinkedHashMap<>();
  private final List<Throwable> broken = new ArrayList<>();
  private final Watcher watcher;
  private final Network network;
  private Optional<DrivenAppliance> appliance = Optional.empty();
  private int starts;
  private boolean writing;
  private boolean noting;
  private boolean failing;
  private boolean refused;
  private Optional<Duration> writtenAgain = Optional.empty();

  /** What an operator wants and nobody has confirmed: he says it again when it runs again. */
  private Optional<List<Node>> ordered = Optional.empty();

  private final Unflushed unflushed;
  private final FreshLines lines;
  private final BegunSecrets secrets;

  /** What was written for leases that nobody was told are kept begins there. */
  private Optional<Long> leasesTold = Optional.empty();

  /** What machines were promised, by the address. */
  private final Map<Inet4Address, Lease> promised = new LinkedHashMap<>();

  /** What was being written when the appliance died: it may be kept, and was promised to nobody. */
  private Optional<Lease> doubtful = Optional.empty();

  private Optional<Kills.Next> dies = Optional.empty();
  private int writesLeft;

  /**
   * What a machine was answered over HTTP.
   *
   * @param path with the token in it, in clear
   */
  @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
  record Exchange(VirtualMachine machine, String path, int status, byte[] body) {}

  World(Plan plan, EventLog log, Watcher watcher) {
    this.plan = plan;
    this.random = new Random(plan.seed());
    this.log = log;
    this.watcher = watcher;
    this.unflushed = new Unflushed(plan.folder().resolve("state"));
    this.lines = new FreshLines(plan.folder().resolve("logs"));
    this.secrets = new BegunSecrets(plan.folder());
    this.digests = Supplies.bootPrograms(plan.folder().resolve("boot-programs"));
    Supplies.keys(plan.folder(), new Random(plan.seed() * 31 + 7));
    Supplies.artifacts(
        plan.folder(),
        plan.rack().nodes().stream().map(Node::profile).distinct().toList(),
        time.instant());
    this.network = new Network(this, plan.weather(), new Random(random.nextLong()));
    int number = 0;
    for (Node node : plan.rack().nodes()) {
      machines.put(node.mac(), machine(node, number++));
    }
  }

  private VirtualMachine machine(Node node, int number) {
    Machine hardware =
        new Machine(
            node.name(),
            node.mac().toString(),
            SimulatedRack.uuid(node.mac().toString()),
            firmware(node, number),
            node.address().map(cidr -> cidr.address()).orElseGet(() -> address(number)));
    return new VirtualMachine(
        this,
        node,
        hardware,
        Optional.ofNullable(plan.faults().get(node.mac())),
        new Random(random.nextLong()));
  }

  /** VMware's boot loader runs under UEFI alone. */
  private static FirmwareKind firmware(Node node, int number) {
    return node.profile().kind() == Profile.Kind.MBOOT
        ? FirmwareKind.UEFI
        : FIRMWARE[number % FIRMWARE.length];
  }

  /** Of the site's DHCP server, for machines that have no fixed one (RFC 6598). */
  private static Inet4Address address(int number) {
    byte[] octets = {100, (byte) (64 + (number >> 16)), (byte) (number >> 8), (byte) number};
    try {
      return (Inet4Address) Inet4Address.getByAddress(octets);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("four octets are an address", e);
    }
  }

  VirtualTime time() {
    return time;
  }

  RackFile rack() {
    return plan.rack();
  }

  Network network() {
    return network;
  }

  Map<Mac, VirtualMachine> machines() {
    return machines;
  }

  EventLog log() {
    return log;
  }

  /** Empty while it is down. */
  Optional<DrivenAppliance> appliance() {
    return appliance;
  }

  int starts() {
    return starts;
  }

  /** Whether the appliance's own disk has no room now. */
  boolean isDiskFull() {
    return plan.full().isAt(time.passed());
  }

  /**
   * From when a time counts that began then and would be over after so long: from the first thing
   * that could be written again, if the disk was full meanwhile.
   */
  Duration counted(Duration since, Duration time) {
    boolean within = plan.full().from().compareTo(since.plus(time)) <= 0;
    return within ? writtenAgain.filter(at -> at.compareTo(since) > 0).orElse(since) : since;
  }

  /** Whether the appliance that runs now has found that it cannot write. */
  boolean isFailing() {
    return failing;
  }

  /** What broke in the simulation itself, or in the appliance's own threads. */
  List<Throwable> broken() {
    return broken;
  }

  void broke(Throwable problem) {
    broken.add(problem);
  }

  /** A machine has its DHCPACK. */
  void acknowledged(VirtualMachine machine, Inet4Address address, Duration lasts) {
    watcher.acknowledged(machine, address, lasts);
  }

  /** A machine has declined an address. */
  void declined(VirtualMachine machine, Inet4Address address) {
    watcher.declined(machine, address);
  }

  /** A line of a machine's log has arrived, and is about to be written. */
  void logs(Mac mac) {
    lines.comes(mac, time.passed());
  }

  void exchanged(VirtualMachine machine, String path, int status, byte[] body) {
    watcher.saw(new Exchange(machine, path, status, body));
  }

  /** Starts the appliance, which goes on where its journal ends. */
  void start() {
    starts++;
    writing = false;
    noting = false;
    failing = false;
    dies = Optional.empty();
    Strands workers = new Strands(time, "deployment", this::broke);
    DrivenAppliance started =
        DrivenAppliance.start(
            new DrivenAppliance.Setup(
                plan.rack(),
                plan.folder(),
                plan.folder().resolve("boot-programs"),
                digests,
                time,
                HexFormat.of().toHexDigits(plan.seed()).repeat(4),
                new SeededRandom(plan.seed() * 31 + starts),
                Logged::new,
                Kept::new,
                () -> isDiskFull() ? 0 : Long.MAX_VALUE,
                this::failed,
                this::wanted,
                loop(starts),
                new DrivenAppliance.Hands(
                    bmcs(), Patience.USUAL, workers, World::pause, World::await, Waiting::new)));
    appliance = Optional.of(started);
    log.note(time, "appliance", "started " + starts);
    ordered.ifPresent(this::deploy);
  }

  /** The appliance that runs now dies in one of its writes from now on. */
  void diesAt(Kills.Next next) {
    dies = Optional.of(next);
    writesLeft = next.writes();
  }

  private void failed(String problem) {
    if (!isDiskFull()) {
      broke(new IllegalStateException(problem));
      return;
    }
    failing = true;
    // Each run has a folder of its own, and the same events.
    log.note(time, "appliance", problem.replace(plan.folder().toString(), "DATA"));
    watcher.failed(problem);
  }

  /** As {@code bootserver serve} ends when it cannot write; connections break off. */
  void end() {
    appliance.orElseThrow().kill();
    appliance = Optional.empty();
    network.cut();
    log.note(time, "appliance", "ended");
  }

  /** Nothing is told to anybody; what is not written is lost, and a record may be torn. */
  void kill() {
    appliance.orElseThrow().kill();
    appliance = Optional.empty();
    network.cut();
    if (random.nextBoolean()) {
      tear();
    }
    log.note(time, "appliance", "killed");
  }

  /**
   * Its machine loses its power: nothing is told to anybody, and of what was written and not
   * flushed only the beginning is left, of the journal, of leases and of machines' logs; a secret
   * that was being replaced has what was begun beside it.
   *
   * @return where the machines stand that this is about, by what is left
   */
  Map<Mac, NodeState> losePower() {
    appliance.orElseThrow().kill();
    appliance = Optional.empty();
    network.cut();
    Unflushed.Left left = unflushed.cut(random);
    left.unheard().forEach(log::fact);
    boolean lease = leasesTold.map(this::cutLeases).orElse(false);
    leasesTold = Optional.empty();
    lines.cut(random, time.passed()).forEach(mac -> machine(mac).forgetsLogged());
    secrets.cut(random);
    log.note(
        time,
        "appliance",
        "lost its power, and " + left.lost() + " facts" + (lease ? ", and a lease" : ""));
    return left.states();
  }

  /** Whether that took one away, or tore it. */
  private boolean cutLeases(long told) {
    try {
      Path file = leases();
      long end = Files.size(file);
      long at = told + random.nextLong(Math.max(0, end - told) + 1);
      FreshLines.truncate(file, at);
      return at < end;
    } catch (IOException e) {
      throw new UncheckedIOException("the leases of the simulated appliance", e);
    }
  }

  private Path leases() {
    return plan.folder().resolve("state").resolve("leases");
  }

  /** What a kill in the middle of a write leaves behind: the beginning of a record. */
  private void tear() {
    try {
      Optional<Path> newest = Unflushed.newest(plan.folder().resolve("state"));
      if (newest.isPresent() && Files.size(newest.get()) > 64) {
        byte[] whole = Files.readAllBytes(newest.get());
        byte[] begun = new byte[9 + random.nextInt(8)];
        System.arraycopy(whole, 0, begun, 0, begun.length);
        Files.write(newest.get(), begun, StandardOpenOption.APPEND);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("the state of the simulated appliance", e);
    }
  }

  /** As an operator does it. */
  void deploy(List<Node> nodes) {
    ordered = Optional.of(nodes);
    appliance.ifPresent(
        running -> {
          int now = starts;
          var _ =
              running
                  .deploy(nodes)
                  .whenComplete(
                      (begun, problem) -> {
                        if (problem == null) {
                          ordered = Optional.empty();
                          begun.stream()
                              .filter(one -> one.answer() == Begun.Answer.BY_HAND)
                              .forEach(one -> byHand(one.name()));
                        } else {
                          notDone(now, problem);
                        }
                      });
        });
  }

  /**
   * What cannot be written is not done, and that is right; who waits is told so before the
   * appliance says why it ends.
   */
  private void notDone(int start, Throwable problem) {
    boolean unwritten =
        problem instanceof StoreException || problem.getCause() instanceof StoreException;
    if (start == starts && !(unwritten && isDiskFull())) {
      broke(problem);
    }
  }

  /** As the appliance's own thread does every few seconds. */
  void lookAfterStuckNodes() {
    appliance.ifPresent(
        running -> {
          int now = starts;
          var _ =
              running
                  .lookAfterStuckNodes()
                  .whenComplete(
                      (_, problem) -> {
                        if (problem != null) {
                          notDone(now, problem);
                        }
                      });
        });
  }

  /** Somebody walks there, and switches it on, from the network. */
  private void byHand(String name) {
    VirtualMachine machine = machine(plan.rack().node(name).orElseThrow().mac());
    time.after(Duration.ofSeconds(30 + random.nextInt(90)), () -> arms(machine));
  }

  /**
   * Where a machine is to be let in by name he does that first, and again if nobody confirms it.
   */
  private void arms(VirtualMachine machine) {
    if (machine.isOn()) {
      return;
    }
    int now = starts;
    appliance.ifPresent(
        running -> {
          var _ =
              running
                  .arm(machine.node(), A_SHIFT)
                  .whenComplete(
                      (_, problem) -> {
                        if (problem == null) {
                          switchesOn(machine);
                        } else {
                          notDone(now, problem);
                        }
                      });
        });
    if (!machine.isOn()) {
      time.after(Duration.ofSeconds(20), () -> arms(machine));
    }
  }

  private static void switchesOn(VirtualMachine machine) {
    if (!machine.isOn()) {
      machine.told("somebody switches it on");
      machine.bootsNext(BootDevice.PXE);
      machine.switchOn();
    }
  }

  /** Somebody has started a clone of its: with the same MAC, and the UUID of another machine. */
  void wakeTwin(VirtualMachine machine) {
    if (!twins.containsKey(machine.node().mac())) {
      Machine own = machine.hardware();
      UUID other = UUID.nameUUIDFromBytes(own.name().getBytes(StandardCharsets.UTF_8));
      Machine hardware =
          new Machine(own.name() + "-twin", own.mac(), other, own.firmware(), own.address());
      VirtualMachine twin =
          new VirtualMachine(
              this, machine.node(), hardware, Optional.empty(), new Random(random.nextLong()));
      twins.put(
          machine.node().mac(), new Strand(time, hardware.name(), twin::asksForEver, this::broke));
    }
  }

  boolean hasTwin(Node node) {
    return twins.containsKey(node.mac());
  }

  boolean hasBmc(Node node) {
    return node.bmc().isPresent();
  }

  /** Everything is off. */
  void close() {
    appliance.ifPresent(DrivenAppliance::kill);
    machines.values().stream().filter(VirtualMachine::isOn).forEach(VirtualMachine::switchOff);
    twins.values().forEach(Strand::end);
  }

  VirtualMachine machine(Mac mac) {
    return Optional.ofNullable(machines.get(mac)).orElseThrow();
  }

  /**
   * Each node's is its own, also where the rack file has one for several: none waits for another.
   */
  private BmcSource bmcs() {
    return new BmcSource() {
      @Override
      public Bmc open(Node node) {
        return new VirtualBmc(machine(node.mac()));
      }

      @Override
      public Optional<URI> url(Node node) {
        return Optional.of(URI.create("simulated://" + node.mac().toString().replace(':', '-')));
      }
    };
  }

  private static void await(CompletionStage<?> stage) throws InterruptedException {
    Strand.current().orElseThrow().await(stage);
  }

  private static void pause(Duration duration) throws InterruptedException {
    Strand.current().orElseThrow().sleep(duration);
  }

  /** Somebody has told the appliance something: it will be in the journal in a moment. */
  void touched() {
    if (!noting) {
      noting = true;
      int now = starts;
      time.after(
          MOMENT,
          () -> {
            if (now == starts) {
              noting = false;
              appliance.ifPresent(DrivenAppliance::write);
            }
          });
    }
  }

  private void wanted() {
    if (!writing) {
      writing = true;
      int now = starts;
      time.after(
          WRITE,
          () -> {
            if (now == starts) {
              writing = false;
              appliance.ifPresent(DrivenAppliance::write);
            }
          });
    }
  }

  private DhcpService.Loop loop(int start) {
    return new DhcpService.Loop() {
      @Override
      public void execute(Runnable task) {
        after(Duration.ZERO, task);
      }

      @Override
      public void after(Duration delay, Runnable task) {
        time.after(
            delay,
            () -> {
              if (start == starts && appliance.isPresent()) {
                task.run();
              }
            });
      }
    };
  }

  private StoreException noRoom() {
    return StoreException.unusable(plan.folder().resolve("state"), new IOException(NO_ROOM));
  }

  /**
   * The real store, but for the flush to the disk: it is only noted, for who takes away what was
   * not flushed.
   */
  private final class Logged implements FactWriter {
    private final FactWriter store;

    Logged(FactWriter store) {
      this.store = store;
    }

    @Override
    public long[] append(List<Fact> more) {
      if (isDiskFull()) {
        refused = true;
        throw noRoom();
      }
      if (refused) {
        refused = false;
        writtenAgain = Optional.of(time.passed());
      }
      diesIn(Kills.Point.BEFORE_WRITE, false);
      unflushed.begins(more, mac -> appliance.orElseThrow().state(mac));
      long[] places = store.append(more);
      unflushed.add(places, more);
      diesIn(Kills.Point.WRITTEN, false);
      more.forEach(log::fact);
      unflushed.areTold();
      return places;
    }

    @Override
    public void force() {
      unflushed.flush();
      diesIn(Kills.Point.FLUSHED, false);
      unflushed.forget();
    }
  }

  /**
   * Nothing more is done by who is in its way, if it is to die there.
   *
   * @param ofLeases whether it is a write of the leases
   */
  private void diesIn(Kills.Point point, boolean ofLeases) {
    if (dies.filter(next -> next.ofLeases() == ofLeases).isEmpty()) {
      return;
    }
    if (point == Kills.Point.BEFORE_WRITE) {
      writesLeft--;
    }
    if (writesLeft <= 0 && dies.filter(next -> next.point() == point).isPresent()) {
      dies = Optional.empty();
      throw new Killed();
    }
  }

  /** The same for leases. */
  private final class Kept implements LeaseStore {
    private final LeaseStore store;

    Kept(LeaseStore store) {
      this.store = store;
    }

    @Override
    public List<Lease> load() {
      List<Lease> kept = store.load();
      doubtful.filter(kept::contains).ifPresent(lease -> promised.put(lease.address(), lease));
      doubtful = Optional.empty();
      promised.forEach(
          (address, lease) -> {
            if (!kept.contains(lease)) {
              throw new Violated(
                  Invariant.ACKNOWLEDGED_KEPT,
                  lease + " was kept, and after a start of the appliance there is " + kept);
            }
          });
      return kept;
    }

    @Override
    public CompletionStage<Void> save(Lease lease) {
      if (isDiskFull()) {
        return CompletableFuture.failedStage(noRoom());
      }
      diesIn(Kills.Point.BEFORE_WRITE, true);
      doubtful = Optional.of(asKept(lease));
      long before = size();
      CompletionStage<Void> saved = store.save(lease);
      leasesTold = Optional.of(before);
      diesIn(Kills.Point.WRITTEN, true);
      leasesTold = Optional.empty();
      diesIn(Kills.Point.FLUSHED, true);
      doubtful = Optional.empty();
      promised.put(lease.address(), asKept(lease));
      return saved;
    }

    /** Files know microseconds. */
    private static Lease asKept(Lease lease) {
      return new Lease(
          lease.address(),
          lease.mac(),
          lease.state(),
          lease.until().truncatedTo(ChronoUnit.MICROS));
    }

    private long size() {
      try {
        return Files.size(leases());
      } catch (IOException e) {
        throw new UncheckedIOException("the leases of the simulated appliance", e);
      }
    }
  }

  /** A deployment's thread that waits for the journal gives the word back meanwhile. */
  private final class Waiting implements PowerLog {
    private final PowerLog inner;

    Waiting(PowerLog inner) {
      this.inner = inner;
    }

    @Override
    public Optional<Node> node(Mac mac) {
      return inner.node(mac);
    }

    @Override
    public NodeState state(Mac mac) {
      return inner.state(mac);
    }

    @Override
    public Deadlines deadlines(Node node) {
      return inner.deadlines(node);
    }

    @Override
    public PowerLimits limits() {
      return inner.limits();
    }

    @Override
    public CompletableFuture<Void> record(Mac mac, FactKind kind, String detail) {
      CompletableFuture<Void> durable = inner.record(mac, kind, detail);
      Optional<Strand> waits = Strand.current();
      if (waits.isPresent()) {
        try {
          waits.get().await(durable);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      }
      return durable;
    }

    @Override
    public void note(Mac mac, String kind, String detail) {
      inner.note(mac, kind, detail);
      touched();
    }
  }
}
