// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.client;

import foundrybot.redfish.BmcFault;
import java.util.Optional;

/** Carries a fault, or what is not supported, to the call that reports it; never leaves here. */
final class RedfishException extends RuntimeException {
  private final transient Optional<BmcFault> fault;
  private final transient String unsupported;

  private RedfishException(Optional<BmcFault> fault, String text) {
    super(text, null, false, false);
    this.fault = fault;
    this.unsupported = fault.isPresent() ? "" : text;
  }

  static RedfishException of(BmcFault fault) {
    return new RedfishException(Optional.of(fault), fault.evidence());
  }

  /** In the form "setting the next boot". */
  static RedfishException unsupported(String what) {
    return new RedfishException(Optional.empty(), what);
  }

  Optional<BmcFault> fault() {
    return fault;
  }

  String unsupported() {
    return unsupported;
  }

  boolean is(BmcFault.Kind kind) {
    return fault.map(f -> f.kind() == kind).orElse(false);
  }
}
