// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.store;

/** The durable state cannot be read or written; the message names the place and the cure. */
public final class StoreException extends RuntimeException {
  public StoreException(String message) {
    super(message);
  }

  public StoreException(String message, Throwable cause) {
    super(message, cause);
  }
}
