// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.metrics;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * The text format of Prometheus, version 0.0.4: families in the order of the table, with their help
 * and type before their samples.
 */
public final class Exposition {
  /** Samples of one answer; a rack of 1024 nodes has some 4000. */
  private static final int MOST_SAMPLES = 20_000;

  private final Map<Metric, StringBuilder> families = new EnumMap<>(Metric.class);
  private int samples;

  /**
   * One sample.
   *
   * @param labels values in the order of the metric's labels
   */
  public Exposition add(Metric metric, long value, String... labels) {
    return add(metric, (double) value, labels);
  }

  /** Adds a sample that need not be a whole number. */
  public Exposition add(Metric metric, double value, String... labels) {
    return add(metric, "", value, metric.labels(), List.of(labels));
  }

  Exposition add(
      Metric metric, String suffix, double value, List<String> names, List<String> values) {
    if (names.size() != values.size()) {
      throw new IllegalArgumentException(
          metric.text() + ": " + values.size() + " labels (expected: " + names + ")");
    }
    if (samples++ >= MOST_SAMPLES) {
      return this;
    }
    StringBuilder family = families.computeIfAbsent(metric, Exposition::begun);
    family.append(metric.text()).append(suffix);
    for (int i = 0; i < names.size(); i++) {
      family.append(i == 0 ? '{' : ',').append(names.get(i)).append("=\"");
      family.append(escaped(values.get(i))).append('"');
    }
    family.append(names.isEmpty() ? " " : "} ").append(number(value)).append('\n');
    return this;
  }

  private static StringBuilder begun(Metric metric) {
    return new StringBuilder()
        .append("# HELP ")
        .append(metric.text())
        .append(' ')
        .append(metric.help().replace("\\", "\\\\"))
        .append("\n# TYPE ")
        .append(metric.text())
        .append(' ')
        .append(metric.type())
        .append('\n');
  }

  private static String escaped(String value) {
    return value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
  }

  static String number(double value) {
    boolean whole = value == Math.rint(value) && Math.abs(value) < 1e15;
    return whole ? Long.toString((long) value) : Double.toString(value);
  }

  /** All of it. */
  public String text() {
    return String.join("", families.values());
  }
}
