// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dhcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.bootserver.MacAddress;
import foundrybot.bootserver.dhcp.AddressProber.Finding;
import java.net.Inet4Address;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class ArpTableTest {
  private static final String TEXT =
      """
      IP address       HW type     Flags       HW address            Mask     Device
      10.77.0.9        0x1         0x2         52:54:00:00:00:09     *        eth0
      10.77.0.10       0x1         0x0         00:00:00:00:00:00     *        eth0
      10.77.0.11       0x1         0x6         52:54:00:00:00:11     *        eth0
      nonsense
      """;
  private static final MacAddress ME = new MacAddress(1);
  private static final Optional<MacAddress> OTHER = Optional.of(new MacAddress(2));
  private static final Optional<MacAddress> NOBODY = Optional.empty();

  @Test
  void onlyCompleteEntriesAreAnswers() {
    ArpTable table = ArpTable.parse(TEXT);
    assertEquals(MacAddress.parse("52:54:00:00:00:09"), table.owner(Messages.ip("10.77.0.9")));
    assertEquals(NOBODY, table.owner(Messages.ip("10.77.0.10")));
    assertEquals(MacAddress.parse("52:54:00:00:00:11"), table.owner(Messages.ip("10.77.0.11")));
    assertEquals(NOBODY, table.owner(Messages.ip("10.77.0.12")));
  }

  private static Optional<Finding> judge(
      Optional<MacAddress> owner,
      Optional<MacAddress> before,
      boolean refused,
      boolean confirmed,
      boolean last) {
    return ArpTable.judge(owner, before, ME, refused, confirmed, last);
  }

  @Test
  void nobodyIsWaitedForToTheLastLook() {
    assertEquals(Optional.empty(), judge(NOBODY, NOBODY, false, false, false));
    assertEquals(Optional.of(new Finding.Free()), judge(NOBODY, NOBODY, false, false, true));
  }

  @Test
  void theMachinesOwnAnswerIsNoConflict() {
    assertEquals(
        Optional.of(new Finding.Free()), judge(Optional.of(ME), NOBODY, true, false, false));
  }

  @Test
  void anAnswerThatCameAfterTheQuestionIsAConflict() {
    Finding finding = judge(OTHER, NOBODY, false, false, false).orElseThrow();
    assertEquals(new Finding.InUse("00:00:00:00:00:02 answers ARP"), finding);
  }

  @Test
  void anOldEntryProvesNothingUntilItIsConfirmed() {
    assertEquals(Optional.empty(), judge(OTHER, OTHER, false, false, false));
    assertTrue(judge(OTHER, OTHER, false, false, true).orElseThrow() instanceof Finding.Doubtful);
    assertTrue(judge(OTHER, OTHER, false, true, false).orElseThrow() instanceof Finding.InUse);
  }

  @Test
  void whoRefusesADatagramIsThere() {
    assertEquals(
        Optional.of(new Finding.InUse("00:00:00:00:00:02 refuses a datagram")),
        judge(OTHER, OTHER, true, false, false));
  }

  @Test
  void anOldNeighbourIsConfirmedWhenItOutlivesTheKernelsOwnQuestion() {
    Inet4Address address = Messages.ip("10.77.0.9");
    OldNeighbours neighbours = new OldNeighbours();
    // What the kernel believed before, it believes for up to 45 s more: nothing follows from that.
    for (int second : new int[] {0, 10, 45}) {
      assertFalse(neighbours.confirmed(address, at(second)), () -> second + " s");
    }
    assertFalse(neighbours.confirmed(address, at(50)), "now the kernel begins to ask");
    assertFalse(neighbours.confirmed(address, at(58)), "it is not done yet");
    assertTrue(neighbours.confirmed(address, at(60)));
    neighbours.none(address);
    assertFalse(neighbours.confirmed(address, at(61)), "it was gone in between");
    assertFalse(neighbours.confirmed(address, at(1000)), "too long ago to say anything");
  }

  private static long at(int second) {
    return java.time.Duration.ofSeconds(second).toNanos();
  }
}
