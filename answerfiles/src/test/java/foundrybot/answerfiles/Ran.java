// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What came of a program that nobody here wrote.
 *
 * @param out both its outputs
 */
public record Ran(int status, String out) {
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
