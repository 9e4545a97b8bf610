// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles.mesh;

/**
 * What came of reading what a node has sent.
 *
 * @param <R> the request that it should be
 */
public sealed interface RequestReading<R> {
  /** It is one; who signed it is not known yet. */
  record Read<R>(R request) implements RequestReading<R> {}

  /**
   * It is none.
   *
   * @param why without anything that stood there
   */
  record Malformed<R>(String why) implements RequestReading<R> {}
}
