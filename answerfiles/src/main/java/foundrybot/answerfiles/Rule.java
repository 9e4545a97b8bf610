// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * What one scalar of the rack file must look like, for the reader and for the schema.
 *
 * @param expected ends the sentence "expected: ..."
 * @param accepts decides on the text, which never holds a control character, but in a {@link
 *     Shape.Text}
 * @param schema the JSON Schema keywords that come closest; the reader may be stricter
 * @param choices the words to suggest one of; empty when there is no closed list
 */
record Rule(
    String expected, Predicate<String> accepts, Map<String, Object> schema, List<String> choices) {

  static Rule pattern(String expected, String regex) {
    return matching(expected, regex, Pattern.compile(regex).asMatchPredicate());
  }

  /** The regular expression is for editors, the predicate for the reader. */
  static Rule matching(String expected, String regex, Predicate<String> accepts) {
    Map<String, Object> schema = Map.of("type", "string", "pattern", "^(" + regex + ")$");
    return new Rule(expected, accepts, schema, List.of());
  }

  static Rule oneOf(List<String> choices) {
    Map<String, Object> schema = Map.of("enum", choices);
    return new Rule("one of " + String.join(", ", choices), choices::contains, schema, choices);
  }

  static Rule number(int least, int most) {
    return new Rule(
        least + ".." + most,
        text -> text.matches("\\d{1,9}") && inRange(Integer.parseInt(text), least, most),
        Map.of("type", "integer", "minimum", least, "maximum", most),
        List.of());
  }

  private static boolean inRange(int number, int least, int most) {
    return least <= number && number <= most;
  }

  /** The expectation, with the choice that the user probably meant. */
  String expectedInsteadOf(String text) {
    return Suggestion.append(expected, text, choices);
  }
}
