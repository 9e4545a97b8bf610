// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.sim;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;

/** How a machine's programs reach HTTP servers. */
public interface Web {
  /** The text of a document; anything but 200 is a setback. */
  String text(URI uri) throws IOException;

  /**
   * A file into a sink; anything but 200 is a setback.
   *
   * @return bytes
   */
  long fetch(URI uri, OutputStream sink) throws IOException;

  /** The status of a report. */
  int status(String method, URI uri, String form) throws IOException;
}
