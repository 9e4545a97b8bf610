// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.appliance.ApiDescription;
import foundrybot.appliance.lifecycle.LifecyclePage;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.json.JsonMapper;

/** Prints the pages that are made from the program's own tables. */
@Command(
    name = "docs",
    mixinStandardHelpOptions = true,
    description = {
      "Prints a page that is made from the program's own tables.",
      "lifecycle: stages, facts and deadlines; diagnosis: all that can be wrong, and what to do;",
      "openapi: the API, as OpenAPI 3.1 (JSON)."
    })
final class DocsCommand implements Callable<Integer> {
  /** What there is. */
  enum Page {
    LIFECYCLE,
    DIAGNOSIS,
    OPENAPI;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** How it is written. */
  enum Format {
    TEXT,
    MERMAID;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Parameters(paramLabel = "PAGE", description = "One of ${COMPLETION-CANDIDATES}.")
  private Page page = Page.LIFECYCLE;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description = "Of lifecycle: one of ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private Format format = Format.TEXT;

  @Override
  public Integer call() {
    if (page != Page.LIFECYCLE && format == Format.MERMAID) {
      throw new UserException(
          Main.USAGE, "--format: mermaid (expected: text for " + page + ", which is no diagram)");
    }
    System.out.print(
        switch (page) {
          case LIFECYCLE ->
              format == Format.MERMAID ? LifecyclePage.mermaid() : LifecyclePage.lifecycle();
          case DIAGNOSIS -> LifecyclePage.diagnoses();
          case OPENAPI ->
              JsonMapper.builder()
                      .build()
                      .writerWithDefaultPrettyPrinter()
                      .writeValueAsString(ApiDescription.whole())
                  + "\n";
        });
    return 0;
  }
}
