// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import java.util.Optional;
import picocli.CommandLine.Option;

/**
 * What the commands share that boot a machine for another purpose than its run: to be inspected,
 * erased or rescued.
 */
final class AsideOptions {
  @Option(names = "--by-hand", description = "You restart it, although it has a BMC.")
  private boolean byHand;

  @Option(names = "--no-wait", description = "Does not follow; see 'bootserver status'.")
  private boolean noWait;

  /** Whether one of them is there, which mean nothing where nothing is begun. */
  boolean isGiven() {
    return byHand || noWait;
  }

  boolean waits() {
    return !noWait;
  }

  /**
   * Asks the appliance to begin.
   *
   * @param what of the API, with what only that command asks
   * @param force also where a run is under way
   */
  PowerProgress begin(ApiClient client, String what, boolean force) {
    String path =
        what
            + (what.contains("?") ? "&" : "?")
            + "by-hand="
            + yesOrNo(byHand)
            + "&force="
            + yesOrNo(force);
    return new PowerProgress(client, "[" + client.command(path, "") + "]");
  }

  static String yesOrNo(boolean is) {
    return is ? "yes" : "no";
  }

  /**
   * Where a machine's report is, by the purpose that it was booted for.
   *
   * @param purpose of the status, such as {@code inspect}
   * @param path of the report in the API
   * @param noun what was to be reported
   */
  record Report(String node, String purpose, String path, String noun) {}

  /**
   * Begins and follows until the machine has reported.
   *
   * @return the exit status if there is no new report to be shown: 0 if it was not waited for
   * @throws UserException if it was ended without a report
   */
  Optional<Integer> report(ApiClient client, Report report, String what, boolean force)
      throws InterruptedException {
    Optional<String> before = last(client, report);
    PowerProgress progress = begin(client, what, force);
    if (noWait) {
      return Optional.of(0);
    }
    int status = progress.follow();
    if (status != 0 || !progress.isBegun()) {
      return Optional.of(status);
    }
    status = progress.followAside(report.purpose());
    if (!last(client, report).equals(before)) {
      return Optional.empty();
    }
    if (status == 0) {
      throw new UserException(
          Main.FAILED, report.node() + ": the " + report.noun() + " was ended without a report");
    }
    return Optional.of(status);
  }

  /** When the machine reported last. */
  private static Optional<String> last(ApiClient client, Report report) {
    try {
      return Optional.of(client.get(report.path()).get("at").asString());
    } catch (UserException e) {
      return Optional.empty();
    }
  }
}
