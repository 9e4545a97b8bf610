// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles.mesh;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.answerfiles.Plane;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MeshRequestTest {
  private static final BundleSigner IDENTITY = BundleSigner.of("17".repeat(32));

  static byte[] request() {
    Map<Plane, WgKey> keys = new EnumMap<>(Plane.class);
    for (Plane plane : Plane.values()) {
      keys.put(plane, Meshes.key(Meshes.mac(3), plane));
    }
    MeshRequest unsigned =
        new MeshRequest(
            "0123456789abcdef0123456789abcdef",
            "w1",
            1_795_917_600L,
            0,
            1_795_917_660L,
            "f".repeat(32),
            IDENTITY.publicPart(),
            keys,
            Optional.empty(),
            "");
    byte[] body = unsigned.signed();
    String last = "signature=" + Base64.getEncoder().encodeToString(IDENTITY.sign(body)) + "\n";
    byte[] whole = Arrays.copyOf(body, body.length + last.length());
    System.arraycopy(
        last.getBytes(StandardCharsets.US_ASCII), 0, whole, body.length, last.length());
    return whole;
  }

  private static String why(String text) {
    return MeshRequest.decode(text.getBytes(StandardCharsets.ISO_8859_1))
            instanceof RequestReading.Malformed<MeshRequest>(String why)
        ? why
        : "";
  }

  private static String text() {
    return new String(request(), StandardCharsets.US_ASCII);
  }

  @Test
  void whatANodeWroteIsReadAndAuthentic() {
    RequestReading<MeshRequest> reading = MeshRequest.decode(request());
    assertTrue(
        reading instanceof RequestReading.Read<MeshRequest>(MeshRequest request)
            && request.isAuthentic()
            && request.node().equals("w1")
            && request.keys().size() == 4);
    if (reading instanceof RequestReading.Read<MeshRequest>(MeshRequest request)) {
      byte[] body = Arrays.copyOf(request(), request.signed().length);
      assertArrayEquals(body, request.signed());
    }
  }

  @Test
  void aChangedByteIsMalformedOrNotAuthentic() {
    byte[] good = request();
    for (int i = 0; i < good.length; i++) {
      byte[] changed = good.clone();
      changed[i] ^= 1;
      assertFalse(
          MeshRequest.decode(changed)
                  instanceof RequestReading.Read<MeshRequest>(MeshRequest request)
              && request.isAuthentic(),
          "byte " + i);
    }
  }

  @Test
  void aRefusalSaysWhatWasExpected() {
    String key = Meshes.key(Meshes.mac(3), Plane.DATA).text();
    String other = Meshes.key(Meshes.mac(3), Plane.CONTROL).text();
    String zero = "A".repeat(43) + "=";
    assertEquals(
        "wg2: 44 characters (expected: 32 bytes as base64, not all zero)",
        why(text().replace(key, zero)));
    assertEquals(
        "wg2: 43 characters (expected: 32 bytes as base64, not all zero)",
        why(text().replace(key, key.substring(1))));
    assertEquals(
        "wg2: the key of another plane (expected: one for each plane)",
        why(text().replace(key, other)));
    assertEquals(
        "identity: 59 characters (expected: an Ed25519 key of RFC 8410 as base64)",
        why(text().replace("identity=M", "identity=")));
    assertEquals("line 3: not node (expected: node=VALUE)", why(text().replace("node=", "Node=")));
    assertEquals(
        "node: 2 characters (expected: a name of RFC 1123)", why(text().replace("w1", "W1")));
    assertEquals(
        "line 14: one too many (expected: none after signature)", why(text() + "more=1\n"));
    assertEquals("0 bytes (expected: lines, at most 2048 bytes)", why(""));
    assertEquals("2049 bytes (expected: lines, at most 2048 bytes)", why("x".repeat(2049)));
  }
}
