// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles.mesh;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.answerfiles.mesh.GateReport.Outcome;
import java.util.Base64;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class GateReportTest {
  private static final BundleSigner IDENTITY = BundleSigner.of("17".repeat(32));

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(US_ASCII));
  }

  private static byte[] report(List<Outcome> outcomes) {
    GateReport unsigned =
        new GateReport(
            "0123456789abcdef0123456789abcdef",
            "w1",
            1_795_917_660L,
            "f".repeat(32),
            IDENTITY.publicPart(),
            outcomes,
            "");
    String body = new String(unsigned.signed(), US_ASCII);
    String signature = Base64.getEncoder().encodeToString(IDENTITY.sign(body.getBytes(US_ASCII)));
    return (body + "signature=" + signature + "\n").getBytes(US_ASCII);
  }

  private static String why(byte[] bytes) {
    return GateReport.decode(bytes) instanceof RequestReading.Malformed<GateReport>(String why)
        ? why
        : "";
  }

  @Test
  void whatANodeWroteIsReadAndAuthenticAndIsOneLineOfText() {
    List<Outcome> outcomes =
        List.of(
            new Outcome("api", false, base64("re\u001b[2Jfused\n")),
            new Outcome("kubelet", true, ""));
    assertTrue(
        GateReport.decode(report(outcomes))
                instanceof RequestReading.Read<GateReport>(GateReport report)
            && report.isAuthentic()
            && report.outcomes().equals(outcomes)
            && report.outcomes().getFirst().words().equals("re [2Jfused"));
  }

  @Test
  void aChangedByteIsMalformedOrNotAuthentic() {
    byte[] good = report(List.of(new Outcome("api", true, base64("ok"))));
    for (int i = 0; i < good.length; i++) {
      byte[] changed = good.clone();
      changed[i] ^= 1;
      assertFalse(
          GateReport.decode(changed) instanceof RequestReading.Read<GateReport>(GateReport report)
              && report.isAuthentic(),
          "byte " + i);
    }
  }

  @Test
  void neitherManyChecksNorLongWordsAreTaken() {
    List<Outcome> many =
        IntStream.range(0, 17).mapToObj(i -> new Outcome("c" + i, true, "")).toList();
    assertEquals("check: one too many (expected: at most 16, each name once)", why(report(many)));
    Outcome one = many.getFirst();
    assertEquals(
        "check: one too many (expected: at most 16, each name once)",
        why(report(List.of(one, one))));
    assertEquals(
        "check: too long, or no base64 (expected: at most 500 bytes)",
        why(report(List.of(new Outcome("api", false, base64("x".repeat(501)))))));
    assertEquals("", why(report(List.of(new Outcome("api", false, base64("x".repeat(500)))))));
    assertEquals(
        "check: 8 characters (expected: NAME passed or failed, and base64)",
        why(
            new String(report(List.of(one)), US_ASCII)
                .replace("c0 passed ", "c0 maybe")
                .getBytes(US_ASCII)));
  }
}
