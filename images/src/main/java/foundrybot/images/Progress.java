// SPDX-License-Identifier: Apache-2.0
package foundrybot.images;

/** Where a long build says how far it is; a terminal, a log or a test listens. */
public interface Progress {
  /** A new step begins: one line, in the present tense ("download 212 packages"). */
  void step(String what);

  /**
   * How far the running step is.
   *
   * @param done units finished, 0 or more
   * @param total units in all; 0 when it is not known
   */
  void advance(long done, long total);

  /**
   * Something a person should know although the build goes on ("udeb partman-ext3: not in the
   * mirror").
   */
  void warn(String what);
}
