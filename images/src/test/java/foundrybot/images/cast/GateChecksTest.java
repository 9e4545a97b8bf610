// SPDX-License-Identifier: Apache-2.0
package foundrybot.images.cast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The nodes' program runs checks as they were written in mesh.conf, by the shells that nodes have.
 */
@Tag("slow")
class GateChecksTest {
  private final List<String> checks = new ArrayList<>();

  @TempDir Path folder = Path.of("");

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private void check(String head, String... words) {
    String encoded =
        Arrays.stream(words).map(GateChecksTest::base64).collect(Collectors.joining(" "));
    checks.add(head + " " + encoded + "\n");
  }

  private String ran(List<String> command) throws Exception {
    return ended(0, command);
  }

  private String ended(int status, List<String> command) throws Exception {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.directory(folder.toFile());
    builder.environment().put("FOUNDRYBOT_MESH_CONF", folder.resolve("mesh.conf").toString());
    builder.environment().put("FOUNDRYBOT_STATE", folder.resolve("state").toString());
    builder.environment().put("FOUNDRYBOT_RUN", folder.toString());
    Process process = builder.start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(status, process.waitFor(), said);
    return said;
  }

  /** What an installer leaves, with a CA that signs nothing here. */
  private void configure() throws Exception {
    ran(
        List.of(
            "sh",
            "-c",
            "openssl req -x509 -newkey rsa:2048 -nodes -keyout key -out ca -subj /CN=ca"
                + " 2>/dev/null && openssl x509 -in ca -outform DER -out ca.der"));
    String ca = Base64.getEncoder().encodeToString(Files.readAllBytes(folder.resolve("ca.der")));
    Files.writeString(
        folder.resolve("mesh.conf"),
        "URL='https://127.0.0.1:1'\nNODE='w1'\nMAC='52:54:00:aa:00:01'\nCLUSTER_ID='%s'\n"
                .formatted("0".repeat(32))
            + "SIGNER='%s'\nCA='%s'\nGATES='%s'\n"
                .formatted("A".repeat(60), ca, base64(String.join("", checks))));
    Files.writeString(folder.resolve("mesh"), MeshClient.script());
  }

