// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.answerfiles.ApplianceSettings;
import foundrybot.answerfiles.Fault;
import foundrybot.answerfiles.ImageRef;
import foundrybot.answerfiles.Node;
import foundrybot.answerfiles.Ports;
import foundrybot.answerfiles.Profile;
import foundrybot.answerfiles.RackFile;
import foundrybot.answerfiles.Rehearsal;
import foundrybot.answerfiles.RunContext;
import foundrybot.answerfiles.SecureFetch;
import foundrybot.images.cast.FirstBoot;
import foundrybot.ipxe.GrubConfig;
import foundrybot.ipxe.Scripts;
import java.net.URI;
import java.util.List;
import java.util.Optional;

/** What a rack's machines would be given, made without any of them and without a token. */
public final class Rehearsals {
  /** Has the form of a token, and opens nothing: none was ever minted for it. */
  public static final String TOKEN = "0".repeat(32);

  private Rehearsals() {}

  /** Every fault that would be met while a node of the rack is installed and that is known now. */
  public static List<Fault> faults(RackFile rack) {
    RunContext run = run(rack);
    return Rehearsal.faults(rack, _ -> run, (node, arguments) -> boot(node, run, arguments));
  }

  /** A run with a token that opens nothing, an image that nobody has, and no authority. */
  public static RunContext run(RackFile rack) {
    URI url = Appliance.url(rack.appliance().address(), rack.appliance().ports().http());
    URI nodeUrl = url.resolve("/node/" + TOKEN);
    ImageRef image =
        new ImageRef(
            URI.create(nodeUrl + "/artifact/" + ArtifactLibrary.ROOT_IMAGE), "0".repeat(64), 1);
    return new RunContext(
            nodeUrl,
            url,
            Optional.of(image),
            FirstBoot.script(),
            FirstBoot.unit(),
            Optional.empty())
        .withSecure(secure(rack.appliance()));
  }

  /** As a machine gets it, where the appliance has a CA of its own; that is left out. */
  private static Optional<SecureFetch> secure(ApplianceSettings settings) {
    int port = settings.ports().https();
    if (port == Ports.OFF || settings.tls().isPresent()) {
      return Optional.empty();
    }
    URI nodeUrl = URI.create(Https.url(settings.address(), port) + "/node/" + TOKEN);
    return Optional.of(new SecureFetch(nodeUrl, "AAAA"));
  }

  /** Both boot programs refuse words that they would not leave as they are. */
  private static void boot(Node node, RunContext run, List<String> arguments) {
    Profile profile = node.profile();
    String files = run.nodeUrl() + "/artifact/";
    var _ =
        Scripts.start(
            new Scripts.Payload(
                node.name(),
                URI.create(files + profile.kernel()),
                profile.initrds().stream().map(name -> URI.create(files + name)).toList(),
                arguments),
            Scripts.Patience.usual());
    if (profile.secureBoot()) {
      var _ = GrubConfig.start(node.name(), profile.kernel(), profile.initrds(), arguments);
    }
  }
}
