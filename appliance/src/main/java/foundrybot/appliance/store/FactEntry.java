// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.store;

import foundrybot.appliance.lifecycle.Fact;
import java.nio.ByteBuffer;

/**
 * One record of the journal: two links, then the fact.
 *
 * @param before position of the record before this one
 * @param beforeOfMachine position of the one before it of the same machine
 */
record FactEntry(long before, long beforeOfMachine, Fact fact) {
  /** The link of the first. */
  static final long NONE = -1;

  private static final int MAC = 3 * Long.BYTES;

  void putInto(ByteBuffer out) {
    out.putLong(before).putLong(beforeOfMachine);
    Texts.put(out, fact.at());
    Texts.put(out, fact.mac());
    Texts.put(out, fact.kind());
    Texts.put(out, fact.detail());
  }

  static FactEntry of(ByteBuffer in) {
    return new FactEntry(
        in.getLong(),
        in.getLong(),
        new Fact(Texts.time(in), Texts.get(in), Texts.get(in), Texts.get(in)));
  }

  /** The MAC alone. */
  static String mac(ByteBuffer in) {
    return Texts.get(in.position(MAC));
  }
}
