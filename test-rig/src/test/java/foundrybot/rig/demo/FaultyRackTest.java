// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.FileAppender;
import com.sun.management.HotSpotDiagnosticMXBean;
import foundrybot.answerfiles.DhcpMode;
import foundrybot.appliance.Appliance;
import foundrybot.appliance.FleetStatus.NodeStatus;
import foundrybot.appliance.power.BmcWaits;
import foundrybot.appliance.power.Bmcs;
import foundrybot.appliance.power.Patience;
import foundrybot.appliance.power.PowerSetup;
import foundrybot.redfish.client.RedfishSettings;
import foundrybot.redfish.ipmi.Ipmi;
import foundrybot.rig.bmc.BmcFleet;
import foundrybot.rig.bmc.Faults;
import foundrybot.rig.bmc.Operator;
import foundrybot.rig.bmc.PoweredMachine;
import foundrybot.rig.bmc.ThreadLoad;
import foundrybot.rig.sim.Mishaps;
import foundrybot.rig.sim.Pace;
import foundrybot.rig.sim.SimulatedNode;
import foundrybot.rig.sim.SimulatedRack;
import foundrybot.rig.sim.Weather;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** A rack of 200 BMCs of all vendors and two protocols, of which three in ten are faulty. */
@Tag("slow")
final class FaultyRackTest {
  private static final int REDFISH = 160;
  private static final int IPMI = 40;
  private static final double FAULTY = 0.3;

  /** What passes, or can be lived with: its machine must be on in the end. */
  private static final List<String> PASSES =
      List.of(
          "slow",
          "stale",
          "lag",
          "task",
          "reset-after@Reset",
          "reset-after*2",
          "reset-reused",
          "expired-certificate",
          "ignores-shutdown",
          "sessions-full",
          "busy-503*4",
          "error-500*3",
          "reset-before*2",
          "html*2",
          "cut*2",
          "lost-session*2",
          "silent*1",
          "slow=0.5,stale,lag");

  /** What does not, and what must be said of it. */
  private static final Map<String, String> STAYS =
      Map.ofEntries(
          Map.entry("no-op", "BootSourceOverride|Boot|PowerState"),
          Map.entry("error-500", "500"),
          Map.entry("busy-503", "503"),
          Map.entry("reset-before", "reset|closed|connection"),
          Map.entry("silent", "no answer|time"),
          Map.entry("wrong-password", "password"),
          Map.entry("password-change", "password"),
          Map.entry("task-fails", "[Tt]ask|Exception|InternalError"),
          Map.entry("html", "JSON|html"),
          Map.entry("cut", "JSON|cut|end"),
          Map.entry("lost-session", "session|401"));

  private static final Patience PATIENCE =
      new Patience(
          Duration.ofSeconds(40),
          Duration.ofSeconds(1),
          Duration.ofSeconds(5),
          Duration.ofSeconds(20),
          Duration.ofSeconds(20),
          Duration.ofMillis(100),
          Duration.ofMillis(10),
          Duration.ofSeconds(10));

  /** A tenth of what real BMCs are given, since these here are a tenth as slow. */
  private static final BmcWaits WAITS =
      new BmcWaits(
          new RedfishSettings(
              Duration.ofSeconds(8),
              Duration.ofSeconds(7),
              Duration.ofSeconds(24),
              Duration.ofSeconds(4)),
          new Ipmi.Settings(
              List.of(17, 3),
              Duration.ofMillis(300),
              6,
              Duration.ofSeconds(1),
              Duration.ofMillis(100),
              true));

  /** Of the whole deployment; a hang is what it finds. */
  private static final Duration BOUND = Duration.ofMinutes(4);

  @TempDir private Path folder = Path.of("");
  private final Set<String> secrets = new TreeSet<>();

