// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.qemu;

import foundrybot.redfish.Credentials;
import foundrybot.rig.bmc.PoweredMachine;
import foundrybot.rig.bmc.RedfishEmulator;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import tools.jackson.databind.JsonNode;

/**
 * A rack: its network, the site's DHCP server, the appliance, and the machines. Everything it
 * started ends with it; logs stay in its folder.
 */
public final class QemuRack implements AutoCloseable {
  private static final Duration LOOK = Duration.ofSeconds(1);
  private static final Duration START = Duration.ofMinutes(2);
  private static final int TAIL = 25;

  /** Stages in the order of the way, as the command line names them. */
  private static final List<String> STAGES =
      List.of(
          "planned",
          "dhcp",
          "bootloader",
          "script",
          "kernel",
          "rescue",
          "installing",
          "installed",
          "first-boot",
          "enrolled");

  private final Path folder;
  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final List<Machine> machines = new ArrayList<>();
  private final List<String> retried = new ArrayList<>();
  private final Wiring wiring;
  private final RackNetwork network;
  private Site site;
  private ApplianceProcess appliance;

  /**
   * What a rack is made of.
   *
   * @param folder gets all logs; emptied first
   * @param command {@code bin/bootserver}
   * @param built a data folder whose {@code artifacts}, {@code mirror} and {@code boot-programs}
   *     the appliance finds in its own; empty for nothing
   * @param wiring the network, and who is on it
   * @param rackYaml the rack file, on {@link Wiring#applianceYaml()}
   * @param firmwareYaml the firmware table beside it; empty for none
   */
  public record Setup(
      Path folder,
      Path command,
      Optional<Path> built,
      Wiring wiring,
      String rackYaml,
      Optional<String> firmwareYaml,
      List<MachineSpec> machines) {
    public Setup {
      machines = List.copyOf(machines);
    }
  }

  /** Cables the rack; the site's server runs, the appliance serves, the machines are off. */
  public static QemuRack create(Setup setup) {
    return new QemuRack(setup);
  }

