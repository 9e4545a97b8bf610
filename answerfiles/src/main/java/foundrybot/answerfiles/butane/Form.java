// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles.butane;

import java.util.List;
import java.util.regex.Pattern;

/** What may stand at one place of an input, and so what becomes of it. */
sealed interface Form {
  /** Characters that a text may have at most, where nothing else is said. */
  int LONGEST = 4096;

  /** One text, whole. */
  record Text(String expected, Pattern pattern, int longest) implements Form {
    static Text of(String expected, String pattern) {
      return new Text(expected, Pattern.compile(pattern), LONGEST);
    }

    boolean accepts(String text) {
      return text.length() <= longest && pattern.matcher(text).matches();
    }
  }

  /** A whole number from 0. */
  record Whole(int most) implements Form {}

  /** Permissions: octal, as everywhere else; decimal in Ignition. */
  record Mode() implements Form {}

  /** {@code true} or {@code false}. */
  record Flag() implements Form {}

  /** A list of texts. */
  record Texts(Text each) implements Form {}

  /** A mapping. */
  record Struct(List<Field> keys) implements Form {
    List<String> names() {
      return keys.stream().map(Field::name).toList();
    }
  }

  /**
   * A list of mappings.
   *
   * @param key that no two of them share; empty: there is none
   * @param what they are, in one word; those of one word are not repeated in the whole input.
   *     Empty: not in this list
   */
  record Rows(String key, String what, Struct row) implements Form {}

  /** Contents: of a URL, here in the text, or of a file beside it. */
  record Resource() implements Form {}

  /** A list of these. */
  record Resources() implements Form {}

  /** The name of a file beside the input, whose text stands under another key. */
  record LocalText(String target) implements Form {}

  /** The names of files beside the input, whose lines stand in the list under another key. */
  record LocalLines(String target, Text each) implements Form {}

  /** Of Butane, and refused here for a reason. */
  record NotTaken(String why) implements Form {}

  /**
   * One key of a mapping.
   *
   * @param since the minor version of Ignition's specification 3 that has it
   */
  record Field(String name, Form form, boolean required, int since) {
    static Field of(String name, Form form) {
      return new Field(name, form, false, 0);
    }

    static Field required(String name, Form form) {
      return new Field(name, form, true, 0);
    }

    static Field since(int minor, String name, Form form) {
      return new Field(name, form, false, minor);
    }

    /** As Ignition spells it: {@code size_mib} is {@code sizeMiB}, {@code type_guid} typeGuid. */
    String ignition() {
      StringBuilder text = new StringBuilder();
      boolean up = false;
      for (int i = 0; i < name.length(); i++) {
        char c = name.charAt(i);
        if (c == '_') {
          up = true;
        } else {
          text.append(up ? Character.toUpperCase(c) : c);
          up = false;
        }
      }
      return text.toString().replaceAll("Mib$", "MiB");
    }
  }
}
