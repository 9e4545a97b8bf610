// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.answerfiles.Node;
import foundrybot.answerfiles.Profile;
import foundrybot.answerfiles.Profiles;
import foundrybot.answerfiles.RunContext;
import foundrybot.appliance.lifecycle.FactKind;
import foundrybot.appliance.lifecycle.Identity;
import foundrybot.appliance.lifecycle.Mark;
import foundrybot.appliance.lifecycle.NodeState;
import foundrybot.appliance.lifecycle.Purpose;
import foundrybot.appliance.lifecycle.Stage;
import foundrybot.bootserver.MacAddress;
import foundrybot.bootserver.http.HttpAnswer;
import foundrybot.ipxe.GrubConfig;
import foundrybot.ipxe.Platform;
import foundrybot.ipxe.Script;
import foundrybot.ipxe.Scripts;
import foundrybot.ipxe.Trust;
import java.net.InetAddress;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.UnaryOperator;

/**
 * What a machine is told to do, by its MAC alone: iPXE's script, and GRUB's configuration. Both
 * carry the token under which everything else of the machine lies.
 */
final class ScriptRoutes {
  /** As long as a token, so that a HEAD tells the length of what a GET would bring. */
  private static final String NO_TOKEN = "0".repeat(Tokens.LENGTH);

  /** The kind of evidence that a machine got no script with a token. */
  private static final String REFUSED = "script.refused";

  private static final String LOCAL = "boot.local";
  private static final String TO_DISK = "told to boot from its disk";

  /** How the label of a script begins that is given with the token which waits. */
  static final String AGAIN = "script, again: ";

  static final String MISMATCH = "it is not the machine that its BMC holds";

  static final String QUARANTINED = "its node is quarantined";

  private static final String BY_MEDIUM =
      "this machine boots from the medium that its BMC plays (boot: media)";

  private static final String ONLY_UEFI =
      "its profile is of way mboot, which boots under UEFI only; set the firmware to UEFI";

  private static final Duration READING_HINT = Duration.ofSeconds(10);

  /** How long the reason stays on the console. */
  private static final Duration READING = Duration.ofSeconds(60);

  private static final String HELD =
      "switched on by hand; 'bootserver deploy' on the appliance installs it";

  private static final String UNARMED =
      "waits to be armed; 'bootserver arm' on the appliance lets it in";

  /** The kind of evidence that a machine which is held came to boot; it moves nothing. */
  private static final String ON_HOLD = "boot.on-hold";

  /** Kinds of evidence about a machine that is not to boot what it would be erased by. */
  private static final String ERASED = "boot.erased";

  private static final String RELEASED = "boot.released";

  private static final String ERASING = "boot.erasing";

  private static final String TOO_LATE = "boot.erase-too-late";

  private static final String RESUME = "held; 'bootserver resume' on the appliance lets it go on";

  private static final Duration READING_HELD = Duration.ofSeconds(10);

  private static final String PLAIN = "text/plain; charset=us-ascii";

  private final Fleet fleet;
  private final FlightRecorder recorder;
  private final ArtifactLibrary artifacts;
  private final TokenDesk tokens;
  private final TokenDoor door;
  private final InstallScripts scripts;
  private final Identities identities;
  private final Audit audit;
  private final URI appliance;

  ScriptRoutes(
      Fleet fleet,
      FlightRecorder recorder,
      ArtifactLibrary artifacts,
      TokenDesk tokens,
      TokenDoor door,
      InstallScripts scripts,
      Identities identities,
      Audit audit,
      URI appliance) {
    this.fleet = fleet;
    this.recorder = recorder;
    this.artifacts = artifacts;
    this.tokens = tokens;
    this.door = door;
    this.scripts = scripts;
    this.identities = identities;
    this.audit = audit;
    this.appliance = appliance;
  }

