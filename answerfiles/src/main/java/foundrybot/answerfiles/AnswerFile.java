// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

/** One text for one node, ready to be served: never shown to anybody without the node's token. */
public record AnswerFile(String name, String contentType, String text) {
  /** Leaves the text out, because it names the run's token. */
  @Override
  public String toString() {
    return "AnswerFile[" + name + ", " + contentType + ", " + text.length() + " characters]";
  }
}
