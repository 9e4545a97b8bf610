// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.appliance.operator.Operator;
import foundrybot.appliance.operator.Scope;
import foundrybot.bootserver.http.HttpRequestView;
import java.net.InetAddress;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Predicate;

/** Decides who asks: by a token, or by being a user of the appliance's own machine. */
final class LogIns {
  /** Addresses whose refused log-ins are counted; who was refused longest ago makes room. */
  private static final int MOST_ADDRESSES = 1024;

  /** In seconds: until some refused log-ins have come back. */
  static final String RETRY_AFTER = "60";

  private static final String BEARER = "Bearer ";
  private static final long ROOT = 0;

  /** How a request came. */
  sealed interface Way {
    /** HTTP: everybody on the way can read it. */
    record Clear() implements Way {}

    record Tls() implements Way {}

    /**
     * The socket file in the data folder.
     *
     * @param user who the kernel says that it is (SO_PEERCRED)
     */
    record Socket(int user) implements Way {}
  }

  static final Way CLEAR = new Way.Clear();
  static final Way TLS = new Way.Tls();

  /** What becomes of a log-in. */
  sealed interface LogIn {
    record In(Operator operator) implements LogIn {}

    /**
     * Refused.
     *
     * @param status of HTTP
     * @param text for who asked
     */
    record Out(int status, String text, Audit.Attempt why) implements LogIn {}
  }

  private static final LogIn.Out NOBODY =
      new LogIn.Out(401, "operator token required\n", Audit.Attempt.LOG_IN);
  private static final LogIn.Out TOO_OFTEN =
      new LogIn.Out(
          429, "too many refused log-ins from there; wait a minute\n", Audit.Attempt.TOO_OFTEN);
  private static final LogIn.Out IN_CLEAR =
      new LogIn.Out(
          403,
          "this token came in clear from another machine (expected: by https); others may have read"
              + " it: remove it and add a new one, or delete operator.token and start again\n",
          Audit.Attempt.IN_CLEAR);

  private final OperatorTokens tokens;
  private final long ownUser;
  private final Predicate<InetAddress> isOwn;
  private final Limits<InetAddress> refused;

  /**
   * Nobody was refused yet.
   *
   * @param ownUser the user that the appliance runs as
   * @param isOwn whether an address is one of the appliance's own
   */
  LogIns(OperatorTokens tokens, long ownUser, Predicate<InetAddress> isOwn, InstantSource clock) {
    this.tokens = tokens;
    this.ownUser = ownUser;
    this.isOwn = isOwn;
    this.refused = new Limits<>(Allowances.Source.LOG_INS, MOST_ADDRESSES, clock);
  }

  /** Decides, and counts who is refused. */
  LogIn of(HttpRequestView request, Way way) {
    return counted(look(request, way), request.peer().getAddress(), way);
  }

  /** The same for a token that came in a form. */
  LogIn of(String token, InetAddress from, Way way) {
    return counted(
        isShutOut(from) ? TOO_OFTEN : look(tokens.operator(token), from, way), from, way);
  }

  private LogIn counted(LogIn decided, InetAddress from, Way way) {
    if (decided.equals(NOBODY) && !(way instanceof Way.Socket)) {
      var _ = refused.admits(from);
    }
    return decided;
  }

  /** Decides alone. */
  LogIn look(HttpRequestView request, Way way) {
    if (way instanceof Way.Socket(int user)) {
      return user == ROOT || user == ownUser
          ? new LogIn.In(new Operator("uid:" + user, Scope.ADMIN))
          : NOBODY;
    }
    InetAddress from = request.peer().getAddress();
    if (isShutOut(from)) {
      return TOO_OFTEN;
    }
    String given = request.header("authorization").orElse("");
    Optional<Operator> operator =
        given.startsWith(BEARER)
            ? tokens.operator(given.substring(BEARER.length()))
            : Optional.empty();
    return look(operator, from, way);
  }

  private LogIn look(Optional<Operator> operator, InetAddress from, Way way) {
    if (operator.isEmpty()) {
      return NOBODY;
    }
    return isPrivate(from, way) ? new LogIn.In(operator.get()) : IN_CLEAR;
  }

  /** Whether nobody on the way can read what comes so. */
  boolean isPrivate(InetAddress from, Way way) {
    return !(way instanceof Way.Clear) || from.isLoopbackAddress() || isOwn.test(from);
  }

  /** Who has shown a token of that hash before; empty if it was removed since. */
  Optional<Operator> ofHash(String hash) {
    return tokens.ofHash(hash);
  }

  private boolean isShutOut(InetAddress from) {
    return refused.isEmpty(from);
  }
}
