// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.demo;

import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.CountDownLatch;

/** An appliance in a process of its own, to be killed. */
final class ApplianceProcess {
  static final String READY = "serving";

  private ApplianceProcess() {}

  public static void main(String[] arguments) throws InterruptedException {
    Path data = Path.of(arguments[0]);
    Path file = data.resolve("rack.yaml");
    Demo.Prepared files =
        new Demo.Prepared(RackTest.readRack(file), file, data.resolve("boot-programs"));
    Demo.appliance(files, data, Clock.systemUTC(), System.err::println);
    System.out.println(READY);
    new CountDownLatch(1).await();
  }
}
