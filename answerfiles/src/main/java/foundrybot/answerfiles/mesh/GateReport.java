// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles.mesh;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * What a node of the mesh says of its checks, signed by its identity. Lines as those of {@link
 * MeshRequest}; the format is described in docs/trust.md.
 *
 * @param clusterId 32 hexadecimal digits
 * @param node its name
 * @param time seconds since 1970 by the node's clock
 * @param nonce 32 hexadecimal digits
 * @param identity that of the node's requests for bundles
 * @param outcomes in the order in which they came; each name once
 * @param signature base64
 */
public record GateReport(
    String clusterId,
    String node,
    long time,
    String nonce,
    BundleSigner.PublicPart identity,
    List<Outcome> outcomes,
    String signature) {
  /** Bytes of the longest that there can be: sixteen checks with all that they may say. */
  public static final int MOST_BYTES = 16 << 10;

  private static final String FIRST = "foundrybot-gates=1";
  private static final int MOST_OUTCOMES = 16;
  private static final int LONGEST_SAID = 500;
  private static final String CHECK = "check";
  private static final String FORM =
      "(" + Bundle.LABEL + ") (passed|failed) ([A-Za-z0-9+/]{0,668}={0,2})";

  /**
   * Of one check.
   *
   * @param said what the node saw, in base64; of its own choice, so it is to be made printable
   */
  public record Outcome(String check, boolean passed, String said) {
    private String line() {
      return CHECK + "=" + check + (passed ? " passed " : " failed ") + said + "\n";
    }

    /** What the node saw, as one line of printable ASCII; empty if it said nothing. */
    public String words() {
      byte[] bytes = Base64.getDecoder().decode(said);
      return new String(bytes, StandardCharsets.ISO_8859_1).replaceAll("[^ -~]", " ").strip();
    }
  }

  public GateReport {
    outcomes = List.copyOf(outcomes);
  }

  /** Reads exactly what a node writes. */
  public static RequestReading<GateReport> decode(byte[] bytes) {
    try {
      return new RequestReading.Read<>(read(SignedLines.of(bytes, MOST_BYTES)));
    } catch (SignedLines.Refusal e) {
      return new RequestReading.Malformed<>(String.valueOf(e.getMessage()));
    }
  }

  private static GateReport read(SignedLines lines) throws SignedLines.Refusal {
    lines.first(FIRST);
    GateReport report =
        new GateReport(
            lines.clusterId(),
            lines.node(),
            lines.time(),
            lines.nonce(),
            lines.identity(),
            outcomes(lines),
            lines.signature());
    lines.end();
    return report;
  }

  private static List<Outcome> outcomes(SignedLines lines) throws SignedLines.Refusal {
    List<Outcome> outcomes = new ArrayList<>();
    while (lines.isAt(CHECK)) {
      String[] words = lines.next(CHECK, FORM, "NAME passed or failed, and base64").split(" ", -1);
      boolean twice = outcomes.stream().anyMatch(it -> it.check().equals(words[0]));
      if (twice || outcomes.size() == MOST_OUTCOMES) {
        throw new SignedLines.Refusal(
            CHECK + ": one too many (expected: at most " + MOST_OUTCOMES + ", each name once)");
      }
      if (!isShort(words[2])) {
        throw new SignedLines.Refusal(
            CHECK + ": too long, or no base64 (expected: at most " + LONGEST_SAID + " bytes)");
      }
      outcomes.add(new Outcome(words[0], words[1].equals("passed"), words[2]));
    }
    return outcomes;
  }

  private static boolean isShort(String said) {
    return said.isEmpty()
        || (Bundle.isBase64(said) && Base64.getDecoder().decode(said).length <= LONGEST_SAID);
  }

  /** The bytes that are signed. */
  byte[] signed() {
    StringBuilder text = new StringBuilder(FIRST);
    text.append("\ncluster-id=").append(clusterId);
    text.append("\nnode=").append(node);
    text.append("\ntime=").append(time);
    text.append("\nnonce=").append(nonce);
    text.append("\nidentity=").append(identity.base64()).append('\n');
    outcomes.forEach(outcome -> text.append(outcome.line()));
    return text.toString().getBytes(StandardCharsets.US_ASCII);
  }

  /** Whether who sent it has the private half of the identity in it; costs a verification. */
  public boolean isAuthentic() {
    return identity.verifies(signed(), Base64.getDecoder().decode(signature));
  }

  /** Leaves keys, signature and what was said out. */
  @Override
  public String toString() {
    return "GateReport[" + node + "]";
  }
}