  /**
   * {@code /boot/MAC/bios.ipxe}, or {@code grub.cfg} there.
   *
   * @param trust what the machine's iPXE runs
   * @param head whether only the header is asked for, which mints no token and moves no machine
   * @param from whom
   * @param root the appliance as it was asked: who came by HTTPS goes on by HTTPS
   */
  CompletionStage<HttpAnswer> script(
      String macText, String file, Trust trust, boolean head, InetAddress from, URI root) {
    Optional<MacAddress> mac = MacAddress.parse(macText);
    Optional<ScriptKind> kind = ScriptKind.called(file);
    if (mac.isPresent() && file.equals(GrubConfig.OF_MACHINE)) {
      return fleet
          .node(Answers.mac(mac.get()))
          .map(node -> grubByHttp(node, head, from.getHostAddress()))
          .orElseGet(() -> done(Answers.notFound("GRUB's configuration of an unknown machine")));
    }
    if (mac.isEmpty() || kind.isEmpty()) {
      return done(Answers.notFound("script of nobody"));
    }
    Optional<Node> node = fleet.node(Answers.mac(mac.get()));
    if (node.isEmpty()) {
      return done(stranger(mac.get(), kind.get().firmware(), trust));
    }
    NodeState state = fleet.state(node.get().mac());
    return switch (gate(node.get(), state, from.getHostAddress())) {
      case Gate.Disk _ -> done(localDisk(mac.get(), kind.get().firmware(), head));
      case Gate.Held held -> done(held(held, mac.get(), kind.get().firmware(), head));
      case Gate.ByMedium _ ->
          done(print(byMedium(mac.get()), mac.get(), "script: refused, " + BY_MEDIUM));
      case Gate.Mismatch(String why) -> done(refused(node.get(), why, MISMATCH));
      case Gate.Quarantined(String why) -> done(refused(node.get(), why, QUARANTINED));
      case Gate.Open _ when isOnlyForUefi(node.get(), state, kind.get()) ->
          done(onlyUefi(mac.get()));
      case Gate.Open _ -> install(node.get(), state, kind.get().architecture(), trust, head, root);
    };
  }

  /** Whether a BIOS has no way to what the node is to boot. */
  private static boolean isOnlyForUefi(Node node, NodeState state, ScriptKind kind) {
    return kind.firmware() == Platform.Firmware.BIOS
        && node.profile().kind() == Profile.Kind.MBOOT
        && !state.isInRescue();
  }

  private HttpAnswer onlyUefi(MacAddress mac) {
    recorder.noteClaimed(mac, REFUSED, ONLY_UEFI);
    return print(
        Scripts.refuse(ONLY_UEFI, READING, Scripts.Ending.REBOOT), mac, "script: refused, BIOS");
  }

  /** What becomes of a node that asks by its MAC alone, whichever program asks for it. */
  private sealed interface Gate {
    /** It has a finished disk. */
    record Disk() implements Gate {}

    /**
     * Somebody has switched it on, and nobody deployed or armed it; or it is on hold.
     *
     * @param kind of the evidence
     * @param said for its console
     */
    record Held(String kind, String said) implements Gate {}

    /** It gets its token by its BMC, and nobody by asking. */
    record ByMedium() implements Gate {}

    /** It is not the machine that its BMC holds. */
    record Mismatch(String why) implements Gate {}

    /** Two machines have had its token. */
    record Quarantined(String why) implements Gate {}

    /** It is given its token. */
    record Open() implements Gate {}
  }

  /** Decides, and lets the audit log know of who is refused, and the door of who is not. */
  private Gate gate(Node node, NodeState state, String from) {
    Gate gate = gate(node, state);
    Optional<Audit.Attempt> refused =
        switch (gate) {
          case Gate.Held held when held.kind().equals(ON_HOLD) ->
              Optional.of(Audit.Attempt.ON_HOLD);
          case Gate.Held _ -> Optional.of(Audit.Attempt.WINDOW_CLOSED);
          case Gate.ByMedium _ -> Optional.of(Audit.Attempt.NOT_BY_ASKING);
          case Gate.Mismatch _ -> Optional.of(Audit.Attempt.MISMATCH);
          case Gate.Quarantined _ -> Optional.of(Audit.Attempt.QUARANTINED);
          case Gate.Disk _, Gate.Open _ -> Optional.empty();
        };
    refused.ifPresent(why -> audit.refused(why, node.mac(), from, "a boot script"));
    if (gate instanceof Gate.Open) {
      door.gave(node.mac(), from);
      tokens.asked(node, from);
    }
    return gate;
  }

