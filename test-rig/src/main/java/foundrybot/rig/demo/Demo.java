// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.demo;

import foundrybot.answerfiles.DhcpMode;
import foundrybot.answerfiles.Node;
import foundrybot.answerfiles.RackFile;
import foundrybot.answerfiles.RackFiles;
import foundrybot.answerfiles.RackReading;
import foundrybot.appliance.Appliance;
import foundrybot.appliance.FleetStatus;
import foundrybot.bootserver.BindException;
import foundrybot.rig.sim.FirmwareKind;
import foundrybot.rig.sim.Mishaps;
import foundrybot.rig.sim.Pace;
import foundrybot.rig.sim.SimulatedRack;
import foundrybot.rig.sim.Weather;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Inet4Address;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/** A real appliance and a simulated rack, in one process, on loopback. */
final class Demo implements AutoCloseable {
  private static final int PORT_TRIES = 5;
  private static final FirmwareKind[] FIRMWARE = {
    FirmwareKind.BIOS, FirmwareKind.UEFI, FirmwareKind.BIOS, FirmwareKind.UEFI_HTTP,
    FirmwareKind.UEFI, FirmwareKind.BIOS, FirmwareKind.UEFI, FirmwareKind.BIOS
  };

  /**
   * What kind of demo.
   *
   * @param data an empty folder, or one that does not exist
   * @param bmcs whether the machines have BMCs, through which they are switched on
   * @param mishaps by node name
   * @param weather between the machines and the appliance
   * @param shrink how many times smaller than usual the boot programs are
   */
  record Settings(
      int nodes,
      DhcpMode dhcp,
      boolean bmcs,
      Path data,
      Pace pace,
      Function<String, Mishaps> mishaps,
      Weather weather,
      long seed,
      int shrink,
      Consumer<String> onFatal) {
    /** With boot programs of the usual size. */
    Settings(
        int nodes,
        DhcpMode dhcp,
        boolean bmcs,
        Path data,
        Pace pace,
        Function<String, Mishaps> mishaps,
        Weather weather,
        long seed,
        Consumer<String> onFatal) {
      this(nodes, dhcp, bmcs, data, pace, mishaps, weather, seed, 1, onFatal);
    }
  }

  /** What lies on disk before anything runs. */
  record Prepared(RackFile rack, Path rackFile, Path programs) {}

  private final Appliance appliance;
  private final SimulatedRack rack;
  private final Optional<DemoBmcs> bmcs;
  private final URI page;

  private Demo(URI page, Appliance appliance, SimulatedRack rack, Optional<DemoBmcs> bmcs) {
    this.page = page;
    this.appliance = appliance;
    this.rack = rack;
    this.bmcs = bmcs;
  }

  /** Writes all files and starts the appliance; the machines are still off. */
  static Demo start(Settings settings) {
    Optional<DemoBmcs> bmcs =
        settings.bmcs()
            ? Optional.of(DemoBmcs.start(settings.nodes(), settings.seed()))
            : Optional.empty();
    try {
      return start(settings, bmcs);
    } catch (RuntimeException e) {
      bmcs.ifPresent(DemoBmcs::close);
      throw e;
    }
  }

  private static Demo start(Settings settings, Optional<DemoBmcs> bmcs) {
    List<String> described = bmcs.map(b -> b.describe(settings.data())).orElse(List.of());
    for (int i = 1; ; i++) {
      Prepared files =
          prepare(settings.nodes(), settings.dhcp(), described, settings.data(), settings.shrink());
      try {
        Appliance appliance =
            appliance(files, settings.data(), Clock.systemUTC(), settings.onFatal());
        try {
          SimulatedRack rack = machines(files.rack(), settings);
          bmcs.ifPresent(b -> b.plugIn(rack));
          return new Demo(page(files.rack()), appliance, rack, bmcs);
        } catch (RuntimeException e) {
          appliance.close();
          throw e;
        }
      } catch (BindException e) {
        // Another program may have taken a port since it was found free.
        if (i >= PORT_TRIES) {
          throw e;
        }
      }
    }
  }

  /**
   * Writes the stand-ins and the rack file, and reads that as the product does.
   *
   * @param bmcs what the rack file says of each; empty for machines without
   */
  static Prepared prepare(int nodes, DhcpMode dhcp, List<String> bmcs, Path data) {
    return prepare(nodes, dhcp, bmcs, data, 1);
  }

  private static Prepared prepare(
      int nodes, DhcpMode dhcp, List<String> bmcs, Path data, int shrink) {
    Path programs = data.resolve("boot-programs");
    Map<String, String> digests = StandIns.bootPrograms(programs, shrink);
    StandIns.artifacts(data, Clock.systemUTC().instant());
    String yaml = DemoRack.yaml(nodes, dhcp, digests, bmcs);
    Path file = data.resolve("rack.yaml");
    try {
      Files.writeString(file, yaml);
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": cannot be written: " + e.getMessage(), e);
    }
    return switch (RackFiles.read(yaml, file.toString())) {
      case RackReading.Valid(RackFile rack) -> new Prepared(rack, file, programs);
      case RackReading.Invalid invalid ->
          throw new IllegalStateException("the demo's own rack file: " + invalid.faults());
    };
  }

  static Appliance appliance(Prepared files, Path data, Clock clock, Consumer<String> onFatal) {
    return Appliance.start(
        new Appliance.Setup(files.rack(), data, Optional.of(files.programs()), clock, onFatal));
  }

  static SimulatedRack machines(RackFile rack, Settings settings) {
    Map<String, FirmwareKind> firmware = firmware(rack);
    return new SimulatedRack(
        rack,
        new SimulatedRack.Plan(
            Inet4Address.ofLiteral(DemoRack.RELAY),
            node -> firmware.getOrDefault(node.name(), FirmwareKind.BIOS),
            node -> settings.mishaps().apply(node.name()),
            settings.pace(),
            settings.weather(),
            settings.seed()));
  }

  private static Map<String, FirmwareKind> firmware(RackFile rack) {
    Map<String, FirmwareKind> firmware = new HashMap<>();
    for (Node node : rack.nodes()) {
      firmware.put(node.name(), FIRMWARE[firmware.size() % FIRMWARE.length]);
    }
    return firmware;
  }

  private static URI page(RackFile rack) {
    return URI.create(
        "http://" + DemoRack.APPLIANCE + ":" + rack.appliance().ports().http() + "/ui/");
  }

  /** Where the appliance serves its page for people. */
  URI page() {
    return page;
  }

  FleetStatus status() {
    return appliance.status();
  }

  SimulatedRack rack() {
    return rack;
  }

  Optional<DemoBmcs> bmcs() {
    return bmcs;
  }

  /** Whether no machine does anything any more, whoever switched it on. */
  boolean isAtRest() {
    return bmcs.map(DemoBmcs::areAtRest).orElseGet(rack::isAtRest);
  }

  @Override
  public void close() {
    bmcs.ifPresent(DemoBmcs::close);
    rack.close();
    appliance.close();
  }
}
