// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.simulate;

import java.time.Duration;

/**
 * What becomes of what is sent.
 *
 * @param loss share of datagrams that do not arrive, 0..0.9
 * @param twice share of datagrams that arrive twice, 0..0.9
 * @param latest up to how much later than the next one a datagram may arrive
 * @param broken share of HTTP answers whose connection breaks before them, 0..0.9
 */
record Weather(double loss, double twice, Duration latest, double broken) {
  static final Weather FAIR = new Weather(0, 0, Duration.ofMillis(1), 0);

  /** A network that nobody would complain about, and that has all kinds of trouble. */
  static final Weather USUAL = new Weather(0.02, 0.01, Duration.ofMillis(20), 0.005);
}
