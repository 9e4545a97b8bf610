// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.ipmi;

import foundrybot.redfish.BmcFault;
import foundrybot.redfish.BmcFault.Kind;
import foundrybot.redfish.Credentials;
import foundrybot.redfish.Trouble;
import foundrybot.redfish.WakeOnLan;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A session that is open: one command at a time, encrypted and authenticated.
 *
 * <p>A command that is sent again keeps its sequence number, by which a BMC can see that it is the
 * same one, in a packet with a session sequence number of its own, without which a BMC would drop
 * it as replayed (IPMI 2.0, 6.12.13). What comes back counts only with the right code, a session
 * sequence number above the last one, and the command and number that were asked.
 */
final class IpmiSession implements AutoCloseable {
  /**
   * Who is spoken to, and as whom.
   *
   * @param host name or address
   */
  record Peer(String host, int port, Credentials credentials) {
    String describe() {
      return "ipmi " + host + ":" + port;
    }
  }

  /** What the key exchange came to. */
  @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
  record Opened(CipherSuite suite, SessionKeys keys, int console, int bmc, byte[] guid) {}

  /** Pauses of a BMC that says it is busy. */
  private static final int BUSY_TRIES = 6;

  private static final Duration BUSY_PAUSE = Duration.ofMillis(500);

  private final String bmc;
  private final Line line;
  private final Opened opened;
  private final Timing timing;
  private final WakeOnLan.Pause pause;
  private final SecureRandom random;
  private Consumer<byte[]> sol = _ -> {};
  private int sequence;
  private int heard;
  private int number;

  IpmiSession(
      String bmc,
      Line line,
      Opened opened,
      Timing timing,
      WakeOnLan.Pause pause,
      SecureRandom random) {
    this.bmc = bmc;
    this.line = line;
    this.opened = opened;
    this.timing = timing;
    this.pause = pause;
    this.random = random;
  }

  CipherSuite suite() {
    return opened.suite();
  }

  /** As RAKP 2 had it. */
  byte[] guid() {
    return opened.guid();
  }

  /** Sends a command, again if no answer comes, and again after a while if the BMC is busy. */
  IpmiMessage call(Command command, int... data) {
    byte[] body = new Octets.Writer().u8(data).done();
    IpmiMessage answer = once(command, body, timing);
    for (int i = 1; i < BUSY_TRIES && CompletionCode.isBusy(answer.completion()); i++) {
      pause(BUSY_PAUSE.multipliedBy(1L << (i - 1)), command);
      answer = once(command, body, timing);
    }
    return answer;
  }

  /** Sends a command and takes any answer for one. */
  IpmiMessage once(Command command, byte[] body, Timing itsTiming) {
    number = (number + 1) % 64;
    byte[] message = IpmiMessage.encode(command, number, body);
    return line.ask(
            command.title(),
            itsTiming,
            () -> sealed(RmcpPacket.IPMI, message),
            in -> answer(in, command))
        .orElseThrow(
            () ->
                Trouble.failed(
                    new BmcFault(
                        Kind.UNREACHABLE,
                        bmc,
                        command.title(),
                        "no answer in "
                            + itsTiming.tries()
                            + " tries, "
                            + itsTiming.whole().toMillis()
                            + " ms",
                        "the session is gone or the BMC is: try again")));
  }

  /**
   * Hands on what comes by Serial over LAN, whatever else is waited for.
   *
   * @param taker of payloads that are authentic and new
   */
  void handSolTo(Consumer<byte[]> taker) {
    sol = taker;
  }

  /** Waits for such payloads that long; a socket that fails is {@link Trouble}. */
  void attend(String what, Duration time) {
    line.listen(what, time, in -> message(in));
  }

  /** Sends a payload of Serial over LAN, and expects nothing. */
  void tellSol(byte[] payload) {
    line.tell(sealed(RmcpPacket.SOL, payload));
  }

  /** The BMC's id of this session. */
  int id() {
    return opened.bmc();
  }

  private byte[] sealed(int type, byte[] message) {
    byte[] iv = new byte[KeyExchange.RANDOM_BYTES];
    random.nextBytes(iv);
    sequence++;
    return opened.keys().seal(type, opened.bmc(), sequence, message, iv);
  }

  private Optional<IpmiMessage> answer(byte[] datagram, Command command) {
    return message(datagram).map(IpmiMessage::decode).filter(m -> m.answers(command, number));
  }

  /** The IPMI message in a packet of this session that is new; SOL goes its own way. */
  private Optional<byte[]> message(byte[] datagram) {
    RmcpPacket packet = RmcpPacket.decode(datagram);
    if (!packet.plus()
        || packet.session() != opened.console()
        || Integer.compareUnsigned(packet.sequence(), heard) <= 0) {
      return Optional.empty();
    }
    Optional<byte[]> inside = opened.keys().open(packet);
    inside.ifPresent(_ -> heard = packet.sequence());
    if (packet.type() == RmcpPacket.SOL) {
      inside.ifPresent(sol);
    }
    return inside.filter(_ -> packet.type() == RmcpPacket.IPMI);
  }

  private void pause(Duration time, Command command) {
    try {
      pause.pause(time);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Trouble.failed(
          new BmcFault(Kind.BUSY, bmc, command.title(), "busy, then interrupted", "try again"));
    }
  }

  /** Frees the session in the BMC, which has only a few; waits for one answer at most. */
  @Override
  public void close() {
    try {
      byte[] id = new Octets.Writer().u32(opened.bmc()).done();
      once(Command.CLOSE_SESSION, id, new Timing(timing.first(), 1));
    } catch (Trouble | Malformed e) {
      // It ends by itself after a minute.
      heard = -1;
    } finally {
      line.close();
    }
  }
}
