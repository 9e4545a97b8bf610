// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.answerfiles.ImageRef;
import foundrybot.answerfiles.Mac;
import foundrybot.answerfiles.Node;
import foundrybot.answerfiles.Profile;
import foundrybot.answerfiles.Profiles;
import foundrybot.answerfiles.RackFile;
import foundrybot.answerfiles.RunContext;
import foundrybot.appliance.lifecycle.Purpose;
import foundrybot.images.cast.FirstBoot;
import foundrybot.ipxe.Autoexec;
import foundrybot.ipxe.Form;
import foundrybot.ipxe.Script;
import foundrybot.ipxe.Scripts;
import foundrybot.ipxe.Text;
import foundrybot.ipxe.Trust;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * The scripts that install machines, made ready: {@link Scripts#start} is printed once for each
 * profile, what a machine has of its own is made and checked once for each rack file, and a request
 * only adds the token.
 */
final class InstallScripts {
  /**
   * What scripts have in common.
   *
   * @param root the appliance, by the protocol that the machine has come by
   * @param medium whether they are for who has booted from a medium
   */
  private record Kind(String profile, String architecture, Trust trust, URI root, boolean medium) {}

  /**
   * What one machine's script has of its own.
   *
   * @param arguments of its kernel, cut where the token belongs
   */
  private record Own(Node node, Form.Value title, List<Form.Value> arguments) {}

  /** All that holds as long as one rack file is in force. */
  private record Prepared(RackFile rack, Map<Kind, Form> forms, Map<Mac, Own> nodes) {
    static Prepared of(RackFile rack) {
      return new Prepared(rack, new ConcurrentHashMap<>(), new ConcurrentHashMap<>());
    }
  }

  private final Fleet fleet;
  private final ArtifactLibrary artifacts;
  private final URI appliance;
  private final Optional<MeshOffer> mesh;

  /** Words that stand for what is filled in; random, so that no rack file holds one. */
  private final String titleMark;

  private final String argumentsMark;
  private final String tokenMark;
  private final String hashMark;
  private volatile Prepared prepared;

  InstallScripts(
      Fleet fleet,
      ArtifactLibrary artifacts,
      Tokens tokens,
      URI appliance,
      Optional<MeshOffer> mesh) {
    this.fleet = fleet;
    this.artifacts = artifacts;
    this.appliance = appliance;
    this.mesh = mesh;
    this.titleMark = tokens.random();
    this.argumentsMark = tokens.random();
    this.tokenMark = tokens.random();
    this.hashMark = tokens.random();
    this.prepared = Prepared.of(fleet.rack());
  }

  /**
   * The script with which a machine loads its installer.
   *
   * @param architecture Debian's name of it; empty for x86
   * @param trust what the machine's iPXE runs
   * @param root where kernel and initrd are fetched from: the appliance, as the machine has come
   */
  byte[] text(Node node, String architecture, String token, Trust trust, URI root) {
    Kind kind = new Kind(node.profile().name(), architecture, trust, root, false);
    return filled(node, kind, token, "");
  }

  /**
   * The same for who has booted from a medium: where its token belongs, the script has the setting
   * that iPXE was given by the medium, and kernel and initrd are fetched with a proof of it.
   *
   * @param hash the token's SHA-256
   */
  byte[] onMedium(Node node, String architecture, String hash) {
    Kind kind = new Kind(node.profile().name(), architecture, Trust.ANYTHING, appliance, true);
    return filled(node, kind, Autoexec.TOKEN.source(), hash);
  }

  private byte[] filled(Node node, Kind kind, String token, String hash) {
    Prepared now = prepared();
    Form form = now.forms().computeIfAbsent(kind, missing -> form(node.profile(), missing));
    Own own = own(now, node, kind.architecture());
    Form.Value bearer = Form.Value.of(token);
    Form.Value arguments = bearer.between(own.arguments());
    return form.fill(List.of(own.title(), arguments, bearer, Form.Value.of(hash)));
  }

  /**
   * Makes what the machine's script has of its own, so that nothing is left of it to do when the
   * token is durable: that is told by the journal's thread, for which all others wait.
   */
  void prepare(Node node, String architecture) {
    var _ = own(prepared(), node, architecture);
  }

  @SuppressWarnings("ReferenceEquality") // equal is not enough to be fast: a rack is large
  private Prepared prepared() {
    Prepared now = prepared;
    RackFile rack = fleet.rack();
    if (now.rack() != rack) {
      now = Prepared.of(rack);
      prepared = now;
    }
    return now;
  }

  @SuppressWarnings("ReferenceEquality") // as above
  private Own own(Prepared now, Node node, String architecture) {
    Own own = now.nodes().get(node.mac());
    if (own == null || own.node() != node) {
      own = own(now.rack(), node, architecture);
      now.nodes().put(node.mac(), own);
    }
    return own;
  }

  /** Whether there is a kernel for the script. */
  boolean has(Node node, boolean rescue, String architecture) {
    String kernel = ArtifactLibrary.kernel(artifacts.booted(node, rescue), architecture);
    return artifacts.find(node, rescue, kernel).isPresent();
  }

  /** The script with which a machine loads the deploy environment for another purpose. */
  byte[] text(
      Node node, Purpose purpose, String architecture, String token, Trust trust, URI root) {
    return start(
            node.name() + ": " + purpose,
            artifacts.booted(node, true),
            architecture,
            ofBearer(token, root),
            Profiles.modeArguments(fleet.rack(), node, context(node, token), purpose.toString()),
            trust,
            failure(token, root))
        .bytes();
  }

  /** The same for who has booted from a medium. */
  byte[] onMedium(Node node, Purpose purpose, String architecture, String hash) {
    Script script =
        start(
            node.name() + ": " + purpose,
            artifacts.booted(node, true),
            architecture,
            ofMedium(),
            Profiles.modeArguments(
                fleet.rack(), node, context(node, tokenMark), purpose.toString()),
            Trust.ANYTHING,
            failure(tokenMark, appliance));
    return Form.of(script, List.of(tokenMark, hashMark))
        .fill(List.of(Form.Value.of(Autoexec.TOKEN.source()), Form.Value.of(hash)));
  }

  private Form form(Profile profile, Kind kind) {
    String files = kind.medium() ? ofMedium() : ofBearer(tokenMark, kind.root());
    Script script =
        start(
            titleMark,
            profile,
            kind.architecture(),
            files,
            List.of(argumentsMark),
            kind.trust(),
            failure(tokenMark, kind.root()));
    return Form.of(script, List.of(titleMark, argumentsMark, tokenMark, hashMark));
  }

  /** Where kernel and initrd lie for who says its token. */
  private static String ofBearer(String token, URI root) {
    return root.resolve("/node/" + token) + "/artifact/";
  }

  /** Where who verifies its images tells that it gave up. */
  private static URI failure(String token, URI root) {
    return root.resolve("/node/" + token + "/report/failed");
  }

  /** Where they lie for who proves it, with marks in place of the token and its hash. */
  private String ofMedium() {
    return "http://"
        + Autoexec.USER
        + ":"
        + tokenMark
        + "@"
        + appliance.getAuthority()
        + "/"
        + BootMedia.ROOT
        + "/"
        + hashMark
        + "/artifact/";
  }

  private Own own(RackFile rack, Node node, String architecture) {
    List<String> arguments = Profiles.kernelArguments(rack, node, context(node, tokenMark));
    String title = Text.displayed(node.name() + ": " + node.profile().name()).source();
    // What iPXE could misread is refused here, before it is filled in.
    String files = ofBearer(tokenMark, appliance);
    Scripts.check(payload(title, node.profile(), architecture, files, arguments));
    String[] pieces = String.join(" ", arguments).split(tokenMark, -1);
    return new Own(node, Form.Value.of(title), Stream.of(pieces).map(Form.Value::of).toList());
  }

  private static Script start(
      String title,
      Profile profile,
      String architecture,
      String files,
      List<String> arguments,
      Trust trust,
      URI failure) {
    Scripts.Payload payload = payload(title, profile, architecture, files, arguments);
    return switch (trust) {
      case ANYTHING -> Scripts.start(payload, Scripts.Patience.usual());
      case SIGNED -> Scripts.startSigned(payload, failure, Scripts.Patience.usual());
    };
  }

  private static Scripts.Payload payload(
      String title, Profile profile, String architecture, String files, List<String> arguments) {
    return new Scripts.Payload(
        title,
        URI.create(files + ArtifactLibrary.kernel(profile, architecture)),
        ArtifactLibrary.initrds(profile, architecture).stream()
            .map(name -> URI.create(files + name))
            .toList(),
        arguments);
  }

  private URI nodeUrl(String token) {
    return appliance.resolve("/node/" + token);
  }

  /** What rendering needs to know of a run that has that token. */
  RunContext context(Node node, String token) {
    URI nodeUrl = nodeUrl(token);
    Optional<ImageRef> image =
        artifacts
            .find(node.profile(), ArtifactLibrary.ROOT_IMAGE)
            .map(
                item ->
                    new ImageRef(
                        URI.create(nodeUrl + "/artifact/" + ArtifactLibrary.ROOT_IMAGE),
                        item.sha256(),
                        item.size()));
    return new RunContext(
            nodeUrl,
            appliance,
            image,
            FirstBoot.script(),
            FirstBoot.unit(),
            artifacts.installerSuite(node.profile()))
        .with(mesh.flatMap(offer -> offer.to(fleet.rack(), node)))
        .withSecure(mesh.map(offer -> offer.fetch(token)));
  }
}
