// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.rig.bmc.Operator.Said;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code bootserver bmc discover} as an operator runs it. */
final class DiscoverCommandTest {
  private static final String PASSWORD = RedfishEmulator.CREDENTIALS.password().reveal();

  @TempDir private Path folder = Path.of("");
  private final List<RedfishEmulator> running = new ArrayList<>();
  private Operator operator = new Operator(folder, PASSWORD);

  @BeforeEach
  void writePassword() throws Exception {
    operator = new Operator(folder, PASSWORD);
    Files.writeString(folder.resolve("bmc.pw"), PASSWORD + "\n");
  }

  @AfterEach
  void close() {
    running.forEach(RedfishEmulator::close);
  }

  private RedfishEmulator start(String address, int port, int number) {
    RedfishEmulator bmc =
        RedfishEmulator.start(
            RedfishEmulator.Setup.of(
                    Personalities.of("dell-idrac9"), RedfishEmulatorTest.machine(number))
                .with(new InetSocketAddress(address, port)));
    running.add(bmc);
    return bmc;
  }

  @Test
  void withoutAPasswordNobodyLogsInAndMacsAreLeftToFillIn() throws Exception {
    RedfishEmulator bmc = start("127.0.81.1", 0, 1);
    String port = String.valueOf(bmc.url().getPort());
    Said said = operator.run("bmc", "discover", "127.0.81.0/30", "--redfish-port", port);
    assertEquals(0, said.status(), said::err);
    assertTrue(said.out().lines().allMatch(line -> line.strip().startsWith("#")), said::out);
    assertTrue(
        said.out()
            .contains(
                "MAC: { role: FILL-IN, bmc: { url: \""
                    + bmc.url()
                    + "\", trust: \"sha256:"
                    + bmc.fingerprint().orElseThrow()
                    + "\" } }"),
        said::out);
    assertTrue(said.err().contains("SEEN ON FIRST CONTACT"), said::err);
    assertEquals(0, bmc.account().sessions() + bmc.account().refusedLogins());
  }

  @Test
  void programsGetJsonAndAFileThatIsThereIsNotOverwritten() throws Exception {
    RedfishEmulator bmc = start("127.0.81.1", 0, 1);
    String port = String.valueOf(bmc.url().getPort());
    String[] command = {
      "bmc", "discover", "127.0.81.1", "--redfish-port", port, "--json", "--out", "found.json"
    };
    assertEquals(0, operator.run(command).status());
    JsonNode found =
        JsonMapper.builder().build().readTree(Files.readAllBytes(folder.resolve("found.json")));
    assertTrue(found.path("complete").asBoolean());
    assertEquals(
        bmc.url().toString(), found.at("/bmcs/0/redfish/0/url").asString(), found::toString);
    Said again = operator.run(command);
    assertEquals(64, again.status());
    assertTrue(again.err().contains("--out: found.json: exists"), again::err);
  }

  @Test
  void aRangeThatIsNoneOrTooWideIsRefusedWithWhatIsExpected() throws Exception {
    Said wide = operator.run("bmc", "discover", "10.0.0.0/8");
    assertEquals(64, wide.status());
    assertTrue(wide.err().contains("range: 10.0.0.0/8 (expected: a prefix of 16..32"), wide::err);
    assertTrue(operator.run("bmc", "discover").err().contains("CIDR"));
    assertTrue(operator.run("bmc").err().contains("NODE: missing"));
  }

  @Test
  void ctrlCEndsTheSearchInOrderWithWhatWasFound() throws Exception {
    RedfishEmulator bmc = start("127.0.0.1", 0, 1);
    String port = String.valueOf(bmc.url().getPort());
    Process process =
        operator.start("bmc", "discover", "127.0.0.0/16", "--rate", "5", "--redfish-port", port);
    while (process.isAlive() && bmc.account().requests() == 0) {
      Thread.sleep(50);
    }
    Thread.sleep(500);
    assertTrue(process.toHandle().supportsNormalTermination());
    process.destroy();
    Said said = operator.ended(process);
    assertTrue(said.out().contains(bmc.url().toString()), said::out);
    assertTrue(said.err().contains("interrupted"), said::err);
  }
}
