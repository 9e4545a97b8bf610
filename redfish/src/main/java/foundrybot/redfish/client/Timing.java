// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.client;

import java.time.Duration;
import java.time.Instant;

/** The time, and how it passes: a BMC's patience is minutes, a test's is not. */
public interface Timing {

  /** The machine's own. */
  Timing REAL =
      new Timing() {
        @Override
        public Instant now() {
          return Instant.now();
        }

        @Override
        public void sleep(Duration time) throws InterruptedException {
          Thread.sleep(time);
        }
      };

  Instant now();

  void sleep(Duration time) throws InterruptedException;
}
