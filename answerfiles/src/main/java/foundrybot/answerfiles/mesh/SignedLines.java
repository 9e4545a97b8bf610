// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles.mesh;

import java.nio.charset.StandardCharsets;

/**
 * What a node signs and sends: lines {@code KEY=VALUE} in a fixed order, each ended by LF, the
 * signature in the last one. They are taken one by one, and each must be the one that is expected.
 */
final class SignedLines {
  private static final String NUMBER = "0|[1-9][0-9]{0,17}";

  private final String[] lines;
  private int at;

  private SignedLines(String[] lines) {
    this.lines = lines;
  }

  /** Why these are not the lines that they should be, without anything that stood there. */
  static final class Refusal extends Exception {
    private static final long serialVersionUID = 1;

    Refusal(String why) {
      super(why);
    }
  }

  /**
   * Takes a request apart.
   *
   * @param most bytes that there may be
   */
  static SignedLines of(byte[] bytes, int most) throws Refusal {
    if (bytes.length == 0 || bytes.length > most || bytes[bytes.length - 1] != '\n') {
      throw new Refusal(bytes.length + " bytes (expected: lines, at most " + most + " bytes)");
    }
    return new SignedLines(new String(bytes, StandardCharsets.ISO_8859_1).split("\n", -1));
  }

  /** The line that names the format. */
  void first(String expected) throws Refusal {
    if (!lines[at++].equals(expected)) {
      throw new Refusal("line 1: another format (expected: " + expected + ")");
    }
  }

  /** Behind the last line break stands nothing. */
  void end() throws Refusal {
    if (at != lines.length - 1) {
      throw new Refusal("line " + (at + 1) + ": one too many (expected: none after signature)");
    }
  }

  /** Whether the next line is one of that key. */
  boolean isAt(String key) {
    return at < lines.length && lines[at].startsWith(key + "=");
  }

  String next(String key) throws Refusal {
    String line = at < lines.length ? lines[at] : "";
    if (!line.startsWith(key + "=")) {
      throw new Refusal("line " + (at + 1) + ": not " + key + " (expected: " + key + "=VALUE)");
    }
    at++;
    return line.substring(key.length() + 1);
  }

  String next(String key, String pattern, String expected) throws Refusal {
    String value = next(key);
    if (!value.matches(pattern)) {
      throw new Refusal(key + ": " + value.length() + " characters (expected: " + expected + ")");
    }
    return value;
  }

  String clusterId() throws Refusal {
    return next("cluster-id", Bundle.ID, "32 hex digits");
  }

  String node() throws Refusal {
    return next("node", Bundle.LABEL, "a name of RFC 1123");
  }

  long number(String key) throws Refusal {
    return Long.parseLong(next(key, NUMBER, "a number"));
  }

  long time() throws Refusal {
    return Long.parseLong(next("time", NUMBER, "seconds since 1970"));
  }

  String nonce() throws Refusal {
    return next("nonce", Bundle.ID, "32 hex digits");
  }

  BundleSigner.PublicPart identity() throws Refusal {
    String value = next("identity");
    return BundleSigner.PublicPart.parse(value)
        .orElseThrow(
            () ->
                new Refusal(
                    "identity: "
                        + value.length()
                        + " characters (expected: an Ed25519 key of RFC 8410 as base64)"));
  }

  String signature() throws Refusal {
    String value = next("signature");
    if (value.length() != SignedBundle.SIGNATURE_LENGTH || !Bundle.isBase64(value)) {
      throw new Refusal(
          "signature: " + value.length() + " characters (expected: 64 bytes as base64)");
    }
    return value;
  }
}
