// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Tasks of the emulated Proxmox VE: each takes a while, does its work at its end, and keeps the
 * words that it ended with. Time passes with requests, so {@link #advance} comes before each.
 */
final class PveTasks {
  private static final int MOST = 1000;

  private final InstantSource clock;
  private final Map<String, Task> tasks = new LinkedHashMap<>();
  private int count;

  PveTasks(InstantSource clock) {
    this.clock = clock;
  }

  /** One task; it has ended when it has an exit. */
  private static final class Task {
    final String upid;
    final String node;
    final String type;
    final int vmid;
    final String user;
    final Instant begun;
    final Supplier<Optional<Instant>> end;
    final Runnable work;
    Optional<String> exit = Optional.empty();

    Task(
        String upid,
        String node,
        String type,
        int vmid,
        String user,
        Instant begun,
        Supplier<Optional<Instant>> end,
        Runnable work) {
      this.upid = upid;
      this.node = node;
      this.type = type;
      this.vmid = vmid;
      this.user = user;
      this.begun = begun;
      this.end = end;
      this.work = work;
    }
  }

  /**
   * Begins one.
   *
   * @param work is done at the end, and fails by {@link PveError}
   * @return its name, as the API answers
   */
  String begin(String node, String type, int vmid, String user, Duration takes, Runnable work) {
    Instant due = clock.instant().plus(takes);
    return begin(node, type, vmid, user, () -> Optional.of(due), work);
  }

  /** One whose end is not known before: nothing until then. */
  String begin(
      String node,
      String type,
      int vmid,
      String user,
      Supplier<Optional<Instant>> end,
      Runnable work) {
    if (tasks.size() >= MOST) {
      tasks.remove(tasks.keySet().iterator().next());
    }
    Instant now = clock.instant();
    String upid =
        String.format(
            Locale.ROOT,
            "UPID:%s:%08X:%08X:%08X:%s:%d:%s:",
            node,
            4000 + ++count,
            now.toEpochMilli() & 0xffffffffL,
            now.getEpochSecond(),
            type,
            vmid,
            user);
    tasks.put(upid, new Task(upid, node, type, vmid, user, now, end, work));
    return upid;
  }

  /** Does what is due. */
  void advance() {
    for (Task task : List.copyOf(tasks.values())) {
      boolean due =
          task.exit.isEmpty()
              && task.end.get().filter(end -> !end.isAfter(clock.instant())).isPresent();
      if (due) {
        try {
          task.work.run();
          task.exit = Optional.of("OK");
        } catch (PveError e) {
          task.exit = Optional.of(e.words());
        }
      }
    }
  }

  Map<String, Object> status(String node, String upid) {
    Task task = tasks.get(upid);
    if (task == null || !task.node.equals(node)) {
      throw PveError.of("unable to parse worker upid '" + upid + "'");
    }
    return Json.object(
        "upid",
        task.upid,
        "node",
        task.node,
        "pid",
        4000,
        "pstart",
        1,
        "starttime",
        task.begun.getEpochSecond(),
        "type",
        task.type,
        "id",
        Integer.toString(task.vmid),
        "user",
        task.user,
        "status",
        task.exit.isPresent() ? "stopped" : "running",
        "exitstatus",
        task.exit);
  }

  /** The newest first. */
  List<Map<String, Object>> list(String node, int vmid, int most) {
    List<Map<String, Object>> list = new ArrayList<>();
    for (Task task : new ArrayList<>(tasks.values()).reversed()) {
      if (task.node.equals(node) && task.vmid == vmid && list.size() < most) {
        list.add(
            Json.object(
                "upid",
                task.upid,
                "type",
                task.type,
                "id",
                Integer.toString(vmid),
                "user",
                task.user,
                "starttime",
                task.begun.getEpochSecond(),
                "status",
                task.exit));
      }
    }
    return list;
  }
}
