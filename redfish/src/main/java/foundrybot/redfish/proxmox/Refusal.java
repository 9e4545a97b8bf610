// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.proxmox;

import foundrybot.redfish.BmcFault.Kind;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Which kind of trouble an error is about. Behind most of them is status 500, or a task that ended
 * with words, so the words have to tell.
 *
 * @param advice what the operator can do
 */
record Refusal(Kind kind, String advice) {
  private static final Refusal LOCKED =
      new Refusal(
          Kind.BUSY, "another task has the machine: wait for it, or see the node's task list");
  private static final Refusal OTHER =
      new Refusal(Kind.REFUSED, "see the words, and the node's task list for more");

  private record Row(Pattern words, Refusal refusal) {}

  private static final List<Row> ROWS =
      List.of(
          row("no quorum", Kind.BUSY, "the cluster has no quorum: bring its other nodes back"),
          new Row(
              Pattern.compile("is locked|can't lock file|can't acquire lock|unable to .*lock"),
              LOCKED),
          row(
              "Configuration file '.*' does not exist|no such VM",
              Kind.NO_SUCH_SYSTEM,
              "the machine is gone: see whether it was deleted or has another VMID"),
          row(
              "Permission check failed|permission denied",
              Kind.NO_PRIVILEGE,
              "give the account, and its API token, that privilege on that path"),
          row(
              "protection mode",
              Kind.REFUSED,
              "the machine is protected: take that away in its options first"),
          row(
              "storage '.*' does not exist|storage .* is not (available|online|active)",
              Kind.REFUSED,
              "name one of the node's storages"),
          row(
              "bridge '.*' does not exist",
              Kind.REFUSED,
              "name a bridge of that node, as in its network settings"));

  private static Row row(String words, Kind kind, String advice) {
    return new Row(Pattern.compile(words), new Refusal(kind, advice));
  }

  /** What the words of an error 500 or of a task's end mean. */
  static Refusal of(String words) {
    return ROWS.stream()
        .filter(row -> row.words().matcher(words).find())
        .map(Row::refusal)
        .findFirst()
        .orElse(OTHER);
  }

  /** What an answer means. */
  static Refusal of(int status, String words, boolean reads) {
    return switch (status) {
      case 400 ->
          new Refusal(Kind.REFUSED, "the parameters do not fit this version or this machine");
      case 403 ->
          new Refusal(
              Kind.NO_PRIVILEGE,
              "give the account, and its API token, that privilege on that path");
      case 404, 501 ->
          new Refusal(Kind.BROKEN, "check that the URL is that of Proxmox VE, version 7 or later");
      case 429, 502, 503, 504 -> new Refusal(Kind.BUSY, "try again later");
      case 500 -> of(words);
      case 595 -> new Refusal(Kind.UNREACHABLE, "the node of the machine is off or cut off");
      case 596, 597, 598, 599 ->
          reads
              ? new Refusal(Kind.UNREACHABLE, "the node of the machine does not answer")
              : new Refusal(
                  Kind.UNKNOWN_OUTCOME,
                  "it may have been carried out: look at the machine before asking again");
      default -> new Refusal(Kind.BROKEN, "check that the URL is that of Proxmox VE");
    };
  }
}