  @ParameterizedTest
  @ValueSource(longs = {1, 42})
  void everyMachineIsSwitchedOnOnceOrNamedWithItsReason(long seed) throws Exception {
    Path data = Files.createDirectories(folder.resolve("data"));
    Path log = folder.resolve("product.log");
    try (AutoCloseable _ = keepLog(log);
        DemoBmcs redfish = DemoBmcs.start(plan(seed));
        IpmiRow ipmi = IpmiRow.start(REDFISH, IPMI, (int) (IPMI * FAULTY), seed)) {
      List<String> lines = new ArrayList<>(redfish.describe(data));
      lines.addAll(ipmi.describe(data));
      Demo.Prepared files = Demo.prepare(REDFISH + IPMI, DhcpMode.PROXY, lines, data);
      Bmcs bmcs = new Bmcs(data, data, Map.of(), files.rack().appliance().address(), WAITS);
      Appliance.Setup setup =
          new Appliance.Setup(
                  files.rack(), data, Optional.of(files.programs()), Clock.systemUTC(), _ -> {})
              .with(new PowerSetup(bmcs, PATIENCE));
      try (Appliance appliance = Appliance.start(setup);
          SimulatedRack rack = Demo.machines(files.rack(), settings(data))) {
        redfish.plugIn(rack);
        ipmi.members().forEach(m -> m.load().plugIn(rack.nodes().get(m.number())));
        assertEquals(1, bootserver("deploy", "--data", data.toString()), "some are refused");
        assertEquals(List.of(), ofBmcs(), "threads that still speak to BMCs");
        awaitRest(redfish, ipmi);
        List<NodeStatus> status = appliance.status().nodes();
        List<String> wrong = new ArrayList<>();
        for (BmcFleet.Member member : redfish.members()) {
          Optional<String> reason = Optional.ofNullable(STAYS.get(member.faults().text()));
          String who = member.personality().name() + " " + member.faults();
          check(status.get(member.number()), member.machine(), reason)
              .ifPresent(problem -> wrong.add(who + problem));
          if (member.faults().text().equals("wrong-password")) {
            int tries = member.bmc().account().refusedLogins();
            assertTrue(tries <= 2, () -> who + ": " + tries + " log-ins with a wrong password");
          }
        }
        for (IpmiRow.Member member : ipmi.members()) {
          Optional<String> reason =
              member.works() ? Optional.empty() : Optional.of(member.reason());
          check(status.get(member.number()), member.machine(), reason)
              .ifPresent(problem -> wrong.add(member.trouble() + problem));
        }
        assertEquals("", String.join("\n", wrong));
        bootserver("status", "--json", "--data", data.toString());
        bootserver("events", status.getFirst().name(), "--data", data.toString());
        learn(redfish, ipmi, rack, data);
      }
    }
    assertEquals(List.of(), ofBmcs(), "threads that are left");
    noSecretIsIn(data, log);
  }

  private static BmcFleet.Plan plan(long seed) {
    List<Faults> faults =
        Stream.concat(PASSES.stream(), STAYS.keySet().stream().sorted())
            .map(Faults::parse)
            .toList();
    return BmcFleet.Plan.of(REDFISH, seed).withFaults(FAULTY, faults);
  }

  private static Demo.Settings settings(Path data) {
    return new Demo.Settings(
        REDFISH + IPMI,
        DhcpMode.PROXY,
        true,
        data,
        Pace.hurried(),
        _ -> Mishaps.NONE,
        Weather.FAIR,
        5,
        _ -> {});
  }

  /**
   * What is not as it should be.
   *
   * @param reason what must be named if the machine cannot be switched on
   */
  private static Optional<String> check(
      NodeStatus node, PoweredMachine machine, Optional<String> reason) {
    int powerOns = machine.account().powerOns();
    boolean right =
        reason
            .map(
                named ->
                    node.power().equals("refused")
                        && powerOns == 0
                        && Pattern.compile(named).matcher(node.powerSaid()).find()
                        && node.why().contains(node.powerSaid()))
            .orElseGet(
                () ->
                    node.power().equals("told")
                        && powerOns == 1
                        && node.stage().equals("enrolled"));
    return right
        ? Optional.empty()
        : Optional.of(": expected " + reason.orElse("on") + ": " + powerOns + " x on, " + node);
  }

