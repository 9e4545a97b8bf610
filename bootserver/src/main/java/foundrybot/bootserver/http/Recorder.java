// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.http;

import foundrybot.bootserver.Counters;
import foundrybot.bootserver.MacAddress;
import foundrybot.bootserver.WireEvent;
import foundrybot.bootserver.WireObserver;
import java.net.InetSocketAddress;
import java.util.Optional;

/** Where the connections put what they saw: events without paths, and numbers. */
record Recorder(WireObserver observer, Counters counters) {

  /** Counts, and tells the flight recorder. */
  void tell(
      String counter,
      String kind,
      Optional<MacAddress> mac,
      InetSocketAddress peer,
      String detail) {
    counters.count(counter);
    observer.observed(new WireEvent(WireEvent.Protocol.HTTP, kind, mac, peer, detail));
  }
}
