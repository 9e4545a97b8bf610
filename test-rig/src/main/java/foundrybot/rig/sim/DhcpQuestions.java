// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.sim;

import foundrybot.rig.sim.DhcpWire.Query;
import java.net.Inet4Address;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

/** What a machine says of itself in DHCP: as its firmware, and as the iPXE that this starts. */
public final class DhcpQuestions {
  private static final byte[] WANTED = {1, 2, 3, 6, 12, 15, 17, 43, 54, 60, 66, 67, 97};
  private static final int MAX_MESSAGE = 1472;

  private DhcpQuestions() {}

  /** The options of its firmware, by code, without option 53. */
  public static Map<Integer, byte[]> asFirmware(Machine machine) {
    FirmwareKind firmware = machine.firmware();
    return identity(firmware.vendorClass(), firmware.architecture(), littleEndian(machine.uuid()));
  }

  /** The same of iPXE. */
  public static Map<Integer, byte[]> asIpxe(Machine machine) {
    FirmwareKind firmware = machine.firmware();
    Map<Integer, byte[]> options =
        identity(
            firmware.ipxeVendorClass(), firmware.ipxeArchitecture(), networkOrder(machine.uuid()));
    options.put(77, DhcpWire.text("iPXE"));
    // Its features as sub-options: HTTP, version 1.21.1.
    options.put(175, new byte[] {19, 1, 1, (byte) 235, 3, 1, 21, 1});
    return options;
  }

  /** A message of that type (option 53) with these options. */
  public static Query query(Machine machine, int xid, int type, Map<Integer, byte[]> options) {
    Map<Integer, byte[]> all = new HashMap<>(options);
    all.put(53, new byte[] {(byte) type});
    Inet4Address none = DhcpWire.address(new byte[4], 0);
    boolean broadcast = machine.firmware() == FirmwareKind.BIOS;
    return new Query(xid, 0, broadcast, none, none, machine.macBytes(), all);
  }

  private static Map<Integer, byte[]> identity(String vendorClass, int architecture, byte[] uuid) {
    Map<Integer, byte[]> options = new HashMap<>();
    options.put(55, WANTED);
    options.put(57, new byte[] {(byte) (MAX_MESSAGE >> 8), (byte) MAX_MESSAGE});
    options.put(60, DhcpWire.text(vendorClass));
    options.put(93, new byte[] {0, (byte) architecture});
    options.put(94, new byte[] {1, 3, 16});
    byte[] guid = new byte[17];
    System.arraycopy(uuid, 0, guid, 1, 16);
    options.put(97, guid);
    return options;
  }

  /** As it lies in SMBIOS, where the first three fields are little-endian. */
  private static byte[] littleEndian(UUID uuid) {
    byte[] bytes = networkOrder(uuid);
    byte[] turned = bytes.clone();
    int[] from = {3, 2, 1, 0, 5, 4, 7, 6};
    for (int i = 0; i < from.length; i++) {
      turned[i] = bytes[from[i]];
    }
    return turned;
  }

  private static byte[] networkOrder(UUID uuid) {
    return ByteBuffer.allocate(16)
        .putLong(uuid.getMostSignificantBits())
        .putLong(uuid.getLeastSignificantBits())
        .array();
  }
}
