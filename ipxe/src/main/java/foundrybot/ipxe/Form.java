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
 * checked as a part of a script before; here it is only seen to that it stays within its line.
 */
public final class Form {
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
   * @param values one for each mark; printable ASCII
   * @throws IllegalArgumentException if one would end its line
   */
  public byte[] fill(List<String> values) {
    int total = length;
    for (int blank : blanks) {
      total += values.get(blank).length();
    }
    byte[] script = new byte[total];
    int at = 0;
    for (int i = 0; i < pieces.size(); i++) {
      byte[] piece = pieces.get(i);
      System.arraycopy(piece, 0, script, at, piece.length);
      at += piece.length;
      if (i < blanks.size()) {
        at = put(values.get(blanks.get(i)), script, at);
      }
    }
    return script;
  }

  private static int put(String value, byte[] script, int at) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c < ' ' || c > '~') {
        throw new IllegalArgumentException(
            "form: " + Syntax.shown(value) + " (expected: printable ASCII)");
      }
      script[at + i] = (byte) c;
    }
    return at + value.length();
  }
}
