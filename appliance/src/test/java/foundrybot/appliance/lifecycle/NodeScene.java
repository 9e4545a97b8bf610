// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.lifecycle;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** One node on a clock of the test's own, and the facts that its machine leaves on its way. */
abstract class NodeScene {
  static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  static final String MAC = "52:54:00:aa:00:01";
  static final String FIRMWARE = "arch=7 program=FIRMWARE transport=PXE";
  static final String IPXE = "arch=7 program=IPXE transport=PXE";
  static final String OFFER = "file=52-54-00-aa-00-01/snponly.efi because: w1";
  static final String PROGRAM = "52-54-00-aa-00-01/snponly.efi, 200 blocks of 1456";

  Instant now = START;
  NodeState state = NodeState.planned(START);
  final List<Fact> told = new ArrayList<>();

  final void isPlanned() {
    now = START;
    state = NodeState.planned(START);
    told.clear();
  }

  final void happens(String kind, String detail) {
    now = now.plusSeconds(1);
    Fact fact = new Fact(now, MAC, kind, detail);
    told.add(fact);
    state = state.after(fact);
  }

  final void again(int times, String kind, String detail) {
    for (int i = 0; i < times; i++) {
      happens(kind, detail);
    }
  }

  final void pass(Duration time) {
    now = now.plus(time);
  }

  final void isOn() {
    happens("power.asked", "on; boots PXE once");
    happens("power.told", "on");
  }

  final void loads() {
    happens("dhcp.discover", FIRMWARE);
    happens("dhcp.offer", OFFER);
    happens("tftp.rrq", PROGRAM);
  }

  final void hasScript() {
    loads();
    happens("tftp.done", PROGRAM);
    happens("dhcp.discover", IPXE);
    comesWithToken(1);
  }

  final void comesWithToken(int number) {
    happens("token.minted", "hash-" + number + " salt-" + number);
    happens("token.used", "hash-" + number + " linux");
  }

  final void installs() {
    hasScript();
    happens("kernel.requested", "linux");
    happens("answer.served", "preseed.cfg");
  }

  /** The state by those facts alone that a pruned journal has. */
  final NodeState pruned() {
    DecidingFacts deciding = new DecidingFacts(_ -> true);
    for (int i = 0; i < told.size(); i++) {
      deciding.see(i, told.get(i));
    }
    NodeState left = NodeState.planned(START);
    for (int i : deciding.places().stream().toArray()) {
      left = left.after(told.get(i));
    }
    return left;
  }
}
