// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

/**
 * An answer file could not be rendered, or what was rendered is not well-formed.
 *
 * <p>The user's input was checked before; so this is a fault of a template or of the caller, and
 * the message names the file, the line and the name.
 */
public final class RenderException extends RuntimeException {
  public RenderException(String message) {
    super(message);
  }

  public RenderException(String message, Throwable cause) {
    super(message, cause);
  }
}
