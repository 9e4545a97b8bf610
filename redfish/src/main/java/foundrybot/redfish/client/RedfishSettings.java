// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.client;

import java.time.Duration;

/**
 * How long a BMC is waited for. All of it is an upper limit.
 *
 * @param connect for a TCP connection and its TLS, each
 * @param read for the next byte of an answer; some BMCs hold a request for more than a minute
 * @param call for one call of {@code Bmc}, all retries in it; an action's patience comes on top
 * @param readBack for a written property to be seen, since many BMCs lag
 */
public record RedfishSettings(Duration connect, Duration read, Duration call, Duration readBack) {

  /** What suits the BMCs that are known. */
  public static final RedfishSettings USUAL =
      new RedfishSettings(
          Duration.ofSeconds(8),
          Duration.ofSeconds(75),
          Duration.ofMinutes(4),
          Duration.ofSeconds(15));

  public RedfishSettings {
    positive("connect", connect);
    positive("read", read);
    positive("call", call);
    positive("readBack", readBack);
  }

  private static void positive(String name, Duration value) {
    if (value.isNegative() || value.isZero()) {
      throw new IllegalArgumentException(name + ": " + value + " (expected: more than 0)");
    }
  }
}