  private static int closedPort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"dash", "busybox sh"})
  void eachCheckSaysWhatItSawAndNoWordReachesAShell(String shell) throws Exception {
    try (ServerSocket service = new ServerSocket(0, 9, InetAddress.getLoopbackAddress())) {
      check("port open 20 0", "" + service.getLocalPort(), "lo");
      check("port closed 20 0", "" + closedPort(), "lo");
      check("port nowhere 20 0", "22", "wg3");
      check("command words 20 0", "/bin/echo", "it's $(touch shell) `touch shell` *", "; touch x");
      check(
          "command status 20 3", "/bin/sh", "-c", "echo one; printf '\\033[2Jtwo\\n' >&2; exit 3");
      check("command wrong 20 0", "/bin/sh", "-c", "exit 7");
      check("command endless 1 0", "/bin/sleep", "600");
      check("command missing 20 0", "/bin/no-such-program");
      check("service unit 20 0", "etcd.service");
      check("handshake peers 20 0", "wg3");
      checks.add("command odd 20 0 $(touch shell)\n");
      configure();
      List<String> command = new ArrayList<>(List.of(shell.split(" ")));
      command.addAll(List.of("mesh", "gates"));
      List<String> lines = ran(command).lines().map(String::strip).toList();
      assertTrue(
          lines.containsAll(
              List.of(
                  "passed open",
                  "failed closed refused",
                  "failed nowhere wg3 has no address",
                  "passed words it's $(touch shell) `touch shell` * ; touch x",
                  "passed status one [2Jtwo",
                  "failed wrong exit status 7 (expected: 0):",
                  "failed endless no end in 1 s:",
                  "failed peers no interface wg3",
                  "failed unit neither systemd nor OpenRC here")),
          lines::toString);
      assertTrue(
          lines.stream()
              .anyMatch(it -> it.startsWith("failed missing exit status 127 (expected: 0): ")),
          lines::toString);
      assertEquals(10, lines.size(), lines::toString);
      assertFalse(Files.exists(folder.resolve("shell")) || Files.exists(folder.resolve("x")));
      assertEquals(List.of(), leftBehind());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"dash", "busybox sh"})
  void whoIsToldNothingNewAndWhoseSystemdFailsReportsItsChecksAllTheSame(String shell)
      throws Exception {
    check("command words 20 0", "/bin/echo", "well");
    configure();
    Path state = Files.createDirectories(folder.resolve("state/mesh"));
    Files.writeString(state.resolve("bundle"), "of nobody\nsignature=AAAA\n");
    Files.createFile(folder.resolve("state/phase-open"));
    Files.createDirectories(folder.resolve("systemd/system"));
    ran(List.of("openssl", "genpkey", "-algorithm", "ED25519", "-out", state + "/identity.pem"));
    List<String> command = new ArrayList<>(List.of(shell.split(" ")));
    command.addAll(List.of("mesh", "poll"));
    String said = ended(1, command);
    assertTrue(said.contains("systemd does not start its target"), said);
    assertTrue(said.contains("refused: not signed by this cluster's key"), said);
    assertTrue(said.contains("https://127.0.0.1:1: no answer"), said);
    assertFalse(Files.exists(folder.resolve("foundrybot-phase-open")), "it is tried again");
    assertEquals(List.of(), leftBehind());
  }

  /** How a system's own program is asked whether a service runs, and where it is looked for. */
  enum Init {
    SYSTEMD("systemctl", "[ \"$1 $2\" = 'is-active --' ] || exit 64\nunit=$3\n"),
    OPENRC("rc-service", "[ \"$2\" = status ] || exit 64\nunit=$1.service\n");

    private final String program;
    private final String asked;

    Init(String program, String asked) {
      this.program = program;
      this.asked = asked;
    }
  }

  /**
   * Stands in for the system's own program, as there is no such system here: a service is active as
   * long as the process runs that its file names.
   */
  private void fake(Init init) throws IOException {
    Path program = Files.createDirectories(folder.resolve("bin")).resolve(init.program);
    Files.writeString(
        program,
        "#!/bin/sh\n"
            + init.asked
            + "pid=$(cat '%s'/\"$unit.pid\" 2>/dev/null) || pid=none\n".formatted(folder)
            + "kill -0 \"$pid\" 2>/dev/null && echo active && exit 0\necho inactive\nexit 3\n");
    assertTrue(program.toFile().setExecutable(true));
    if (init == Init.SYSTEMD) {
      Files.createDirectories(folder.resolve("systemd/system"));
    }
    String script = MeshClient.script();
    String there = script.replace("\nPATH=", "\nPATH=" + folder.resolve("bin") + ":");
    assertNotEquals(script, there, "where it looks for programs");
    Files.writeString(folder.resolve("mesh"), there);
  }

  /** A web server, as a process of its own. */
  private Process service(int port) throws Exception {
    Process process =
        new ProcessBuilder(
                "busybox", "httpd", "-f", "-p", "127.0.0.1:" + port, "-h", folder.toString())
            .inheritIO()
            .start();
    for (int i = 0; i < 100; i++) {
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
        assertTrue(socket.isConnected());
        return process;
      } catch (IOException e) {
        assertTrue(process.isAlive(), "the service ended: " + e);
        Thread.sleep(50);
      }
    }
    throw new AssertionError("nobody listens at port " + port);
  }

  @ParameterizedTest
  @CsvSource({"dash,SYSTEMD", "busybox sh,OPENRC"})
  void aServiceItsPortAndItsAnswerPassWhileItsProcessRunsAndFailWhenItIsKilled(
      String shell, Init init) throws Exception {
    int port = closedPort();
    check("service web 20 0", "web.service");
    check("service other 20 0", "other.service");
    check("port listens 20 0", "" + port, "lo");
    check(
        "command answers 20 0",
        "/bin/busybox",
        "wget",
        "-q",
        "-O",
        "/dev/null",
        "http://127.0.0.1:" + port + "/mesh.conf");
    configure();
    fake(init);
    List<String> command = new ArrayList<>(List.of(shell.split(" ")));
    command.addAll(List.of("mesh", "gates"));
    Process web = service(port);
    try {
      Files.writeString(folder.resolve("web.service.pid"), Long.toString(web.pid()));
      assertEquals(
          Set.of("passed web", "failed other inactive", "passed listens", "passed answers"),
          ran(command).lines().map(String::strip).collect(Collectors.toSet()));
    } finally {
      web.destroyForcibly().waitFor();
    }
    Set<String> after = ran(command).lines().map(String::strip).collect(Collectors.toSet());
    assertTrue(
        after.containsAll(
            Set.of("failed web inactive", "failed other inactive", "failed listens refused")),
        after::toString);
    assertTrue(
        after.stream().anyMatch(line -> line.startsWith("failed answers exit status 1 ")),
        after::toString);
  }

  /** What lies in memory while the program runs is gone after it. */
  private List<String> leftBehind() throws IOException {
    try (var files = Files.list(folder)) {
      return files
          .map(file -> String.valueOf(file.getFileName()))
          .filter(name -> name.startsWith("foundrybot-mesh."))
          .toList();
    }
  }
}
