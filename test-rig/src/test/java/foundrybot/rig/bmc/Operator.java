// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs {@code bootserver} in a folder, as people do: a process of its own. */
public final class Operator {
  private final Path folder;
  private final String secret;

  /** What {@code secret} is must never be shown. */
  Operator(Path folder, String secret) {
    this.folder = folder;
    this.secret = secret;
  }

  /** How it ended and what it said. */
  record Said(int status, String out, String err) {}

  Said run(String... arguments) throws IOException, InterruptedException {
    return ended(start(arguments));
  }

  /** Given to its standard input. */
  Said runWithInput(String input, String... arguments) throws IOException, InterruptedException {
    Process process = start(arguments);
    try (var in = process.getOutputStream()) {
      in.write(input.getBytes(StandardCharsets.UTF_8));
    }
    return ended(process);
  }

  Process start(String... arguments) throws IOException {
    return new ProcessBuilder(command(arguments))
        .directory(folder.toFile())
        .redirectOutput(folder.resolve("out").toFile())
        .redirectError(folder.resolve("err").toFile())
        .start();
  }

  /** {@code bootserver} with these arguments, as a program and what it is given. */
  public static List<String> command(String... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                "foundrybot.appliance.cli.Main"));
    command.addAll(List.of(arguments));
    return command;
  }

  Said ended(Process process) throws IOException, InterruptedException {
    assertTrue(process.waitFor(90, TimeUnit.SECONDS), "it does not end");
    Said said =
        new Said(
            process.exitValue(),
            Files.readString(folder.resolve("out"), StandardCharsets.UTF_8),
            Files.readString(folder.resolve("err"), StandardCharsets.UTF_8));
    assertFalse((said.out() + said.err()).contains(secret), "the password is shown");
    return said;
  }
}
