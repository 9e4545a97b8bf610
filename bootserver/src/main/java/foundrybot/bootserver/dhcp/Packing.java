// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dhcp;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Which option of an answer that is too long goes where.
 *
 * @param options for the options field, option 52 among them where the others are not empty
 * @param file for the header's field of that name
 * @param sname likewise
 * @param dropped codes of what has no place
 */
record Packing(
    List<DhcpOption> options,
    List<DhcpOption> file,
    List<DhcpOption> sname,
    List<Integer> dropped) {
  /** Options that an answer makes no sense without; they stay in the options field. */
  private static final Set<Integer> ESSENTIAL =
      Set.of(
          DhcpOption.SUBNET_MASK,
          DhcpOption.ROUTERS,
          DhcpOption.VENDOR_SPECIFIC,
          DhcpOption.LEASE_TIME,
          DhcpOption.MESSAGE_TYPE,
          DhcpOption.SERVER_ID,
          DhcpOption.VENDOR_CLASS,
          DhcpOption.CLIENT_ID,
          DhcpOption.BOOT_FILE,
          DhcpOption.RELAY_AGENT,
          DhcpOption.CLIENT_UUID);

  private static final int OVERLOAD_SIZE = 3;
  private static final int END_SIZE = 1;

  /**
   * Packs in the order of the message, so that what is left out is the last. Within an area the
   * order stays; a small option may pass a large one that only a field of the header has room for.
   *
   * @param room bytes of the options field, without its end mark
   */
  static Packing of(DhcpMessage message, int room) {
    int essential = 0;
    for (DhcpOption option : message.options()) {
      essential += isEssential(option) ? DhcpCodec.size(option) : 0;
    }
    int left = room - essential;
    boolean overload =
        left >= OVERLOAD_SIZE && (message.file().isEmpty() || message.sname().isEmpty());
    left -= overload ? OVERLOAD_SIZE : 0;
    int inFile = overload && message.file().isEmpty() ? DhcpMessage.FILE_LENGTH - END_SIZE : 0;
    int inSname = overload && message.sname().isEmpty() ? DhcpMessage.SNAME_LENGTH - END_SIZE : 0;
    List<DhcpOption> options = new ArrayList<>();
    List<DhcpOption> file = new ArrayList<>();
    List<DhcpOption> sname = new ArrayList<>();
    List<Integer> dropped = new ArrayList<>();
    for (DhcpOption option : message.options()) {
      int size = DhcpCodec.size(option);
      if (isEssential(option)) {
        options.add(option);
      } else if (size <= left) {
        left -= size;
        options.add(option);
      } else if (size <= inFile) {
        inFile -= size;
        file.add(option);
      } else if (size <= inSname) {
        inSname -= size;
        sname.add(option);
      } else {
        dropped.add(option.code());
      }
    }
    int areas = (file.isEmpty() ? 0 : 1) + (sname.isEmpty() ? 0 : 2);
    if (areas > 0) {
      options.addFirst(DhcpOption.u8(DhcpOption.OVERLOAD, areas));
    }
    return new Packing(options, file, sname, dropped);
  }

  private static boolean isEssential(DhcpOption option) {
    return ESSENTIAL.contains(option.code());
  }
}
