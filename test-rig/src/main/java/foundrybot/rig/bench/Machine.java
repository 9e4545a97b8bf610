// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** What it was measured on. */
final class Machine {
  private Machine() {}

  static String describe() {
    return Runtime.getRuntime().availableProcessors()
        + " CPUs ("
        + field("/proc/cpuinfo", "model name")
        + "), "
        + memoryGb()
        + " GB of memory, Linux "
        + System.getProperty("os.version")
        + ", Java "
        + Runtime.version()
        + ", "
        + field("/etc/os-release", "PRETTY_NAME").replace("\"", "");
  }

  private static long memoryGb() {
    String text = field("/proc/meminfo", "MemTotal").replaceAll("[^0-9]", "");
    return text.isEmpty() ? 0 : Math.round(Long.parseLong(text) / 1048576.0);
  }

  private static String field(String file, String name) {
    try (Stream<String> lines = Files.lines(Path.of(file))) {
      return lines
          .filter(line -> line.startsWith(name))
          .map(line -> line.replaceFirst("^[^:=]*[:=]\\s*", ""))
          .findFirst()
          .orElse("unknown");
    } catch (IOException e) {
      return "unknown";
    }
  }
}
