// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.ipmi;

/**
 * The answer to a command (IPMI 2.0, 13.8).
 *
 * <pre>
 * request  20 NETFN|LUN CHECKSUM  81 SEQUENCE|LUN COMMAND DATA...            CHECKSUM
 * answer   81 NETFN|LUN CHECKSUM  20 SEQUENCE|LUN COMMAND COMPLETION DATA... CHECKSUM
 * </pre>
 *
 * The net function of an answer is the odd one after that of the request. A checksum makes the sum
 * of the bytes since the one before it zero.
 *
 * @param sequence 0..63, as in the request
 * @param completion zero for done; any byte may come
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
record IpmiMessage(int netFunction, int sequence, int command, int completion, byte[] data) {
  private static final int BMC = 0x20;
  private static final int CONSOLE = 0x81;

  static byte[] encode(Command command, int sequence, byte[] data) {
    byte[] out =
        new Octets.Writer()
            .u8(BMC, command.netFunction() << 2, 0, CONSOLE, sequence << 2, command.code())
            .bytes(data)
            .u8(0)
            .done();
    out[2] = Octets.checksum(out, 0, 2);
    out[out.length - 1] = Octets.checksum(out, 3, out.length - 1);
    return out;
  }

  static IpmiMessage decode(byte[] message) {
    int length = message.length;
    Octets in = new Octets("IPMI answer", message);
    in.u8("address");
    int function = in.u8("net function") >> 2;
    in.u8("first checksum");
    in.u8("address");
    int sequence = in.u8("sequence") >> 2;
    int command = in.u8("command");
    int completion = in.u8("completion code");
    byte[] data = in.take("second checksum", Math.max(1, in.left()));
    if (Octets.checksum(message, 0, 2) != message[2]
        || Octets.checksum(message, 3, length - 1) != message[length - 1]) {
      throw new Malformed("IPMI answer: its checksums are wrong");
    }
    return new IpmiMessage(
        function, sequence, command, completion, java.util.Arrays.copyOf(data, data.length - 1));
  }

  boolean answers(Command asked, int itsSequence) {
    return netFunction == asked.netFunction() + 1
        && command == asked.code()
        && sequence == itsSequence;
  }
}
