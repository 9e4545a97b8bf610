// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/**
 * What came of a program that nobody here wrote.
 *
 * @param out both its outputs
 */
public record Ran(int status, String out) {
  /** Without the tool the test is left out; where nothing may be left out it fails. */
  static void needs(String tool, String debianPackage) {
    boolean present =
        Stream.of("/usr/bin/", "/usr/sbin/").anyMatch(at -> Files.isExecutable(Path.of(at, tool)));
    Assertions.assertTrue(
        present || !"true".equals(System.getenv("CI")), tool + ": apt install " + debianPackage);
    Assumptions.assumeTrue(present, tool + " is not installed");
  }

  /** Runs it to its end in a folder; programs in the folder's {@code bin} go before all others. */
  public static Ran in(Path folder, String... command) throws IOException, InterruptedException {
    Path out = folder.resolve("out");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(out.toFile());
    builder.environment().put("PATH", folder + "/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    int status = builder.start().waitFor();
    return new Ran(status, Files.readString(out, StandardCharsets.UTF_8));
  }
}
