// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Shows by which TPM a node is known, or forgets it. */
@Command(
    name = "tpm",
    mixinStandardHelpOptions = true,
    description = {
      "Shows by which TPM a node has proved who it is: the SHA-256 of its endorsement key (EK), and"
          + " what the rack file asks of it ('tpm' of the node and of 'mesh').",
      "From its first proof on the node gets into the mesh by that TPM alone. --forget is for a"
          + " board that was replaced: the next TPM that proves itself is the node's then."
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:shown, or forgotten, or there was nothing to forget",
      "1:there is no such node",
      "4:the appliance cannot be asked"
    })
final class TpmCommand implements Callable<Integer> {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  @Mixin private DataOption data = new DataOption();

  @Parameters(paramLabel = "NODE", description = "The node's name in the rack file.")
  private String node = "";

  @Option(names = "--forget", description = "Takes the next TPM that it shows.")
  private boolean forget;

  @Option(names = "--json", description = "The same as data.")
  private boolean json;

  @Override
  public Integer call() {
    NodeNames.check(node);
    if (forget && json) {
      throw new UserException(Main.USAGE, "--json: with --forget (expected: one of them)");
    }
    try (ApiClient client = new ApiClient(data.path())) {
      System.out.println(forget ? forgotten(client) : shown(client.get("nodes/" + node + "/tpm")));
    }
    return 0;
  }

  private String forgotten(ApiClient client) {
    String before = client.post("nodes/" + node + "/tpm-forget", "").strip();
    return node + ": " + (before.isEmpty() ? "had proved itself by none" : before + " forgotten");
  }

  private String shown(JsonNode tpm) {
    if (json) {
      return JSON.writeValueAsString(tpm);
    }
    String ek = tpm.get("ek").asString();
    int allowed = tpm.get("allowed").size();
    return node
        + ": "
        + (ek.isEmpty() ? "has proved itself by no TPM" : ek)
        + " (rack file: "
        + tpm.get("use").asString()
        + (allowed == 0 ? "" : ", one of " + allowed)
        + ")";
  }
}
