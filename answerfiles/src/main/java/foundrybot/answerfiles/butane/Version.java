// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles.butane;

import java.util.List;
import java.util.Optional;

/**
 * A version of Butane's specification (coreos/butane, docs/specs.md). Those before Ignition 3.3.0
 * are not read: a profile's own configuration has that version.
 *
 * @param minor of the specification of Ignition 3 that it is translated to
 */
record Version(String variant, String number, int minor) {
  private static final List<Version> ALL =
      List.of(
          new Version("fcos", "1.4.0", 3),
          new Version("fcos", "1.5.0", 4),
          new Version("fcos", "1.6.0", 5),
          new Version("flatcar", "1.0.0", 3),
          new Version("flatcar", "1.1.0", 4));

  static Optional<Version> of(String variant, String number) {
    return ALL.stream()
        .filter(it -> it.variant.equals(variant) && it.number.equals(number))
        .findFirst();
  }

  static List<String> variants() {
    return ALL.stream().map(Version::variant).distinct().toList();
  }

  static String expected() {
    return "variant and version, one of "
        + String.join(", ", ALL.stream().map(it -> it.variant + " " + it.number).toList());
  }

  /** What stands in {@code ignition.version}. */
  String ignition() {
    return "3." + minor + ".0";
  }
}
