// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.sim;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * TFTP as boot firmware reads it: options (RFC 2347, 2348, 2349), windows (RFC 7440), lost packets,
 * and EDK2's habit of asking for the size first and ending that with ERROR 8.
 */
final class TftpClient {
  private static final int RRQ = 1;
  private static final int DATA = 3;
  private static final int ACK = 4;
  private static final int ERROR = 5;
  private static final int OACK = 6;
  private static final int OPTIONS_REFUSED = 8;

  private static final int BLOCK_SIZE = 1468;
  private static final int WINDOW = 4;
  private static final int TRIES = 6;
  private static final int LARGEST_FILE = 16 << 20;
  private static final Duration WAIT = Duration.ofSeconds(4);

  private final Machine machine;
  private final Pace pace;
  private final double loss;
  private final RandomGenerator random;
  private int tries = TRIES;

  TftpClient(Machine machine, Pace pace, double loss, RandomGenerator random) {
    this.machine = machine;
    this.pace = pace;
    this.loss = loss;
    this.random = random;
  }

  /** The same client, which asks so often before it gives up. */
  TftpClient trying(int times) {
    tries = times;
    return this;
  }

  /** The whole file. */
  byte[] fetch(InetSocketAddress server, String name) throws IOException {
    Map<String, String> options = new LinkedHashMap<>();
    options.put("tsize", "0");
    options.put("blksize", String.valueOf(BLOCK_SIZE));
    if (!machine.firmware().isUefi()) {
      return new Transfer(server, name, options).read();
    }
    long size = new Transfer(server, name, options).probe();
    options.put("windowsize", String.valueOf(WINDOW));
    byte[] file = new Transfer(server, name, options).read();
    if (file.length != size) {
      throw new Setback("tftp: " + name + ": " + file.length + " bytes (announced: " + size + ")");
    }
    return file;
  }

  /**
   * The whole file, with another habit than the machine's own firmware has.
   *
   * @param window blocks to ask for; 1 asks for none
   * @param probes whether the size is asked for first, as EDK2 does
   */
  byte[] fetch(InetSocketAddress server, String name, int window, boolean probes)
      throws IOException {
    Map<String, String> options = new LinkedHashMap<>();
    options.put("tsize", "0");
    options.put("blksize", String.valueOf(BLOCK_SIZE));
    if (probes) {
      new Transfer(server, name, options).probe();
    }
    if (window > 1) {
      options.put("windowsize", String.valueOf(window));
    }
    return new Transfer(server, name, options).read();
  }

  private final class Transfer {
    private final InetSocketAddress server;
    private final String name;
    private final Map<String, String> asked;
    private Optional<InetSocketAddress> peer = Optional.empty();
    private int blockSize = 512;
    private int window = 1;
    private long size = -1;

    Transfer(InetSocketAddress server, String name, Map<String, String> asked) {
      this.server = server;
      this.name = name;
      this.asked = Map.copyOf(asked);
    }

    long probe() throws IOException {
      try (Wire wire = Wire.open(machine.address(), 0, random, loss)) {
        accept(exchange(wire, request(), OACK));
        byte[] text = "User aborted the transfer".getBytes(StandardCharsets.US_ASCII);
        byte[] error = new byte[5 + text.length];
        error[1] = ERROR;
        error[3] = OPTIONS_REFUSED;
        System.arraycopy(text, 0, error, 4, text.length);
        wire.send(error, peer());
        return size;
      }
    }

    byte[] read() throws IOException {
      try (Wire wire = Wire.open(machine.address(), 0, random, loss)) {
        accept(exchange(wire, request(), OACK));
        return blocks(wire);
      }
    }

    /** Sends until something of the expected kind comes; the answer's port becomes the peer. */
    private byte[] exchange(Wire wire, byte[] packet, int expected) throws IOException {
      for (int i = 0; i < tries; i++) {
        wire.send(packet, peer.orElse(server));
        Optional<byte[]> answer = next(wire);
        if (answer.isPresent() && answer.get()[1] == expected) {
          return answer.get();
        }
      }
      throw new Setback("tftp: " + name + ": no answer");
    }

