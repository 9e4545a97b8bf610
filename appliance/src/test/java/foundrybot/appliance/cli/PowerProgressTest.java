// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.answerfiles.Node;
import foundrybot.appliance.LoopbackAppliance;
import foundrybot.appliance.power.BmcSource;
import foundrybot.appliance.power.PowerSetup;
import foundrybot.redfish.Bmc;
import foundrybot.redfish.BmcFault;
import foundrybot.redfish.Outcome;
import foundrybot.redfish.PowerAction;
import foundrybot.redfish.PowerState;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

@Isolated("takes System.out")
class PowerProgressTest {
  private static final String MAC = "52:54:00:bb:00:01";

  @TempDir private Path folder = Path.of("");

  private final PrintStream realOut = System.out;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  @BeforeEach
  void listen() {
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
  }

  @AfterEach
  void listenNoMore() {
    System.setOut(realOut);
  }

  private String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  /** A BMC that does not answer before the appliance ends. */
  private static final class Silent implements Bmc {
    @Override
    public String describe() {
      return "silent";
    }

    @Override
    public Outcome<PowerState> power(PowerAction action, Duration patience) {
      try {
        new CountDownLatch(1).await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      return new Outcome.Unsupported<>(describe(), "power");
    }

    @Override
    public void close() {}
  }

  /** A plug without a status whose answer is lost. */
  private static final class Mute implements Bmc {
    @Override
    public String describe() {
      return "mute";
    }

    @Override
    public Outcome<PowerState> power(PowerAction action, Duration patience) {
      return new Outcome.Failed<>(
          new BmcFault(BmcFault.Kind.UNKNOWN_OUTCOME, "mute", "on", "no answer in 45 s", "look"));
    }

    @Override
    public void close() {}
  }

  private LoopbackAppliance started(Supplier<Bmc> bmc) {
    BmcSource source =
        new BmcSource() {
          @Override
          public Bmc open(Node node) {
            return bmc.get();
          }

          @Override
          public boolean has(Node node) {
            return true;
          }
        };
    return new LoopbackAppliance(folder)
        .node(MAC, "w1", "debian-12")
        .with(PowerSetup.of(source))
        .start();
  }

  @Test
  void whatNothingTellsIsNotCalledOn() {
    try (LoopbackAppliance appliance = started(Mute::new)) {
      assertEquals(1, Main.run("deploy", "w1", "--data", appliance.data().toString()));
    }
    assertTrue(out().endsWith("w1: NOT KNOWN\n0 powered on, 1 not known:\n"), out());
  }

  @Test
  void aNodeThatLeavesTheRackFileIsWaitedForNoLonger() throws Exception {
    try (LoopbackAppliance appliance = started(Silent::new)) {
      Thread command =
          Thread.ofVirtual()
              .start(() -> Main.run("deploy", "w1", "--data", appliance.data().toString()));
      LoopbackAppliance.eventually("it is followed", () -> out().contains("w1: powering: "));
      String other = appliance.yaml().replace(MAC, "52:54:00:bb:00:02").replace("w1", "w2");
      Path rack = Files.writeString(folder.resolve("rack.yaml"), other);
      ServeCommand.reload(new RackSource(rack), FirmwareSource.beside(rack), appliance.appliance());
      assertTrue(command.join(Duration.ofSeconds(20)), out());
      assertTrue(out().contains("0 powered on"), out());
    }
  }
}
