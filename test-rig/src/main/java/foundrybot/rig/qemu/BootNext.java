// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.qemu;

import foundrybot.rig.qemu.VariableStore.Variable;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * What a BMC does to firmware that is to boot once by HTTP from a URL: a boot option with that URL,
 * which is in no boot order, and {@code BootNext}, which names it and is deleted by the firmware
 * before it obeys (UEFI 2.10, section 3.1.2).
 */
final class BootNext {
  /** Far from those that firmware makes, which it numbers from 0. */
  private static final int NUMBER = 0xfb00;

  private static final int ACTIVE = 1;
  private static final byte MESSAGING = 3;
  private static final byte URI_NODE = 24;
  private static final byte[] END = {0x7f, (byte) 0xff, 4, 0};
  private static final int NODE_HEADER = 4;

  private BootNext() {}

  /** The same firmware, told so. */
  static VariableStore http(VariableStore store, URI url) {
    return store
        .with(global(String.format("Boot%04X", NUMBER), option("HTTP, by the BMC", url)))
        .with(
            global(
                "BootNext",
                ByteBuffer.allocate(2)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putShort((short) NUMBER)
                    .array()));
  }

  private static Variable global(String name, byte[] data) {
    return new Variable(name, VariableStore.GLOBAL, VariableStore.NON_VOLATILE_BOOT_RUNTIME, data);
  }

  /**
   * EFI_LOAD_OPTION (section 3.1.3) with a path of a URI alone (section 10.3.4.22), which firmware
   * takes for "by whichever card reaches it" (section 3.1.2).
   */
  private static byte[] option(String description, URI url) {
    byte[] text = (description + "\0").getBytes(StandardCharsets.UTF_16LE);
    byte[] uri = url.toASCIIString().getBytes(StandardCharsets.US_ASCII);
    int path = NODE_HEADER + uri.length + END.length;
    return ByteBuffer.allocate(6 + text.length + path)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(ACTIVE)
        .putShort((short) path)
        .put(text)
        .put(MESSAGING)
        .put(URI_NODE)
        .putShort((short) (NODE_HEADER + uri.length))
        .put(uri)
        .put(END)
        .array();
  }
}
