// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

/**
 * One thing wrong in a file of the user's, with all that is needed to mend it.
 *
 * @param source the file's name as the user gave it
 * @param line counted from 1
 * @param column counted from 1
 * @param path where in the document, such as {@code nodes.52:54:00:aa:00:01.role}; may be empty
 * @param value what stands there, shortened and made printable
 * @param expected what should stand there
 */
public record Fault(
    String source, int line, int column, String path, String value, String expected) {
  @Override
  public String toString() {
    String what = path.isEmpty() ? value : path + ": " + value;
    return source + ":" + line + ":" + column + ": " + what + " (expected: " + expected + ")";
  }
}
