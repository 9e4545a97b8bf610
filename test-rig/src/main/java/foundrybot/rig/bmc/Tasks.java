// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What was accepted with 202 (Redfish DSP0266, section 7.12). */
final class Tasks {
  static final String SERVICE = "/redfish/v1/TaskService";
  private static final String TASKS = SERVICE + "/Tasks";
  private static final String MONITORS = SERVICE + "/TaskMonitors";
  private static final int MOST = 100;

  private final InstantSource clock;
  private final Duration takes;
  private final boolean monitorEndsTask;
  private final Map<String, Task> tasks = new LinkedHashMap<>();
  private int count;

  private record Task(String id, Instant begun, Instant due, boolean fails, Reply result) {}

  /**
   * Tasks that are done after a while.
   *
   * @param monitorEndsTask reading the monitor of a finished task deletes the task
   */
  Tasks(InstantSource clock, Duration takes, boolean monitorEndsTask) {
    this.clock = clock;
    this.takes = takes;
    this.monitorEndsTask = monitorEndsTask;
  }

  /** The 202 for a task that ends with this answer. */
  Reply accept(boolean fails, Reply result) {
    if (tasks.size() >= MOST) {
      tasks.remove(tasks.keySet().iterator().next());
    }
    Instant now = clock.instant();
    Task task = new Task(Integer.toString(++count), now, now.plus(takes), fails, result);
    tasks.put(task.id(), task);
    return Reply.json(202, resource(task))
        .with("Location", MONITORS + "/" + task.id())
        .with("Retry-After", "1");
  }

  /** What is below {@link #SERVICE}; empty for what is not there. */
  Optional<Reply> answer(String path, boolean delete) {
    int slash = path.lastIndexOf('/');
    Task task = tasks.get(path.substring(slash + 1));
    String parent = path.substring(0, slash);
    if (task == null || (!parent.equals(TASKS) && !parent.equals(MONITORS))) {
      return Optional.empty();
    }
    if (delete) {
      tasks.remove(task.id());
      return Optional.of(Reply.empty(204));
    }
    if (parent.equals(TASKS)) {
      return Optional.of(Reply.json(200, resource(task)));
    }
    if (runs(task)) {
      return Optional.of(
          Reply.json(202, resource(task))
              .with("Location", MONITORS + "/" + task.id())
              .with("Retry-After", "1"));
    }
    if (monitorEndsTask) {
      tasks.remove(task.id());
    }
    return Optional.of(task.result());
  }

  List<String> paths() {
    return tasks.keySet().stream().map(id -> TASKS + "/" + id).toList();
  }

  private boolean runs(Task task) {
    return clock.instant().isBefore(task.due());
  }

  private Map<String, Object> resource(Task task) {
    boolean runs = runs(task);
    return Json.object(
        "@odata.id",
        TASKS + "/" + task.id(),
        "@odata.type",
        "#Task.v1_5_1.Task",
        "Id",
        task.id(),
        "Name",
        "Task " + task.id(),
        "TaskState",
        runs ? "Running" : task.fails() ? "Exception" : "Completed",
        "TaskStatus",
        runs || !task.fails() ? "OK" : "Critical",
        "StartTime",
        task.begun().toString(),
        "EndTime",
        runs ? Optional.empty() : Optional.of(task.due().toString()),
        "PercentComplete",
        runs ? 50 : 100,
        "TaskMonitor",
        MONITORS + "/" + task.id(),
        "Messages",
        runs
            ? List.of()
            : List.of(
                task.fails()
                    ? Errors.message("InternalError", "The operation failed in the BMC.")
                    : Errors.message("Success", "The request completed successfully.")));
  }
}
