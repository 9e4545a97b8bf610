// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What of a resolver's answer would not be the same any more once it is passed on. */
class RelayedTest {
  private static final int CNAME = 5;
  private static final int MX = 15;

  /** Of the question "www.example.org": 12 octets of header, 17 of name, 4 of type and class. */
  private static final int FIRST_RECORD = 33;

  private static byte[] answer(byte[]... records) {
    return Wire.join(
        Wire.u16(9, 0x8180, 1, records.length, 0, 0),
        Wire.question("www.example.org", Wire.A),
        Wire.join(records));
  }

  private static Relayed relay(byte[] answer) throws Malformed {
    return Relayed.of(answer, 9, new WireReader(answer, WireReader.HEADER).question());
  }

  private static String reason(byte[]... records) {
    return assertThrows(Malformed.class, () -> relay(answer(records))).reason();
  }

  @Test
  void aNameMayNotLieInATtlWhichWillBeAnother() {
    int ttl = FIRST_RECORD + 2 + 4;
    byte[] label = Wire.record(Wire.pointer(12), Wire.A, 0x01000000, new byte[4]);
    assertEquals("pointer", reason(label, Wire.record(Wire.pointer(ttl), Wire.A, 9, new byte[4])));
    byte[] alias = Wire.record(Wire.pointer(12), CNAME, 9, Wire.pointer(ttl));
    assertEquals("pointer", reason(label, alias));
    // The label of type and class, which are 1 and 1, goes on into the TTL.
    assertEquals(
        "pointer", reason(label, Wire.record(Wire.pointer(ttl - 1), Wire.A, 9, new byte[4])));
  }

  @Test
  void aNameThatIsPointedToEndsBeforeTheOneThatPointsToIt() {
    byte[] open = {40};
    byte[] first = Wire.record(Wire.pointer(12), Wire.TXT, 9, open);
    int label = FIRST_RECORD + first.length - 1;
    byte[] rest = new byte[60];
    assertEquals("pointer", reason(first, Wire.record(Wire.pointer(label), Wire.TXT, 9, rest)));
  }

  @Test
  void namesInTheDataOfOldTypesAreChecked() throws Malformed {
    byte[] owner = Wire.pointer(12);
    for (byte[] broken : List.of(Wire.pointer(400), new byte[] {3, 'a'}, new byte[0])) {
      assertThrows(Malformed.class, () -> relay(answer(Wire.record(owner, CNAME, 9, broken))));
    }
    byte[] longer = Wire.join(Wire.name("a.b"), new byte[1]);
    assertEquals("rdata", reason(Wire.record(owner, CNAME, 9, longer)));
    byte[] shorter = Wire.record(owner, Wire.SOA, 9, Wire.join(owner, owner, new byte[19]));
    assertEquals("rdata", reason(shorter));
    byte[] beyond = Wire.record(owner, Wire.NS, 9, new byte[] {1});
    assertEquals("rdata", reason(beyond, Wire.record(new byte[] {'a', 0}, Wire.A, 9, rest())));
    byte[][] good = {
      Wire.record(owner, CNAME, 9, Wire.join(new byte[] {1, 'a'}, Wire.pointer(16))),
      Wire.record(owner, Wire.NS, 9, Wire.pointer(FIRST_RECORD + 12)),
      Wire.record(owner, Wire.SOA, 9, Wire.soa(60)),
      Wire.record(owner, MX, 9, Wire.join(Wire.u16(10), Wire.name("mail"))),
      Wire.record(owner, Wire.SRV, 9, Wire.join(Wire.u16(1, 2, 3), Wire.name("x.y"))),
      Wire.record(owner, Wire.TXT, 9, new byte[] {3, (byte) 0xff, (byte) 0xff, (byte) 0xff})
    };
    assertEquals(answer(good).length, relay(answer(good)).length());
  }

  private static byte[] rest() {
    return new byte[4];
  }
}
