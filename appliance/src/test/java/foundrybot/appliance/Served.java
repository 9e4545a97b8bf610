// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.appliance.cli.Main;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;

/** {@code bootserver serve} in a process of its own, to be killed. */
final class Served implements AutoCloseable {
  private final Process process;

  private Served(Process process) {
    this.process = process;
  }

  /**
   * Returns when it serves.
   *
   * @param rack whose files it takes, and which itself is not started
   */
  static Served start(LoopbackAppliance rack, Path rackFile) throws IOException {
    String path = System.getProperty("surefire.test.class.path", "");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home", ""), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                path.isEmpty() ? System.getProperty("java.class.path", "") : path,
                Main.class.getName(),
                "serve",
                "--rack",
                rackFile.toString(),
                "--data",
                rack.data.toString(),
                "--boot-programs",
                rack.programs.toString())
            .redirectErrorStream(true)
            .start();
    StringBuilder said = new StringBuilder();
    BufferedReader out = process.inputReader();
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      if (line.startsWith("bootserver: serving")) {
        return new Served(process);
      }
      said.append(line).append('\n');
    }
    throw new AssertionError("ended before it served:\n" + said);
  }

  /** By SIGKILL; returns when it is gone. */
  void kill() {
    process.destroyForcibly().onExit().join();
  }

  @Override
  public void close() {
    kill();
  }
}
