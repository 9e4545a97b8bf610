// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.discover;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is taken for a BMC's answer, and what is not. */
class AnswersTest {
  private static final String PONG =
      "0600ff06" + "000011be" + "40000010" + "000011be" + "00000000" + "8100" + "000000000000";

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text);
  }

  private static Optional<URI> ssdp(String... lines) {
    String text = String.join("\r\n", lines) + "\r\n\r\n";
    return SsdpAnswer.decode(text.getBytes(StandardCharsets.ISO_8859_1)).map(SsdpAnswer::url);
  }

  @Test
  void aPingIsThatOfTheSpecification() {
    assertArrayEquals(hex("0600ff06" + "000011be" + "80010000"), AsfPong.ping(1));
  }

  @Test
  void aPongSaysWhetherItTakesIpmi() {
    assertEquals(Optional.of(new AsfPong(0, true)), AsfPong.decode(hex(PONG)));
    assertEquals(
        Optional.of(new AsfPong(0, false)), AsfPong.decode(hex(PONG.replace("8100", "0100"))));
    assertEquals(Optional.empty(), AsfPong.decode(hex(PONG.replace("0600ff06", "0600ff86"))));
    assertEquals(Optional.empty(), AsfPong.decode(hex(PONG.substring(2))));
    assertEquals(Optional.empty(), AsfPong.decode(hex(PONG.replace("40000010", "40000020"))));
    assertEquals(Optional.empty(), AsfPong.decode(AsfPong.ping(0)));
  }

  @Test
  void aRedfishServiceIsWhereItsAnswerSays() {
    URI root = URI.create("https://10.0.0.11/redfish/v1/");
    String st = "ST: urn:dmtf-org:service:redfish-rest:1";
    assertEquals(Optional.of(root), ssdp("HTTP/1.1 200 OK", st, "AL: " + root));
    assertEquals(Optional.of(root), ssdp("HTTP/1.1 200 OK", st + ":6", "al:" + root));
    assertEquals(Optional.of(root), ssdp("HTTP/1.1 200 OK", st, "AL: <" + root + ">"));
    assertEquals(Optional.of(root), ssdp("HTTP/1.0 200", st + ".0", "LOCATION: " + root));
  }

  @Test
  void whatIsNoAnswerOfSuchAServiceIsNone() {
    String al = "AL: https://10.0.0.11/redfish/v1/";
    String st = "ST: urn:dmtf-org:service:redfish-rest:1";
    assertEquals(Optional.empty(), ssdp("HTTP/1.1 404 No", st, al));
    assertEquals(Optional.empty(), ssdp("NOTIFY * HTTP/1.1", st, al));
    assertEquals(Optional.empty(), ssdp("HTTP/1.1 200 OK", "ST: upnp:rootdevice", al));
    assertEquals(Optional.empty(), ssdp("HTTP/1.1 200 OK", st + "0", al));
    assertEquals(Optional.empty(), ssdp("HTTP/1.1 200 OK", st, "AL: https://u:p@10.0.0.11/"));
    assertEquals(Optional.empty(), ssdp("HTTP/1.1 200 OK", st, "AL: file:///etc/passwd"));
    assertEquals(Optional.empty(), ssdp("HTTP/1.1 200 OK", st));
  }
}
