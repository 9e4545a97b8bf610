// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MirrorRoutesTest {
  private static final String MAC = "52:54:00:bb:00:01";
  private static final String OTHER = "52:54:00:bb:00:02";
  private static final String RELEASE = "/debian/dists/bookworm/Release";
  private static final String PACKAGE = "/debian/pool/main/a/adduser/adduser_3.134_all.deb";

  private LoopbackAppliance appliance;
  private Path mirror;

  @BeforeEach
  void start(@TempDir Path folder) throws Exception {
    appliance = new LoopbackAppliance(folder);
    mirror = appliance.data().resolve("mirror/debian");
    LoopbackAppliance.write(
        appliance.data().resolve("mirror").resolve(PACKAGE.substring(1)), "adduser");
    LoopbackAppliance.write(mirror.resolve(".dists/one/bookworm/Release"), "edition one");
    switchTo("one");
    appliance.node(MAC, "w1", "debian-12").node(OTHER, "w2", "debian-12").start();
  }

  @AfterEach
  void stop() {
    appliance.close();
  }

  /** As a build does it: one rename of the link. */
  private void switchTo(String edition) throws Exception {
    Path fresh = mirror.resolve(".dists-link.new");
    Files.createSymbolicLink(fresh, Path.of(".dists", edition));
    Files.move(fresh, mirror.resolve("dists"), StandardCopyOption.ATOMIC_MOVE);
  }

  @Test
  void packagesAndIndicesAreServedThroughTheLink() {
    assertEquals("edition one", appliance.get(RELEASE).text());
    assertEquals("adduser", appliance.get(PACKAGE).text());
    assertEquals("edition one", appliance.get("/debian//dists/./bookworm/Release").text());
  }

  @Test
  void theTableIsReadAnewWhenTheLinkIsSwitched() throws Exception {
    LoopbackAppliance.write(mirror.resolve(".dists/two/bookworm/Release"), "edition two, longer");
    LoopbackAppliance.write(mirror.resolve("pool/main/b/bash/bash_5.deb"), "bash");
    assertEquals("edition one", appliance.get(RELEASE).text());
    assertEquals(404, appliance.get("/debian/pool/main/b/bash/bash_5.deb").status());
    switchTo("two");
    assertEquals("edition two, longer", appliance.get(RELEASE).text());
    assertEquals("bash", appliance.get("/debian/pool/main/b/bash/bash_5.deb").text());
    assertEquals("adduser", appliance.get(PACKAGE).text());
  }

  @Test
  void aMirrorThatIsBuiltWhileTheApplianceServesIsFound(@TempDir Path folder) throws Exception {
    try (LoopbackAppliance fresh = new LoopbackAppliance(folder)) {
      fresh.node(MAC, "w1", "debian-12").start();
      assertEquals(404, fresh.get(RELEASE).status());
      mirror = fresh.data().resolve("mirror/debian");
      LoopbackAppliance.write(mirror.resolve(".dists/one/bookworm/Release"), "built later");
      switchTo("one");
      assertEquals("built later", fresh.get(RELEASE).text());
    }
  }

  @Test
  void whatIsNotInTheTableIsNotThere() throws Exception {
    Files.writeString(appliance.data().resolve("mirror/outside"), "outside");
    for (String path :
        List.of(
            "/debian",
            "/debian/",
            "/debian/dists",
            "/debian/dists/bookworm/",
            RELEASE + "/",
            "/debian/dists/trixie/Release",
            "/debian/outside",
            "/debian/mirror/outside",
            "/mirror/outside")) {
      assertEquals(404, appliance.get(path).status(), path);
    }
    assertEquals(400, appliance.rawStatus("/debian/../outside"));
    assertEquals(400, appliance.rawStatus("/debian/dists/%2e%2e/%2e%2e/outside"));
  }

  @Test
  void aRequestIsPutDownToTheNodeThatShowedItsTokenFromThere() {
    Machine one = new Machine(appliance, MAC);
    Machine two = new Machine(appliance, OTHER);
    one.fetchToken();
    two.fetchToken();
    assertEquals(200, appliance.getFrom("127.99.1.1", one.path("preseed.cfg")).status());
    assertEquals(200, appliance.getFrom("127.99.1.2", two.path("preseed.cfg")).status());
    assertEquals(200, appliance.getFrom("127.99.1.1", PACKAGE).status());
    assertEquals(200, appliance.getFrom("127.99.1.2", RELEASE).status());
    assertEquals(200, appliance.getFrom("127.99.1.3", RELEASE).status());

    await("w1", "mirror.request GET mirror adduser_3.134_all.deb 200 7 bytes");
    await("w2", "mirror.request GET mirror Release 200 11 bytes");
    assertEquals(1, fetched("w1").size());
    assertEquals(1, fetched("w2").size());
  }

  @Test
  void anAddressThatAnotherNodeHasNowIsNoLongerTheFirstOnes() {
    Machine one = new Machine(appliance, MAC);
    Machine two = new Machine(appliance, OTHER);
    one.fetchToken();
    two.fetchToken();
    assertEquals(200, appliance.getFrom("127.99.1.1", one.path("preseed.cfg")).status());
    assertEquals(200, appliance.getFrom("127.99.1.1", two.path("preseed.cfg")).status());
    assertEquals(200, appliance.getFrom("127.99.1.2", one.path("late.sh")).status());
    assertEquals(200, appliance.getFrom("127.99.1.1", PACKAGE).status());
    await("w2", "mirror.request GET mirror adduser_3.134_all.deb 200 7 bytes");
    assertEquals(List.of(), fetched("w1"));
  }

  @Test
  void packagesThatFlowMoveTheDeadlineAndAFileThatIsNotThereDoesNot() {
    Machine machine = new Machine(appliance, MAC);
    machine.fetchToken();
    assertEquals(200, machine.get("preseed.cfg").status());
    appliance.clock.pass(Duration.ofMinutes(25));
    assertEquals(200, appliance.get(PACKAGE).status());
    await("w1", "mirror.request GET mirror adduser_3.134_all.deb 200 7 bytes");
    appliance.clock.pass(Duration.ofMinutes(25));
    assertEquals("ok", appliance.statusJson(MAC).get("condition").asString());

    assertEquals(404, appliance.get("/debian/pool/gone.deb").status());
    LoopbackAppliance.eventually(
        "the missing file is evidence",
        () -> appliance.events("w1").stream().anyMatch(e -> e.contains("not there 404")));
    appliance.clock.pass(Duration.ofMinutes(10));
    assertEquals("stuck", appliance.statusJson(MAC).get("condition").asString());
  }

  @Test
  void aFloodOfPackagesDoesNotCrowdOutReports() {
    Machine machine = new Machine(appliance, MAC);
    machine.fetchToken();
    assertEquals(200, machine.get("preseed.cfg").status());
    for (int i = 0; i < 350; i++) {
      assertEquals(200, appliance.get(PACKAGE).status());
    }
    assertEquals(200, machine.report("installed").status());
    assertTrue(fetched("w1").size() <= 60, fetched("w1").size() + " lines");
  }

  private List<String> fetched(String node) {
    return appliance.events(node).stream().filter(e -> e.startsWith("mirror.request ")).toList();
  }

  /** Events of the wire are told after the answer. */
  private void await(String node, String event) {
    LoopbackAppliance.eventually(event, () -> appliance.events(node).contains(event));
  }
}
