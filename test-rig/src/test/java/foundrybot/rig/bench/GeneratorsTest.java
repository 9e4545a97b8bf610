// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.answerfiles.RackFile;
import foundrybot.answerfiles.RackFiles;
import foundrybot.answerfiles.RackReading;
import foundrybot.appliance.Appliance;
import foundrybot.bootserver.EventLoops;
import foundrybot.rig.load.LoadResult;
import foundrybot.rig.load.LoadWorker;
import foundrybot.rig.load.Order;
import foundrybot.rig.load.Order.Dialogue;
import foundrybot.rig.load.Target;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each kind of load against the real appliance on loopback. */
class GeneratorsTest {
  private static final int MACHINES = 20;

  @TempDir private Path folder = Path.of("");

  private final int[] ports = freePorts(9);
  private final List<AutoCloseable> running = new ArrayList<>();
  private EventLoops loops = EventLoops.start(1);

  @BeforeEach
  void loadHasALoop() {
    running.add(loops);
  }

  @AfterEach
  void everythingEnds() throws Exception {
    for (AutoCloseable one : running.reversed()) {
      one.close();
    }
  }

  private static int[] freePorts(int count) {
    int[] ports = new int[count];
    List<DatagramSocket> held = new ArrayList<>();
    try {
      for (int i = 0; i < count; i++) {
        held.add(new DatagramSocket(0, InetAddress.ofLiteral("127.88.0.1")));
        ports[i] = held.get(i).getLocalPort();
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    } finally {
      held.forEach(DatagramSocket::close);
    }
    return ports;
  }

  private Target target() {
    return new Target(
        "127.88.0.1",
        new Target.Ports(ports[0], ports[3], ports[4], ports[5], ports[6]),
        "127.88.0.2",
        ports[2],
        List.of("127.88.0.3", "127.88.0.4"));
  }

  private String content(Content file) {
    return folder.resolve("www").resolve(file.file()).toString();
  }

  private void serve(String mode) throws IOException {
    Path www = Files.createDirectory(folder.resolve("www"));
    for (Content file : Content.values()) {
      byte[] bytes = new byte[Math.min(file.size(), 1 << 20)];
      new Random(file.size()).nextBytes(bytes);
      Files.write(www.resolve(file.file()), bytes);
    }
    Path rack = folder.resolve("rack");
    Product.prepare(
        rack,
        www,
        "address: 127.88.0.1/16, dhcp: "
            + mode
            + (mode.equals("server") ? ", pool: 127.88.200.0-127.88.200.250" : "")
            + ", ports: { dhcp: %d, dhcp-client: %d, relay: %d, proxy-dhcp: %d, tftp: %d, http: %d, dns: %d, ntp: %d }"
                .formatted(
                    ports[0], ports[1], ports[2], ports[3], ports[4], ports[5], ports[7], ports[8]),
        MACHINES);
    if (RackFiles.read(Files.readString(rack.resolve("rack.yaml")), "rack.yaml")
        instanceof RackReading.Valid(RackFile file)) {
      running.add(
          Appliance.start(
              new Appliance.Setup(
                  file,
                  rack.resolve("data"),
                  Optional.of(rack.resolve("programs")),
                  Clock.systemUTC(),
                  problem -> {})));
    } else {
      throw new IllegalStateException("the bench writes a rack file that is not valid");
    }
  }

  private void assertAllWell(LoadResult result) {
    assertEquals("", result.trouble());
    assertEquals(0, result.failed());
    assertTrue(result.done() > 0, result.toString());
    assertTrue(result.p50Ms() > 0 && result.p50Ms() <= result.p99Ms(), result.toString());
  }

  @Test
  void machinesGetLeases() throws IOException {
    serve("server");
    assertAllWell(
        LoadWorker.run(new Order.Dhcp(target(), Dialogue.DISCOVER, 4, MACHINES, 0, 0.3), loops));
    assertAllWell(
        LoadWorker.run(new Order.Dhcp(target(), Dialogue.DORA, 4, MACHINES, 0, 0.3), loops));
  }

  @Test
  void machinesAskTheBootServerBesideAnotherServer() throws IOException {
    serve("proxy");
    assertAllWell(
        LoadWorker.run(new Order.Dhcp(target(), Dialogue.PROXY, 4, MACHINES, 0, 0.3), loops));
  }

  @Test
  void anExchangeWithoutAnAnswerIsLost() {
    LoadResult result =
        LoadWorker.run(new Order.Dhcp(target(), Dialogue.DISCOVER, 2, 2, 0, 1.5), loops);
    assertEquals(0, result.done());
    assertTrue(result.failed() >= 2, result.toString());
  }

  @Test
  void everyByteOfAFileIsCompared() throws IOException {
    serve("proxy");
    assertAllWell(tftp(Content.PROGRAM, 1, false, 0));
    assertAllWell(tftp(Content.PROGRAM, 4, true, 0));
    LoadResult far = tftp(Content.PROGRAM, 16, false, 0.02);
    assertAllWell(far);
    assertTrue(far.more().getOrDefault("window", 0.0) == 16, far.toString());
    Files.write(folder.resolve("www/other"), new byte[Content.PROGRAM.size()]);
    LoadResult wrong =
        LoadWorker.run(
            new Order.Tftp(
                target(),
                Content.PROGRAM.file(),
                folder.resolve("www/other").toString(),
                2,
                1468,
                4,
                false,
                0,
                0,
                0.2),
            loops);
    assertEquals(0, wrong.done());
    assertEquals("wrong content in block 1", wrong.trouble());
  }

  private LoadResult tftp(Content file, int window, boolean probe, double lost) {
    return LoadWorker.run(
        new Order.Tftp(target(), file.file(), content(file), 4, 1468, window, probe, lost, 0, 0.2),
        loops);
  }

  @Test
  void aFileThatIsNotThereIsAFailure() throws IOException {
    serve("proxy");
    LoadResult result =
        LoadWorker.run(
            new Order.Tftp(
                target(), "none", content(Content.PROGRAM), 1, 1468, 1, false, 0, 0, 0.1),
            loops);
    assertEquals(0, result.done());
    assertTrue(result.trouble().startsWith("ERROR 1"), result.trouble());
  }

  @Test
  void scriptsAreFetchedOnKeptAndOnNewConnections() throws IOException {
    serve("proxy");
    for (boolean keep : List.of(true, false)) {
      LoadResult result =
          LoadWorker.run(
              new Order.Http(
                  target(), "/program/{mac}/ipxe.efi", MACHINES, 3, keep, false, 300 << 10, 0.2),
              loops);
      assertAllWell(result);
      assertEquals(result.done() * (300 << 10), result.bytes());
    }
    LoadResult one =
        LoadWorker.run(new Order.Fetch(target(), "/boot/02-be-00-00-00-01/uefi.ipxe"), loops);
    assertTrue(one.body().startsWith("#!ipxe\n"), one.toString());
  }

  @Test
  void anAnswerOfAnotherLengthOrStatusIsAFailure() throws IOException {
    serve("proxy");
    LoadResult result =
        LoadWorker.run(new Order.Http(target(), "/nothing", 1, 1, true, false, -1, 0.05), loops);
    assertEquals(0, result.done());
    assertTrue(result.trouble().startsWith("status 404"), result.trouble());
  }

  @Test
  void machinesBootAtOnceWithLeases() throws IOException {
    serve("server");
    assertBooted(Dialogue.DORA, 0);
  }

  @Test
  void machinesBootOneAfterTheOtherBesideAnotherServer() throws IOException {
    serve("proxy");
    assertBooted(Dialogue.PROXY, 0.2);
  }

  private void assertBooted(Dialogue dialogue, double ramp) {
    LoadResult result =
        LoadWorker.run(
            new Order.Storm(
                target(),
                dialogue,
                MACHINES,
                0,
                ramp,
                content(Content.PROGRAM),
                "/boot/{mac}/uefi.ipxe",
                "{node}/report/installer-started",
                30),
            loops);
    assertAllWell(result);
    assertEquals(MACHINES, result.done());
    assertEquals(0.0, result.more().get("resent"));
  }
}
