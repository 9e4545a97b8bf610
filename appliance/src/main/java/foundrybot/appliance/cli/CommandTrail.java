// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.answerfiles.Mac;
import foundrybot.appliance.OfflineAudit;
import foundrybot.appliance.store.StoreException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Sees to it that a change which a command makes by itself stands in the audit log: through the
 * running appliance, or in the journal of the one that does not run. A log that cannot be written
 * is said and keeps nobody from switching off a machine that burns.
 */
final class CommandTrail {
  private static final String NOT_FOR_THE_LOG = "[^a-zA-Z0-9 ./:-]";

  /** Characters of what was done, and of what came of it, that the log takes. */
  private static final int MOST = 120;

  private final Path data;
  private final Mac machine;
  private final String what;
  private final Optional<Duration> most;

  /** By which way the beginning was written, so that the end goes by the same one. */
  private sealed interface Begun {
    record Running(String id) implements Begun {}

    record Offline(OfflineAudit log) implements Begun {}

    record Nowhere() implements Begun {}
  }

  /**
   * A change that has not begun.
   *
   * @param what in the program's own words, such as {@code power off w1}
   */
  CommandTrail(Path data, Mac machine, String what) {
    this(data, machine, what, Optional.empty());
  }

  private CommandTrail(Path data, Mac machine, String what, Optional<Duration> most) {
    this.data = data;
    this.machine = machine;
    this.what = forTheLog(what);
    this.most = most;
  }

  /**
   * The same of one that switches the machine: a running appliance tells its BMC nothing meanwhile,
   * and refuses it while a deployment or another command has the BMC.
   *
   * @param longest that the change takes
   */
  CommandTrail alone(Duration longest) {
    return new CommandTrail(data, machine, what, Optional.of(longest));
  }

  private static String forTheLog(String text) {
    String plain = text.replaceAll(NOT_FOR_THE_LOG, "?");
    return plain.length() > MOST ? plain.substring(0, MOST - 3) + "..." : plain;
  }

  /**
   * Makes the change.
   *
   * @param change gives its outcome in the program's own words; what it throws is a failure
   */
  void around(Supplier<String> change) {
    Begun begun = begin();
    String result = "failed";
    try {
      result = change.get();
    } finally {
      end(begun, result);
    }
  }

  private Begun begin() {
    if (!Files.isDirectory(data)) {
      return new Begun.Nowhere();
    }
    String keep = most.map(time -> "&keep=" + time.toSeconds()).orElse("");
    Optional<String> id = tell("begun?what=" + encoded(what) + keep);
    if (id.isPresent()) {
      return new Begun.Running(id.get().strip());
    }
    OfflineAudit log = new OfflineAudit(data, Clock.systemUTC());
    try {
      log.asked(machine, what);
      return new Begun.Offline(log);
    } catch (StoreException e) {
      warn(String.valueOf(e.getMessage()));
      return new Begun.Nowhere();
    }
  }

  private void end(Begun begun, String result) {
    switch (begun) {
      case Begun.Running(String id) -> {
        String told = "&id=" + id + "&result=" + encoded(forTheLog(result));
        if (tell("ended?what=" + encoded(what) + told).isEmpty()) {
          warn("the appliance has ended meanwhile");
        }
      }
      case Begun.Offline(OfflineAudit log) -> {
        try {
          log.answered(machine, what, forTheLog(result));
        } catch (StoreException e) {
          warn(String.valueOf(e.getMessage()));
        }
      }
      case Begun.Nowhere() -> {}
    }
  }

  /** Empty if no appliance answers. */
  private Optional<String> tell(String rest) {
    String path = "commands/" + machine.toString().replace(':', '-') + "/" + rest;
    try (ApiClient client = new ApiClient(data)) {
      return Optional.of(client.post(path, ""));
    } catch (UserException e) {
      if (e.exitStatus() == ApiClient.UNREACHABLE) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private static void warn(String why) {
    System.err.println("bootserver: warning: not in the audit log: " + why);
  }
}
