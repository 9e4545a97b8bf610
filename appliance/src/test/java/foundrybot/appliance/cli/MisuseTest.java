// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whoever mistypes is told the argument, its value, what is expected, and what to do. */
@Isolated("takes System.out and System.err")
class MisuseTest {
  @TempDir private Path folder = Path.of("");

  private final PrintStream realOut = System.out;
  private final PrintStream realErr = System.err;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private Path rack = Path.of("");

  @BeforeEach
  void listen() throws Exception {
    rack = Files.writeString(folder.resolve("rack.yaml"), yaml(1));
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
  }

  private static String yaml(int nodes) {
    String head =
        """
        cluster: alpha
        domain: alpha.rack
        appliance: { address: 10.77.0.1/24 }
        admin: { user: ops, ssh-keys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI%s t"] }
        nodes:
        """
            .formatted("A".repeat(43));
    return IntStream.rangeClosed(1, nodes)
        .mapToObj(i -> "  52:54:00:bb:00:%02x: { role: worker, name: w%d }%n".formatted(i, i))
        .collect(Collectors.joining("", head, ""));
  }

  @AfterEach
  void listenNoMore() {
    System.setOut(realOut);
    System.setErr(realErr);
  }

  /** The one line on the error output. */
  private String said(int expected, String command) {
    out.reset();
    err.reset();
    int exit = Main.run(filled(command).split(" "));
    String said = err.toString(StandardCharsets.UTF_8);
    assertEquals(expected, exit, said);
    assertEquals(1, said.lines().count(), said);
    return said.strip();
  }

  /** {@code RACK} and {@code FOLDER} are those of this test. */
  private String filled(String text) {
    return text.replace("RACK", rack.toString()).replace("FOLDER", folder.toString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "serve --keep-days x | --keep-days: x (expected: a whole number, as in --keep-days 7)",
        "serve --keep-mb 99999999999 | --keep-mb: 99999999999 (expected: a number with fewer"
            + " digits)",
        "serve extra | extra: one argument too many (expected: 'bootserver serve' without it)",
        "status --jsn | --jsn: no such option (expected: one of 'bootserver status'; did you mean"
            + " --json?)",
        "stauts | stauts: no such command (expected: a command; did you mean",
        "mirror sync | sync: no such command (expected: build)",
        "reinstall | NODE: missing (expected: the node's name in the rack file)",
        "events --data | --data: missing DIR (expected: the appliance's folder)",
        "power w1 dance | ACTION: dance (expected: one of on, off, shutdown, cycle, reset, status)",
        "power w1 on --boot tape | --boot: tape (expected: pxe, disk, cd, http, or an http or https"
            + " URL without user)",
      })
  void wrongUseIsOneLineThatEndsWithWhereToLook(String command, String expected) {
    String said = said(Main.USAGE, command);
    assertTrue(said.startsWith("bootserver: " + expected), said);
    assertTrue(said.matches(".*; see 'bootserver.* --help'"), said);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "wake w9 --rack RACK | 1 | node: w9: not in RACK (expected: one of w1)",
        "power w9 on --rack RACK | 1 | node: w9: not in RACK (expected: one of w1)",
        "bmc w9 --rack RACK | 1 | node: w9: not in RACK (expected: one of w1)",
        "bmc add w9 wol --rack RACK | 1 | node: w9: not in RACK (expected: one of w1)",
        "bmc remove w9 --rack RACK | 1 | node: w9: not in RACK (expected: one of w1)",
        "bmc list --rack FOLDER/none | 1 | FOLDER/none: no such file; write one",
        "bmc remove 52:54:00:bb:00:09 --rack FOLDER/none | 1 | FOLDER/none: no such file; write"
            + " one",
        "bmc add w1 nonsense --rack RACK | 64 | url: nonsense: no host (expected: a URL of",
        "bmc add w1 https://a:b@c --rack RACK | 64 | url: with a user (expected: a URL of",
        "bmc add w1 https://192.0.2.1 --user x --password-file FOLDER/none --rack RACK | 1 |"
            + " password-file: FOLDER/none: cannot be read",
        "bmc discover --out FOLDER/no/x 127.0.0.1 | 1 | --out: FOLDER/no/x: cannot be written: no"
            + " such folder FOLDER/no; make it first",
        "status --data RACK | 4 | RACK: a file (expected: the appliance's folder)",
        "explain --arch 7 | 64 | --mac: missing (expected: a MAC",
      })
  void aWrongValueIsNamedWithWhatIsExpected(String command, int exit, String expected) {
    String said = said(exit, command + " --data FOLDER/data".repeat(takesData(command) ? 1 : 0));
    assertTrue(said.startsWith("bootserver: " + filled(expected)), said);
    assertFalse(said.contains("a:b"), said);
  }

  private static boolean takesData(String command) {
    return !command.contains("--data") && !command.matches("(wake|bmc discover) .*");
  }

  @Test
  void anEmptyListSaysWhichFolderItIsOf() {
    assertEquals(0, Main.run("bmc", "list", "--data", filled("FOLDER/data")));
    String none = out.toString(StandardCharsets.UTF_8);
    assertEquals(filled("none entered in FOLDER/data; 'bootserver bmc add' does\n"), none);
  }

  @Test
  void aRackFileWithFaultsIsNotOverlookedWhereItIsNamed() throws Exception {
    Files.writeString(rack, "nodes: 7\n");
    for (String command : List.of("bmc list", "bmc remove 52:54:00:bb:00:09")) {
      assertEquals(1, Main.run(filled(command + " --rack RACK --data FOLDER/data").split(" ")));
      assertTrue(err.toString(StandardCharsets.UTF_8).contains(rack + ":1:"), err::toString);
    }
  }

  @Test
  void ofALargeRackSomeNodesAreNamedAndTheOthersCounted() throws Exception {
    Files.writeString(rack, yaml(20));
    String said = said(1, "wake w0 --rack RACK");
    assertTrue(said.contains("one of w1, w2, ") && said.endsWith(" w8 and 12 more)"), said);
  }
}
