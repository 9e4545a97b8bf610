// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.load;

import java.util.Arrays;

/** Times in nanoseconds, all kept, so that percentiles are exact. */
final class Samples {
  private long[] values = new long[1024];
  private int count;

  void add(long nanos) {
    if (count == values.length) {
      values = Arrays.copyOf(values, count * 2);
    }
    values[count++] = nanos;
  }

  int count() {
    return count;
  }

  /** The nearest-rank percentile in milliseconds; 0 without samples. */
  double percentileMs(double percent) {
    if (count == 0) {
      return 0;
    }
    Arrays.sort(values, 0, count);
    int rank = (int) Math.ceil(percent / 100 * count);
    return values[Math.clamp(rank, 1, count) - 1] / 1e6;
  }
}
