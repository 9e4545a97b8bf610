// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bench;

import foundrybot.rig.load.LoadResult;
import foundrybot.rig.load.LoadWorker;
import foundrybot.rig.load.Order;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.json.JsonMapper;

/** The process that makes the load, among the clients and on a CPU of its own. */
final class Worker implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Process process;
  private final BufferedWriter orders;
  private final BufferedReader results;

  private Worker(Process process) {
    this.process = process;
    this.orders = process.outputWriter(StandardCharsets.UTF_8);
    this.results = process.inputReader(StandardCharsets.UTF_8);
  }

  static Worker start(Lab lab, int cpu) {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    List<String> command =
        List.of(
            "taskset",
            "-c",
            Integer.toString(cpu),
            java,
            "-XX:+UseSerialGC",
            "-Xms512m",
            "-Xmx1g",
            "-XX:MaxDirectMemorySize=512m",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            LoadWorker.class.getName());
    try {
      return new Worker(
          new ProcessBuilder(lab.atClients(command))
              .redirectError(lab.folder().resolve("load.log").toFile())
              .start());
    } catch (IOException e) {
      throw new BenchException("the load cannot be started", e);
    }
  }

  /** Has one order done. */
  LoadResult run(Order order) {
    try {
      orders.write(JSON.writeValueAsString(order));
      orders.newLine();
      orders.flush();
      String line = results.readLine();
      if (line == null) {
        throw new BenchException("the load has ended unexpectedly");
      }
      return JSON.readValue(line, LoadResult.class);
    } catch (IOException e) {
      throw new BenchException("the load does not answer", e);
    }
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
