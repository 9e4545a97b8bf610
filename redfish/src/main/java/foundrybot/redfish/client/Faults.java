// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.client;

import foundrybot.redfish.BmcFault;
import foundrybot.redfish.BmcFault.Kind;
import foundrybot.redfish.client.Message.Meaning;
import foundrybot.redfish.http.NoAnswer;
import foundrybot.redfish.http.Wire;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Makes faults of what went wrong; knows the secrets, so as to keep them out. */
final class Faults {
  private final String bmc;
  private final List<String> secrets = new ArrayList<>();

  Faults(String bmc) {
    this.bmc = bmc;
  }

  /** Never to be shown, even where the BMC itself repeats it. */
  void hide(String secret) {
    if (!secret.isEmpty() && !secrets.contains(secret)) {
      secrets.add(secret);
      secrets.sort((a, b) -> b.length() - a.length());
    }
  }

  RedfishException fault(Kind kind, String asked, String answered, String advice) {
    return RedfishException.of(
        new BmcFault(kind, bmc, clean(asked), clean(answered), clean(advice)));
  }

  String clean(String text) {
    String cleaned = text;
    for (String secret : secrets) {
      cleaned = cleaned.replace(secret, "(secret)");
    }
    return cleaned;
  }

  /** An answer that is a refusal or an error. */
  RedfishException of(Answer answer) {
    Kind kind = kind(answer);
    return fault(kind, answer.ask().toString(), answer.summary(), advice(kind, answer));
  }

  /** A refused login, whatever its words: there they are never about anything else. */
  RedfishException wrongPassword(Answer answer) {
    return fault(
        Kind.WRONG_PASSWORD,
        answer.ask().toString(),
        answer.summary(),
        "check user and password; they are not tried again"
            + (Login.namesBasic(answer)
                ? "; if they are right, and it lets nobody in by session: quirks: [basic-only]"
                : ""));
  }

  static Kind kind(Answer answer) {
    if (answer.says(Meaning.LIMIT)
        || answer.says(Meaning.NOT_READY)
        || answer.says(Meaning.IN_POST)) {
      return Kind.BUSY;
    }
    if (answer.says(Meaning.PASSWORD_CHANGE)
        || (answer.says(Meaning.PRIVILEGE) && answer.status() != 401)) {
      return Kind.NO_PRIVILEGE;
    }
    return switch (answer.status()) {
      case 401 -> Kind.WRONG_PASSWORD;
      case 403 -> answer.says(Meaning.LICENCE) ? Kind.REFUSED : Kind.NO_PRIVILEGE;
      case 429, 503 -> Kind.BUSY;
      case 409, 423 -> Kind.BUSY;
      default -> answer.status() / 100 == 4 ? Kind.REFUSED : Kind.BROKEN;
    };
  }

  private static String advice(Kind kind, Answer answer) {
    if (answer.says(Meaning.PASSWORD_CHANGE)) {
      return "log in at the BMC's own page and change the password, then give the new one here";
    }
    if (answer.says(Meaning.LICENCE)) {
      return "this BMC sells that as an option; see its licence page";
    }
    if (answer.says(Meaning.UNSUPPORTED)) {
      return "its Redfish does not do that on this machine: look for newer firmware, or name its"
          + " IPMI by ipmi://, if it has one";
    }
    if (answer.says(Meaning.NOT_FETCHED)) {
      return "check that the BMC reaches the image's server, and that it trusts its certificate, if"
          + " it looks at any: give it that authority at its own page, or use plain HTTP where"
          + " nobody listens";
    }
    if (answer.says(Meaning.OTHER_PROTOCOL)) {
      return "it plays images by other protocols than this one: mostly HTTPS where it refuses HTTP;"
          + " or deploy it by the network";
    }
    return switch (kind) {
      case WRONG_PASSWORD -> "check user and password; they are not tried again";
      case NO_PRIVILEGE -> "give this account the operator's role at the BMC";
      case BUSY -> "try again later";
      case BROKEN -> "try again; if it stays so, restart the BMC and look for newer firmware";
      default -> "see what its firmware supports, or do it at the BMC's own page";
    };
  }

  /** No answer at all. */
  RedfishException of(Ask ask, IOException e, Duration limit) {
    Optional<String> untrusted = NoAnswer.untrusted(e);
    if (untrusted.isPresent()) {
      return fault(
          Kind.NOT_TRUSTED,
          ask.toString(),
          untrusted.get(),
          "if this is its right certificate, put the fingerprint into 'trust:'; if not, somebody"
              + " sits in between");
    }
    if (e instanceof Wire.TooLong) {
      return fault(Kind.BROKEN, ask.toString(), e.getMessage() + " of answer", "restart the BMC");
    }
    if (!(e instanceof Wire.Unsent) && !ask.safe()) {
      return fault(
          Kind.UNKNOWN_OUTCOME,
          ask.toString(),
          NoAnswer.reason(e, limit),
          "it may have been carried out: read the state before asking again");
    }
    return fault(
        Kind.UNREACHABLE,
        ask.toString(),
        NoAnswer.reason(e, limit),
        "check the BMC's address, its cable and VLAN, and whether Redfish is switched on");
  }
}
