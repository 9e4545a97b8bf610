// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.store;

import java.io.IOException;
import java.nio.file.Path;

/** The durable state cannot be read or written; the message names the place and the cure. */
public final class StoreException extends RuntimeException {
  public StoreException(String message) {
    super(message);
  }

  public StoreException(String message, Throwable cause) {
    super(message, cause);
  }

  /**
   * What a store says whose files cannot be written or read, as on a full disk.
   *
   * @param folder of the files
   */
  public static StoreException unusable(Path folder, IOException problem) {
    return new StoreException(
        folder
            + ": cannot be written or read ("
            + problem.getMessage()
            + "); free space on its disk or mend its rights, then start the appliance again",
        problem);
  }
}