  private Gate gate(Node node, NodeState state) {
    if (state.bootsFromDisk()) {
      return new Gate.Disk();
    }
    if (state.isKept()) {
      return new Gate.Held(ON_HOLD, RESUME);
    }
    if (state.stage() == Stage.ERASED) {
      return new Gate.Held(ERASED, "its disks are erased; 'bootserver deploy' installs it");
    }
    if (state.isReleased()) {
      return new Gate.Held(
          RELEASED, "released from the cluster; 'bootserver deploy' with its name takes it back");
    }
    // The order was given once. Who comes again has been restarted, or is a stranger.
    if (state.stage() == Stage.ERASING) {
      return new Gate.Held(ERASING, "came to boot while it was to be erased; that was interrupted");
    }
    if (state.eraseOrder().isPresent() && !tokens.isOpen(node, state)) {
      return new Gate.Held(TOO_LATE, "came too late to be erased; 'bootserver erase' begins anew");
    }
    if (!tokens.isOpen(node, state)) {
      return tokens.wantsArming(node)
          ? new Gate.Held(FactKind.BOOT_UNARMED.text(), UNARMED)
          : new Gate.Held(FactKind.BOOT_HELD.text(), HELD);
    }
    Optional<String> quarantine = state.quarantine();
    if (quarantine.isPresent()) {
      return new Gate.Quarantined(shown(quarantine.get()));
    }
    if (node.isByMedium()) {
      return new Gate.ByMedium();
    }
    return identities
        .mismatch(node, state)
        .<Gate>map(mismatch -> new Gate.Mismatch(mismatch.why()))
        .orElseGet(Gate.Open::new);
  }

  private static String shown(String quarantine) {
    return "quarantined, " + quarantine;
  }

  /** The token that waits, or a new one; empty where new ones are asked for too often. */
  private Optional<CompletionStage<String>> orMinted(Optional<String> waiting, Node node) {
    return waiting.map(CompletableFuture::completedStage).or(() -> minted(node));
  }

  private Optional<CompletionStage<String>> minted(Node node) {
    return recorder.admitsScript(node.mac())
        ? Optional.of(tokens.minted(node.mac()))
        : Optional.empty();
  }

  /**
   * The same for who asks by another way than a script; empty as well where the script would have
   * none.
   *
   * @param from whom, for the audit log
   */
  Optional<CompletionStage<String>> token(Node node, String from) {
    NodeState state = fleet.state(node.mac());
    return gate(node, state, from) instanceof Gate.Open && !state.isInRescue()
        ? orMinted(tokens.waiting(node.mac(), state), node)
        : Optional.empty();
  }

  private HttpAnswer localDisk(MacAddress mac, Platform.Firmware firmware, boolean head) {
    if (!head) {
      recorder.noteClaimed(mac, LOCAL, TO_DISK);
    }
    return print(Scripts.localDisk(firmware), mac, "script: local disk");
  }

  /** Its disk stays as it is. */
  private HttpAnswer held(
      Gate.Held held, MacAddress mac, Platform.Firmware firmware, boolean head) {
    if (!head) {
      recorder.noteClaimed(mac, held.kind(), held.said());
    }
    return print(
        Scripts.localDisk(held.said(), READING_HELD, firmware), mac, "script: not deployed");
  }

  /** On to the next entry of the boot order: that may be the medium. */
  private Script byMedium(MacAddress mac) {
    recorder.noteClaimed(mac, REFUSED, BY_MEDIUM);
    return Scripts.refuse(BY_MEDIUM, READING_HINT, Scripts.Ending.EXIT);
  }

  /**
   * {@code /media/HASH/boot/uefi.ipxe}: the same for who has the token already, from the medium
   * that its BMC plays. So the script only says where it belongs.
   */
  CompletionStage<HttpAnswer> ofMedium(
      Fleet.Bearer bearer, String file, boolean head, InetAddress from) {
    Node node = bearer.node();
    MacAddress mac = Answers.mac(node.mac());
    Optional<ScriptKind> kind = ScriptKind.called(file);
    if (kind.isEmpty()) {
      return done(Answers.notFound("script: no such path").of(mac));
    }
    if (bearer.state().bootsFromDisk()) {
      return done(print(Scripts.localDisk(kind.get().firmware()), mac, "script: local disk"));
    }
    // Who reads its medium again starts over: it counts who boots by now.
    Optional<String> why = identities.mismatch(node, bearer.state()).map(Identity.Mismatch::why);
    if (why.isPresent()) {
      audit.refused(
          Audit.Attempt.MISMATCH, node.mac(), from.getHostAddress(), "the script of its medium");
      return done(refused(node, why.get(), MISMATCH));
    }
    if (isOnlyForUefi(node, bearer.state(), kind.get())) {
      return done(onlyUefi(mac));
    }
    String architecture = kind.get().architecture();
    boolean rescue = bearer.state().isInRescue();
    if (!scripts.has(node, rescue, architecture)) {
      return done(noKernel(node, rescue, architecture));
    }
    String hash = bearer.token().hash();
    HttpAnswer script =
        print(
            bearer
                .state()
                .purpose()
                .map(it -> scripts.onMedium(node, it, architecture, hash))
                .orElseGet(() -> scripts.onMedium(node, architecture, hash)),
            mac,
            "script: " + label(bearer.state(), "install") + ", from its medium");
    return head
        ? done(script)
        : tokens.used(node.mac(), bearer.token(), "boot medium", from).thenApply(_ -> script);
  }

