// SPDX-License-Identifier: Apache-2.0
package foundrybot.images.cast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * How a hub with systemd has its relay run. No systemd runs here: two programs take its commands as
 * it does and keep the unit as a file, which systemd's own parser then reads.
 */
@Tag("slow")
class RelayUnitTest {
  private static final String UNIT = "foundrybot-relay.service";
  private static final String PATH = "PATH=/usr/sbin:/usr/bin:/sbin:/bin\n";
  private static final String COMMANDS = "\nmkdir -p \"$STATE\"\n";

  /** Takes its options as systemd-run does, and begins no unit whose name is taken. */
  private static final String SYSTEMD_RUN =
      """
      #!/bin/sh
      unit= service=
      while :; do
        case $1 in
          -q | --collect) ;;
          --unit=*) unit=$UNITS/${1#--unit=}.service ;;
          -p) service="$service$2;"; shift ;;
          -*) echo "$1: no option"; exit 1 ;;
          *) break ;;
        esac
        shift
      done
      [ ! -e "$unit" ] || { echo "$unit: already loaded"; exit 1; }
      program=$(command -v "$1") || exit 1
      shift
      printf '[Service];%sExecStart=%s;' "$service" "$program $*" | tr ';' '\\n' >"$unit"
      [ "$step" != killed ] || kill -KILL $PPID
      """;

  private static final String SYSTEMCTL =
      """
      #!/bin/sh
      case "$1 $2" in
        '-q is-active') [ -e "$UNITS/$3" ] ;;
        '-q stop') rm "$UNITS/$3" ;;
        *) exit 1 ;;
      esac
      """;

  /** In place of what the program does when it is called. */
  private static final String STEPS =
      """

      host=10.77.0.1
      port=443
      work=$RUN
      case $step in
        serve | killed) serve_relay 10.80.1.1 7443 ;;
        move) serve_relay 10.80.1.9 7443 ;;
        stop) stop_relay ;;
      esac
      """;

  @TempDir Path folder = Path.of("");

  private void program(String name, String text) throws IOException {
    Path file = Files.writeString(folder.resolve("bin").resolve(name), text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
  }

  private void prepare() throws IOException {
    Files.createDirectories(folder.resolve("bin"));
    Files.createDirectories(folder.resolve("units"));
    Files.createDirectories(folder.resolve("run/systemd/system"));
    program("systemd-run", SYSTEMD_RUN);
    program("systemctl", SYSTEMCTL);
    String script = MeshClient.script();
    int end = script.indexOf(COMMANDS);
    assertTrue(end > 0 && script.contains(PATH), "the program has another form");
    Files.writeString(
        folder.resolve("mesh"),
        script.substring(0, end).replace(PATH, "PATH=" + folder.resolve("bin") + ":$PATH\n")
            + STEPS);
  }

  private String ran(List<String> command) throws Exception {
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
    builder.environment().put("FOUNDRYBOT_RUN", folder.resolve("run").toString());
    builder.environment().put("UNITS", folder.resolve("units").toString());
    builder.environment().put("step", command.getLast());
    Process process = builder.redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return said;
  }

  private String step(String shell, String step) throws Exception {
    List<String> command = new ArrayList<>(List.of(shell.split(" ", -1)));
    command.addAll(List.of("mesh", step));
    return ran(command);
  }

  private boolean isRunning() {
    return Files.exists(folder.resolve("units").resolve(UNIT));
  }

  private String unit() throws IOException {
    return Files.readString(folder.resolve("units").resolve(UNIT));
  }

  @ParameterizedTest
  @ValueSource(strings = {"dash", "busybox sh"})
  void itIsBegunOnceFollowsItsAddressAndEnds(String shell) throws Exception {
    prepare();
    String begun = "foundrybot-mesh: passes on to the appliance what comes to ";
    assertEquals(begun + "10.80.1.1:7443 10.77.0.1:443\n", step(shell, "serve"));
    assertEquals("", step(shell, "serve"), "it runs already");
    Files.delete(folder.resolve("units").resolve(UNIT));
    assertEquals(begun + "10.80.1.1:7443 10.77.0.1:443\n", step(shell, "serve"), "it had ended");
    assertEquals(begun + "10.80.1.9:7443 10.77.0.1:443\n", step(shell, "move"));
    assertTrue(unit().contains(" -l 10.80.1.9:7443 "), unit());
    assertEquals("", step(shell, "stop"));
    assertFalse(isRunning());
    assertEquals("", step(shell, "stop"));
  }

  @Test
  void whoIsKilledWhileItBeginsLeavesNoneThatTheNextPollDoesNotKnowOf() throws Exception {
    prepare();
    step("dash", "killed");
    assertTrue(isRunning());
    assertEquals("", step("dash", "serve"));
    assertEquals("", step("dash", "stop"));
    assertFalse(isRunning());
  }

  @Test
  void systemdTakesTheUnitAndItRunsAsNobodyOfTheSystems() throws Exception {
    prepare();
    step("dash", "serve");
    String unit = unit();
    for (String line : List.of("DynamicUser=yes", "Restart=always", "RestartSec=5")) {
      assertTrue(unit.contains("\n" + line + "\n"), unit);
    }
    assertEquals("", ran(List.of("systemd-analyze", "verify", "units/" + UNIT)));
    Files.writeString(
        folder.resolve("units").resolve(UNIT), unit.replace("DynamicUser", "DynamicUsers"));
    String said = ran(List.of("systemd-analyze", "verify", "units/" + UNIT));
    assertTrue(said.contains("DynamicUsers"), said);
  }
}
