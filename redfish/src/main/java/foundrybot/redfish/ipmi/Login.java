// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.ipmi;

import foundrybot.redfish.BmcFault;
import foundrybot.redfish.BmcFault.Kind;
import foundrybot.redfish.Trouble;
import foundrybot.redfish.WakeOnLan;
import foundrybot.redfish.ipmi.IpmiSession.Opened;
import foundrybot.redfish.ipmi.IpmiSession.Peer;
import foundrybot.redfish.ipmi.KeyExchange.Fourth;
import foundrybot.redfish.ipmi.KeyExchange.Second;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Opens sessions: asks what the BMC can do, offers the cipher suites one after the other, and goes
 * through the key exchange (IPMI 2.0, 13.14).
 *
 * <p>A wrong user or password ends it at once and for good: BMCs lock accounts. What a lost packet
 * can bring about (the BMC has begun anew, or thinks that it is open already) starts the exchange
 * again, a few times.
 */
final class Login {
  private static final int ROUNDS = 4;
  private static final Duration PAUSE = Duration.ofSeconds(2);

  private final Peer peer;
  private final String bmc;
  private final Ipmi.Settings settings;
  private final WakeOnLan.Pause pause;
  private final SecureRandom random = new SecureRandom();
  private final byte[] user;
  private final byte[] password;
  private volatile Optional<BmcFault> refused = Optional.empty();
  private int tag;

  /** What one exchange comes to. */
  private sealed interface Result {
    record Open(Opened opened) implements Result {}

    /** Another suite may do. */
    record Refused(int status) implements Result {}

    /** Another exchange may do. */
    record Again(BmcFault fault, boolean after) implements Result {}
  }

  Login(Peer peer, Ipmi.Settings settings, WakeOnLan.Pause pause) {
    this.peer = peer;
    this.bmc = peer.describe();
    this.settings = settings;
    this.pause = pause;
    this.user = peer.credentials().user().getBytes(StandardCharsets.UTF_8);
    this.password = peer.credentials().password().reveal().getBytes(StandardCharsets.UTF_8);
  }

  /** A session with the privilege of an operator; throws {@link Trouble}. */
  IpmiSession open() {
    if (refused.isPresent()) {
      throw Trouble.failed(refused.get());
    }
    Line line = Line.connect(bmc, peer.host(), peer.port());
    try {
      capabilities(line);
      Opened opened = exchange(line);
      IpmiSession session = new IpmiSession(bmc, line, opened, settings.timing(), pause, random);
      raise(session);
      return session;
    } catch (RuntimeException e) {
      line.close();
      throw e;
    }
  }

  private void capabilities(Line line) {
    Command command = Command.GET_CHANNEL_AUTHENTICATION_CAPABILITIES;
    // This channel, and the answer of IPMI 2.0; then the privilege that is wanted.
    byte[] body = {(byte) 0x8e, KeyExchange.OPERATOR};
    byte[] packet = RmcpPacket.encodeOld(IpmiMessage.encode(command, 0, body));
    IpmiMessage answer =
        line.ask(
                command.title(),
                settings.timing(),
                () -> packet,
                in ->
                    Optional.of(RmcpPacket.decode(in))
                        .filter(p -> p.type() == RmcpPacket.IPMI && p.session() == 0)
                        .map(p -> IpmiMessage.decode(p.payload()))
                        .filter(m -> m.answers(command, 0)))
            .orElseThrow(
                () ->
                    silence(
                        command.title(),
                        "address, cable, VLAN, and IPMI over LAN in the BMC's settings"));
    if (answer.completion() == CompletionCode.DONE
        && !AuthenticationCapabilities.decode(answer.data()).plus()) {
      throw refused(
          Kind.REFUSED,
          command.title(),
          "IPMI 1.5 only",
          "update the BMC, or use its other interface: IPMI 1.5 encrypts nothing");
    }
  }

