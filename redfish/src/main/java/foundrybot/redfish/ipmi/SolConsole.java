// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.ipmi;

import foundrybot.redfish.BmcFault.Kind;
import foundrybot.redfish.ConsoleListener;
import foundrybot.redfish.Trouble;
import java.time.Duration;

/**
 * A machine's serial console by Serial over LAN (IPMI 2.0, 15 and 24), in a session of its own:
 * encrypted and authenticated, and never typed into. A console that somebody else has is left to
 * him.
 *
 * <p>A BMC ends a session that is silent for a minute, so whoever only listens asks something every
 * quarter of one; that is also how a BMC that is gone is noticed.
 */
final class SolConsole {
  private static final int SOL = 1;
  private static final int INSTANCE = 1;

  /** Encrypted and authenticated, and alerts of a shared serial line wait (table 24-2). */
  private static final int AUXILIARY = 0xc0 | 0x04;

  private static final Duration SLICE = Duration.ofMillis(200);
  private static final Duration MOST_QUIET = Duration.ofSeconds(15);
  private static final int WAITS_QUIET = 15;

  private static final String WHAT = "the serial console";

  private final Link link;
  private final IpmiSession session;
  private final ConsoleListener listener;
  private final Duration firstWait;
  private final Duration quiet;
  private final SolWindow window = new SolWindow();
  private boolean over;

  /** In a session that nobody else uses. */
  SolConsole(Link link, IpmiSession session, ConsoleListener listener, Duration firstWait) {
    this.link = link;
    this.session = session;
    this.listener = listener;
    this.firstWait = firstWait;
    Duration quiet = firstWait.multipliedBy(WAITS_QUIET);
    this.quiet = quiet.compareTo(MOST_QUIET) < 0 ? quiet : MOST_QUIET;
  }

  /**
   * Activates, listens, and deactivates.
   *
   * @return why it ended
   */
  String follow() {
    // What comes before the answer counts already.
    session.handSolTo(this::hear);
    activate();
    try {
      listener.opened(link.bmc() + ": the serial console by Serial over LAN");
      listen();
    } finally {
      session.handSolTo(_ -> {});
      deactivate();
    }
    return over ? "the BMC ended it" : "closed";
  }

  private void listen() {
    long asked = System.nanoTime();
    while (goesOn()) {
      session.attend(WHAT, SLICE);
      if (goesOn() && System.nanoTime() - asked > quiet.toNanos()) {
        session.call(Command.GET_DEVICE_ID);
        asked = System.nanoTime();
      }
    }
  }

  private boolean goesOn() {
    return !over && listener.wanted() && !Thread.currentThread().isInterrupted();
  }

  private void hear(byte[] payload) {
    SolPacket packet = SolPacket.decode(payload);
    SolWindow.Fresh fresh = window.take(packet);
    if (packet.sequence() != 0) {
      session.tellSol(packet.acknowledgement());
    }
    fresh.missed().forEach(listener::missed);
    if (fresh.characters().length > 0) {
      listener.heard(fresh.characters());
    }
    over |= packet.ended();
  }

  private void activate() {
    Command command = Command.ACTIVATE_PAYLOAD;
    int code = session.call(command, SOL, INSTANCE, AUXILIARY, 0, 0, 0).completion();
    // The answer may have been lost, and the question come twice.
    if (code != CompletionCode.DONE && !(code == 0x80 && isOurs())) {
      throw refusal(command, code);
    }
  }

  /** Whether it is this session that has it; not every BMC can tell (24.5). */
  private boolean isOurs() {
    IpmiMessage answer = session.call(Command.GET_PAYLOAD_INSTANCE_INFO, SOL, INSTANCE);
    return answer.completion() == CompletionCode.DONE
        && new Octets("payload instance", answer.data()).u32("session") == session.id();
  }

  /** Codes of this command stand in table 24-2. */
  private Trouble refusal(Command command, int code) {
    return switch (code) {
      case 0x80 ->
          link.failed(
              Kind.BUSY,
              command,
              "another console has it",
              "it is not taken away: end the other one, such as by 'ipmitool sol deactivate'");
      case 0x81 ->
          link.failed(
              Kind.REFUSED,
              command,
              "Serial over LAN is switched off",
              "switch it on in the BMC's settings, or by 'ipmitool sol set enabled true'");
      case 0x82 ->
          link.failed(
              Kind.BUSY, command, "as many consoles as it has are open", "end one of the others");
      case 0x83 ->
          link.failed(
              Kind.REFUSED,
              command,
              "only without encryption",
              "a console may show secrets: allow encryption for Serial over LAN in the BMC");
      default -> link.refusal(command, code);
    };
  }

  /** So that the next one finds it free; with the session it would end, too, but not at once. */
  private void deactivate() {
    if (over) {
      return;
    }
    try {
      byte[] body = {SOL, INSTANCE, 0, 0, 0, 0};
      session.once(Command.DEACTIVATE_PAYLOAD, body, new Timing(firstWait, 2));
    } catch (Trouble | Malformed e) {
      // The BMC is gone, or frees it with the session.
      over = true;
    }
  }
}
