// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import foundrybot.answerfiles.Mac;
import foundrybot.appliance.lifecycle.Fact;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Numbers of a node, from the facts of a fleet. */
class NodeProgressTest {
  private static final String W1 = "52:54:00:aa:00:01";
  private static final Instant START = Instant.parse("2026-11-24T10:00:00Z");

  private final Fleet fleet = new Fleet(FleetTest.rack(W1), START);

  private void happens(int second, String kind, String detail) {
    fleet.apply(new Fact(START.plusSeconds(second), W1, kind, detail));
  }

  private NodeProgress progress(int second) {
    return FleetStatus.of(fleet, (_, _, _) -> "", "", Map.of(), START.plusSeconds(second))
        .nodes()
        .getFirst()
        .progress();
  }

  @Test
  void bytesOfATransferAreNumbers() {
    happens(1, "kernel.requested", "artifact linux");
    happens(2, "http.progress", "artifact initrd.gz 40 of 100 bytes");
    NodeProgress progress = progress(3);
    assertEquals("artifact initrd.gz", progress.what());
    assertEquals(40, progress.done());
    assertEquals(100, progress.total());
    assertEquals(-1, progress.secondsLeft());
    happens(4, "report.progress", "7 of 9 bytes");
    assertEquals("image", progress(5).what());
    happens(6, "report.installer-started", "");
    assertEquals(0, progress(7).total());
  }

  @Test
  void theDeployersOwnNumbersAreBytesToo() {
    happens(1, "report.installer-started", "");
    happens(2, "report.progress", "detail=40 of 100 bytes bytes=40 total=100");
    assertEquals("image", progress(3).what());
    assertEquals(40, progress(3).done());
    happens(4, "report.progress", "detail=overwriting sda: 7 of 9 bytes");
    assertEquals("overwriting sda", progress(5).what());
  }

  @Test
  void anInstallerThatReportsOrLogsIsAsFarAsItSays() {
    Mac mac = Mac.parse(W1).orElseThrow();
    fleet.heardInstaller(mac, START, "main-menu: INFO: Menu item 'pkgsel' selected");
    happens(1, "kernel.requested", "artifact linux");
    assertEquals(-1, progress(2).percent(), "it is not at work yet");
    happens(3, "report.installer-started", "");
    assertEquals(1, progress(4).percent());
    fleet.heardInstaller(mac, START.plusSeconds(5), "main-menu: INFO: Menu item 'pkgsel' selected");
    happens(6, "report.step", "partitioning");
    assertEquals(55, progress(7).percent(), "never back");
    assertEquals("installing packages", progress(7).step());
    happens(8, "token.minted", "a".repeat(64) + " " + "b".repeat(32));
    happens(9, "token.used", "a".repeat(64) + " linux");
    assertEquals(-1, progress(10).percent(), "another attempt");
    happens(11, "report.installer-started", "");
    assertEquals(1, progress(12).percent());
    happens(13, "report.installed", "");
    assertEquals(-1, progress(14).percent());
  }

  @Test
  void anEarlierRunTellsHowLongTheNextOneTakes() {
    assertEquals("", progress(0).until());
    happens(0, "run.started", "");
    happens(100, "report.installer-started", "");
    happens(700, "enrolled", "");
    happens(1000, "run.started", "");
    happens(1100, "report.installer-started", "");
    assertEquals(500, progress(1200).secondsLeft());
    assertEquals(START.plusSeconds(1700).toString(), progress(1200).until());
    assertEquals(0, progress(1800).secondsLeft());
    assertEquals(START.plusSeconds(1700).toString(), progress(1800).until());
    assertEquals("installing", progress(1200).rungs().getLast().stage());
  }
}
