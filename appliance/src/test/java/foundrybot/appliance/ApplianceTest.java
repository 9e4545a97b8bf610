// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.appliance.store.StoreException;
import foundrybot.bootserver.BindException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ApplianceTest {
  private static final String MAC = "52:54:00:bb:00:01";
  private static final String OTHER = "52:54:00:bb:00:02";

  private LoopbackAppliance appliance;
  private Machine machine;

  @BeforeEach
  void prepare(@TempDir Path folder) {
    appliance = new LoopbackAppliance(folder).node(MAC, "w1", "debian-12");
    machine = new Machine(appliance, MAC);
  }

  @AfterEach
  void stop() {
    appliance.close();
  }

  @Test
  void aRestartKeepsStagesTokensAndTheOperatorsCredential() {
    appliance.node(OTHER, "w2", "debian-12").start();
    Machine other = new Machine(appliance, OTHER).install();
    machine.fetchToken();
    assertEquals(200, machine.get("preseed.cfg").status());
    String since = appliance.statusJson(MAC).get("since").asString();
    String credential = OperatorAccess.of(appliance.data()).token();

    appliance.stop();
    appliance.startAgain();
    assertEquals(credential, OperatorAccess.of(appliance.data()).token());
    assertEquals("installing", machine.stage());
    assertEquals(since, appliance.statusJson(MAC).get("since").asString());
    assertEquals(200, machine.get("late.sh").status());
    assertEquals(200, machine.report("installed").status());
    assertFalse(Machine.installs(other.script()), "it boots from its disk as before");
    assertEquals(200, other.enroll().status());

    appliance.stop();
    appliance.startAgain();
    assertEquals("enrolled", other.stage());
    assertEquals(410, other.get("preseed.cfg").status());
    assertEquals("already enrolled\n", other.enroll().text());
  }

  @Test
  void aTokenThatWasBurntBeforeARestartStaysDead() {
    appliance.start();
    String old = machine.fetchToken();
    assertEquals(200, machine.report("installer-started").status());
    machine.fetchToken();
    assertEquals(200, machine.report("installer-started").status());
    appliance.stop();
    appliance.startAgain();
    assertEquals(404, appliance.get("/node/" + old + "/preseed.cfg").status());
    assertEquals(200, machine.get("preseed.cfg").status());
  }

  @Test
  void aTokenIsNotInTheData() throws Exception {
    appliance.start();
    String token = machine.fetchToken();
    appliance.stop();
    try (Stream<Path> files = Files.list(appliance.data().resolve("state"))) {
      StringBuilder state = new StringBuilder();
      for (Path file : files.toList()) {
        state.append(Files.readString(file, StandardCharsets.ISO_8859_1));
      }
      assertTrue(state.indexOf(Tokens.hash(token)) >= 0, "this is where it would be");
      assertFalse(state.indexOf(token) >= 0, "only the token's hash is kept");
    }
  }

  @Test
  void aMachineThatLeavesTheRackFileLosesItsTokenAndFindsItAgainWhenItIsBack() {
    appliance.node(OTHER, "w2", "debian-12").start();
    machine.fetchToken();
    appliance.without(MAC).appliance().replaceRack(appliance.rack(), FirmwareTable.builtIn());
    assertEquals(404, machine.get("preseed.cfg").status());
    assertEquals(404, machine.script().status());
    assertEquals(1, appliance.statusJson().get("nodes").size());
    appliance
        .node(MAC, "w1", "debian-12")
        .appliance()
        .replaceRack(appliance.rack(), FirmwareTable.builtIn());
    assertEquals(200, machine.get("preseed.cfg").status());
  }

  @Test
  void aRackFileThatNamesAProfileWithoutFilesIsRefused() {
    appliance.start();
    appliance
        .node(OTHER, "w2", "debian-12-cast")
        .appliance()
        .replaceRack(appliance.rack(), FirmwareTable.builtIn());
    String fault = appliance.statusJson().get("rackFault").asString();
    assertTrue(fault.contains("profile debian-12-cast: no boot files"), fault);
    assertEquals(1, appliance.statusJson().get("nodes").size(), "the old one stays in force");
    machine.fetchToken();
  }

  @Test
  void aProfileThatARackFileNamesLaterIsServedWithoutARestart() {
    appliance.start();
    appliance.castArtifacts().node(OTHER, "w2", "debian-12-cast");
    appliance.appliance().replaceRack(appliance.rack(), FirmwareTable.builtIn());
    assertEquals("", appliance.statusJson().get("rackFault").asString());
    Machine cast = new Machine(appliance, OTHER);
    cast.fetchToken();
    assertEquals(200, cast.get("deploy.conf").status());
    assertEquals(LoopbackAppliance.IMAGE, cast.get("artifact/root.img.zst").text());
  }

  @Test
  void aFaultThatWasRefusedIsForgottenWhenAGoodRackFileComes() {
    appliance.start();
    appliance.appliance().refuseRack("rack.yaml:1:1: nonsense");
    assertEquals("rack.yaml:1:1: nonsense", appliance.statusJson().get("rackFault").asString());
    machine.fetchToken();
    appliance.appliance().replaceRack(appliance.rack(), FirmwareTable.builtIn());
    assertEquals("", appliance.statusJson().get("rackFault").asString());
    assertEquals("script", machine.stage());
  }

  @Test
  void aStartThatFailsLeavesNothingOpen() throws Exception {
    appliance.start();
    appliance.stop();
    InetAddress address = InetAddress.ofLiteral(LoopbackAppliance.ADDRESS);
    try (ServerSocket _ = new ServerSocket(appliance.port("http"), 1, address)) {
      BindException problem = assertThrows(BindException.class, appliance::startAgain);
      String said = String.valueOf(problem.getMessage());
      assertTrue(said.contains(String.valueOf(appliance.port("http"))), said);
    }
    appliance.startAgain();
    machine.fetchToken();
  }

  @Test
  void artifactsThatChangedAfterTheirBuildAreNotServed() throws Exception {
    appliance.start();
    appliance.stop();
    Path kernel = appliance.data().resolve("artifacts/debian-12/linux");
    Files.writeString(kernel, "half a file");
    StartException problem = assertThrows(StartException.class, appliance::startAgain);
    assertTrue(String.valueOf(problem.getMessage()).contains("linux"), problem.getMessage());
    appliance.artifacts("debian-12", Map.of("linux", "new", "initrd.gz", "new"));
    appliance.startAgain();
    machine.fetchToken();
    assertEquals("new", machine.get("artifact/linux").text());
  }

  @Test
  void aDataFolderThatAnotherProgramHoldsIsOneClearError() throws Exception {
    appliance.start();
    appliance.stop();
    Path state = appliance.data().resolve("state.lock");
    try (FileChannel file = FileChannel.open(state, StandardOpenOption.WRITE);
        FileLock _ = file.lock()) {
      StoreException problem = assertThrows(StoreException.class, appliance::startAgain);
      String said = String.valueOf(problem.getMessage());
      assertTrue(said.contains("in use by another appliance"), said);
    }
    appliance.startAgain();
    machine.fetchToken();
  }

  @Test
  void tftpServesBootProgramsAndNothingElse() throws Exception {
    appliance.start();
    String known = MAC.replace(':', '-') + "/snponly.efi";
    assertEquals("boot program snponly.efi", tftp(known));
    LoopbackAppliance.eventually("a stage", () -> machine.stage().equals("bootloader"));
    assertEquals("boot program undionly.kpxe", tftp("undionly.kpxe"));
    for (String name :
        List.of(
            "../operator.token",
            MAC + "/../../operator.token",
            "/etc/passwd",
            "..\\operator.token",
            appliance.data().resolve("operator.token").toString(),
            "state/leases",
            "")) {
      assertEquals("", tftp(name), name);
    }
  }

  /** The first block of a file; empty if there is none (RFC 1350). */
  private String tftp(String name) throws Exception {
    InetAddress address = InetAddress.ofLiteral(LoopbackAppliance.ADDRESS);
    byte[] request = ("\0\1" + name + "\0octet\0").getBytes(StandardCharsets.US_ASCII);
    try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      socket.setSoTimeout(30_000);
      socket.send(new DatagramPacket(request, request.length, address, appliance.port("tftp")));
      DatagramPacket answer = new DatagramPacket(new byte[1000], 1000);
      socket.receive(answer);
      if (answer.getData()[1] == 5) {
        return "";
      }
      assertEquals(3, answer.getData()[1], "DATA");
      byte[] ack = {0, 4, 0, 1};
      socket.send(new DatagramPacket(ack, 4, answer.getSocketAddress()));
      return new String(answer.getData(), 4, answer.getLength() - 4, StandardCharsets.US_ASCII);
    }
  }
}
