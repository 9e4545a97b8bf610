// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.answerfiles.mesh.Bundle;
import foundrybot.answerfiles.mesh.SignedBundle;
import foundrybot.appliance.mesh.ClusterKey;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows what a node is told of the mesh, or says whether a file is that. */
@Command(
    name = "bundle",
    mixinStandardHelpOptions = true,
    description = {
      "Prints the signed bundle that a node of the mesh is given now: addresses, peers, firewall.",
      "It holds no private key; with mesh.preshared it holds preshared keys.",
      "--verify says whether a file is a bundle for that node with a good signature. That needs no"
          + " appliance, only the public half of its key: bundles.pem of the data folder, or a"
          + " copy."
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:printed, or good",
      "1:not good, or the node is in no plane, or there is no such node",
      "4:the appliance cannot be asked"
    })
final class BundleCommand implements Callable<Integer> {
  @Mixin private DataOption data = new DataOption();

  @Parameters(paramLabel = "NODE", description = "The node's name in the rack file.")
  private String node = "";

  @Option(names = "--verify", paramLabel = "FILE", description = "Looks at a file instead.")
  private @Nullable Path verify;

  @Option(
      names = "--signer",
      paramLabel = "FILE",
      description = "Of --verify: who must have signed, as PEM (default: bundles.pem in --data).")
  private @Nullable Path signer;

  @Override
  public Integer call() {
    NodeNames.check(node);
    Optional<Path> file = Optional.ofNullable(verify);
    Optional<Path> key = Optional.ofNullable(signer);
    if (file.isPresent()) {
      return verified(file.get(), key.orElseGet(() -> ClusterKey.publicFile(data.path())));
    }
    if (key.isPresent()) {
      throw new UserException(Main.USAGE, "--signer: alone (expected: together with --verify)");
    }
    try (ApiClient client = new ApiClient(data.path())) {
      byte[] bytes = client.bytes("nodes/" + node + "/bundle");
      System.out.write(bytes, 0, bytes.length);
      System.out.flush();
      return 0;
    }
  }

  private int verified(Path file, Path keyFile) {
    byte[] bytes = SignerFile.bytes(file, Bundle.MOST_BYTES + SignedBundle.LAST_LINE);
    switch (SignedBundle.decode(bytes, SignerFile.read(keyFile))) {
      case SignedBundle.Bad(String why) -> throw new UserException(Main.FAILED, file + ": " + why);
      case SignedBundle.Good(Bundle bundle) -> {
        if (!bundle.node().equals(node)) {
          throw new UserException(
              Main.FAILED,
              file + ": signed, but for " + bundle.node() + " (expected: " + node + ")");
        }
        System.out.println(file + ": good, " + words(bundle));
      }
    }
    return 0;
  }

  private static String words(Bundle bundle) {
    String interfaces =
        bundle.mesh().interfaces().stream()
            .map(
                one ->
                    one.plane().interfaceName()
                        + " "
                        + String.join(" ", one.addresses())
                        + " with "
                        + one.config().peers().size()
                        + " peers")
            .collect(Collectors.joining("; "));
    return "cluster "
        + bundle.cluster()
        + " ("
        + bundle.clusterId()
        + "), node "
        + bundle.node()
        + ", serial "
        + bundle.serial()
        + ": "
        + interfaces;
  }
}
