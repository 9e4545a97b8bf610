// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import foundrybot.answerfiles.Shape.Items;
import foundrybot.answerfiles.Shape.Mapping;
import foundrybot.answerfiles.Shape.Scalar;
import foundrybot.answerfiles.Shape.Table;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;

/** The keys of the rack file about who is told of what happens. */
final class WebhookKeys {
  static final String KEY = "webhooks";
  private static final int MOST_HOOKS = 16;

  private static final Rule URL =
      Rule.matching(
          "an https or http URL without user and fragment, such as https://hooks.example/rack",
          "https?://[!-~]{1,1000}",
          WebhookKeys::accepts);

  private WebhookKeys() {}

  static Table webhooks() {
    return new Table(Rules.LABEL_NAME, webhook(), 0, MOST_HOOKS);
  }

  private static Mapping webhook() {
    return new Mapping(
        List.of(
            Shape.Key.required(
                "url", new Scalar(URL), "Where it is; by http everybody on the way can read it."),
            Shape.Key.optional(
                "secret-file",
                new Scalar(BmcKeys.FILE_PATH),
                "none: one of the two is needed",
                "The file whose first line is the key that signs: whsec_ and base64."),
            Shape.Key.optional(
                "secret-env",
                new Scalar(BmcKeys.VARIABLE),
                "none: one of the two is needed",
                "The environment variable that holds that key."),
            Shape.Key.optional(
                "events",
                new Items(Rule.oneOf(WebhookSettings.EVENTS), 1, WebhookSettings.EVENTS.size()),
                "all",
                "What is told: " + String.join(", ", WebhookSettings.EVENTS) + "."),
            Shape.Key.optional(
                "trust",
                new Scalar(BmcKeys.TRUST),
                "those that the system trusts",
                "Its certificate's fingerprint; first-use: whichever it shows first; any: unsafe."),
            Shape.Key.optional(
                "ca",
                new Scalar(BmcKeys.FILE_PATH),
                "those that the system trusts",
                "PEM file of who signed its certificate.")));
  }

  private static boolean accepts(String text) {
    try {
      URI url = new URI(text);
      return text.length() <= 1000
          && List.of("https", "http").contains(String.valueOf(url.getScheme()))
          && url.getHost() != null
          && url.getRawUserInfo() == null
          && url.getRawFragment() == null
          && url.getPort() != 0
          && url.getPort() <= 65535;
    } catch (URISyntaxException e) {
      return false;
    }
  }
}
