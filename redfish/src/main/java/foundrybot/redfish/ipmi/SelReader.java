// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.ipmi;

import foundrybot.redfish.LogEntry;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * Reads the end of the system event log (IPMI 2.0, 31.2 and 31.5). Records are a chain that is
 * followed forwards, so it begins near the last record's id, and at the first one where that fails.
 */
final class SelReader {
  /** More records than this are not walked through. */
  private static final int MOST_WALKED = 4096;

  private final Link link;

  SelReader(Link link) {
    this.link = link;
  }

  List<LogEntry> newest(int most) {
    int entries = SelInfo.decode(link.need(Command.GET_SEL_INFO)).entries();
    int wanted = Math.min(most, entries);
    if (wanted <= 0) {
      return List.of();
    }
    Optional<SelEntry> last = entry(SelEntry.LAST);
    int begin = last.map(e -> e.id() - wanted + 1).orElse(0);
    List<LogEntry> near = begin > 0 ? walk(begin, wanted) : List.of();
    return near.size() == wanted ? near : walk(SelEntry.FIRST, wanted);
  }

  private List<LogEntry> walk(int begin, int wanted) {
    Deque<LogEntry> newest = new ArrayDeque<>();
    int id = begin;
    for (int i = 0; i < MOST_WALKED; i++) {
      Optional<SelEntry> entry = entry(id);
      if (entry.isEmpty()) {
        break;
      }
      newest.addLast(entry.get().entry());
      if (newest.size() > wanted) {
        newest.removeFirst();
      }
      if (entry.get().next() == SelEntry.LAST || entry.get().next() == id) {
        break;
      }
      id = entry.get().next();
    }
    return List.copyOf(newest);
  }

  /** A whole record needs no reservation; one that is not there is no trouble. */
  private Optional<SelEntry> entry(int id) {
    IpmiMessage answer = link.call(Command.GET_SEL_ENTRY, 0, 0, id, id >> 8, 0, 0xff);
    return answer.completion() == CompletionCode.DONE
        ? Optional.of(SelEntry.decode(answer.data()))
        : Optional.empty();
  }
}
