// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.nio.charset.StandardCharsets;

/**
 * One file for one node, ready to be served: never shown to anybody without the node's token.
 *
 * @param text as a person reads it; of an archive, what is in it
 * @param packed whether the text is served as the archive that it describes
 */
public record AnswerFile(String name, String contentType, String text, boolean packed) {
  AnswerFile(String name, String contentType, String text) {
    this(name, contentType, text, false);
  }

  /** What is served. */
  public byte[] bytes() {
    return packed ? Overlay.pack(name, text) : text.getBytes(StandardCharsets.UTF_8);
  }

  /** Leaves the text out, because it names the run's token. */
  @Override
  public String toString() {
    return "AnswerFile[" + name + ", " + contentType + ", " + text.length() + " characters]";
  }
}
