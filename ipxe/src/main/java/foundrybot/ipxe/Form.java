// SPDX-License-Identifier: Apache-2.0
package foundrybot.ipxe;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A script with blanks, printed once and filled in for each machine: a rack that boots at once asks
 * for the same text a thousand times.
 *
 * <p>The form is made of a script that has marks where the blanks are to be. What is filled in was
 * checked as a part of a script before; here it is only seen to that it stays within its line, and
 * that once for each text: what a machine has of its own is asked for more than once.
 */
public final class Form {
  /** A text for a blank, as it goes over the wire. */
  public static final class Value {
    private final List<byte[]> parts;

    private Value(List<byte[]> parts) {
      this.parts = parts;
    }

    /**
     * Checks and encodes a text.
     *
     * @param text printable ASCII
     * @throws IllegalArgumentException if it would end its line
     */
    public static Value of(String text) {
      for (int i = 0; i < text.length(); i++) {
        if (text.charAt(i) < ' ' || text.charAt(i) > '~') {
          throw new IllegalArgumentException(
              "form: " + Syntax.shown(text) + " (expected: printable ASCII)");
        }
      }
      return new Value(List.of(text.getBytes(StandardCharsets.US_ASCII)));
    }

    /** These, with this one between each two of them. */
    public Value between(List<Value> texts) {
      List<byte[]> all = new ArrayList<>(texts.size() * 2);
      for (int i = 0; i < texts.size(); i++) {
        if (i > 0) {
          all.addAll(parts);
        }
        all.addAll(texts.get(i).parts);
      }
      return new Value(all);
    }

    private int length() {
      int length = 0;
      for (byte[] part : parts) {
        length += part.length;
      }
      return length;
    }
  }

  private final List<byte[]> pieces;

  /** Behind each piece but the last, the number of the value that belongs there. */
  private final List<Integer> blanks;

  private final int length;

  private Form(List<byte[]> pieces, List<Integer> blanks) {
    this.pieces = List.copyOf(pieces);
    this.blanks = List.copyOf(blanks);
    this.length = pieces.stream().mapToInt(piece -> piece.length).sum();
  }

  /**
   * Cuts a script at its marks.
   *
   * @param marks one for each value, in the order of the values; such as the script holds nowhere
   *     else
   */
  public static Form of(Script script, List<String> marks) {
    String rest = script.print();
    List<byte[]> pieces = new ArrayList<>();
    List<Integer> blanks = new ArrayList<>();
    while (true) {
      int first = -1;
      int at = rest.length();
      for (int i = 0; i < marks.size(); i++) {
        int found = rest.indexOf(marks.get(i));
        if (found >= 0 && found < at) {
          at = found;
          first = i;
        }
      }
      pieces.add(rest.substring(0, at).getBytes(StandardCharsets.US_ASCII));
      if (first < 0) {
        return new Form(pieces, blanks);
      }
      blanks.add(first);
      rest = rest.substring(at + marks.get(first).length());
    }
  }

  /**
   * The script as it goes over the wire.
   *
   * @param values one for each mark
   */
  public byte[] fill(List<Value> values) {
    int total = length;
    for (int blank : blanks) {
      total += values.get(blank).length();
    }
    byte[] script = new byte[total];
    int at = 0;
    for (int i = 0; i < pieces.size(); i++) {
      at = put(pieces.get(i), script, at);
      if (i < blanks.size()) {
        for (byte[] part : values.get(blanks.get(i)).parts) {
          at = put(part, script, at);
        }
      }
    }
    return script;
  }

  private static int put(byte[] part, byte[] script, int at) {
    System.arraycopy(part, 0, script, at, part.length);
    return at + part.length;
  }
}
