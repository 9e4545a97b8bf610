// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.math.BigDecimal;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Disks beside those of the system, which are wiped and proved blank. A machine's disks are only
 * known on the machine, so all but {@link Device} is a rule that {@code data-disks} applies there,
 * in the order of the list and never to a disk of the system.
 */
public sealed interface DataDisk {
  /**
   * One disk.
   *
   * @param path such as {@code /dev/disk/by-id/...}
   */
  record Device(String path) implements DataDisk {}

  /**
   * All disks that are larger.
   *
   * @param bytes which the disk's size must exceed
   */
  record LargerThan(long bytes) implements DataDisk {}

  /**
   * All disks that are smaller.
   *
   * @param bytes which the disk's size must stay below
   */
  record SmallerThan(long bytes) implements DataDisk {}

  /** All disks that are neither the system's nor chosen before. */
  record Others() implements DataDisk {}

  /** What {@link #of} reads; {@code TB} as disks are sold, {@code TiB} as programs count. */
  String FORM =
      "others|(larger|smaller) than [1-9][0-9]{0,5}(\\.[0-9]{1,3})? ?(GB|TB|GiB|TiB)"
          + "|/dev/[A-Za-z0-9._:@+-]+(/[A-Za-z0-9._:@+-]+)*";

  /**
   * Reads what the rack file's rule has accepted.
   *
   * @throws IllegalArgumentException if it has not
   */
  static DataDisk of(String text) {
    if (text.equals("others")) {
      return new Others();
    }
    Matcher size = Sizes.FORM.matcher(text);
    if (!size.matches()) {
      return new Device(text);
    }
    long unit = Sizes.UNITS.getOrDefault(size.group(3), 0L);
    long bytes = new BigDecimal(size.group(2)).multiply(BigDecimal.valueOf(unit)).longValue();
    return size.group(1).equals("larger") ? new LargerThan(bytes) : new SmallerThan(bytes);
  }

  /** The word by which {@code data-disks} is told. */
  default String choice() {
    return switch (this) {
      case Device(String path) -> path;
      case LargerThan(long bytes) -> "larger:" + bytes;
      case SmallerThan(long bytes) -> "smaller:" + bytes;
      case Others() -> "others";
    };
  }

  /** How sizes are written. */
  final class Sizes {
    private static final Pattern FORM =
        Pattern.compile("(larger|smaller) than ([0-9.]+) ?(GB|TB|GiB|TiB)");
    private static final Map<String, Long> UNITS =
        Map.of("GB", 1_000_000_000L, "TB", 1_000_000_000_000L, "GiB", 1L << 30, "TiB", 1L << 40);

    private Sizes() {}
  }
}
