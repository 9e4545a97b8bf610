// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish;

/**
 * Why a BMC did not obey: what was asked of whom, what it answered, and what to do.
 *
 * @param asked {@code PATCH /redfish/v1/Systems/1 Boot}, without secrets
 * @param answered {@code 400 Base.1.8.PropertyNotWritable: ...}, {@code no answer in 5 s}
 * @param advice what the operator can do
 */
public record BmcFault(Kind kind, String bmc, String asked, String answered, String advice) {

  /** What kind of trouble it is, which decides whether trying again makes sense. */
  public enum Kind {
    /** User or password are wrong. Never tried again: BMCs lock accounts. */
    WRONG_PASSWORD(false),
    /** The account may log in, but must change its password, or lacks the privilege. */
    NO_PRIVILEGE(false),
    /** The certificate is not the one that is trusted. */
    NOT_TRUSTED(false),
    /** It has no such machine, or several and none was named. */
    NO_SUCH_SYSTEM(false),
    /** It understood and declined. */
    REFUSED(false),
    /** It said yes, and nothing changed. */
    NO_EFFECT(true),
    /** Nobody answers. */
    UNREACHABLE(true),
    /** What would have changed something surely did not arrive: nothing was carried out. */
    NOT_SENT(true),
    /** It answers, but says that it is busy or not ready. */
    BUSY(true),
    /** It answers, with errors of its own or what is no answer. */
    BROKEN(true),
    /** The connection broke or time ran out: carried out or not, nobody knows. */
    UNKNOWN_OUTCOME(true);

    private final boolean mayPass;

    Kind(boolean mayPass) {
      this.mayPass = mayPass;
    }

    /** Whether the same request may succeed later, unchanged. */
    public boolean mayPass() {
      return mayPass;
    }
  }

  /** One line for the flight recorder. */
  public String evidence() {
    return bmc + ": asked " + asked + ", answered " + answered + "; " + advice;
  }
}