  private QemuRack(Setup setup) {
    this.folder = setup.folder().toAbsolutePath();
    this.wiring = setup.wiring();
    try {
      Path data = prepare(setup);
      network = part(RackNetwork.create(wiring, setup.machines().size()));
      site = part(Site.start(network, folder));
      appliance = part(new ApplianceProcess(network, setup.command(), folder, data));
      for (int i = 0; i < setup.machines().size(); i++) {
        machines.add(
            part(new Machine(setup.machines().get(i), network, RackNetwork.tap(i), folder)));
      }
      startAppliance();
    } catch (IOException e) {
      close();
      throw new RigException(folder + ": cannot be prepared", e);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private Path prepare(Setup setup) throws IOException {
    Folders.empty(folder);
    Files.writeString(folder.resolve("rack.yaml"), setup.rackYaml());
    if (setup.firmwareYaml().isPresent()) {
      Files.writeString(folder.resolve("firmware.yaml"), setup.firmwareYaml().get());
    }
    Path data = Files.createDirectories(folder.resolve("data"));
    if (setup.built().isPresent()) {
      for (String part : List.of("artifacts", "mirror", "boot-programs")) {
        Path there = setup.built().get().toAbsolutePath().resolve(part);
        if (Files.isDirectory(there)) {
          Files.createSymbolicLink(data.resolve(part), there);
        }
      }
    }
    return data;
  }

  private <T extends AutoCloseable> T part(T part) {
    parts.push(part);
    return part;
  }

  /** Starts the appliance, for the first time or again, and waits until it serves. */
  public void startAppliance() {
    appliance.start();
    await("the appliance to serve", START, appliance::answers);
  }

  public ApplianceProcess appliance() {
    return appliance;
  }

  public Machine machine(String name) {
    return machines.stream()
        .filter(machine -> machine.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException(name + ": no such machine"));
  }

  /**
   * A Redfish BMC on the loopback interface of the appliance's namespace, in which it also fetches
   * the images that it plays.
   *
   * @param setup with an address of 127.0.0.0/8; its machines may be those of this rack
   */
  RedfishEmulator redfish(RedfishEmulator.Setup setup) {
    ServerSocket socket =
        Namespace.inside(
            network.name(),
            () -> {
              ServerSocket listening = new ServerSocket();
              listening.bind(setup.address());
              return listening;
            });
    return part(
        RedfishEmulator.start(setup.fetchingBy(new NamespaceSockets(network.name())), socket));
  }

  /** An {@code ipmi_sim} there, on a UDP port of 127.0.0.1. */
  IpmiSim ipmiSim(PoweredMachine machine, int port, Credentials user) throws IOException {
    Path files = Files.createDirectories(folder.resolve("ipmi-" + port));
    return part(IpmiSim.start(files, port, user, machine, network::inRack));
  }

  /** A program beside the appliance, which ends with the rack; both its outputs are its log. */
  Child besideAppliance(String name, Path log, List<String> command) {
    return part(Child.start(name, log, network.inRack(command)));
  }

  /** What the site's server has logged. */
  public String siteLog() {
    return site.log(wiring);
  }

  /** Runs a command to its end where the site's server is; what it says is its log, too. */
  Child.Outcome atSite(Duration limit, List<String> command) {
    return Child.run(folder.resolve("clients.log"), limit, network.inSite(command));
  }

  /** Pulls a machine's cable out of the switch. */
  void unplug(Machine machine) {
    network.unplug(machine.tap());
  }

  /** A command to netfilter where the appliance is. */
  void nft(String command) {
    Child.must(network.inRack(words("nft " + command)));
  }

  /** A command to netfilter where the site's server is. */
  void nftAtSite(String command) {
    Child.must(network.inSite(words("nft " + command)));
  }

  private static List<String> words(String line) {
    return List.of(line.split(" ", -1));
  }

  /** The code of what status says is wrong with a node; empty where nothing is. */
  String diagnosis(String node) {
    return nodeStatus(node).map(json -> json.at("/diagnosis/code").asString("")).orElse("");
  }

  /** Machines that were powered on again after a kernel panic that is the emulation's. */
  public List<String> retried() {
    return List.copyOf(retried);
  }

  /** Whether the appliance's last word on a node is this stage or a later one. */
  public boolean hasReached(String node, String stage) {
    int wanted = STAGES.indexOf(stage);
    if (wanted < 0) {
      throw new IllegalArgumentException(stage + " (expected: one of " + STAGES + ")");
    }
    return nodeStatus(node)
        .map(json -> STAGES.indexOf(json.get("stage").asString()) >= wanted)
        .orElse(false);
  }

  private Optional<JsonNode> status() {
    return appliance.latestStatus();
  }

  private Optional<JsonNode> nodeStatus(String node) {
    return status()
        .flatMap(
            json ->
                json.get("nodes")
                    .valueStream()
                    .filter(n -> n.get("name").asString().equals(node))
                    .findFirst());
  }

  /**
   * Waits, and meanwhile sees to the rack: what died or is stuck ends the wait at once.
   *
   * @throws RigException when it does not come in time; the message has what is known
   */
  public void await(String what, Duration limit, BooleanSupplier condition) {
    Instant deadline = Instant.now().plus(limit);
    while (!condition.getAsBoolean()) {
      lookAfter(what);
      if (Instant.now().isAfter(deadline)) {
        throw failure("after " + limit.toSeconds() + " s: still waiting for " + what);
      }
      pause(LOOK);
    }
  }

  /**
   * Sees to everything that runs. A machine whose kernel fell over the emulation gets one more
   * start.
   *
   * @param what one waits for, for the message
   * @throws RigException when something ended or panicked
   */
  public void lookAfter(String what) {
    if (!site.ended().isEmpty()) {
      throw failure(String.join(", ", site.ended()) + " ended while waiting for " + what);
    }
    if (!appliance.isServing()) {
      throw failure("the appliance ended while waiting for " + what);
    }
    for (Machine machine : machines) {
      if (!machine.isOn() && !machine.hasDied()) {
        continue;
      }
      if (machine.hasDied()) {
        throw failure(machine.name() + ": QEMU ended; see " + machine.name() + ".qemu.log");
      }
      SerialLog serial = machine.serial();
      Optional<String> panic = serial.panicBeforeUserSpace();
      if (panic.isPresent() && !retried.contains(machine.name())) {
        retried.add(machine.name());
        System.err.println(
            "qemu rack: "
                + machine.name()
                + ": guest kernel panic before user space ("
                + panic.get()
                + "); powered on once more; "
                + machine.serialFile());
        machine.powerOnAgain();
      } else if (serial.panic().isPresent()) {
        throw failure(machine.name() + ": kernel panic: " + serial.panic().get());
      }
    }
  }

  private RigException failure(String what) {
    StringBuilder text = new StringBuilder(what);
    text.append("\nlogs: ").append(folder);
    status().ifPresent(json -> text.append("\nlast status: ").append(json));
    for (Machine machine : machines) {
      if (machine.starts() > 0) {
        text.append("\n--- ").append(machine.name()).append(", end of its serial log:\n");
        text.append(machine.serial().tail(TAIL));
      }
    }
    return new RigException(text.toString());
  }

  /** Sleeps; an interrupt ends the test. */
  public static void pause(Duration time) {
    try {
      Thread.sleep(time);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RigException("interrupted", e);
    }
  }

  /** Writes each node's flight recorder beside the logs. */
  private void keepEvents() {
    for (Machine machine : machines) {
      if (machine.starts() == 0 || !appliance.isServing()) {
        continue;
      }
      try {
        Files.write(
            folder.resolve(machine.name() + ".events.log"), appliance.events(machine.name()));
      } catch (IOException | RigException e) {
        System.err.println("qemu rack: events of " + machine.name() + " not kept: " + e);
      }
    }
  }

  @Override
  public void close() {
    keepEvents();
    while (!parts.isEmpty()) {
      try {
        parts.pop().close();
      } catch (Exception e) {
        System.err.println("qemu rack: not closed cleanly: " + e);
      }
    }
  }
}
