// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.tftp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/** A TFTP client with windows, written from the RFCs, that can lose and double datagrams. */
final class TestClient implements AutoCloseable {
  final DatagramSocket socket;
  private final int port;
  private final Random random;
  private final double loss;
  private final double doubled;
  Map<String, String> oack = Map.of();
  int errorCode = -1;
  int packets;
  private InetSocketAddress from;

  TestClient(int port) throws IOException {
    this(port, 1, 0, 0);
  }

  TestClient(int port, long seed, double loss, double doubled) throws IOException {
    this.port = port;
    this.random = new Random(seed);
    this.loss = loss;
    this.doubled = doubled;
    socket = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    socket.setReceiveBufferSize(1 << 20);
    socket.setSoTimeout(2000);
    from = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  static byte[] request(int opcode, String name, String mode, String... options) {
    StringBuilder text = new StringBuilder().append((char) 0).append((char) opcode);
    text.append(name).append('\0').append(mode).append('\0');
    for (String option : options) {
      text.append(option).append('\0');
    }
    return text.toString().getBytes(ISO_8859_1);
  }

  void toServer(byte[] packet) throws IOException {
    socket.send(new DatagramPacket(packet, packet.length, InetAddress.getLoopbackAddress(), port));
  }

  /** Where the last packet came from. */
  InetSocketAddress from() {
    return from;
  }

  /** To where the last packet came from. */
  void reply(byte[] packet) throws IOException {
    socket.send(new DatagramPacket(packet, packet.length, from));
  }

  static byte[] ack(int block) {
    return new byte[] {0, 4, (byte) (block >>> 8), (byte) block};
  }

  static byte[] error(int code, String text) {
    ByteBuffer packet = ByteBuffer.allocate(5 + text.length());
    packet.putShort((short) 5).putShort((short) code).put(text.getBytes(ISO_8859_1));
    return packet.array();
  }

  /** The next datagram, or an empty array if none came in time. */
  byte[] receive() throws IOException {
    byte[] buffer = new byte[66_000];
    DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
    while (true) {
      try {
        socket.receive(packet);
      } catch (SocketTimeoutException _) {
        return new byte[0];
      }
      if (random.nextDouble() >= loss) {
        packets++;
        from = (InetSocketAddress) packet.getSocketAddress();
        return Arrays.copyOf(buffer, packet.getLength());
      }
    }
  }

  /** Fetches a file; asks again and again for what is lost. */
  byte[] get(String name, int blockSize, int window, String... options) throws IOException {
    byte[] request = request(1, name, "octet", options);
    lossy(request, true);
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    long last = 0;
    int inWindow = 0;
    InetSocketAddress server = null;
    for (int silence = 0; silence < 200; ) {
      byte[] packet = receive();
      if (packet.length == 0) {
        silence++;
        inWindow = 0;
        lossy(server == null ? request : ack((int) last), server == null);
        continue;
      }
      if (server == null) {
        server = from;
      } else if (!server.equals(from)) {
        continue;
      }
      int opcode = packet[1];
      int block = (packet[2] & 0xff) << 8 | (packet[3] & 0xff);
      if (opcode == 5) {
        errorCode = block;
        return new byte[0];
      }
      if (opcode == 6) {
        oack = options(packet);
        if (last == 0) {
          lossy(ack(0), false);
        }
        continue;
      }
      if (block != ((last + 1) & 0xffff)) {
        // A gap, or a block that came already: say once per window what we have.
        if (inWindow > 0 || ((block - last) & 0xffff) <= window) {
          inWindow = 0;
          lossy(ack((int) last), false);
        }
        continue;
      }
      silence = 0;
      last++;
      file.write(packet, 4, packet.length - 4);
      inWindow++;
      boolean end = packet.length - 4 < blockSize;
      if (inWindow == window || end) {
        inWindow = 0;
        lossy(ack((int) last), false);
      }
      if (end) {
        finish(ack((int) last));
        return file.toByteArray();
      }
    }
    throw new IOException("no answer behind block " + last);
  }

  /** The last acknowledgement may have been lost: the server sends the last window again. */
  private void finish(byte[] ack) throws IOException {
    if (loss > 0) {
      for (int i = 0; i < 20; i++) {
        reply(ack);
      }
    }
  }

  private void lossy(byte[] packet, boolean first) throws IOException {
    int copies = random.nextDouble() < loss ? 0 : random.nextDouble() < doubled ? 2 : 1;
    for (int i = 0; i < copies; i++) {
      if (first) {
        toServer(packet);
      } else {
        reply(packet);
      }
    }
  }

  static Map<String, String> options(byte[] oack) {
    String[] words = new String(oack, 2, oack.length - 2, ISO_8859_1).split("\0", -1);
    Map<String, String> options = new LinkedHashMap<>();
    for (int i = 0; i + 1 < words.length; i += 2) {
      options.put(words[i], words[i + 1]);
    }
    return options;
  }

  @Override
  public void close() {
    socket.close();
  }
}