  private HttpAnswer noKernel(Node node, boolean rescue, String architecture) {
    String profile = artifacts.booted(node, rescue).name();
    return Answers.notFound(
            "script: profile "
                + profile
                + " has no kernel"
                + (rescue ? " of a deploy environment" : "")
                + " for "
                + architecture)
        .of(Answers.mac(node.mac()));
  }

  private byte[] text(
      Node node,
      Optional<Purpose> purpose,
      String architecture,
      String token,
      Trust trust,
      URI root) {
    return purpose
        .map(it -> scripts.text(node, it, architecture, token, trust, root))
        .orElseGet(() -> scripts.text(node, architecture, token, trust, root));
  }

  private static String label(NodeState state, String install) {
    return state.purpose().map(Purpose::toString).orElse(install);
  }

  /** Its next DHCP tells anew who it is, so a machine that somebody posed as is served again. */
  private HttpAnswer refused(Node node, String why, String label) {
    MacAddress mac = Answers.mac(node.mac());
    recorder.noteClaimed(mac, REFUSED, why);
    return print(
        Scripts.refuse(why, READING, Scripts.Ending.REBOOT), mac, "script: refused, " + label);
  }

  private HttpAnswer stranger(MacAddress mac, Platform.Firmware firmware, Trust trust) {
    return switch (fleet.rack().appliance().unknown()) {
      case IGNORE -> Answers.notFound("script of an unknown machine").of(mac);
      case DISCOVER ->
          print(
              Scripts.discover(appliance.resolve("/discover"), firmware, trust),
              mac,
              "script: discover an unknown machine");
    };
  }

  private CompletionStage<HttpAnswer> install(
      Node node, NodeState state, String architecture, Trust trust, boolean head, URI root) {
    MacAddress mac = Answers.mac(node.mac());
    boolean rescue = state.isInRescue();
    if (!scripts.has(node, rescue, architecture)) {
      return done(noKernel(node, rescue, architecture));
    }
    if (head) {
      return done(
          print(
              text(node, state.purpose(), architecture, NO_TOKEN, trust, root),
              mac,
              "script: HEAD"));
    }
    if (state.purpose().isEmpty()) {
      scripts.prepare(node, architecture);
    }
    // A token that waits is no fact a second time, but that somebody came so far again is evidence.
    Optional<String> waiting = tokens.waiting(node.mac(), state);
    String label =
        (waiting.isPresent() ? AGAIN : "script: ")
            + label(state, "install " + node.profile().name());
    return orMinted(waiting, node)
        .map(
            durable ->
                durable.thenApply(
                    token ->
                        print(
                            text(node, state.purpose(), architecture, token, trust, root),
                            mac,
                            label)))
        .orElseGet(
            () -> done(Answers.text(429, "too many requests; wait a minute", "script: too often")));
  }

  /** {@code /grub/grub.cfg}, which GRUB asks for when firmware fetched it by HTTP. */
  static HttpAnswer grubOfAnyone() {
    return HttpAnswer.Body.of(
        200, PLAIN, GrubConfig.ofAnyone("/boot/").bytes(), "GRUB's configuration");
  }

