// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.lifecycle;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What an operator wants erased.
 *
 * @param at when it was asked for; a machine that comes later than {@link #WINDOW} is not erased
 * @param disks the kernel's names; empty: all that are fixed and can be written
 * @param samples whether a part of each disk is read back instead of the whole
 */
public record EraseOrder(Instant at, List<String> disks, boolean samples) {
  /** Nobody remembers for longer that a machine is to lose its data when it starts next. */
  public static final Duration WINDOW = Duration.ofHours(1);

  private static final Pattern DETAIL =
      Pattern.compile("disks=(\\S+) proof=(whole|samples)(; .*)?");

  private static final String ALL = "all";

  public EraseOrder {
    disks = List.copyOf(disks);
  }

  /** The detail of the fact that it was asked for. */
  public static String detail(List<String> disks, boolean samples) {
    return "disks="
        + (disks.isEmpty() ? ALL : String.join(",", disks))
        + " proof="
        + (samples ? "samples" : "whole");
  }

  /** What no version has written orders nothing less than proof of everything. */
  static EraseOrder of(Fact fact) {
    Matcher detail = DETAIL.matcher(fact.detail());
    if (!detail.matches()) {
      return new EraseOrder(fact.at(), List.of(), false);
    }
    List<String> disks =
        detail.group(1).equals(ALL) ? List.of() : List.of(detail.group(1).split(",", -1));
    return new EraseOrder(fact.at(), disks, detail.group(2).equals("samples"));
  }

  /** As the machine's order has it. */
  public String disksText() {
    return disks.isEmpty() ? ALL : String.join(",", disks);
  }

  /** As the machine's order, and its report, have it. */
  public String proof() {
    return samples ? "samples" : "whole";
  }

  boolean isOpen(Instant now) {
    return !now.isAfter(at.plus(WINDOW));
  }
}
