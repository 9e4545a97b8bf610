// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/**
 * One client of an NBD server, from its greeting to its end: the fixed newstyle handshake and
 * simple replies (the NBD protocol, doc/proto.md of the reference implementation). The export is
 * read-only; what is not known is declined, and what is no NBD ends the connection.
 */
final class NbdConversation {
  /** The only export; the empty name means it, too. */
  static final String EXPORT = "medium";

  private static final long GREETING = 0x4e42444d41474943L;
  private static final long OPTION = 0x49484156454f5054L;
  private static final long OPTION_REPLY = 0x3e889045565a9L;
  private static final int REQUEST = 0x25609513;
  private static final int REPLY = 0x67446698;

  private static final int FIXED_NEWSTYLE = 1;
  private static final int NO_ZEROES = 1 << 1;
  private static final int HAS_FLAGS = 1;
  private static final int READ_ONLY = 1 << 1;

  private static final int OPT_EXPORT_NAME = 1;
  private static final int OPT_ABORT = 2;
  private static final int OPT_LIST = 3;
  private static final int OPT_INFO = 6;
  private static final int OPT_GO = 7;

  private static final int REP_ACK = 1;
  private static final int REP_SERVER = 2;
  private static final int REP_INFO = 3;
  private static final int REP_UNSUPPORTED = 0x8000_0001;
  private static final int REP_INVALID = 0x8000_0003;
  private static final int REP_UNKNOWN = 0x8000_0006;

  private static final int CMD_READ = 0;
  private static final int CMD_WRITE = 1;
  private static final int CMD_DISC = 2;

  private static final int NOT_PERMITTED = 1;
  private static final int IO_ERROR = 5;
  private static final int INVALID = 22;

  private static final int MOST_OPTIONS = 64;
  private static final int MOST_OPTION_BYTES = 64 << 10;

  /** What clients may ask for at once by the protocol's own rule. */
  private static final int MOST_PAYLOAD = 32 << 20;

  /** Of an old-style answer. */
  private static final int ZEROES = 124;

  private final DataInputStream in;
  private final DataOutputStream out;
  private final Disk disk;

  private NbdConversation(DataInputStream in, DataOutputStream out, Disk disk) {
    this.in = in;
    this.out = out;
    this.disk = disk;
  }

  static NbdConversation over(SocketChannel client, Disk disk) {
    return new NbdConversation(
        new DataInputStream(new BufferedInputStream(Channels.newInputStream(client))),
        new DataOutputStream(new BufferedOutputStream(Channels.newOutputStream(client))),
        disk);
  }

  /**
   * Serves it to its end.
   *
   * @throws IOException when it breaks off, or speaks no NBD
   */
  void run() throws IOException {
    out.writeLong(GREETING);
    out.writeLong(OPTION);
    out.writeShort(FIXED_NEWSTYLE | NO_ZEROES);
    out.flush();
    boolean zeroes = (in.readInt() & NO_ZEROES) == 0;
    if (negotiate(zeroes)) {
      while (answer()) {
        out.flush();
      }
    }
  }

  /** Whether the client goes on to read. */
  private boolean negotiate(boolean zeroes) throws IOException {
    for (int i = 0; i < MOST_OPTIONS; i++) {
      if (in.readLong() != OPTION) {
        throw new IOException("NBD: no option (expected: IHAVEOPT)");
      }
      int option = in.readInt();
      byte[] data = payload(in.readInt(), MOST_OPTION_BYTES);
      switch (option) {
        case OPT_EXPORT_NAME -> {
          return exported(new String(data, StandardCharsets.UTF_8), zeroes);
        }
        case OPT_ABORT -> {
          reply(option, REP_ACK, new byte[0]);
          return false;
        }
        case OPT_LIST -> {
          reply(option, REP_SERVER, listed());
          reply(option, REP_ACK, new byte[0]);
        }
        case OPT_INFO, OPT_GO -> {
          if (informed(option, data) && option == OPT_GO) {
            return true;
          }
        }
        default -> reply(option, REP_UNSUPPORTED, new byte[0]);
      }
    }
    throw new IOException("NBD: more than " + MOST_OPTIONS + " options");
  }

  private byte[] payload(int length, int most) throws IOException {
    if (length < 0 || length > most) {
      throw new IOException("NBD: length " + length + " (expected: 0.." + most + ")");
    }
    return in.readNBytes(length);
  }

  private void reply(int option, int type, byte[] data) throws IOException {
    out.writeLong(OPTION_REPLY);
    out.writeInt(option);
    out.writeInt(type);
    out.writeInt(data.length);
    out.write(data);
    out.flush();
  }

  private static boolean isKnown(String name) {
    return name.isEmpty() || name.equals(EXPORT);
  }

  private void writeExport(DataOutputStream to) throws IOException {
    to.writeLong(disk.size());
    to.writeShort(HAS_FLAGS | READ_ONLY);
  }

  /** Of an unknown one this old option can only end the connection. */
  private boolean exported(String name, boolean zeroes) throws IOException {
    if (!isKnown(name)) {
      return false;
    }
    writeExport(out);
    out.write(new byte[zeroes ? ZEROES : 0]);
    out.flush();
    return true;
  }

  private static byte[] listed() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream data = new DataOutputStream(bytes);
    data.writeInt(EXPORT.length());
    data.writeBytes(EXPORT);
    return bytes.toByteArray();
  }

  /** Whether there is such an export. What else the client would like to know it can do without. */
  private boolean informed(int option, byte[] data) throws IOException {
    int length = data.length < 4 ? -1 : ByteBuffer.wrap(data).getInt();
    if (length < 0 || length > data.length - 6) {
      reply(option, REP_INVALID, new byte[0]);
      return false;
    }
    if (!isKnown(new String(data, 4, length, StandardCharsets.UTF_8))) {
      reply(option, REP_UNKNOWN, new byte[0]);
      return false;
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream info = new DataOutputStream(bytes);
    info.writeShort(0); // NBD_INFO_EXPORT
    writeExport(info);
    reply(option, REP_INFO, bytes.toByteArray());
    reply(option, REP_ACK, new byte[0]);
    return true;
  }

  /** Answers one request; false where the client says good-bye. */
  private boolean answer() throws IOException {
    if (in.readInt() != REQUEST) {
      throw new IOException("NBD: no request");
    }
    in.readUnsignedShort();
    int command = in.readUnsignedShort();
    long cookie = in.readLong();
    long offset = in.readLong();
    int length = in.readInt();
    switch (command) {
      case CMD_READ -> read(cookie, offset, length);
      case CMD_WRITE -> {
        payload(length, MOST_PAYLOAD);
        reply(cookie, NOT_PERMITTED);
      }
      case CMD_DISC -> {
        return false;
      }
      default -> reply(cookie, INVALID);
    }
    return true;
  }

  private void read(long cookie, long offset, int length) throws IOException {
    if (length <= 0 || length > MOST_PAYLOAD || offset < 0 || offset > disk.size() - length) {
      reply(cookie, INVALID);
      return;
    }
    byte[] data;
    try {
      data = disk.read(offset, length);
    } catch (IOException e) {
      // A drive that cannot read says so, and may read elsewhere; it does not vanish.
      reply(cookie, IO_ERROR);
      return;
    }
    reply(cookie, 0);
    out.write(data);
  }

  private void reply(long cookie, int error) throws IOException {
    out.writeInt(REPLY);
    out.writeInt(error);
    out.writeLong(cookie);
  }
}
