// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.load;

import com.sun.management.OperatingSystemMXBean;
import foundrybot.bootserver.EventLoops;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import tools.jackson.databind.json.JsonMapper;

/**
 * A process that makes load: one {@link Order} per line of standard input, one {@link LoadResult}
 * per line of standard output. It lives as long as its input, so that it is warm after the first.
 */
public final class LoadWorker {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private LoadWorker() {}

  /** Does what its input says. */
  public static void main(String[] arguments) throws IOException {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    try (EventLoops loops = EventLoops.start(1)) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        out.println(JSON.writeValueAsString(run(JSON.readValue(line, Order.class), loops)));
      }
    }
  }

  /** Runs one order to its end; trouble is a result, too. */
  public static LoadResult run(Order order, EventLoops loops) {
    long before = cpu();
    try {
      LoadResult result =
          switch (order) {
            case Order.Dhcp dhcp -> DhcpLoad.run(dhcp, loops);
            case Order.Tftp tftp -> TftpLoad.run(tftp, loops);
            case Order.Http http -> HttpLoad.run(http, loops);
            case Order.Storm storm -> StormLoad.run(storm, loops);
            case Order.Fetch fetch -> HttpLoad.fetch(fetch, loops);
          };
      return result.withCpu((cpu() - before) / 1e9);
    } catch (RuntimeException e) {
      return LoadResult.of(0, 1, 0, 0, new Samples(), String.valueOf(e));
    }
  }

  private static long cpu() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime();
  }
}
