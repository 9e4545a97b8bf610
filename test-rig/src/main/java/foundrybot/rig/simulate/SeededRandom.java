// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.simulate;

import java.security.SecureRandom;
import java.util.Random;

/** Secrets of a simulation: of the form of real ones, and always the same with the same seed. */
final class SeededRandom extends SecureRandom {
  private static final long serialVersionUID = 1;

  private final Random random;

  SeededRandom(long seed) {
    this.random = new Random(seed);
  }

  @Override
  public synchronized void nextBytes(byte[] bytes) {
    random.nextBytes(bytes);
  }
}
