// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.doctor;

/**
 * One thing that is wrong, or worth knowing.
 *
 * @param what it is, in one clause
 * @param evidence what was seen that says so
 * @param cure what to do; empty if nothing
 */
public record Finding(Severity severity, String what, String evidence, String cure) {
  /** How bad it is. */
  public enum Severity {
    /** Machines do not boot, or boot something else. */
    FAULT,
    /** It works, or may, but not for all machines or not for long. */
    WARNING,
    /** Nothing is wrong. */
    NOTE
  }

  static Finding fault(String what, String evidence, String cure) {
    return new Finding(Severity.FAULT, what, evidence, cure);
  }

  static Finding warning(String what, String evidence, String cure) {
    return new Finding(Severity.WARNING, what, evidence, cure);
  }

  static Finding note(String what, String evidence, String cure) {
    return new Finding(Severity.NOTE, what, evidence, cure);
  }
}
