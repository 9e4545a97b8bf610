// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/** What a machine does with a drive by NBD, as little as a test needs. */
final class NbdReader implements AutoCloseable {
  private final SocketChannel channel;
  private final DataInputStream in;
  private final DataOutputStream out;
  private final long size;

  /** An answer to a command: the error number, and the data where there is none. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Answer(int error, byte[] data) {}

  /** Opens a drive as QEMU does: asks for structured replies in vain, then goes. */
  NbdReader(URI drive) throws IOException {
    channel =
        SocketChannel.open(
            UnixDomainSocketAddress.of(drive.getQuery().substring("socket=".length())));
    in = new DataInputStream(Channels.newInputStream(channel));
    out = new DataOutputStream(Channels.newOutputStream(channel));
    expect(0x4e42444d41474943L, in.readLong());
    expect(0x49484156454f5054L, in.readLong());
    expect(3, in.readUnsignedShort());
    out.writeInt(3);
    option(8, new byte[0]);
    expect(0x80000001, reply(8).error());
    byte[] name = drive.getPath().substring(1).getBytes(StandardCharsets.US_ASCII);
    byte[] data = new byte[4 + name.length + 2];
    data[3] = (byte) name.length;
    System.arraycopy(name, 0, data, 4, name.length);
    option(7, data);
    Answer info = reply(7);
    expect(3, info.error());
    DataInputStream told = new DataInputStream(new java.io.ByteArrayInputStream(info.data()));
    expect(0, told.readUnsignedShort());
    size = told.readLong();
    expect(3, told.readUnsignedShort());
    expect(1, reply(7).error());
  }

  private void option(int option, byte[] data) throws IOException {
    out.writeLong(0x49484156454f5054L);
    out.writeInt(option);
    out.writeInt(data.length);
    out.write(data);
  }

  private Answer reply(int option) throws IOException {
    expect(0x3e889045565a9L, in.readLong());
    expect(option, in.readInt());
    int type = in.readInt();
    return new Answer(type, in.readNBytes(in.readInt()));
  }

  private static void expect(long wanted, long seen) throws IOException {
    if (wanted != seen) {
      throw new IOException("NBD: " + seen + " (expected: " + wanted + ")");
    }
  }

  long size() {
    return size;
  }

  Answer read(long offset, int length) throws IOException {
    int error = command(0, offset, length, new byte[0]);
    return new Answer(error, error == 0 ? in.readNBytes(length) : new byte[0]);
  }

  /** Returns the error. */
  int write(long offset, byte[] data) throws IOException {
    return command(1, offset, data.length, data);
  }

  private int command(int type, long offset, int length, byte[] data) throws IOException {
    out.writeInt(0x25609513);
    out.writeShort(0);
    out.writeShort(type);
    out.writeLong(0xc00c1eL + offset);
    out.writeLong(offset);
    out.writeInt(length);
    out.write(data);
    expect(0x67446698, in.readInt());
    int error = in.readInt();
    expect(0xc00c1eL + offset, in.readLong());
    return error;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
