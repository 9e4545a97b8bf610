// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;

/** What happened to a machine, as its BMC has logged it; the oldest lines go first. */
final class EventLog {
  private static final int MOST = 256;

  private final InstantSource clock;
  private final Deque<Line> lines = new ArrayDeque<>();
  private int count;

  private record Line(int number, String at, String severity, String message) {}

  EventLog(InstantSource clock) {
    this.clock = clock;
    add("OK", "The management controller has started.");
  }

  void add(String severity, String message) {
    if (lines.size() >= MOST) {
      lines.removeFirst();
    }
    lines.add(new Line(++count, clock.instant().toString(), severity, message));
  }

  void clear() {
    lines.clear();
    add("OK", "The log was cleared.");
  }

  /** The entries below this path, oldest first. */
  List<Map<String, Object>> entries(String path) {
    List<Map<String, Object>> entries = new ArrayList<>();
    for (Line line : lines) {
      entries.add(
          Json.object(
              "@odata.id",
              path + "/" + line.number(),
              "@odata.type",
              "#LogEntry.v1_11_0.LogEntry",
              "Id",
              Integer.toString(line.number()),
              "Name",
              "Log entry " + line.number(),
              "EntryType",
              "SEL",
              "Created",
              line.at(),
              "Severity",
              line.severity(),
              "Message",
              line.message()));
    }
    return entries;
  }
}
