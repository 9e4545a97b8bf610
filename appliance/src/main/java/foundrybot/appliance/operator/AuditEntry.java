// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.operator;

import foundrybot.appliance.lifecycle.Fact;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;

/**
 * One line of the audit log: a change that an operator asked for, its outcome, or an attempt that
 * was refused. In the journal it is a fact with a text of this form, and decides nothing:
 *
 * <pre>
 * operator.asked     WHO FROM ID WHAT
 * operator.answered  WHO FROM ID WHAT | RESULT
 * attempt.refused    WHO FROM WHAT
 * </pre>
 *
 * @param at ISO-8601 instant
 * @param who the operator; {@code -} for nobody who is known
 * @param from an address, or {@code socket}, {@code command} or {@code file}
 * @param mac the node's; empty for the appliance as a whole
 * @param id of the request, eight hex digits, so that its outcome is found; empty in an attempt
 * @param what was asked for, in the program's own words
 * @param result of a change; empty as long as there is none, {@code refused} in an attempt
 */
public record AuditEntry(
    String at, String who, String from, String mac, String id, String what, String result) {
  /** Durable before anything of the change is done. */
  public static final String ASKED = "operator.asked";

  /** Durable before the operator is told. */
  public static final String ANSWERED = "operator.answered";

  /** Somebody wanted what it has no right to. */
  public static final String REFUSED = "attempt.refused";

  /** A command of an operator's is begun, by its id; no line of the audit log. */
  public static final String BEGUN = "command.begun";

  /** All kinds of facts that are of the audit log. */
  public static final Set<String> KINDS = Set.of(ASKED, ANSWERED, REFUSED);

  private static final Set<String> OF_OPERATORS = Set.of(ASKED, ANSWERED, BEGUN);

  /** Who is nobody that is known. */
  public static final String NOBODY = "-";

  private static final String BEFORE_RESULT = " | ";
  private static final int MAX_WHAT = 250;
  private static final int MAX_RESULT = 150;

  /** The id of the change that the command of that id asks for; of other changes it is any. */
  public static String idOf(String command) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(command.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, 4);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** The detail of {@link #ASKED}. */
  public static String asked(String who, String from, String id, String what) {
    return who + " " + from + " " + id + " " + plain(what);
  }

  /** The detail of {@link #ANSWERED}. */
  public static String answered(String who, String from, String id, String what, String result) {
    return asked(who, from, id, what) + BEFORE_RESULT + cut(result.strip(), MAX_RESULT);
  }

  /** The detail of {@link #REFUSED}. */
  public static String refused(String who, String from, String what) {
    return who + " " + from + " " + cut(what, MAX_WHAT);
  }

  /** Whether an operator made the fact, and nobody else can. */
  public static boolean ofOperator(Fact fact) {
    return OF_OPERATORS.contains(fact.kind());
  }

  private static String plain(String what) {
    return cut(what.replace('|', '/'), MAX_WHAT);
  }

  private static String cut(String text, int most) {
    return text.length() > most ? text.substring(0, most - 1) + "…" : text;
  }

  /** Takes a fact of the journal apart; empty if it is none of the audit log. */
  public static Optional<AuditEntry> of(Fact fact) {
    if (!KINDS.contains(fact.kind())) {
      return Optional.empty();
    }
    String at = fact.at().toString();
    if (fact.kind().equals(REFUSED)) {
      String[] words = fact.detail().split(" ", 3);
      return words.length == 3
          ? Optional.of(new AuditEntry(at, words[0], words[1], fact.mac(), "", words[2], "refused"))
          : Optional.empty();
    }
    String[] words = fact.detail().split(" ", 4);
    if (words.length < 4) {
      return Optional.empty();
    }
    int end = words[3].indexOf(BEFORE_RESULT);
    boolean answered = fact.kind().equals(ANSWERED) && end >= 0;
    return Optional.of(
        new AuditEntry(
            at,
            words[0],
            words[1],
            fact.mac(),
            words[2],
            answered ? words[3].substring(0, end) : words[3],
            answered ? words[3].substring(end + BEFORE_RESULT.length()) : ""));
  }
}
