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
    Optional<SelEntry> last = guess(SelEntry.LAST);
    int begin = last.map(e -> e.id() - wanted + 1).orElse(0);
    Optional<SelEntry> first = begin > 0 ? guess(begin) : Optional.empty();
    List<LogEntry> near = first.map(e -> walk(e, wanted)).orElse(List.of());
    return near.size() == wanted
        ? near
        : entry(SelEntry.FIRST).map(e -> walk(e, wanted)).orElse(List.of());
  }

  private List<LogEntry> walk(SelEntry first, int wanted) {
    Deque<LogEntry> newest = new ArrayDeque<>();
    SelEntry here = first;
    for (int i = 0; i < MOST_WALKED; i++) {
      newest.addLast(here.entry());
      if (newest.size() > wanted) {
        newest.removeFirst();
      }
      Optional<SelEntry> next =
          here.next() == SelEntry.LAST || here.next() == here.id()
              ? Optional.empty()
              : entry(here.next());
      if (next.isEmpty()) {
        break;
      }
      here = next.get();
    }
    return List.copyOf(newest);
  }

  /** One whose id is only thought of may be refused in any way. */
  private Optional<SelEntry> guess(int id) {
    IpmiMessage answer = ask(id);
    return answer.completion() == CompletionCode.DONE
        ? Optional.of(SelEntry.decode(answer.data()))
        : Optional.empty();
  }

  /** One that the log itself names: it is not there if the log was cleared, else it is trouble. */
  private Optional<SelEntry> entry(int id) {
    IpmiMessage answer = ask(id);
    return switch (answer.completion()) {
      case CompletionCode.DONE -> Optional.of(SelEntry.decode(answer.data()));
      case CompletionCode.NOT_PRESENT -> Optional.empty();
      default -> throw link.refusal(Command.GET_SEL_ENTRY, answer.completion());
    };
  }

  /** A whole record needs no reservation. */
  private IpmiMessage ask(int id) {
    return link.call(Command.GET_SEL_ENTRY, 0, 0, id, id >> 8, 0, 0xff);
  }
}