  private Opened exchange(Line line) {
    int status = SessionStatus.DONE;
    List<CipherSuite> suites = settings.known();
    for (CipherSuite suite : suites) {
      switch (rounds(line, suite)) {
        case Result.Open(Opened opened) -> {
          return opened;
        }
        case Result.Refused(int itsStatus) -> status = itsStatus;
        case Result.Again(BmcFault fault, boolean _) -> throw Trouble.failed(fault);
      }
    }
    throw SessionStatus.refusesRole(status)
        ? privilege("open session", SessionStatus.text(status))
        : refused(
            Kind.REFUSED,
            "open session with " + suites,
            SessionStatus.text(status),
            "allow cipher suite 17 or 3 in the BMC's settings");
  }

  private Result rounds(Line line, CipherSuite suite) {
    Result result = round(line, suite);
    for (int i = 1;
        i < ROUNDS && result instanceof Result.Again(BmcFault fault, boolean wait);
        i++) {
      if (wait) {
        pause(fault);
      }
      result = round(line, suite);
    }
    return result;
  }

  private void pause(BmcFault fault) {
    try {
      pause.pause(PAUSE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Trouble.failed(fault);
    }
  }

  private Result round(Line line, CipherSuite offered) {
    int console = nonZero();
    int openTag = nextTag();
    String what = "open session with " + offered;
    byte[] request = KeyExchange.openRequest(offered, openTag, console);
    KeyExchange.Opened open =
        ask(
                line,
                what,
                RmcpPacket.OPEN_REQUEST,
                request,
                RmcpPacket.OPEN_RESPONSE,
                payload -> KeyExchange.Opened.decode(payload))
            .filter(o -> o.tag() == openTag)
            .orElseThrow(() -> silence(what, "the BMC answers, but opens no session: reset it"));
    if (open.status() != SessionStatus.DONE) {
      return refusal(what, open.status());
    }
    Optional<CipherSuite> chosen =
        CipherSuite.of(
            settings.known(), open.authentication(), open.integrity(), open.confidentiality());
    if (chosen.isEmpty() || open.console() != console || open.bmc() == 0) {
      // It took what was not offered, such as no encryption at all.
      return new Result.Refused(0x11);
    }
    byte[] mine = new byte[KeyExchange.RANDOM_BYTES];
    random.nextBytes(mine);
    KeyExchange keys = new KeyExchange(chosen.get(), user, password, console, open.bmc(), mine);
    return prove(line, chosen.get(), keys, open);
  }

  private Result refusal(String what, int status) {
    if (SessionStatus.isFull(status)) {
      return new Result.Again(
          fault(
              Kind.BUSY,
              what,
              SessionStatus.text(status),
              "others hold its sessions; they end after a minute"),
          true);
    }
    if (SessionStatus.refusesSuite(status)) {
      return new Result.Refused(status);
    }
    throw SessionStatus.refusesRole(status)
        ? privilege(what, SessionStatus.text(status))
        : refused(Kind.REFUSED, what, SessionStatus.text(status), "reset the BMC");
  }

  private Result prove(Line line, CipherSuite suite, KeyExchange keys, KeyExchange.Opened open) {
    int firstTag = nextTag();
    Optional<Second> answer =
        ask(
            line,
            "RAKP 1",
            RmcpPacket.RAKP_1,
            keys.first(firstTag),
            RmcpPacket.RAKP_2,
            payload -> Second.decode(payload));
    Second second =
        answer
            .filter(s -> s.tag() == firstTag)
            .orElseThrow(
                () ->
                    silence("RAKP 1", "some BMCs keep silent about a user whom they do not know"));
    if (second.status() == SessionStatus.UNKNOWN_USER || second.status() == 0x0c) {
      throw wrong("RAKP 1 for this user", SessionStatus.text(second.status()), "correct the user");
    }
    if (SessionStatus.refusesRole(second.status())) {
      throw privilege("RAKP 1", SessionStatus.text(second.status()));
    }
    if (second.status() != SessionStatus.DONE) {
      return again("RAKP 1", second.status());
    }
    if (second.console() != open.console() || second.hash().length < suite.hashBytes()) {
      return again("RAKP 1", SessionStatus.BAD_INTEGRITY);
    }
    if (!keys.proves(second)) {
      line.tell(RmcpPacket.encode(RmcpPacket.RAKP_3, keys.abandon(nextTag())));
      throw wrong("RAKP 1", "a hash under another password", "correct the password");
    }
    int thirdTag = nextTag();
    Optional<Fourth> last =
        ask(
                line,
                "RAKP 3",
                RmcpPacket.RAKP_3,
                keys.third(thirdTag, second),
                RmcpPacket.RAKP_4,
                payload -> Fourth.decode(payload))
            .filter(f -> f.tag() == thirdTag);
    if (last.isEmpty()) {
      return new Result.Again(fault(Kind.UNREACHABLE, "RAKP 3", "no answer", "try again"), false);
    }
    Fourth fourth = last.get();
    if (fourth.status() != SessionStatus.DONE) {
      return again("RAKP 3", fourth.status());
    }
    if (fourth.console() != open.console()
        || fourth.code().length < suite.codeBytes()
        || !keys.proves(second, fourth)) {
      throw wrong(
          "RAKP 3",
          "a code under another key",
          "remove the key K_G from the BMC's settings: only the user's password is used");
    }
    return new Result.Open(
        new Opened(suite, keys.keys(second), open.console(), open.bmc(), second.guid()));
  }

  private Result again(String what, int status) {
    return new Result.Again(
        fault(Kind.REFUSED, what, SessionStatus.text(status), "reset the BMC"), false);
  }

  private void raise(IpmiSession session) {
    Command command = Command.SET_SESSION_PRIVILEGE_LEVEL;
    int code;
    try {
      code = session.call(command, KeyExchange.OPERATOR).completion();
    } catch (Trouble e) {
      session.close();
      throw e;
    }
    if (code != CompletionCode.DONE) {
      session.close();
      if (CompletionCode.isBusy(code)) {
        throw refused(
            Kind.BUSY, command.title(), CompletionCode.text(code), "try again in a minute");
      }
      throw privilege(command.title() + " to operator", CompletionCode.text(code));
    }
  }

  private <T> Optional<T> ask(
      Line line, String what, int type, byte[] payload, int answer, Function<byte[], T> decode) {
    byte[] packet = RmcpPacket.encode(type, payload);
    return line.ask(
        what,
        settings.timing(),
        () -> packet,
        in ->
            Optional.of(RmcpPacket.decode(in))
                .filter(p -> p.plus() && p.type() == answer && !p.encrypted())
                .filter(p -> p.payload().length > 0 && p.payload()[0] == payload[0])
                .map(p -> decode.apply(p.payload())));
  }

  private int nextTag() {
    tag = (tag + 1) & 0xff;
    return tag;
  }

  private int nonZero() {
    int id = random.nextInt();
    return id == 0 ? 1 : id;
  }

  private Trouble silence(String what, String advice) {
    Timing timing = settings.timing();
    return refused(
        Kind.UNREACHABLE,
        what,
        "no answer in " + timing.tries() + " tries, " + timing.whole().toMillis() + " ms",
        "look at: " + advice);
  }

  private Trouble wrong(String what, String answered, String advice) {
    BmcFault fault =
        fault(
            Kind.WRONG_PASSWORD,
            what,
            answered,
            advice + "; not tried again, as BMCs lock accounts");
    refused = Optional.of(fault);
    return Trouble.failed(fault);
  }

  private Trouble privilege(String what, String answered) {
    return refused(
        Kind.NO_PRIVILEGE,
        what,
        answered,
        "give the user the privilege of an operator on the LAN channel");
  }

  private Trouble refused(Kind kind, String asked, String answered, String advice) {
    return Trouble.failed(fault(kind, asked, answered, advice));
  }

  private BmcFault fault(Kind kind, String asked, String answered, String advice) {
    return new BmcFault(kind, bmc, asked, answered, advice);
  }
}
