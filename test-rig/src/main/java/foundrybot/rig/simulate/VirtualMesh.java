// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.simulate;

import foundrybot.answerfiles.MeshSettings;
import foundrybot.answerfiles.MeshSettings.PlaneSettings;
import foundrybot.answerfiles.Node;
import foundrybot.answerfiles.NodeCheck;
import foundrybot.answerfiles.Plane;
import foundrybot.answerfiles.mesh.BundleSigner;
import foundrybot.rig.sim.Setback;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * The mesh of one machine: it sends its keys and reports its checks as the program on a real one
 * does, signed and over HTTPS. WireGuard itself is simulated: a handshake takes place unless
 * somebody's UDP is cut off. Services, ports and commands of checks are there, and do their work.
 */
final class VirtualMesh {
  private static final int KEY_BYTES = 32;
  private static final int NONCE_BYTES = 16;

  private final World world;
  private final VirtualMachine machine;
  private final VirtualWeb web;
  private final Random random;
  private Optional<Keys> keys = Optional.empty();
  private Optional<BundleSigner> identity = Optional.empty();
  private boolean cutOffByOthers;

  /**
   * What it has made for itself, and sends until somebody says that it was taken.
   *
   * @param planes the public keys, as lines
   */
  private record Keys(BundleSigner signer, String planes) {}

  VirtualMesh(World world, VirtualMachine machine, VirtualWeb web, Random random) {
    this.world = world;
    this.machine = machine;
    this.web = web;
    this.random = random;
  }

  private Optional<MeshSettings> settings() {
    return world.rack().mesh().filter(mesh -> mesh.has(machine.node()));
  }

  /** What its answer file tells it to check; nothing where it is in no mesh. */
  private List<NodeCheck> checks() {
    return settings().map(_ -> world.rack().checksOf(machine.node())).orElse(List.of());
  }

  boolean hasChecks() {
    return !checks().isEmpty();
  }

  /** Whether others have its keys. */
  boolean isJoined() {
    return identity.isPresent();
  }

  /** Whether the peers that it has are all cut off, which nobody can tell from its own fault. */
  boolean isCutOffByOthers() {
    return cutOffByOthers;
  }

  /** A system that is installed anew has other keys. */
  void forget() {
    keys = Optional.empty();
    identity = Optional.empty();
  }

  /**
   * Sends its keys, with the token of its run; nothing where it is in no mesh.
   *
   * @throws IOException if they were not taken; then it may be tried again
   */
  void join(String url) throws IOException {
    if (settings().isEmpty() || isJoined()) {
      return;
    }
    Keys own = keys.orElseGet(this::made);
    keys = Optional.of(own);
    BundleSigner made = own.signer();
    String text =
        head("foundrybot-request=1") + "\nserial=0\nrotation=0" + end(made) + own.planes();
    int status = web.status("POST", secure(url + "/mesh"), signed(made, text));
    if (status != 200) {
      throw new Setback("mesh: status " + status);
    }
    identity = Optional.of(made);
  }

  private Keys made() {
    StringBuilder planes = new StringBuilder();
    BundleSigner signer = BundleSigner.of(hex(KEY_BYTES));
    for (Plane plane : Plane.values()) {
      byte[] key = new byte[KEY_BYTES];
      random.nextBytes(key);
      planes.append(plane.interfaceName()).append('=');
      planes.append(Base64.getEncoder().encodeToString(key)).append('\n');
    }
    return new Keys(signer, planes.toString());
  }

  /**
   * Runs its checks, and says what they came to.
   *
   * @return whether all have passed, and that was taken
   * @throws IOException if the report did not arrive
   */
  boolean report(String own) throws IOException {
    if (identity.isEmpty()) {
      return false;
    }
    boolean passed = true;
    StringBuilder text = new StringBuilder(head("foundrybot-gates=1")).append(end(identity.get()));
    for (NodeCheck check : checks()) {
      String complaint = check instanceof NodeCheck.Handshake shake ? complaint(shake) : "";
      passed &= complaint.isEmpty();
      byte[] said = complaint.getBytes(StandardCharsets.US_ASCII);
      text.append("check=")
          .append(check.name())
          .append(complaint.isEmpty() ? " passed " : " failed ");
      text.append(Base64.getEncoder().encodeToString(said)).append('\n');
    }
    URI path = secure(URI.create(own).resolve("/mesh/" + machine.node().name() + "/gates"));
    int status = web.status("POST", path, signed(identity.get(), text.toString()));
    return passed && status == 200;
  }

  /** What it says if nobody answers its handshakes; empty if somebody does, or nobody is there. */
  private String complaint(NodeCheck.Handshake check) {
    List<Node> peers = new ArrayList<>();
    for (PlaneSettings plane : settings().orElseThrow().planes()) {
      if (!plane.plane().interfaceName().equals(check.interfaceName())) {
        continue;
      }
      for (VirtualMachine other : world.machines().values()) {
        Node peer = other.node();
        if (other != machine
            && other.isInMesh()
            && plane.has(peer)
            && plane.speak(machine.node(), peer)
            && peer.meshEndpoint().isPresent()) {
          peers.add(peer);
        }
      }
      boolean cut = !peers.isEmpty() && machine.strikes(Fault.HANDSHAKE_BLOCKED);
      cutOffByOthers = !cut && !peers.isEmpty() && peers.stream().allMatch(this::isCutOff);
      if (cut || cutOffByOthers) {
        String endpoint = peers.getFirst().meshEndpoint().orElseThrow().getHostAddress();
        return "no handshake with any of %d peers on %s, such as %s by %s:%d"
            .formatted(
                peers.size(),
                check.interfaceName(),
                peers.getFirst().name(),
                endpoint,
                plane.port());
      }
    }
    return "";
  }

  private boolean isCutOff(Node peer) {
    VirtualMachine other = world.machine(peer.mac());
    return other.has(Fault.HANDSHAKE_BLOCKED) || !other.isOn();
  }

  private String head(String first) {
    String cluster = world.appliance().map(it -> it.clusterId()).orElse("0".repeat(32));
    return first + "\ncluster-id=" + cluster + "\nnode=" + machine.node().name();
  }

  private String end(BundleSigner signer) {
    return "\ntime="
        + world.time().instant().getEpochSecond()
        + "\nnonce="
        + hex(NONCE_BYTES)
        + "\nidentity="
        + signer.publicPart().base64()
        + "\n";
  }

  private static String signed(BundleSigner signer, String text) {
    byte[] signature = signer.sign(text.getBytes(StandardCharsets.US_ASCII));
    return text + "signature=" + Base64.getEncoder().encodeToString(signature) + "\n";
  }

  private String hex(int bytes) {
    byte[] drawn = new byte[bytes];
    random.nextBytes(drawn);
    return HexFormat.of().formatHex(drawn);
  }

  private static URI secure(String location) {
    return secure(URI.create(location));
  }

  private static URI secure(URI location) {
    return URI.create("https://" + location.getHost() + location.getPath());
  }
}
