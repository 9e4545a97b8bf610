// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import foundrybot.answerfiles.Shape.Brief;
import foundrybot.answerfiles.Shape.Items;
import foundrybot.answerfiles.Shape.Mapping;
import foundrybot.answerfiles.Shape.Scalar;
import foundrybot.answerfiles.Shape.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The keys of the rack file about virtual machines that are to be made. */
final class MachineKeys {
  static final String CORES = "2";
  static final String MEMORY = "4 GiB";
  static final String DISK = "20 GiB";

  private static final int MOST_CORES = 1024;
  private static final int MOST_DISKS = 16;
  private static final int MOST_NICS = 15;
  private static final long LEAST_MEMORY_MIB = 64;
  private static final long MOST_MIB = 1L << 30;
  private static final Map<String, Long> UNITS =
      Map.of("MiB", 1L, "GiB", 1L << 10, "TiB", 1L << 20);

  private static final String POOL_FORM = "[A-Za-z0-9][A-Za-z0-9._-]{0,127}";
  private static final String SIZE_FORM = "([1-9][0-9]{0,9}) ?(MiB|GiB|TiB)";
  private static final String DISK_FORM = SIZE_FORM + "( in " + POOL_FORM + ")?";
  private static final Pattern SIZE = Pattern.compile(SIZE_FORM);

  private static final Rule MEMORY_SIZE =
      Rule.matching(
          "64 MiB or more, as in 8 GiB",
          SIZE_FORM,
          text -> text.matches(SIZE_FORM) && isIn(mebibytes(text), LEAST_MEMORY_MIB));
  private static final Rule DISK_SIZE =
      Rule.matching(
          "a size, as in 40 GiB, with its storage where that is not pool: 200 GiB in bulk",
          DISK_FORM,
          text -> text.matches(DISK_FORM) && isIn(mebibytes(text), 1));
  private static final Rule POOL =
      Rule.pattern("the name of a storage of the hypervisor, such as default", POOL_FORM);
  private static final Rule NETWORK =
      Rule.pattern("the name of a network of the hypervisor, such as rack", POOL_FORM);

  private MachineKeys() {}

  /** A node's own. */
  static Mapping machine() {
    List<Shape.Key> keys = new ArrayList<>(defaults().keys());
    keys.add(
        Shape.Key.optional(
            "nics",
            new Table(Rules.MAC, nic(), 0, MOST_NICS),
            "none",
            "Cards beside the node's own, by MAC: a bridge, or a mapping with network."));
    return new Mapping(keys);
  }

  /** Those that are the same for many. */
  static Mapping defaults() {
    List<Shape.Key> keys =
        new ArrayList<>(
            List.of(
                Shape.Key.optional(
                    "cores", new Scalar(Rule.number(1, MOST_CORES)), CORES, "Virtual processors."),
                Shape.Key.optional(
                    "memory", new Scalar(MEMORY_SIZE), MEMORY, "Of the machine, in MiB, GiB, TiB."),
                Shape.Key.optional(
                    "disks",
                    new Items(DISK_SIZE, 0, MOST_DISKS),
                    DISK,
                    "Sizes of its disks, with in POOL behind those that lie elsewhere than in"
                        + " pool."),
                Shape.Key.optional(
                    "pool",
                    new Scalar(POOL),
                    "the hypervisor's usual one",
                    "The storage of the hypervisor that its disks lie in."),
                Shape.Key.optional(
                    "format",
                    new Scalar(Rule.oneOf(List.of("qcow2", "raw"))),
                    "what the storage usually has",
                    "How its disks lie there.")));
    keys.addAll(links());
    keys.add(
        Shape.Key.optional(
            "firmware",
            new Scalar(Rule.oneOf(List.of("bios", "uefi", "secure-boot"))),
            "uefi",
            "What starts it; secure-boot: UEFI that starts only what Microsoft has signed."));
    keys.add(
        Shape.Key.optional(
            "tpm", new Scalar(Rules.SWITCH), "off", "Whether it has an emulated TPM 2.0."));
    return new Mapping(keys);
  }

  private static Brief nic() {
    return new Brief("bridge", Rules.INTERFACE, new Mapping(links()));
  }

  private static List<Shape.Key> links() {
    return List.of(
        Shape.Key.optional(
            "bridge",
            new Scalar(Rules.INTERFACE),
            "required, or network",
            "The hypervisor's bridge that the card is plugged into."),
        Shape.Key.optional(
            "network",
            new Scalar(NETWORK),
            "required, or bridge",
            "Instead of a bridge: a network that the hypervisor keeps."));
  }

  /** A size that a rule here has accepted, whatever stands behind it. */
  static long mebibytes(String text) {
    Matcher size = SIZE.matcher(text);
    if (!size.lookingAt()) {
      throw new IllegalArgumentException("size: " + text + " (expected: as in 40 GiB)");
    }
    return Long.parseLong(size.group(1)) * UNITS.getOrDefault(size.group(2), 0L);
  }

  private static boolean isIn(long mebibytes, long least) {
    return least <= mebibytes && mebibytes <= MOST_MIB;
  }
}
