// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import foundrybot.redfish.Credentials;
import foundrybot.redfish.HardwareAddress;
import foundrybot.redfish.Secret;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import javax.net.SocketFactory;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Redfish BMCs to try clients on. */
@Command(
    name = "bmc-emulator",
    mixinStandardHelpOptions = true,
    description = {
      "Plays Redfish BMCs on loopback, with a vendor's oddities and with faults, to try clients"
          + " on.",
      "Their machines are counters: each start and stop is printed. Runs until it is interrupted."
    })
final class BmcEmulatorCommand implements Callable<Integer> {
  private static final int MOST = 500;

  /** For the help text; picocli makes one itself. */
  static final class PersonalityNames implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Personalities.all().stream().map(Personality::name).iterator();
    }
  }

  /** The same of oddities. */
  static final class OddityNames implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Arrays.stream(Personality.Oddity.values()).map(Personalities::text).iterator();
    }
  }

  /** The same of faults. */
  static final class FaultNames implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Arrays.stream(Fault.values()).map(Fault::text).iterator();
    }
  }

  @Option(
      names = "--address",
      paramLabel = "ADDRESS",
      defaultValue = "127.0.0.1",
      description = "An address of this host (default: ${DEFAULT-VALUE}).")
  private InetAddress address = InetAddress.getLoopbackAddress();

  @Option(
      names = "--port",
      paramLabel = "PORT",
      defaultValue = "8443",
      description = "Of the first BMC; the others follow; 0: any (default: ${DEFAULT-VALUE}).")
  private int port = 8443;

  @Option(
      names = "--bmcs",
      paramLabel = "N",
      defaultValue = "1",
      description = "How many BMCs, 1..500 (default: ${DEFAULT-VALUE}).")
  private int bmcs = 1;

  @Option(
      names = "--systems",
      paramLabel = "N",
      defaultValue = "1",
      description = "How many systems each has, 1..16 (default: ${DEFAULT-VALUE}).")
  private int systems = 1;

  @Option(
      names = "--personality",
      paramLabel = "NAME",
      defaultValue = "plain",
      completionCandidates = PersonalityNames.class,
      description = {
        "Whose tree and oddities (default: ${DEFAULT-VALUE}):",
        "${COMPLETION-CANDIDATES}."
      })
  private String personality = "plain";

  @Option(
      names = "--oddities",
      paramLabel = "NAME",
      split = ",",
      completionCandidates = OddityNames.class,
      description = {
        "What it does oddly besides, with commas between; docs/bmc.md says what each is:",
        "${COMPLETION-CANDIDATES}."
      })
  private List<String> oddities = List.of();

  @Option(
      names = "--faults",
      paramLabel = "FAULTS",
      defaultValue = "",
      completionCandidates = FaultNames.class,
      description = {
        "What goes wrong: NAME[@TEXT][=PROBABILITY][*TIMES], with commas between.",
        "TEXT is part of method and path: busy-503@Reset=0.5*2 refuses half of the resets, twice at"
            + " most.",
        "Names: ${COMPLETION-CANDIDATES}."
      })
  private String faults = "";

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Decides which requests the faults hit (default: ${DEFAULT-VALUE}).")
  private long seed = 1;

  @Option(names = "--http", description = "Plain HTTP instead of HTTPS.")
  private boolean http;

  @Option(
      names = "--user",
      paramLabel = "NAME",
      defaultValue = "admin",
      description = "Who may log in (default: ${DEFAULT-VALUE}).")
  private String user = "admin";

  @Option(
      names = "--password-file",
      paramLabel = "FILE",
      description = "Holds the password (default: the password is 'emulated').")
  private @Nullable Path passwordFile;

  @Spec private CommandSpec spec = CommandSpec.create();

  private final PrintStream out;

  BmcEmulatorCommand(PrintStream out) {
    this.out = out;
  }

  @Override
  public Integer call() throws InterruptedException {
    List<RedfishEmulator> running = start();
    CountDownLatch end = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  running.forEach(RedfishEmulator::close);
                  end.countDown();
                },
                "bmc-emulator-ends"));
    end.await();
    return 0;
  }

  /** Starts what is asked for and says where it is. */
  List<RedfishEmulator> start() {
    require(bmcs >= 1 && bmcs <= MOST, "--bmcs: " + bmcs, "1.." + MOST);
    require(systems >= 1 && systems <= 16, "--systems: " + systems, "1..16");
    require(port >= 0 && port + bmcs <= 65536, "--port: " + port, "0..65535 with all that follow");
    List<RedfishEmulator> running = new ArrayList<>();
    try {
      Set<Personality.Oddity> more = new HashSet<>();
      oddities.forEach(name -> more.add(Personalities.oddity(name)));
      Personality who = Personalities.of(personality, more);
      Faults wrong = Faults.parse(faults);
      Credentials credentials = new Credentials(user, password());
      for (int i = 0; i < bmcs; i++) {
        List<Machine> machines = new ArrayList<>();
        for (int n = 0; n < systems; n++) {
          machines.add(machine(i * systems + n));
        }
        RedfishEmulator bmc =
            RedfishEmulator.start(
                new RedfishEmulator.Setup(
                    who,
                    machines,
                    new InetSocketAddress(address, port == 0 ? 0 : port + i),
                    !http,
                    credentials,
                    wrong,
                    seed + i,
                    Timing.REAL,
                    InstantSource.system(),
                    Optional.of(SocketFactory.getDefault())));
        running.add(bmc);
        out.println(
            "bmc-emulator: "
                + bmc.url()
                + "/redfish/v1/ ("
                + who.name()
                + ", faults: "
                + wrong
                + ")"
                + bmc.fingerprint().map(f -> " sha256:" + f).orElse(""));
      }
      out.flush();
      return running;
    } catch (IllegalArgumentException | UncheckedIOException e) {
      running.forEach(RedfishEmulator::close);
      throw new ParameterException(spec.commandLine(), "bmc-emulator: " + e.getMessage());
    }
  }

  private Secret password() {
    if (passwordFile == null) {
      return RedfishEmulator.CREDENTIALS.password();
    }
    try {
      return new Secret(Files.readString(passwordFile).strip());
    } catch (IOException e) {
      throw new UncheckedIOException("--password-file: " + passwordFile + " cannot be read", e);
    }
  }

  private PoweredMachine machine(int number) {
    String name = "machine " + number;
    PoweredMachine.Load said =
        new PoweredMachine.Load() {
          @Override
          public void start(PoweredMachine.Start how) {
            say(
                name
                    + ": starts, "
                    + how.boot().text()
                    + how.media().map(image -> ", drive: " + image).orElse(""));
          }

          @Override
          public void stop() {
            say(name + ": stops");
          }
        };
    return new PoweredMachine(
        new PoweredMachine.Plate(
            UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.US_ASCII)),
            String.format("EMU%04d", number),
            List.of(
                new HardwareAddress(
                    String.format("52:54:00:e0:%02x:%02x", number / 256, number % 256)))),
        said);
  }

  private void say(String line) {
    out.println("bmc-emulator: " + line);
    out.flush();
  }

  private void require(boolean holds, String what, String expected) {
    if (!holds) {
      throw new ParameterException(
          spec.commandLine(), "bmc-emulator: " + what + " (expected: " + expected + ")");
    }
  }
}
