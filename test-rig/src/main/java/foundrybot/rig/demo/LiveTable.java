// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.demo;

import foundrybot.appliance.FleetStatus;
import foundrybot.appliance.FleetStatus.NodeStatus;
import foundrybot.appliance.cli.StatusTable;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** Shows a rack as it comes up: a table drawn anew on a terminal, else a line for each change. */
final class LiveTable {
  @SuppressWarnings("InlineFormatString") // the escape sequence needs a name
  private static final String UP_AND_CLEAR = "\u001b[%dF\u001b[J";

  private final PrintStream out;
  private final boolean redraws;
  private final int width;
  private final Instant start;
  private final Map<String, String> stages = new HashMap<>();
  private int drawn;

  LiveTable(PrintStream out, boolean redraws, int width, Instant start) {
    this.out = out;
    this.redraws = redraws;
    this.width = width;
    this.start = start;
  }

  void show(FleetStatus status, Instant now) {
    if (redraws) {
      draw(status, now);
    } else {
      for (NodeStatus node : status.nodes()) {
        String old = stages.put(node.name(), node.stage());
        if (old != null && !old.equals(node.stage())) {
          change(node, old, now);
        }
      }
    }
    out.flush();
  }

  private void draw(FleetStatus status, Instant now) {
    String table = StatusTable.of(status, now, width);
    if (drawn > 0) {
      out.printf(Locale.ROOT, UP_AND_CLEAR, drawn);
    }
    out.print(table);
    drawn = (int) table.lines().count();
  }

  private void change(NodeStatus node, String old, Instant now) {
    out.printf(
        Locale.ROOT,
        "%6.1f s  %-16s %-14s %s -> %s%n",
        Duration.between(start, now).toMillis() / 1000.0,
        node.name(),
        node.role(),
        old,
        node.stage());
  }
}
