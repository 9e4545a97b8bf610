// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.lifecycle;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class HeardAddressesTest {
  private static final String MAC = "52:54:00:aa:00:01";
  private final HeardAddresses heard = new HeardAddresses();

  private void happens(String mac, String kind, String detail) {
    heard.apply(new Fact(Instant.EPOCH, mac, kind, detail));
  }

  private List<String> all() {
    return List.copyOf(heard.of(MAC, false));
  }

  private List<String> ours() {
    return List.copyOf(heard.of(MAC, true));
  }

  @Test
  void whatTheApplianceGaveCountsEverywhere() {
    happens(MAC, "dhcp.ack", "address=10.77.0.21 file=a/snponly.efi because: w1");
    assertEquals(List.of("10.77.0.21"), ours());
    assertEquals(List.of("10.77.0.21"), all());
  }

  @Test
  void whatIsAskedForCountsWhereAnotherIsTheServer() {
    happens(MAC, "dhcp.request", "class=other server=10.77.0.9 requested=10.77.0.50");
    happens(MAC, "dhcp.other-server", "server=10.77.0.9 address=10.77.0.50");
    happens(MAC, "dhcp.request", "class=other ciaddr=10.77.0.51 relay=10.77.0.254");
    assertEquals(List.of("10.77.0.50", "10.77.0.51"), all());
    assertEquals(List.of(), ours());
  }

  @Test
  void anOfferIsNoAddressAndNeitherIsAnotherMachines() {
    happens(MAC, "dhcp.offer", "address=10.77.0.21 because: w1");
    happens(MAC, "dhcp.ack", "file=a/snponly.efi because: address=10.77.0.22");
    happens("52:54:00:aa:00:02", "dhcp.ack", "address=10.77.0.23");
    assertEquals(List.of(), all());
  }

  @Test
  void whatTheApplianceGaveStaysItsOwnWhenItIsAskedForAgain() {
    happens(MAC, "dhcp.ack", "address=10.77.0.21");
    happens(MAC, "dhcp.request", "class=other ciaddr=10.77.0.21");
    assertEquals(List.of("10.77.0.21"), ours());
  }

  @Test
  void theOldestMakesRoom() {
    for (int i = 0; i <= HeardAddresses.MOST; i++) {
      happens(MAC, "dhcp.request", "class=other requested=10.77.1." + i);
    }
    assertEquals(HeardAddresses.MOST, all().size());
    assertEquals("10.77.1.1", all().getFirst());
  }
}
