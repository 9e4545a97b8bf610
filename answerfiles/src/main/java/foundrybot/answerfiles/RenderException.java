// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

/**
 * An answer file could not be rendered, or what was rendered is not well-formed.
 *
 * <p>The user's input was checked before; so this is a fault of a template or of the caller, and
 * the message names the file, the line and the name.
 */
public final class RenderException extends RuntimeException {
  private final String file;
  private final int line;

  public RenderException(String message) {
    super(message);
    this.file = "";
    this.line = 1;
  }

  public RenderException(String message, Throwable cause) {
    super(message, cause);
    this.file = "";
    this.line = 1;
  }

  /** With a place in a template; the message begins with it. */
  RenderException(String file, int line, String what, Throwable cause) {
    super(file + ":" + line + ": " + what, cause);
    this.file = file;
    this.line = line;
  }

  /** With a place in a file of the user's, where nothing else threw. */
  RenderException(String file, int line, String what) {
    super(file + ":" + line + ": " + what);
    this.file = file;
    this.line = line;
  }

  /** Where the fault is; empty if that is known to who asked for the file alone. */
  String file() {
    return file;
  }

  /** Of the template, counted from 1; 1 if it is not known. */
  int line() {
    return line;
  }
}
