// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DigestAnswerTest {
  /** The example of RFC 7616, section 3.9.1, with MD5. */
  private static final String EXAMPLE =
      "Digest username=\"Mufasa\", realm=\"http-auth@example.org\", uri=\"/dir/index.html\","
          + " algorithm=MD5, nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", nc=00000001,"
          + " cnonce=\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\", qop=auth,"
          + " response=\"8ca523f5e9506fed4657c9700eebdbec\","
          + " opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"";

  private static DigestAnswer read(String field) {
    return DigestAnswer.read(field).orElseThrow();
  }

  @Test
  void theExampleOfTheRfcProvesItsPasswordForItsMethodAlone() {
    DigestAnswer answer = read(EXAMPLE);
    assertEquals("Mufasa", answer.user());
    assertEquals("/dir/index.html", answer.uri());
    assertTrue(answer.proves("GET", "Circle of Life"));
    assertFalse(answer.proves("HEAD", "Circle of Life"));
    assertFalse(answer.proves("GET", "circle of life"));
    assertFalse(read(EXAMPLE.replace("index", "other")).proves("GET", "Circle of Life"));
    assertFalse(read(EXAMPLE.replace("00000001", "00000002")).proves("GET", "Circle of Life"));
  }

  @Test
  void theFormOfIpxeIsRead() {
    DigestAnswer answer =
        read(
            "Digest realm=\"r\", nonce=\"n\", uri=\"/u\", username=\"medium\", qop=auth,"
                + " algorithm=MD5, cnonce=\"0a1b2c3d\", nc=00000001, response=\""
                + "0".repeat(32)
                + "\"");
    assertEquals(
        "medium r n /u",
        answer.user() + " " + answer.realm() + " " + answer.nonce() + " " + answer.uri());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Digest",
        "Digest ",
        "Basic bWVkaXVtOng=",
        "Bearer x",
        "Digest nonce",
        "Digest =\"\"",
        "Digest nonce=\"n",
        "Digest nonce=\"n\" uri=\"/\"",
        "Digest ,",
        "Digest nonce=\"a\\\"b\""
      })
  void whatIsOfAnotherFormIsNone(String field) {
    assertEquals(Optional.empty(), DigestAnswer.read(field));
  }

  @Test
  void anotherKindOfProofIsNone() {
    for (String other :
        new String[] {
          EXAMPLE.replace("=MD5", "=SHA-256"),
          EXAMPLE.replace("=MD5", "=MD5-sess"),
          EXAMPLE.replace("qop=auth", "qop=auth-int"),
          EXAMPLE.replace(" qop=auth,", ""),
          EXAMPLE.replace("nc=00000001", "nc=1"),
          EXAMPLE.replace("8ca523f5", "8CA523F5"),
          EXAMPLE + ", nonce=\"twice\"",
          EXAMPLE + " ".repeat(DigestAnswer.MAX)
        }) {
      assertEquals(Optional.empty(), DigestAnswer.read(other), other);
    }
  }

  @Test
  void aChallengeNamesTheOneKind() {
    assertEquals(
        "Digest realm=\"R\", qop=\"auth\", algorithm=MD5, nonce=\"n\", stale=true",
        DigestAnswer.challenge("R", "n", true));
    assertFalse(DigestAnswer.challenge("R", "n", false).contains("stale"));
  }
}