  private static void awaitRest(DemoBmcs redfish, IpmiRow ipmi) throws InterruptedException {
    long end = System.nanoTime() + BOUND.toNanos();
    while (!redfish.areAtRest()
        || ipmi.members().stream().map(IpmiRow.Member::load).anyMatch(ThreadLoad::isRunning)) {
      assertTrue(System.nanoTime() < end, "machines that are on do not come up");
      Thread.sleep(200);
    }
  }

  /** The command line as an operator runs it; what it says is kept beside the log. */
  private int bootserver(String... words) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(Operator.command(words))
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("said-" + words[0]).toFile())
            .start();
    try {
      assertTrue(process.waitFor(BOUND.toSeconds(), TimeUnit.SECONDS), words[0] + " does not end");
      return process.exitValue();
    } finally {
      process.destroyForcibly();
    }
  }

  /** All that the product logs, whatever its level. */
  private static AutoCloseable keepLog(Path file) {
    Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    Logger product = (Logger) LoggerFactory.getLogger("foundrybot");
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setContext(root.getLoggerContext());
    encoder.setPattern("%level %logger %msg%n%ex");
    encoder.start();
    FileAppender<ILoggingEvent> appender = new FileAppender<>();
    appender.setContext(root.getLoggerContext());
    appender.setFile(file.toString());
    appender.setEncoder(encoder);
    appender.start();
    root.addAppender(appender);
    product.setLevel(Level.TRACE);
    return () -> {
      product.setLevel(null);
      root.detachAppender(appender);
      appender.stop();
    };
  }

  /** Threads, virtual ones among them, that are in the code that speaks to BMCs. */
  private List<String> ofBmcs() throws IOException {
    Path dump = folder.resolve("threads-" + System.nanoTime());
    ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
        .dumpThreads(dump.toString(), HotSpotDiagnosticMXBean.ThreadDumpFormat.TEXT_PLAIN);
    return Stream.of(Files.readString(dump).split("\n\n", -1))
        .filter(t -> t.contains("foundrybot.redfish.") || t.contains("foundrybot.appliance.power."))
        .toList();
  }

  private void learn(DemoBmcs redfish, IpmiRow ipmi, SimulatedRack rack, Path data)
      throws IOException {
    for (BmcFleet.Member member : redfish.members()) {
      String password = member.credentials().password().reveal();
      String pair = member.credentials().user() + ":" + password;
      secrets.add(password);
      secrets.add(Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.US_ASCII)));
      secrets.addAll(member.bmc().issuedTokens());
    }
    ipmi.members().forEach(member -> secrets.add(member.password().reveal()));
    for (SimulatedNode node : rack.nodes()) {
      node.reportsTo().map(FaultyRackTest::token).ifPresent(secrets::add);
    }
    secrets.add(Files.readString(data.resolve("operator.token")).lines().toList().getLast());
    assertTrue(secrets.size() > 4 * REDFISH, () -> secrets.size() + " secrets");
  }

  private static String token(URI reports) {
    List<String> path = List.of(reports.getPath().split("/", -1));
    return path.get(path.indexOf("node") + 1);
  }

  /** Neither what was logged, nor what commands said, nor what the appliance remembers. */
  private void noSecretIsIn(Path data, Path log) throws IOException {
    Map<Path, String> texts = new HashMap<>();
    texts.put(log, Files.readString(log));
    for (Path place : List.of(folder, data.resolve("state"))) {
      try (Stream<Path> files = Files.walk(place, place.equals(folder) ? 1 : 9)) {
        for (Path file : files.filter(Files::isRegularFile).toList()) {
          texts.put(file, Files.readString(file, StandardCharsets.ISO_8859_1));
        }
      }
    }
    assertTrue(texts.size() >= 6, () -> "files: " + texts.keySet());
    assertTrue(texts.get(log).contains("powered on"), "nothing is logged");
    List<String> leaks =
        texts.entrySet().stream()
            .filter(text -> secrets.stream().anyMatch(text.getValue()::contains))
            .map(text -> text.getKey() + " holds a secret")
            .toList();
    assertEquals(List.of(), leaks);
  }
}
