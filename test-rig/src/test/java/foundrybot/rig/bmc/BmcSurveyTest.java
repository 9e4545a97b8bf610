// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.appliance.power.BmcSurvey;
import foundrybot.appliance.power.Surveyed;
import foundrybot.redfish.discover.FoundBmc;
import java.net.Inet4Address;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class BmcSurveyTest {
  private static FoundBmc found(RedfishEmulator bmc) {
    return new FoundBmc(
        Inet4Address.ofLiteral("127.0.0.1"),
        List.of(new FoundBmc.Redfish(bmc.url(), "", "", "", "", bmc.fingerprint().orElseThrow())),
        Optional.empty());
  }

  private static RedfishEmulator start(int number, Faults faults) {
    return RedfishEmulator.start(
        RedfishEmulator.Setup.of(
                Personalities.of("dell-idrac9"), RedfishEmulatorTest.machine(number))
            .with(faults, 1));
  }

  @Test
  void anInterruptLeavesNoSessionBehindAndKeepsWhatIsKnown() {
    try (RedfishEmulator quick = start(1, Faults.NONE);
        RedfishEmulator slow = start(2, Faults.parse("slow@Processors"))) {
      Thread asking = Thread.currentThread();
      List<Surveyed> all =
          new BmcSurvey(RedfishEmulator.CREDENTIALS, 3)
              .ask(
                  List.of(found(quick), found(slow)),
                  (done, of, bmcs) -> {
                    // It is past its log-in: an answer to that which is lost leaves a session.
                    while (!slow.account().faults().containsKey(Fault.SLOW)) {
                      Thread.onSpinWait();
                    }
                    asking.interrupt();
                  });
      assertTrue(Thread.interrupted());
      assertTrue(all.getFirst().machine().isPresent());
      assertEquals(Optional.empty(), all.getLast().machine());
      assertEquals(1, slow.account().sessions());
      assertEquals(0, slow.account().openSessions());
    }
  }
}
