// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.webhook;

import foundrybot.redfish.BmcFault;

/** Ends a call at the request that failed; {@link WebhookBmc} makes its outcome of it. */
final class Trouble extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final transient BmcFault fault;

  Trouble(BmcFault fault) {
    super(fault.evidence(), null, false, false);
    this.fault = fault;
  }

  BmcFault fault() {
    return fault;
  }

  boolean is(BmcFault.Kind kind) {
    return fault.kind() == kind;
  }
}