    private byte[] blocks(Wire wire) throws IOException {
      ByteArrayOutputStream file = new ByteArrayOutputStream();
      int last = 0;
      int inWindow = 0;
      int silent = 0;
      boolean gapTold = false;
      wire.send(ack(0), peer());
      while (true) {
        Optional<byte[]> packet = next(wire);
        if (packet.isEmpty()) {
          if (++silent >= tries) {
            throw new Setback("tftp: " + name + ": silence after block " + last);
          }
          wire.send(ack(last), peer());
          inWindow = 0;
          continue;
        }
        byte[] data = packet.get();
        if (data[1] != DATA || data.length < 4) {
          continue;
        }
        if (block(data) != ((last + 1) & 0xffff)) {
          // A window has a hole: said once, or each packet behind it would be answered.
          if (!gapTold && window > 1) {
            wire.send(ack(last), peer());
            inWindow = 0;
            gapTold = true;
          }
          continue;
        }
        silent = 0;
        gapTold = false;
        last = (last + 1) & 0xffff;
        file.write(data, 4, data.length - 4);
        if (file.size() > LARGEST_FILE) {
          throw new Setback("tftp: " + name + ": more than " + LARGEST_FILE + " bytes");
        }
        boolean end = data.length - 4 < blockSize;
        if (end || ++inWindow == window) {
          wire.send(ack(last), peer());
          inWindow = 0;
        }
        if (end) {
          linger(wire, last);
          return file.toByteArray();
        }
      }
    }

    /** If the last ACK was lost, the last block comes again; one more ACK then. */
    private void linger(Wire wire, int last) throws IOException {
      if (loss > 0 && next(wire).isPresent()) {
        wire.send(ack(last), peer());
      }
    }

    private Optional<byte[]> next(Wire wire) throws IOException {
      while (true) {
        Optional<Wire.Packet> packet = wire.receive(pace.scaled(WAIT));
        if (packet.isEmpty()) {
          return Optional.empty();
        }
        byte[] bytes = packet.get().bytes();
        boolean stranger = peer.isPresent() && !peer.get().equals(packet.get().from());
        if (stranger || bytes.length < 4) {
          continue;
        }
        if (bytes[1] == ERROR) {
          throw new Setback(
              "tftp: "
                  + name
                  + ": error "
                  + bytes[3]
                  + " "
                  + new String(bytes, 4, bytes.length - 4, StandardCharsets.US_ASCII).strip());
        }
        peer = Optional.of(packet.get().from());
        return Optional.of(bytes);
      }
    }

    private InetSocketAddress peer() {
      return peer.orElse(server);
    }

    private byte[] request() {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      out.write(0);
      out.write(RRQ);
      put(out, name);
      put(out, "octet");
      asked.forEach(
          (option, value) -> {
            put(out, option);
            put(out, value);
          });
      return out.toByteArray();
    }

    private void put(ByteArrayOutputStream out, String text) {
      out.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
      out.write(0);
    }

    /** An option that was not asked for, or a value above what was asked, is a server's fault. */
    private void accept(byte[] oack) throws Setback {
      String[] words =
          new String(oack, 2, oack.length - 2, StandardCharsets.US_ASCII).split("\0", -1);
      for (int i = 0; i + 1 < words.length; i += 2) {
        String option = words[i].toLowerCase(Locale.ROOT);
        long value = Long.parseLong(words[i + 1]);
        String wanted = asked.get(option);
        if (wanted == null || (!option.equals("tsize") && value > Long.parseLong(wanted))) {
          throw new Setback("tftp: option " + option + "=" + value + " (asked: " + wanted + ")");
        }
        switch (option) {
          case "blksize" -> blockSize = (int) value;
          case "windowsize" -> window = (int) value;
          default -> size = value;
        }
      }
    }

    private byte[] ack(int block) {
      return new byte[] {0, ACK, (byte) (block >> 8), (byte) block};
    }

    private int block(byte[] data) {
      return (data[2] & 0xff) << 8 | (data[3] & 0xff);
    }
  }
}
