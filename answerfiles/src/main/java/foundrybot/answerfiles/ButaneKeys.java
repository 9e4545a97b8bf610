// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import foundrybot.answerfiles.Shape.Document;

/**
 * The rack file's key for what Ignition is to do beside what a profile has it do: Butane's keys, or
 * the file in which they stand.
 */
final class ButaneKeys {
  static final String KEY = "butane";

  private static final String STEP = "[A-Za-z0-9][A-Za-z0-9._+@-]{0,127}";

  private static final Rule FILE =
      Rule.pattern(
          "a file in the rack file's folder or below, such as butane/worker.bu",
          STEP + "(/" + STEP + "){0,15}");

  private ButaneKeys() {}

  static Shape.Key butane(String fallback, String meaning) {
    String what = "a mapping with Butane's keys: variant, version, storage, systemd, passwd, ...";
    return Shape.Key.optional(KEY, new Document(FILE, what), fallback, meaning);
  }
}
