// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bench;

import java.util.List;
import java.util.Locale;

/** Median and range of repetitions; NaN without any. */
record Spread(double median, double least, double most) {
  static final Spread NONE = new Spread(Double.NaN, Double.NaN, Double.NaN);

  /** Values that are not numbers are left out. */
  static Spread of(List<Double> values) {
    List<Double> sorted = values.stream().filter(value -> !value.isNaN()).sorted().toList();
    if (sorted.isEmpty()) {
      return NONE;
    }
    int middle = sorted.size() / 2;
    double median =
        sorted.size() % 2 == 1
            ? sorted.get(middle)
            : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    return new Spread(median, sorted.getFirst(), sorted.getLast());
  }

  boolean isNone() {
    return Double.isNaN(median);
  }

  /** {@code 13.8 (13.1-15)}, or a dash. */
  @Override
  public String toString() {
    if (isNone()) {
      return "-";
    }
    String text = number(median);
    return least == most ? text : text + " (" + number(least) + "-" + number(most) + ")";
  }

  /** Three digits that count. */
  static String number(double value) {
    if (Double.isNaN(value)) {
      return "-";
    }
    double size = Math.abs(value);
    String format = size >= 100 ? "%,.0f" : size >= 10 ? "%.1f" : size >= 1 ? "%.2f" : "%.3f";
    String text = String.format(Locale.ROOT, format, value);
    return text.contains(".") ? text.replaceAll("0+$", "").replaceAll("\\.$", "") : text;
  }
}
