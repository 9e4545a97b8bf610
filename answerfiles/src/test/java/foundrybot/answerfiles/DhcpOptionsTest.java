// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.answerfiles.DhcpOptionTexts.Read;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DhcpOptionsTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          150 | 10.0.0.1            | 0a000001
          150 | 10.0.0.1, 10.0.0.2  | 0a0000010a000002
          26  | 9000                | 2328
          23  | 64                  | 40
          24  | 4294967295          | ffffffff
          19  | true                | 01
          17  | /srv/root           | 2f7372762f726f6f74
          252 | http://a:1/wpad.dat | 687474703a2f2f613a312f777061642e646174
          224 | text:ab             | 6162
          224 | hex:0A:0b 0c        | 0a0b0c
          224 | hex:                | ''
          224 | u16:258             | 0102
          150 | text:x              | 78
          """)
  void aValueIsReadByTheTypeOfItsOptionOrByItsOwn(int code, String text, String hex) {
    assertEquals(new Read.Value(new DhcpOptionValue(code, hex)), DhcpOptionTexts.read(code, text));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          150 | 10.0.0            | IPv4 addresses
          26  | 65536             | 0..65535
          23  | -1                | 0..255
          19  | yes               | true or false
          224 | 10.0.0.1          | a type before the value
          224 | hex:0a0           | hexadecimal digits
          33  | 10.0.0.1          | IPv4 addresses
          3   | 10.0.0.1          | the key router
          12  | name              | the node's name says it
          43  | hex:00            | vendor-options in firmware.yaml
          54  | 10.0.0.1          | the DHCP server itself
          67  | x.efi             | firmware.yaml can change it
          121 | hex:00            | the key routes
          """)
  void aValueOfAnotherTypeAndAnOptionOfOurOwnAreRefusedWithAReason(
      int code, String text, String part) {
    String expected =
        assertInstanceOf(Read.Wrong.class, DhcpOptionTexts.read(code, text)).expected();
    assertTrue(expected.contains(part), expected);
  }

  @Test
  void aNodesOptionsAreItsRolesAndThenItsOwn() {
    RackFile rack =
        Samples.rack(
            Samples.HEAD
                + """
                roles: { worker: { dhcp-options: { 26: 9000, 224: "u8:1" } } }
                nodes:
                  52:54:00:aa:00:01: { role: worker, dhcp-options: { 224: "u8:2", 150: 10.0.0.1 } }
                  52:54:00:aa:00:02: worker
                """);
    assertEquals(
        List.of(
            new DhcpOptionValue(26, "2328"),
            new DhcpOptionValue(224, "02"),
            new DhcpOptionValue(150, "0a000001")),
        rack.nodes().getFirst().dhcpOptions());
    assertEquals(2, rack.nodes().get(1).dhcpOptions().size());
    assertTrue(
        rack.nodes().get(1).role().packages().contains("ethtool"),
        "a built-in role keeps its packages");
  }

  @Test
  void faultsOfOptionsAndRoutesAreFoundAtTheirPlace() {
    List<String> faults =
        Samples.faults(
            Samples.HEAD.replace("router: 10.77.0.254", "routes: { 10.90.0.0/16: 10.78.0.1 }")
                + """
                roles: { worker: { dhcp-options: { 26: big } } }
                nodes:
                  52:54:00:aa:00:01: { role: worker, dhcp-options: { 255: "u8:1" } }
                  52:54:00:aa:00:02: { role: worker, dhcp-options: { 224: "text:%s" } }
                """
                    .formatted("x".repeat(210)));
    assertEquals(4, faults.size(), faults::toString);
    assertTrue(faults.get(0).contains("appliance.routes.10.90.0.0/16: 10.78.0.1"), faults.get(0));
    assertTrue(faults.get(1).contains("roles.worker.dhcp-options.26: big"), faults.get(1));
    assertTrue(faults.get(2).contains("the code of a DHCP option, 1..254"), faults.get(2));
    assertTrue(faults.get(3).contains("212 bytes (expected: at most 200"), faults.get(3));
  }
}
