// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bench;

/** What is compared between servers. */
enum Metric {
  MICROS_PER_EXCHANGE("us of server CPU", true),
  MB_PER_CPU_SECOND("MB per server CPU-second", false),
  CPU_SECONDS_PER_GB("server CPU-s per GB", true),
  MB_PER_SECOND("MB/s", false),
  SECONDS("s until the last is done", true),
  MEDIAN_MS("ms, median", true),
  PSS_MB("MB PSS", true);

  private final String unit;
  private final boolean lowerIsBetter;

  Metric(String unit, boolean lowerIsBetter) {
    this.unit = unit;
    this.lowerIsBetter = lowerIsBetter;
  }

  String unit() {
    return unit;
  }

  boolean lowerIsBetter() {
    return lowerIsBetter;
  }

  /** Its value of one measurement; NaN where nothing came to an end. */
  double of(Outcome outcome) {
    double cpu = outcome.serverCpu();
    double done = outcome.load().done();
    double bytes = outcome.load().bytes();
    return switch (this) {
      case MICROS_PER_EXCHANGE -> done > 0 ? cpu * 1e6 / done : Double.NaN;
      case MB_PER_CPU_SECOND -> done > 0 && cpu > 0 ? bytes / 1e6 / cpu : Double.NaN;
      case CPU_SECONDS_PER_GB -> bytes > 0 ? cpu / (bytes / 1e9) : Double.NaN;
      case MB_PER_SECOND -> done > 0 ? bytes / 1e6 / outcome.load().seconds() : Double.NaN;
      case SECONDS -> outcome.load().seconds();
      case MEDIAN_MS -> done > 0 ? outcome.load().p50Ms() : Double.NaN;
      case PSS_MB -> outcome.pssMb();
    };
  }
}
