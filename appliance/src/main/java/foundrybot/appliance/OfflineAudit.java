// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.answerfiles.Mac;
import foundrybot.appliance.lifecycle.Fact;
import foundrybot.appliance.operator.AuditEntry;
import foundrybot.appliance.store.Store;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;

/**
 * The audit log of an appliance that does not run, for commands that do without it. The journal is
 * open for one line at a time, so that nobody who starts the appliance meanwhile is kept from it.
 */
public final class OfflineAudit {
  /** In the place of an address. */
  private static final String FROM = "command";

  private final Path data;
  private final InstantSource clock;
  private final String who;
  private final String id;

  /** Writes nothing yet; the operator is the user of this process. */
  public OfflineAudit(Path data, InstantSource clock) {
    this.data = data;
    this.clock = clock;
    this.who = "uid:" + OwnUser.number();
    this.id = Audit.newId();
  }

  /**
   * Somebody is about to change something; durable when the call returns.
   *
   * @throws foundrybot.appliance.store.StoreException if the journal cannot be had
   */
  public void asked(Mac machine, String what) {
    write(machine, AuditEntry.ASKED, AuditEntry.asked(who, FROM, id, what));
  }

  /** What came of it; throws as {@link #asked} does. */
  public void answered(Mac machine, String what, String result) {
    write(machine, AuditEntry.ANSWERED, AuditEntry.answered(who, FROM, id, what, result));
  }

  /** The same of a change that is no node's. */
  public void asked(String what) {
    write("", AuditEntry.ASKED, AuditEntry.asked(who, FROM, id, what));
  }

  /** What came of it. */
  public void answered(String what, String result) {
    write("", AuditEntry.ANSWERED, AuditEntry.answered(who, FROM, id, what, result));
  }

  private void write(Mac machine, String kind, String detail) {
    write(machine.toString(), kind, detail);
  }

  private void write(String machine, String kind, String detail) {
    try (Store store = Store.open(data)) {
      store.append(List.of(new Fact(clock.instant(), machine, kind, detail)));
      store.force();
    }
  }
}
