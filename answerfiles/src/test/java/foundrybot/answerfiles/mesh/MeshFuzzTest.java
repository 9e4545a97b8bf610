// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles.mesh;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Any bytes as a bundle, and as what stands in it. */
final class MeshFuzzTest {
  /** Nothing of the corpus is signed by this key, and nothing that a fuzzer makes will be. */
  private static final BundleSigner.PublicPart SIGNER =
      BundleSigner.of("f0".repeat(32)).publicPart();

  /** What is a bundle is written again as it was read; what is not signed is none. */
  @FuzzTest
  void bundle(byte[] bytes) {
    Bundle.decode(bytes).ifPresent(bundle -> assertArrayEquals(bytes, bundle.encode()));
    assertTrue(
        SignedBundle.decode(bytes, SIGNER) instanceof SignedBundle.Bad(String why)
            && why.length() < 200);
  }

  /** Whoever holds no private key of an identity is never taken for it. */
  @FuzzTest
  void request(byte[] bytes) {
    switch (MeshRequest.decode(bytes)) {
      case RequestReading.Read<MeshRequest>(MeshRequest request) ->
          assertArrayEquals(
              request.signed(), Arrays.copyOf(bytes, request.signed().length), request::toString);
      case RequestReading.Malformed<MeshRequest>(String why) -> assertTrue(why.length() < 200, why);
    }
  }

  /** As a request. */
  @FuzzTest
  void certificateRequest(byte[] bytes) {
    switch (CertificateRequest.decode(bytes)) {
      case RequestReading.Read<CertificateRequest>(CertificateRequest request) -> {
        assertTrue(request.der().length < CertificateRequest.MOST_BYTES);
        assertArrayEquals(
            request.signed(), Arrays.copyOf(bytes, request.signed().length), request::toString);
      }
      case RequestReading.Malformed<CertificateRequest>(String why) ->
          assertTrue(why.length() < 200, why);
    }
  }

  /** As a request. */
  @FuzzTest
  void gateReport(byte[] bytes) {
    switch (GateReport.decode(bytes)) {
      case RequestReading.Read<GateReport>(GateReport report) -> {
        report.outcomes().forEach(it -> assertTrue(it.words().matches("[ -~]{0,500}")));
        assertArrayEquals(
            report.signed(), Arrays.copyOf(bytes, report.signed().length), report::toString);
      }
      case RequestReading.Malformed<GateReport>(String why) -> assertTrue(why.length() < 200, why);
    }
  }

  @FuzzTest
  void configuration(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    WgConfig.read(text).ifPresent(config -> assertEquals(text.lines().toList(), config.lines()));
  }

  @FuzzTest
  void rules(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    NftRules.read(text).ifPresent(rules -> assertEquals(text.lines().toList(), rules.lines()));
  }
}
