// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.doctor;

import foundrybot.appliance.doctor.Evidence.Outcome;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/** Uses the appliance's services once, as a machine would. */
final class ServiceProbe {
  static final int PATIENCE_MS = 1500;
  private static final int ATTEMPTS = 3;
  private static final int LARGEST_PROGRAM = 16 << 20;
  private static final int DATA = 3;
  private static final int ACK = 4;
  private static final int ERROR = 5;
  private static final int OACK = 6;

  private final InetAddress address;

  ServiceProbe(InetAddress address) {
    this.address = address;
  }

  /**
   * Fetches a file by TFTP (RFC 1350, 2348), wholly, in lock step.
   *
   * @param block size that is asked for
   */
  Outcome tftp(int port, String file, int block) {
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.setSoTimeout(PATIENCE_MS);
      byte[] request =
          ("\0\1" + file + "\0octet\0blksize\0" + block + "\0").getBytes(StandardCharsets.US_ASCII);
      byte[] buffer = new byte[4 + Math.max(block, 512)];
      DatagramPacket answer =
          exchange(socket, request, new InetSocketAddress(address, port), buffer);
      InetSocketAddress peer = (InetSocketAddress) answer.getSocketAddress();
      int size = 512;
      int expected = 1;
      long total = 0;
      while (true) {
        ByteBuffer packet = ByteBuffer.wrap(answer.getData(), 0, answer.getLength());
        int code = packet.getShort();
        int number = packet.getShort() & 0xffff;
        if (code == ERROR) {
          return new Outcome(
              false,
              "TFTP error "
                  + number
                  + " for "
                  + file
                  + ": "
                  + StandardCharsets.US_ASCII.decode(packet).toString().replace("\0", ""));
        }
        int acknowledged;
        if (code == OACK) {
          size = agreed(answer, size);
          acknowledged = 0;
        } else if (code == DATA && number == (expected & 0xffff)) {
          total += packet.remaining();
          acknowledged = number;
          if (packet.remaining() < size || total > LARGEST_PROGRAM) {
            send(socket, ack(number), peer);
            return new Outcome(true, file + ", " + total + " bytes in blocks of " + size);
          }
          expected++;
        } else {
          acknowledged = expected - 1 & 0xffff;
        }
        answer = exchange(socket, ack(acknowledged), peer, buffer);
      }
    } catch (SocketTimeoutException e) {
      return silence();
    } catch (IOException | RuntimeException e) {
      return new Outcome(false, String.valueOf(e.getMessage()));
    }
  }

  private static int agreed(DatagramPacket oack, int usual) {
    String[] words =
        new String(oack.getData(), 2, oack.getLength() - 2, StandardCharsets.US_ASCII)
            .split("\0", -1);
    int at = Arrays.asList(words).indexOf("blksize");
    return at < 0 ? usual : Integer.parseInt(words[at + 1]);
  }

  private static byte[] ack(int number) {
    return new byte[] {0, ACK, (byte) (number >> 8), (byte) number};
  }

  private static void send(DatagramSocket socket, byte[] packet, InetSocketAddress to)
      throws IOException {
    socket.send(new DatagramPacket(packet, packet.length, to));
  }

  /** Sends until something comes back. */
  static DatagramPacket exchange(
      DatagramSocket socket, byte[] packet, InetSocketAddress to, byte[] buffer)
      throws IOException {
    for (int attempt = 1; ; attempt++) {
      send(socket, packet, to);
      DatagramPacket answer = new DatagramPacket(buffer, buffer.length);
      try {
        socket.receive(answer);
        if (answer.getLength() >= 4) {
          return answer;
        }
      } catch (SocketTimeoutException e) {
        if (attempt == ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  /** What {@link #exchange} ends in where nothing comes back. */
  static Outcome silence() {
    return new Outcome(false, "no answer in " + ATTEMPTS * PATIENCE_MS / 1000.0 + " s");
  }

  Outcome http(URI url) {
    try (HttpClient client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofMillis((long) ATTEMPTS * PATIENCE_MS))
            .build()) {
      HttpResponse<byte[]> response =
          client.send(
              HttpRequest.newBuilder(url).timeout(Duration.ofSeconds(20)).build(),
              HttpResponse.BodyHandlers.ofByteArray());
      return new Outcome(
          response.statusCode() == 200,
          "status " + response.statusCode() + ", " + response.body().length + " bytes");
    } catch (IOException e) {
      String said = e.getMessage();
      return new Outcome(false, said == null ? e.getClass().getSimpleName() : said);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Outcome(false, "interrupted");
    }
  }

  /** Asks for the SOA record of the domain, which only its own server has with authority. */
  Outcome dns(int port, String domain, RandomGenerator random) {
    ByteArrayOutputStream query = new ByteArrayOutputStream();
    int id = random.nextInt(1 << 16);
    query.writeBytes(new byte[] {(byte) (id >> 8), (byte) id, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0});
    for (String label : domain.split("\\.", -1)) {
      query.write(label.length());
      query.writeBytes(label.getBytes(StandardCharsets.US_ASCII));
    }
    query.writeBytes(new byte[] {0, 0, 6, 0, 1});
    byte[] answer = new byte[1232];
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.setSoTimeout(PATIENCE_MS);
      exchange(socket, query.toByteArray(), new InetSocketAddress(address, port), answer);
      boolean authority = (answer[2] & 0x84) == 0x84 && (answer[3] & 15) == 0;
      return authority
          ? new Outcome(true, "authority for " + domain)
          : new Outcome(false, "the server there has no authority for " + domain);
    } catch (SocketTimeoutException e) {
      return silence();
    } catch (IOException e) {
      return new Outcome(false, String.valueOf(e.getMessage()));
    }
  }

  Outcome time(int port) {
    byte[] query = new byte[48];
    query[0] = 4 << 3 | 3;
    byte[] answer = new byte[48];
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.setSoTimeout(PATIENCE_MS);
      exchange(socket, query, new InetSocketAddress(address, port), answer);
      return new Outcome((answer[0] & 7) == 4, "stratum " + answer[1]);
    } catch (SocketTimeoutException e) {
      return silence();
    } catch (IOException e) {
      return new Outcome(false, String.valueOf(e.getMessage()));
    }
  }
}
