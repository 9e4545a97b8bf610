// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles.mesh;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.answerfiles.Golden;
import foundrybot.answerfiles.Plane;
import foundrybot.answerfiles.RackFile;
import foundrybot.answerfiles.Samples;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class BundleTest {
  private static final BundleSigner SIGNER = BundleSigner.of("ab".repeat(32));

  static Bundle bundle(int node, BundleSigner signer) {
    MeshPlan plan = Meshes.plan(Meshes.rack(), Map.of());
    Member member = plan.member(Meshes.mac(node)).orElseThrow();
    return new Bundle(
        "alpha",
        "0123456789abcdef0123456789abcdef",
        member.node().name(),
        member.node().mac(),
        1_795_917_600L,
        0,
        signer.publicPart(),
        Optional.of(Bundle.Der.of(new byte[] {0x30, 0x03, 0x02, 0x01, 0x05})),
        Meshes.of(plan, Meshes.mac(node)));
  }

  @Test
  void aBundleIsTheseLines() {
    byte[] signed = SignedBundle.sign(bundle(3, SIGNER), SIGNER);
    Golden.check("mesh/w1.bundle", new String(signed, StandardCharsets.US_ASCII));
  }

  @Test
  void whatWasSignedIsReadAgainAsItWas() {
    for (int node = 1; node <= 5; node++) {
      Bundle bundle = bundle(node, SIGNER);
      byte[] signed = SignedBundle.sign(bundle, SIGNER);
      assertEquals(new SignedBundle.Good(bundle), SignedBundle.decode(signed, SIGNER.publicPart()));
    }
  }

  /** RFC 8032 section 7.1, test 1. */
  @Test
  void theKeyThatFollowsFromASecretIsThatOfTheStandard() {
    BundleSigner signer =
        BundleSigner.of("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
    String spki =
        "302a300506032b6570032100"
            + "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
    assertEquals(
        Base64.getEncoder().encodeToString(HexFormat.of().parseHex(spki)),
        signer.publicPart().base64());
    assertEquals(
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        HexFormat.of().formatHex(signer.sign(new byte[0])));
  }

  @Test
  void aSingleBitThatChangedIsNoticedWhereverItIs() {
    byte[] signed = SignedBundle.sign(bundle(3, SIGNER), SIGNER);
    for (int i = 0; i < signed.length; i += 7) {
      byte[] tampered = signed.clone();
      tampered[i] ^= 1;
      SignedBundle read = SignedBundle.decode(tampered, SIGNER.publicPart());
      assertTrue(read instanceof SignedBundle.Bad, "byte " + i);
    }
  }

  @Test
  void whatIsCutOffOrLongerIsNoBundle() {
    byte[] signed = SignedBundle.sign(bundle(3, SIGNER), SIGNER);
    for (int length = 0; length < signed.length; length += 11) {
      byte[] cut = Arrays.copyOf(signed, length);
      assertTrue(SignedBundle.decode(cut, SIGNER.publicPart()) instanceof SignedBundle.Bad);
    }
    byte[] longer = Arrays.copyOf(signed, signed.length + 1);
    assertTrue(SignedBundle.decode(longer, SIGNER.publicPart()) instanceof SignedBundle.Bad);
  }

  @Test
  void theSignatureOfAnotherKeyIsNone() {
    BundleSigner other = BundleSigner.of("cd".repeat(32));
    byte[] forged = SignedBundle.sign(bundle(3, other), other);
    assertTrue(
        SignedBundle.decode(forged, SIGNER.publicPart()) instanceof SignedBundle.Bad(String why)
            && why.startsWith("the signature is not by the key MCowBQYDK2VwAyEA"));
  }

  @Test
  void thereIsOneSpelling() {
    String text = new String(bundle(3, SIGNER).encode(), StandardCharsets.US_ASCII);
    assertArrayEquals(
        text.getBytes(StandardCharsets.US_ASCII),
        Bundle.decode(text.getBytes(StandardCharsets.US_ASCII)).orElseThrow().encode());
    for (String[] change :
        new String[][] {
          {"serial=", "serial=0"},
          {"mac=52:54:00:aa", "mac=52:54:00:AA"},
          {"\nnode=w1", "\r\nnode=w1"},
          {"cluster=alpha", "cluster=alpha "},
          {"address=wg1 10.80.1.3/24\n", "address=wg1 10.80.1.3/24\naddress=wg1 010.80.1.3/24\n"},
          {"foundrybot-bundle=1", "foundrybot-bundle=2"},
          {"nft=}\n", "nft=}\nnft=include \"/etc/shadow\"\n"},
          {"nft=}\n", "nft=}\nmore=1\n"},
          {"wg1=ListenPort", "wg1=PostUp = touch /pwned\nwg1=ListenPort"}
        }) {
      String changed = text.replaceFirst(Pattern.quote(change[0]), change[1]);
      assertFalse(changed.equals(text), change[0]);
      assertEquals(
          Optional.empty(), Bundle.decode(changed.getBytes(StandardCharsets.US_ASCII)), change[1]);
    }
  }

  @Test
  void withARelayEachNodeOfThatPlaneIsToldWhereAndTheHubAloneAdmitsIt() {
    RackFile rack =
        Samples.rack(
            Samples.HEAD
                + Meshes.PLANES.replace("  flows:", "  relay: on\n  flows:")
                + Meshes.NODES);
    MeshPlan plan = Meshes.plan(rack, Map.of());
    for (int node = 1; node <= 5; node++) {
      NodeMesh mesh = Meshes.of(plan, Meshes.mac(node));
      // Of the first plane that has a hub, bootstrap.
      assertEquals(Optional.of(new MeshRelay(Plane.BOOTSTRAP, "10.80.0.1")), mesh.relay());
      List<String> admitting =
          mesh.rules().lines().stream().filter(line -> line.contains("dport 7443 ")).toList();
      assertEquals(
          node == 1 ? List.of("    ip saddr @wg0-any-4 tcp dport 7443 accept") : List.of(),
          admitting);
      Bundle plain = bundle(node, SIGNER);
      Bundle relayed =
          new Bundle(
              plain.cluster(),
              plain.clusterId(),
              plain.node(),
              plain.mac(),
              plain.serial(),
              plain.rotation(),
              plain.signer(),
              plain.authority(),
              mesh);
      String text = new String(relayed.encode(), StandardCharsets.US_ASCII);
      assertTrue(text.contains("\nrelay=wg0 10.80.0.1 7443\nnft="), text);
      assertEquals(Optional.of(relayed), Bundle.decode(relayed.encode()));
      for (String other :
          List.of("wg4 10.80.0.1 7443", "wg0 10.80.0.01 7443", "wg0 x 7443", "wg0 10.80.0.1 1")) {
        byte[] changed =
            text.replace("wg0 10.80.0.1 7443", other).getBytes(StandardCharsets.US_ASCII);
        assertEquals(Optional.empty(), Bundle.decode(changed), other);
      }
    }
  }

  @Test
  void noTextOfABundleOrASignerTellsASecret() {
    assertFalse(SIGNER.toString().contains("ab".repeat(8)));
    assertEquals("Bundle[alpha w1 serial=1795917600]", bundle(3, SIGNER).toString());
  }
}
