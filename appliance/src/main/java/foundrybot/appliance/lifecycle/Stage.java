// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.lifecycle;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/** How far a node is on its way from power-off to cluster member, in the order of the way. */
public enum Stage {
  /** In the rack file; nothing was heard of it in this run. */
  PLANNED(Optional.empty()),
  /** Its BMC is asked to switch it on; the appliance itself ends that, so there is no limit. */
  POWERING(Optional.empty()),
  /** It is on; the firmware of large machines takes minutes to come to the network. */
  POWERED_ON(Optional.of(Duration.ofMinutes(15))),
  /** It asked for an address and a boot program. */
  DHCP(Optional.of(Duration.ofMinutes(2))),
  /** It is fetching a boot program. */
  BOOTLOADER(Optional.of(Duration.ofMinutes(2))),
  /** iPXE has its script, with the run's token in it. */
  SCRIPT(Optional.of(Duration.ofMinutes(3))),
  /** It is fetching kernel and initrd, or they have just started. */
  KERNEL(Optional.of(Duration.ofMinutes(5))),
  /** Not of a run: the machine looks at what it is made of. */
  INSPECTING(Optional.of(Duration.ofMinutes(5))),
  /** Not of a run: the rescue system runs, for as long as the operator wants. */
  RESCUE(Optional.empty()),
  /** Not of a run: the machine overwrites its disks; it is heard of every few seconds. */
  ERASING(Optional.of(Duration.ofMinutes(5))),
  /** The installer, or the cast, has its answer file and is at work. */
  INSTALLING(Optional.of(Duration.ofMinutes(30))),
  /** The disk is finished; the machine restarts from it. */
  INSTALLED(Optional.of(Duration.ofMinutes(15))),
  /** The installed system runs and has reported. */
  FIRST_BOOT(Optional.of(Duration.ofMinutes(5))),
  /** It proved itself with its token and gave its identity: the goal of a run today. */
  ENROLLED(Optional.empty()),
  /** Not of a run: its disks were read back, and nothing but zeroes was on them. */
  ERASED(Optional.empty()),
  /** Not of a run: an operator took it out of the cluster, and nothing is handed to it. */
  RELEASED(Optional.empty());

  /** The stage that completes a run. */
  public static final Stage GOAL = ENROLLED;

  private final Optional<Duration> limit;

  Stage(Optional<Duration> limit) {
    this.limit = limit;
  }

  /** How long a node may show no progress here before it counts as stuck; empty: for ever. */
  public Optional<Duration> limit() {
    return limit;
  }

  /** Whether it is one of the way from power-off to cluster member. */
  public boolean isOfRun() {
    return switch (this) {
      case INSPECTING, RESCUE, ERASING, ERASED, RELEASED -> false;
      default -> true;
    };
  }

  public boolean isBefore(Stage other) {
    return compareTo(other) < 0;
  }

  /** As people write it: {@code first-boot}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