  private CompletionStage<HttpAnswer> grubByHttp(Node node, boolean head, String from) {
    MacAddress mac = Answers.mac(node.mac());
    Optional<Purpose> purpose = fleet.state(node.mac()).purpose();
    if (!scripts.has(node, purpose.isPresent(), "")) {
      return done(
          Answers.notFound("GRUB's configuration: profile " + node.profile().name() + " no kernel")
              .of(mac));
    }
    String label = "GRUB's configuration: " + node.profile().name();
    CompletionStage<GrubConfig> config =
        head
            ? CompletableFuture.completedStage(grubOfHead(node, purpose))
            : grub(node, ScriptRoutes::httpFolder, from);
    return config.thenApply(found -> print(found.bytes(), mac, label));
  }

  /** As long as what a GET would bring; nobody is told anything by it. */
  private GrubConfig grubOfHead(Node node, Optional<Purpose> purpose) {
    return fleet.state(node.mac()).bootsFromDisk()
        ? GrubConfig.localDisk()
        : grub(node, purpose, NO_TOKEN, httpFolder(NO_TOKEN));
  }

  private static String httpFolder(String token) {
    return "/node/" + token + "/artifact/";
  }

  /**
   * What GRUB is to do on a node, under Secure Boot, where it fetches by TFTP.
   *
   * @param from whom, as far as UDP tells: what is answered goes there
   * @return completes when its token is durable
   */
  CompletionStage<GrubConfig> grub(Node node, String from) {
    return grub(node, _ -> "/" + Answers.mac(node.mac()).hyphenated() + "/", from);
  }

  /** What GRUB is to do, with its files in the folder that goes with the token. */
  private CompletionStage<GrubConfig> grub(Node node, UnaryOperator<String> folder, String from) {
    NodeState state = fleet.state(node.mac());
    MacAddress mac = Answers.mac(node.mac());
    return switch (gate(node, state, from)) {
      case Gate.Disk _ -> noted(mac, LOCAL, TO_DISK, GrubConfig.localDisk());
      case Gate.Held(String kind, String said) ->
          noted(mac, kind, said, GrubConfig.localDisk(said));
      case Gate.ByMedium _ -> noted(mac, REFUSED, BY_MEDIUM, GrubConfig.refuse(BY_MEDIUM));
      case Gate.Mismatch(String why) -> noted(mac, REFUSED, why, GrubConfig.refuse(why));
      case Gate.Quarantined(String why) -> noted(mac, REFUSED, why, GrubConfig.refuse(why));
      case Gate.Open _ -> grubWithToken(node, state, folder);
    };
  }

  private CompletionStage<GrubConfig> grubWithToken(
      Node node, NodeState state, UnaryOperator<String> folder) {
    Optional<String> waiting = tokens.waiting(node.mac(), state);
    waiting.ifPresent(_ -> recorder.noteClaimed(Answers.mac(node.mac()), Mark.AGAIN, ""));
    return orMinted(waiting, node)
        .map(
            durable ->
                durable.thenApply(token -> grub(node, state.purpose(), token, folder.apply(token))))
        .orElseGet(() -> CompletableFuture.completedStage(GrubConfig.later()));
  }

  private CompletionStage<GrubConfig> noted(
      MacAddress mac, String kind, String detail, GrubConfig config) {
    recorder.noteClaimed(mac, kind, detail);
    return CompletableFuture.completedStage(config);
  }

  private GrubConfig grub(Node node, Optional<Purpose> purpose, String token, String folder) {
    Profile profile = artifacts.booted(node, purpose.isPresent());
    if (!profile.secureBoot()) {
      return GrubConfig.refuse(profile.name() + ": its kernel is not signed for Secure Boot");
    }
    RunContext run = scripts.context(node, token);
    return GrubConfig.start(
        node.name() + ": " + purpose.map(Purpose::toString).orElse(profile.name()),
        folder + profile.kernel(),
        profile.initrds().stream().map(name -> folder + name).toList(),
        purpose
            .map(it -> Profiles.modeArguments(fleet.rack(), node, run, it.toString()))
            .orElseGet(() -> Profiles.kernelArguments(fleet.rack(), node, run)));
  }

  private static HttpAnswer print(Script script, MacAddress mac, String label) {
    return print(script.bytes(), mac, label);
  }

  private static HttpAnswer print(byte[] script, MacAddress mac, String label) {
    return HttpAnswer.Body.of(200, PLAIN, script, label).of(mac);
  }

  private static CompletionStage<HttpAnswer> done(HttpAnswer answer) {
    return CompletableFuture.completedStage(answer);
  }
}
