// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.bootserver.BootClient;
import foundrybot.bootserver.BootPolicy;
import foundrybot.bootserver.MacAddress;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/**
 * Which Raspberry Pi has which serial number: its boot ROM asks TFTP for files in a folder called
 * by it, and says it in DHCP. Its UUID (option 97) is {@code RPi4}, board revision, the last four
 * bytes of the MAC and the serial number; older ROMs repeat the serial number four times (Raspberry
 * Pi documentation, DHCP_OPTION97). All are little-endian.
 */
final class PiSerials {
  private static final int RPI4 = 0x34695052;

  private final Predicate<MacAddress> known;
  // Of machines of the rack file alone: bounded by it, one for each.
  private final Map<MacAddress, String> serials = new ConcurrentHashMap<>();
  private final Map<String, MacAddress> owners = new ConcurrentHashMap<>();

  PiSerials(Predicate<MacAddress> known) {
    this.known = known;
  }

  /** The same policy, which looks for serial numbers in all that it is asked. */
  BootPolicy learningFrom(BootPolicy policy) {
    return (client, self) -> {
      heard(client);
      return policy.decide(client, self);
    };
  }

  private void heard(BootClient client) {
    Optional<String> serial = client.uuid().flatMap(PiSerials::serial);
    if (serial.isEmpty() || !known.test(client.mac())) {
      return;
    }
    String before = serials.put(client.mac(), serial.get());
    if (before != null && !before.equals(serial.get())) {
      owners.remove(before, client.mac());
    }
    owners.put(serial.get(), client.mac());
  }

  /** As the folder is called; empty if the UUID is not that of a Raspberry Pi. */
  static Optional<String> serial(UUID uuid) {
    int first = (int) (uuid.getMostSignificantBits() >>> Integer.SIZE);
    int third = (int) (uuid.getLeastSignificantBits() >>> Integer.SIZE);
    int last = (int) uuid.getLeastSignificantBits();
    // The first field of a UUID is little-endian on the wire; the last eight bytes are as sent.
    int serial = Integer.reverseBytes(last);
    boolean repeated = first == serial && third == last;
    return first == RPI4 || repeated
        ? Optional.of(HexFormat.of().toHexDigits(serial))
        : Optional.empty();
  }

  /** Whose folder that is. */
  Optional<MacAddress> owner(String folder) {
    return Optional.ofNullable(owners.get(folder));
  }
}
