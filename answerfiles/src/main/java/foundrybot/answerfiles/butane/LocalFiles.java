// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles.butane;

import java.util.Optional;

/** The files that an input may name, by their path below one folder. */
public interface LocalFiles {
  /** Where there are none. */
  LocalFiles NONE = _ -> Optional.empty();

  /**
   * One of them; empty if there is no such file below the folder.
   *
   * @param path of names with a slash between them, none of which is {@code .} or {@code ..}
   */
  Optional<byte[]> bytes(String path);
}
