// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.load;

import java.util.Map;

/**
 * What came of an {@link Order}.
 *
 * @param done exchanges that came to their right end
 * @param failed exchanges that did not
 * @param bytes of payload received, and found right
 * @param seconds from the first packet to the last
 * @param p50Ms median of the time of one exchange
 * @param p99Ms 99th percentile of it
 * @param generatorCpu CPU seconds that the generator itself used
 * @param more further figures, by name
 * @param trouble the first thing that went wrong, or empty
 * @param body of a {@link Order.Fetch}
 */
public record LoadResult(
    long done,
    long failed,
    long bytes,
    double seconds,
    double p50Ms,
    double p99Ms,
    double generatorCpu,
    Map<String, Double> more,
    String trouble,
    String body) {

  public LoadResult {
    more = Map.copyOf(more);
  }

  static LoadResult of(
      long done, long failed, long bytes, double seconds, Samples times, String trouble) {
    return new LoadResult(
        done,
        failed,
        bytes,
        seconds,
        times.percentileMs(50),
        times.percentileMs(99),
        0,
        Map.of(),
        trouble,
        "");
  }

  LoadResult with(Map<String, Double> figures) {
    return new LoadResult(
        done, failed, bytes, seconds, p50Ms, p99Ms, generatorCpu, figures, trouble, body);
  }

  LoadResult withBody(String text) {
    return new LoadResult(
        done, failed, bytes, seconds, p50Ms, p99Ms, generatorCpu, more, trouble, text);
  }

  LoadResult withCpu(double used) {
    return new LoadResult(done, failed, bytes, seconds, p50Ms, p99Ms, used, more, trouble, body);
  }
}
