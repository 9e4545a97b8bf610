// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import foundrybot.answerfiles.Shape.Brief;
import foundrybot.answerfiles.Shape.Items;
import foundrybot.answerfiles.Shape.Mapping;
import foundrybot.answerfiles.Shape.Scalar;
import foundrybot.answerfiles.Shape.Table;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/** The keys of the rack file about power switches that the user describes by requests. */
final class HookKeys {
  static final String STATUS = "status";

  /** What RFC 9110 leaves to the connection and to the one who sends. */
  private static final Set<String> NOT_THE_USERS =
      Set.of("host", "connection", "content-length", "content-type", "transfer-encoding");

  private static final String HEADER_FORM = "[A-Za-z][A-Za-z0-9-]{0,63}";

  private static final Rule NAME =
      Rule.oneOf(
          Stream.concat(
                  Stream.of(HookSettings.Action.values()).map(HookSettings.Action::key),
                  Stream.of(STATUS))
              .toList());
  static final Rule REQUEST =
      Rule.pattern(
          "GET, POST or PUT, and a path behind the url, such as: GET /relay/0?turn=on",
          "(GET|POST|PUT) /[!-~]{0,500}");
  private static final Rule BODY = Rule.pattern("1..4000 printable characters", "\\P{Cc}{1,4000}");
  private static final Rule TYPE =
      Rule.pattern(
          "a media type, such as application/json", "[a-z]{1,40}/[A-Za-z0-9][A-Za-z0-9.+-]{0,80}");
  static final Rule POINTER =
      Rule.pattern(
          "a JSON pointer (RFC 6901), such as /relays/0/ison",
          "(/([^~/\\x00-\\x1f]|~[01]){0,100}){1,20}");
  static final Rule WORD = Rule.pattern("1..100 printable characters", "\\P{Cc}{1,100}");
  static final Rule HEADER =
      Rule.matching(
          "the name of a request header, such as X-Api-Key",
          HEADER_FORM,
          text ->
              text.matches(HEADER_FORM) && !NOT_THE_USERS.contains(text.toLowerCase(Locale.ROOT)));

  private HookKeys() {}

  static List<Shape.Key> all() {
    return List.of(
        Shape.Key.optional(
            "hooks",
            new Table(NAME, hook(), 1, NAME.choices().size()),
            "none",
            "What a webhook is asked for on, off, shutdown, cycle, reset, status; nothing is"
                + " guessed."),
        Shape.Key.optional(
            "header",
            new Scalar(HEADER),
            "Authorization: Basic, with a user",
            "The header that carries the password to a webhook."),
        Shape.Key.optional(
            "off-time",
            new Scalar(Rule.number(1, 120)),
            "5",
            "Seconds without power in a webhook's cycle of off and on."));
  }

  private static Brief hook() {
    return new Brief(
        "request",
        REQUEST,
        new Mapping(
            List.of(
                Shape.Key.required("request", new Scalar(REQUEST), "Method and path."),
                Shape.Key.optional("body", new Scalar(BODY), "none", "What goes along."),
                Shape.Key.optional("type", new Scalar(TYPE), "application/json", "Of the body."),
                Shape.Key.optional(
                    "expect",
                    new Items(Rule.number(100, 599), 1, 20),
                    "200..299",
                    "The answer's statuses that mean yes."),
                Shape.Key.optional(
                    "pointer",
                    new Scalar(POINTER),
                    "none: words in the text",
                    "Of status: where the state stands in the JSON answer."),
                Shape.Key.optional(
                    "on", new Scalar(WORD), "required for status", "Of status: what means on."),
                Shape.Key.optional(
                    "off",
                    new Scalar(WORD),
                    "required for status",
                    "Of status: what means off."))));
  }
}
