// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bench;

import foundrybot.rig.bench.Case.Places;
import foundrybot.rig.load.LoadResult;
import foundrybot.rig.load.Order;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A subject that is ready to be measured: its servers run.
 *
 * @param places where it serves what
 */
record Stand(Subject subject, Bay bay, List<Served> servers, Places places)
    implements AutoCloseable {
  private static final Pattern IMAGE =
      Pattern.compile("http://[^/ ]+(/node/[^/ ]+/artifact/)[^/ ]+");

  Stand {
    servers = List.copyOf(servers);
  }

  /**
   * Starts its servers.
   *
   * @param cpu on which they run
   * @param seconds of load that is to come each time
   * @throws BenchException if one does not come up; those that did have ended then
   */
  static Stand open(Subject subject, Bay bay, Worker worker, int cpu, double seconds) {
    List<Served> servers = new ArrayList<>();
    try {
      for (Contender contender : subject.servers()) {
        servers.add(Served.start(contender, bay, cpu));
      }
      return new Stand(subject, bay, servers, places(subject, bay, worker, seconds));
    } catch (RuntimeException e) {
      close(servers, bay);
      throw e;
    }
  }

  private static Places places(Subject subject, Bay bay, Worker worker, double seconds) {
    boolean ours = subject.isOurs();
    return new Places(
        bay.target(),
        bay.www().toString(),
        ours && subject.role() == Subject.Role.HTTP
            ? image(bay, worker)
            : "/" + Content.IMAGE.file(),
        ours ? scriptOf("{mac}") : "/" + Content.SCRIPT,
        ours ? "{node}/report/installer-started" : "/callback",
        Product.MACHINES,
        subject.role().dialogue(),
        seconds);
  }

  /** The large file's path, which a script of the appliance names. */
  private static String image(Bay bay, Worker worker) {
    LoadResult script =
        worker.run(new Order.Fetch(bay.target(), scriptOf(String.valueOf(spareMac()))));
    Matcher matcher = IMAGE.matcher(script.body());
    if (!matcher.find()) {
      throw new BenchException("no script: " + script.trouble());
    }
    return matcher.group(1) + "root.img.zst";
  }

  private static String spareMac() {
    return String.format(
        Locale.ROOT, "02-be-00-00-%02x-%02x", Product.SPARE >> 8, Product.SPARE & 255);
  }

  private static String scriptOf(String mac) {
    return "/boot/" + mac + "/uefi.ipxe";
  }

  boolean isAlive() {
    return servers.stream().allMatch(Served::isAlive);
  }

  /** CPU seconds of its servers since they started. */
  double cpu() {
    return servers.stream().mapToDouble(Served::cpu).sum();
  }

  /** CPU seconds of the threads that compile. */
  double compilers() {
    return servers.stream().mapToDouble(Served::compilers).sum();
  }

  /** Proportional set size in MB. */
  double pssMb() {
    return servers.stream().mapToDouble(Served::pssMb).sum();
  }

  @Override
  public void close() {
    close(servers, bay);
  }

  private static void close(List<Served> servers, Bay bay) {
    servers.reversed().forEach(Served::close);
    bay.close();
  }
}
