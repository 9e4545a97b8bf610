// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** The appliance's goals; the reasons for them are in docs/performance.md. */
final class Goals {
  private static final double NONE = Double.NaN;
  private static final String NGINX = "nginx";
  private static final String DNSMASQ = "dnsmasq";
  private static final List<String> TFTP_PEERS = List.of(DNSMASQ, "tftpd-hpa", "atftpd");

  /** Equal, but for the noise of a measurement. */
  private static final double AS_MUCH = 1.1;

  private Goals() {}

  static List<Goal> all(List<Cases.StormSize> storms) {
    List<Goal> goals = new ArrayList<>();
    dhcp(goals);
    tftp(goals);
    http(goals);
    storms.forEach(size -> storm(goals, size.text(), size.rampSeconds() == 0));
    return List.copyOf(goals);
  }

  private static void dhcp(List<Goal> goals) {
    Metric us = Metric.MICROS_PER_EXCHANGE;
    goals.add(times(Cases.DISCOVER, us, List.of(DNSMASQ), 1.0, 0.6));
    goals.add(times(Cases.DISCOVER, us, List.of("Kea"), 0.5, NONE));
    goals.add(times(Cases.DORA_1000, us, List.of("Kea"), 0.5, 0.25));
    goals.add(times(Cases.DORA_20000, us, List.of("Kea"), 0.5, 0.25));
    goals.add(times(Cases.PROXY, us, List.of("dnsmasq proxy"), 1.0, 0.6));
    goals.add(
        new Goal(
            "DISCOVER, CPU: rack file of 10,000 machines against one of 10",
            results -> {
              Spread large = own(results, Cases.TEN_MACHINES + ", rack of 10000", us::of);
              Spread small = own(results, Cases.TEN_MACHINES + ", rack of 10", us::of);
              double ratio = large.median() / small.median();
              return Double.isNaN(ratio) ? Spread.NONE : new Spread(ratio, ratio, ratio);
            },
            true,
            AS_MUCH,
            NONE));
  }

  private static void tftp(List<Goal> goals) {
    Metric mb = Metric.MB_PER_CPU_SECOND;
    goals.add(times(Cases.WINDOW + 1, mb, List.of(DNSMASQ), 0.9, 1.05));
    goals.add(times(Cases.WINDOW + 1, mb, List.of("tftpd-hpa"), 2, NONE));
    goals.add(times(Cases.WINDOW + 4, mb, TFTP_PEERS, 1.3, 2.2));
    goals.add(times(Cases.WINDOW + 16, mb, TFTP_PEERS, 1.3, 3.5));
    goals.add(times(Cases.WINDOW + 64, mb, TFTP_PEERS, 1.3, 3.5));
    goals.add(times(Cases.EDK2, mb, List.of(DNSMASQ), 1.1, 1.7));
    goals.add(times(Cases.EDK2, mb, List.of("tftpd-hpa"), 4, NONE));
    goals.add(times(Cases.LOSSY, Metric.MB_PER_SECOND, List.of("atftpd"), 1.3, NONE));
    goals.add(
        new Goal(
            "1 % loss: median time of a transfer against one without loss",
            results -> {
              double ratio =
                  own(results, Cases.LOSSY, Metric.MEDIAN_MS::of).median()
                      / own(results, Cases.FAR, Metric.MEDIAN_MS::of).median();
              return Double.isNaN(ratio) ? Spread.NONE : new Spread(ratio, ratio, ratio);
            },
            true,
            NONE,
            1.5));
  }

  private static void http(List<Goal> goals) {
    Metric gb = Metric.CPU_SECONDS_PER_GB;
    goals.add(times(Cases.IMAGE + 16, gb, List.of(NGINX), 1.25, 1.0));
    goals.add(times(Cases.IMAGE + 128, gb, List.of(NGINX), NONE, 0.85));
    Metric us = Metric.MICROS_PER_EXCHANGE;
    goals.add(times(Cases.SCRIPT, us, List.of(NGINX), 1.5, 1.0));
    goals.add(times(Cases.SCRIPT_NEW, us, List.of(NGINX), 1.5, 1.0));
    goals.add(times(Cases.TLS_IMAGE, gb, List.of(NGINX), 1.5, 1.1));
    goals.add(times(Cases.TLS_SCRIPT, us, List.of(NGINX), 1.5, 1.1));
  }

  private static void storm(List<Goal> goals, String storm, boolean atOnce) {
    for (String mode : List.of(" (server)", " (proxy)")) {
      String subject = Product.NAME + mode;
      String what = storm + ", " + subject + ": ";
      goals.add(
          limit(what + "machines that did not boot", storm, subject, o -> o.load().failed(), 0, 0));
      goals.add(
          limit(what + "DHCP packets sent again", storm, subject, o -> o.more("resent"), 0, 0));
      if (atOnce) {
        goals.add(limit(what + "seconds", storm, subject, o -> o.load().seconds(), 10, NONE));
      } else {
        goals.add(
            new Goal(
                what + "time against dnsmasq proxy + nginx",
                results ->
                    results.ratio(storm, subject, Metric.SECONDS, List.of("dnsmasq proxy + nginx")),
                true,
                1.0,
                NONE));
      }
      goals.add(limit(what + "MB of memory (PSS)", storm, subject, Outcome::pssMb, 256, 160));
    }
  }

  private static Goal times(
      String scenario, Metric metric, List<String> peers, double must, double best) {
    String whom = peers.size() == 1 ? peers.getFirst() : "the best peer";
    return new Goal(
        scenario + ", " + metric.unit() + ", against " + whom,
        results -> results.ratio(scenario, Product.NAME, metric, peers),
        metric.lowerIsBetter(),
        must,
        best);
  }

  private static Goal limit(
      String text,
      String scenario,
      String subject,
      ToDoubleFunction<Outcome> value,
      double must,
      double best) {
    return new Goal(text, results -> results.spread(scenario, subject, value), true, must, best);
  }

  private static Spread own(Results results, String scenario, ToDoubleFunction<Outcome> value) {
    return results.spread(scenario, Product.NAME, value);
  }
}
