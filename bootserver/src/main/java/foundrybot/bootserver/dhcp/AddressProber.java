// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dhcp;

import foundrybot.bootserver.MacAddress;
import java.net.Inet4Address;
import java.util.concurrent.CompletionStage;

/** Finds out whether somebody answers on an address that nobody should have (RFC 2131 3.1). */
interface AddressProber extends AutoCloseable {
  /** What came out. */
  sealed interface Finding {
    /** Nobody answered in time. */
    record Free() implements Finding {}

    /**
     * Somebody answers there.
     *
     * @param seen who, and how that is known, for people
     */
    record InUse(String seen) implements Finding {}

    /**
     * Somebody was there a while ago; asked again in some seconds, it is either.
     *
     * @param seen as above
     */
    record Doubtful(String seen) implements Finding {}
  }

  /**
   * Begins to ask. It is called on an event loop and does not block; a stage that fails counts as
   * free.
   *
   * @param candidate who is to get the address: its own answer is no conflict
   * @param onLink whether the address is on a network that we are on
   */
  CompletionStage<Finding> probe(Inet4Address address, MacAddress candidate, boolean onLink);

  @Override
  void close();
}
