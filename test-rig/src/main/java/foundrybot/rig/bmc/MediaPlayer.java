// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import java.net.URI;

/** How a BMC plays an image to its machine. */
interface MediaPlayer {

  /** What came of it. */
  sealed interface Played {}

  /** It plays until it is closed. */
  non-sealed interface Playing extends Played, AutoCloseable {
    /** Where the machine finds it. */
    URI forMachine();

    /** How often the image's server was asked. */
    int requests();

    @Override
    void close();
  }

  /** It cannot be played. */
  record Refused(Reply reply) implements Played {}

  /**
   * Begins.
   *
   * @param image http or https
   * @param verify whether the certificate of its server must be a known one
   */
  Played play(URI image, boolean verify);

  /** Fetches nothing: the machine is told the image's own address. */
  MediaPlayer TELLING = (image, verify) -> new Told(image);

  /** A machine that is told. */
  record Told(URI forMachine) implements Playing {
    @Override
    public int requests() {
      return 0;
    }

    @Override
    public void close() {}
  }
}
