// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.exceptions.Mark;

/** Collects the faults of one file; more than the eye can take in are only counted. */
final class Faults {
  static final int MOST_SHOWN = 1_000;
  private static final Pattern USER_OF_URL = Pattern.compile("://\\S*@");
  private static final Pattern QUERY_OF_URL = Pattern.compile("(://[^?\\s]*\\?)\\S+");
  private static final Pattern VALUE_OF_QUERY =
      Pattern.compile("([?&][^=&\\s]*=)(?![{](system|secret)[}])[^&\\s]+");

  private final String source;
  private final List<Fault> faults = new ArrayList<>();
  private int left;

  Faults(String source) {
    this.source = source;
  }

  void add(Position at, String path, String value, String expected) {
    if (faults.size() >= MOST_SHOWN) {
      left++;
      return;
    }
    String shown = Values.shown(withoutSecrets(value));
    faults.add(new Fault(source, at.line(), at.column(), path, shown, expected));
  }

  /**
   * A fault is logged. Who writes a user into a URL writes the password beside it, and others write
   * keys into its query, or into that of a webhook's request.
   */
  private static String withoutSecrets(String value) {
    String noUser = USER_OF_URL.matcher(value).replaceAll("://...@");
    String noQuery = QUERY_OF_URL.matcher(noUser).replaceAll("$1...");
    return VALUE_OF_QUERY.matcher(noQuery).replaceAll("$1...");
  }

  /** The file, for messages. */
  String source() {
    return source;
  }

  boolean isEmpty() {
    return faults.isEmpty();
  }

  /** In the order of the file. */
  List<Fault> sorted() {
    List<Fault> sorted = new ArrayList<>(faults);
    sorted.sort(Comparator.comparingInt(Fault::line).thenComparingInt(Fault::column));
    if (left > 0) {
      Fault last = sorted.getLast();
      String value = left + " more faults";
      sorted.add(
          new Fault(source, last.line(), last.column(), "", value, "none; mend these first"));
    }
    return sorted;
  }

  /** A place in the file, counted from 1. */
  record Position(int line, int column) {
    static final Position START = new Position(1, 1);

    static Position of(Optional<Mark> mark) {
      return mark.map(m -> new Position(m.getLine() + 1, m.getColumn() + 1)).orElse(START);
    }
  }
}
