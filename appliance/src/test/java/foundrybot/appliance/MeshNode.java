// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A node in a network namespace of its own, on a bridge: the real program of the nodes, by the
 * shell that the test names, with the real wg, nft, ip and openssl. What is simulated is that an
 * installer has put it up: it asks for its answer file and reports as one would.
 */
final class MeshNode implements AutoCloseable {
  private static final Pattern CONF = Pattern.compile("(?m)^MESH_CONF_B64='([^']*)'$");

  final String name;
  private final Path folder;
  private final String shell;
  private final Process holder;

  /** What a command said, and its status. */
  record Ran(int status, String said) {}

  /**
   * Plugs it in.
   *
   * @param shell words before the script
   */
  MeshNode(Path folder, String name, String shell, String bridge, String address) {
    this.name = name;
    this.folder = folder.resolve(name);
    this.shell = shell;
    try {
      Files.createDirectories(this.folder);
      // A /run of its own: there lie the sockets of wireguard-go, by the names of interfaces.
      this.holder =
          new ProcessBuilder(
                  "unshare",
                  "--net",
                  "--mount",
                  "sh",
                  "-c",
                  "mount -t tmpfs tmpfs /run; echo up; read x")
              .redirectErrorStream(true)
              .start();
      assertEquals("up", holder.inputReader().readLine());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    String pair = "fbn" + holder.pid();
    host("ip link add " + pair + " type veth peer name eth0 netns " + holder.pid());
    host("ip link set " + pair + " master " + bridge + " up");
    in("ip link set lo up; ip addr add " + address + "/24 dev eth0; ip link set eth0 up");
  }

  /** As the installer and the first boot leave it: what it will trust, and its token. */
  void install(LoopbackAppliance appliance, Machine machine, String script) throws IOException {
    machine.fetchToken();
    Matcher conf = CONF.matcher(machine.get("deploy.conf").text());
    assertEquals(true, conf.find());
    Files.write(folder.resolve("mesh.conf"), Base64.getDecoder().decode(conf.group(1)));
    assertEquals(200, machine.report("installer-started").status());
    assertEquals(200, machine.report("installed").status());
    String url = appliance.uri(machine.path("")).toString();
    Files.writeString(
        folder.resolve("run.conf"), "URL='" + url.substring(0, url.length() - 1) + "'\n");
    Files.writeString(folder.resolve("mesh"), script);
  }

  /** The first boot's own program, which sends the keys before it enrols. */
  Ran firstBoot(String script) throws IOException {
    Path own = folder.resolve("mesh-by-shell");
    Files.writeString(own, "#!/bin/sh\nexec " + shell + " " + folder.resolve("mesh") + " \"$@\"\n");
    Files.setPosixFilePermissions(own, PosixFilePermissions.fromString("rwx------"));
    Files.writeString(folder.resolve("first-boot"), script);
    return run(
        "exec env FOUNDRYBOT_MESH=%s %s sh %s"
            .formatted(own, environment(), folder.resolve("first-boot")));
  }

  /** The program of the nodes. */
  Ran mesh(String arguments) {
    return run(
        "exec env " + environment() + shell + " " + folder.resolve("mesh") + " " + arguments);
  }

  private String environment() {
    return ("FOUNDRYBOT_STATE=%1$s/state FOUNDRYBOT_CONF=%1$s/run.conf"
            + " FOUNDRYBOT_MESH_CONF=%1$s/mesh.conf ")
        .formatted(folder);
  }

  Path bundle() {
    return folder.resolve("state/mesh/bundle");
  }

  /** A file of its own. */
  Path file(String other) {
    return folder.resolve(other);
  }

  /** Inside, by a shell; must succeed. */
  String in(String command) {
    Ran ran = run(command);
    assertEquals(0, ran.status(), () -> name + ": " + command + ": " + ran.said());
    return ran.said();
  }

  Ran run(String command) {
    return ran(inside(command));
  }

  /** Goes on until its input is closed. */
  Process begin(String command) throws IOException {
    return new ProcessBuilder(inside(command)).redirectErrorStream(true).start();
  }

  private List<String> inside(String command) {
    return new ArrayList<>(
        List.of("nsenter", "-t", "" + holder.pid(), "-n", "-m", "sh", "-c", command));
  }

  static String host(String command) {
    Ran ran = ran(List.of("sh", "-c", command));
    assertEquals(0, ran.status(), () -> command + ": " + ran.said());
    return ran.said();
  }

  private static Ran ran(List<String> command) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return new Ran(process.waitFor(), said);
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** Without its interfaces wireguard-go ends by itself. */
  @Override
  public void close() {
    run(
        "kill $(sed -n 2p /run/foundrybot-relay); for i in wg0 wg1 wg2 wg3; do ip link del $i"
            + " 2>/dev/null; done");
    holder.destroy();
  }
}
