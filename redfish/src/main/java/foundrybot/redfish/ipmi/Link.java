// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.ipmi;

import foundrybot.redfish.BmcFault;
import foundrybot.redfish.BmcFault.Kind;
import foundrybot.redfish.Outcome.Done;
import foundrybot.redfish.Trouble;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Commands to a BMC, in a session that is opened when it is needed. One that was not used for a
 * while is closed first: BMCs end sessions after a minute and say nothing about it.
 */
final class Link implements AutoCloseable {
  private static final Duration IDLE = Duration.ofSeconds(20);

  private static final String HASHES =
      "IPMI hands a hash of the password to anybody who knows the user's name (CVE-2013-4786): keep"
          + " BMCs on a network of their own, and their passwords long and used nowhere else";

  private static final String OLD_SUITE =
      "the BMC takes cipher suite 3 (SHA-1) only: update it, or allow suite 17 in its settings";

  private final String bmc;
  private final Login login;
  private final Duration controlWait;
  private final InstantSource clock;
  private Optional<IpmiSession> session = Optional.empty();
  private Instant used = Instant.MIN;
  private boolean warned;

  Link(String bmc, Login login, Duration controlWait, InstantSource clock) {
    this.bmc = bmc;
    this.login = login;
    this.controlWait = controlWait;
    this.clock = clock;
  }

  String bmc() {
    return bmc;
  }

  /**
   * Sends a command that may be carried out twice without harm: if nobody answers, also in a new
   * session, since the BMC may have ended this one.
   */
  IpmiMessage call(Command command, int... data) {
    boolean fresh = session.isEmpty();
    try {
      return used(session().call(command, data));
    } catch (Trouble e) {
      drop(e);
      if (fresh || !e.is(Kind.UNREACHABLE)) {
        throw e;
      }
      return used(session().call(command, data));
    }
  }

  /** As {@link #call}, and anything but "done" ends the conversation. */
  byte[] need(Command command, int... data) {
    IpmiMessage answer = call(command, data);
    if (answer.completion() != CompletionCode.DONE) {
      throw refusal(command, answer.completion());
    }
    return answer.data();
  }

  /**
   * Sends Chassis Control.
   *
   * @param tries how often, if no answer comes: BMCs carry out what is sent again, and after that
   *     only its effect tells
   */
  int control(int action, int tries) {
    try {
      byte[] body = {(byte) action};
      return used(session().once(Command.CHASSIS_CONTROL, body, new Timing(controlWait, tries)))
          .completion();
    } catch (Trouble e) {
      drop(e);
      throw e;
    }
  }

  /** What a completion code other than "done" means for the conversation. */
  Trouble refusal(Command command, int code) {
    if (CompletionCode.isUnsupported(code)) {
      return Trouble.unsupported(bmc, command.title() + ": " + CompletionCode.text(code));
    }
    String answered = CompletionCode.text(code);
    if (CompletionCode.isPrivilege(code)) {
      return failed(Kind.NO_PRIVILEGE, command, answered, "make the user an operator");
    }
    if (CompletionCode.isBusy(code)) {
      return failed(Kind.BUSY, command, answered + ", again and again", "try again in a minute");
    }
    return switch (code) {
      case 0xce, 0xd3, 0xff -> failed(Kind.BROKEN, command, answered, "reset the BMC");
      default -> failed(Kind.REFUSED, command, answered, "see the BMC's own pages or log");
    };
  }

  Trouble failed(Kind kind, Command command, String answered, String advice) {
    return Trouble.failed(new BmcFault(kind, bmc, command.title(), answered, advice));
  }

  /** Adds what an operator should know, to the first outcome only. */
  <T> Done<T> warn(Done<T> done) {
    if (warned) {
      return done;
    }
    warned = true;
    List<String> warnings = new ArrayList<>(done.warnings());
    warnings.add(HASHES);
    if (session.filter(s -> s.suite() == CipherSuite.SUITE_3).isPresent()) {
      warnings.add(OLD_SUITE);
    }
    return new Done<>(done.value(), done.evidence(), warnings);
  }

  /** The GUID that the key exchange of the present session brought. */
  Optional<byte[]> guid() {
    return session.map(IpmiSession::guid);
  }

  private IpmiSession session() {
    if (session.isPresent() && clock.instant().isAfter(used.plus(IDLE))) {
      close();
    }
    if (session.isEmpty()) {
      session = Optional.of(login.open());
    }
    return session.get();
  }

  private IpmiMessage used(IpmiMessage answer) {
    used = clock.instant();
    return answer;
  }

  private void drop(Trouble trouble) {
    if (trouble.isSilence()) {
      close();
    }
  }

  @Override
  public void close() {
    session.ifPresent(IpmiSession::close);
    session = Optional.empty();
  }
}
