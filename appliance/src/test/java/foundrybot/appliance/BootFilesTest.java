// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.ipxe.Autoexec;
import foundrybot.ipxe.Scripts;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Boot programs, scripts beside them and the user's own files, by TFTP and by HTTP. */
@Timeout(120)
class BootFilesTest {
  private static final String MAC = "52:54:00:bb:00:07";
  private static final String FOLDER = "52-54-00-bb-00-07/";
  private static final Scripts.Patience PATIENCE =
      new Scripts.Patience(
          10, Duration.ofSeconds(5), Duration.ofSeconds(60), Scripts.Ending.REBOOT);

  @TempDir Path folder;
  private LoopbackAppliance appliance;

  @BeforeEach
  void prepare() {
    appliance = new LoopbackAppliance(folder).node(MAC, "w7", "debian-12");
  }

  @AfterEach
  void stop() {
    appliance.close();
  }

  @Test
  void besideEachProgramOfAMachineLiesTheScriptThatLeadsToItsOwn() throws Exception {
    appliance.start();
    String script = Autoexec.of(MAC, appliance.uri("/boot/" + FOLDER), PATIENCE).print();

    assertServed(FOLDER + "autoexec.ipxe", script);
    LoopbackAppliance.eventually(
        "evidence",
        () -> appliance.events("w7").stream().anyMatch(e -> e.startsWith("tftp.rrq " + FOLDER)));
    assertEquals(200, appliance.get("/boot/" + FOLDER + "uefi.ipxe").status());
  }

  @Test
  void besideTheProgramsForAnyoneLiesAScriptThatFindsTheMachine() throws Exception {
    appliance.start();

    assertServed("autoexec.ipxe", Autoexec.ofAnyone(appliance.uri("/boot/"), PATIENCE).print());
    assertServed("snponly.efi", "boot program snponly.efi");
  }

  @Test
  void aFileOfTheUsersIsServedUnderItsPath() throws Exception {
    own("10000000abcdef01/start4.elf", "of a Raspberry Pi");
    own("pxelinux.0", "common");
    own("with space", "spaced");
    appliance.start();

    assertServed("10000000abcdef01/start4.elf", "of a Raspberry Pi");
    assertServed("pxelinux.0", "common");
    assertEquals("common", tftp(FOLDER + "pxelinux.0"));
    assertEquals("spaced", tftp("with space"));
    assertEquals("", tftp("10000000abcdef01"));
    assertEquals("", tftp("10000000abcdef02/start4.elf"));
  }

  /** RPi4, board revision, the end of the MAC, serial number 9ffe45de: as the ROM sends it. */
  @Test
  void aRaspberryPisSerialNumberIsKnownFromItsDhcpAndItsFilesAreItsNodes() throws Exception {
    String mac = "dc:a6:32:0a:0b:0c";
    own("p1/cmdline.txt", "of p1");
    own("9ffe45de/config.txt", "by serial number");
    own("start4.elf", "common");
    appliance.node(mac, "p1", "debian-12").with("dhcp", "proxy").start();
    assertEquals("", tftp("9ffe45de/cmdline.txt"));

    discover(mac, "52506934 1431c000 320a0b0c de45fe9f");
    LoopbackAppliance.eventually(
        "its serial number", () -> appliance.get("/program/9ffe45de/cmdline.txt").status() == 200);

    assertServed("9ffe45de/cmdline.txt", "of p1");
    assertServed("9ffe45de/config.txt", "by serial number");
    assertServed("9ffe45de/start4.elf", "common");
    assertEquals("", tftp("9ffe45df/start4.elf"));
    LoopbackAppliance.eventually(
        "evidence",
        () ->
            appliance.events("p1").stream()
                .anyMatch(e -> e.startsWith("tftp.rrq 9ffe45de/start4.elf")));
  }

  @Test
  void aStrangersSerialNumberGivesItNothing() throws Exception {
    own("w7/secret.txt", "of w7");
    own("start4.elf", "common");
    appliance.with("dhcp", "proxy").start();
    discover("dc:a6:32:0a:0b:0d", "52506934 1431c000 320a0b0d 01020304");
    discover(MAC, "01020304 01020304 01020304 01020304");
    LoopbackAppliance.eventually(
        "the old form of it", () -> appliance.get("/program/04030201/start4.elf").status() == 200);
    assertEquals("of w7", tftp("04030201/secret.txt"));
    assertEquals("", tftp("01020304/start4.elf"));
  }

  /** What the boot ROM of a Raspberry Pi says first; it calls itself an x86 BIOS. */
  private void discover(String mac, String uuid) throws Exception {
    ByteBuffer packet = ByteBuffer.allocate(320);
    packet.put((byte) 1).put((byte) 1).put((byte) 6).put((byte) 0).putInt(0x5eed0002);
    packet.putShort((short) 0).putShort((short) 0x8000);
    packet.put(28, HexFormat.ofDelimiter(":").parseHex(mac)).position(236);
    packet.putInt(0x63825363).put(new byte[] {53, 1, 1, 93, 2, 0, 0, 94, 3, 1, 2, 1});
    byte[] vendorClass = "PXEClient:Arch:00000:UNDI:002001".getBytes(StandardCharsets.US_ASCII);
    packet.put((byte) 60).put((byte) vendorClass.length).put(vendorClass);
    packet.put((byte) 97).put((byte) 17).put((byte) 0);
    packet.put(HexFormat.of().parseHex(uuid.replace(" ", "")));
    packet.put(new byte[] {55, 4, 1, 3, 66, 67, (byte) 255});
    InetAddress address = InetAddress.ofLiteral(LoopbackAppliance.ADDRESS);
    try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      socket.send(new DatagramPacket(packet.array(), 320, address, appliance.port("dhcp")));
    }
  }

  @Test
  void aFileInAMachinesFolderIsThatMachinesAlone() throws Exception {
    own("w7/grub.cfg", "of w7");
    own(FOLDER + "snponly.efi", "another program");
    own("grub.cfg", "of all");
    appliance.start();

    assertServed(FOLDER + "grub.cfg", "of w7");
    assertServed("w7/grub.cfg", "of w7");
    assertServed("52-54-00-bb-00-08/grub.cfg", "of all");
    assertServed(FOLDER + "snponly.efi", "another program");
    assertServed("w7/snponly.efi", "another program");
    assertServed("snponly.efi", "boot program snponly.efi");
  }

  @Test
  void aCommonFileReplacesTheScriptBesideTheProgramsButNoProgram() throws Exception {
    own("snponly.efi", "not checked");
    own("autoexec.ipxe", "#!ipxe\nshell\n");
    appliance.start();

    assertServed("snponly.efi", "boot program snponly.efi");
    assertServed(FOLDER + "snponly.efi", "boot program snponly.efi");
    assertServed("autoexec.ipxe", "#!ipxe\nshell\n");
    assertServed(FOLDER + "autoexec.ipxe", "#!ipxe\nshell\n");
  }

  @Test
  void whatLeadsOutOfTheFolderIsNotServed() throws Exception {
    Path secret = folder.resolve("secret");
    Files.writeString(secret, "secret");
    own("inside", "inside");
    Path tftp = appliance.data().resolve("tftp");
    Files.createSymbolicLink(tftp.resolve("out"), secret);
    Files.createSymbolicLink(tftp.resolve("away"), folder);
    Files.createSymbolicLink(tftp.resolve("in"), tftp.resolve("inside"));
    Files.createSymbolicLink(tftp.resolve("broken"), tftp.resolve("nothing"));
    own(".hidden/file", "hidden");
    appliance.start();

    assertServed("in", "inside");
    for (String name :
        List.of("out", "away/secret", "away", "broken", ".hidden/file", "../secret", "x/../out")) {
      assertEquals("", tftp(name), name);
      assertTrue(appliance.rawStatus("/program/" + name) >= 400, name);
    }
  }

  @Test
  void aChangedFolderIsListedAgain() throws Exception {
    Path file = own("a", "one");
    OwnFiles own = OwnFiles.in(appliance.data().resolve("tftp"));
    try (own) {
      assertEquals(3, own.find("a").orElseThrow().size());

      Files.writeString(file, "longer");
      own("b/c", "new");
      own.renew();
      assertEquals(6, own.find("a").orElseThrow().size());
      assertTrue(own.find("b/c").isPresent());

      Files.delete(file);
      own.renew();
      assertTrue(own.find("a").isEmpty());
    }
  }

  @Test
  void whatOthersCannotWriteIsVouchedForAndAnewWhenItHasChanged() throws Exception {
    Path file = own("b/with space", "one");
    Path link = appliance.data().resolve("tftp/link");
    Files.createSymbolicLink(link, file);
    OwnFiles own = OwnFiles.in(appliance.data().resolve("tftp"));
    try (own) {
      own.vouch();
      assertEquals(Optional.of(sha256("one")), own.find("b/with space").flatMap(own::sha256));
      assertEquals(Optional.of(sha256("one")), own.find("link").flatMap(own::sha256));

      Files.writeString(file, "longer");
      own.renew();
      assertEquals(Optional.empty(), own.find("link").flatMap(own::sha256));
      own.vouch();
      assertEquals(Optional.of(sha256("longer")), own.find("link").flatMap(own::sha256));
    }
  }

  @Test
  void whatOthersCanWriteIsServedAndNotVouchedFor() throws Exception {
    Path file = own("b/c", "theirs");
    Path tftp = appliance.data().resolve("tftp");
    for (Path open : List.of(file, tftp.resolve("b"), tftp)) {
      Set<PosixFilePermission> before = Files.getPosixFilePermissions(open);
      for (PosixFilePermission right :
          List.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE)) {
        Set<PosixFilePermission> wider = new HashSet<>(before);
        wider.add(right);
        Files.setPosixFilePermissions(open, wider);
        try (OwnFiles own = OwnFiles.in(tftp)) {
          own.vouch();
          assertTrue(own.find("b/c").isPresent());
          assertEquals(Optional.empty(), own.find("b/c").flatMap(own::sha256), open + " " + right);
        }
      }
      Files.setPosixFilePermissions(open, before);
    }
    try (OwnFiles own = OwnFiles.in(tftp)) {
      own.vouch();
      assertEquals(Optional.of(sha256("theirs")), own.find("b/c").flatMap(own::sha256));
    }
  }

  private static String sha256(String text) throws Exception {
    return HexFormat.of()
        .formatHex(
            MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void aRunningApplianceNoticesANewFile() throws Exception {
    appliance.start();
    assertEquals("", tftp("late"));
    own("late", "here now");

    LoopbackAppliance.eventually(
        "the new file", () -> appliance.get("/program/late").status() == 200);
    assertServed("late", "here now");
  }

  @Test
  void theRackFileSaysHowProgramsTravel() throws Exception {
    appliance.with("tftp", "{ single-port: on, block-size: 600, window-size: 2 }").start();
    byte[] request =
        String.join("\0", "\0\1snponly.efi", "octet", "blksize", "1468", "windowsize", "64", "")
            .getBytes(StandardCharsets.US_ASCII);
    InetAddress address = InetAddress.ofLiteral(LoopbackAppliance.ADDRESS);
    try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      socket.setSoTimeout(30_000);
      socket.send(new DatagramPacket(request, request.length, address, appliance.port("tftp")));
      DatagramPacket answer = new DatagramPacket(new byte[1000], 1000);
      socket.receive(answer);
      String oack =
          new String(answer.getData(), 2, answer.getLength() - 2, StandardCharsets.US_ASCII);
      assertEquals(
          List.of("blksize", "600", "windowsize", "2"),
          List.of(oack.split("\0", -1)).subList(0, 4));
      assertEquals(appliance.port("tftp"), answer.getPort());
    }
  }

  private void assertServed(String name, String content) throws Exception {
    assertEquals(content, tftp(name), name);
    Heard answer = appliance.get("/program/" + name);
    assertEquals(200, answer.status(), name);
    assertEquals(content, answer.text(), name);
  }

  private Path own(String name, String content) throws IOException {
    Path file = appliance.data().resolve("tftp").resolve(name);
    LoopbackAppliance.write(file, content);
    // Whatever the mask of who runs the tests.
    for (Path at = appliance.data(); !at.equals(file); ) {
      at = at.resolve(at.relativize(file).getName(0));
      Set<PosixFilePermission> rights = Files.getPosixFilePermissions(at);
      rights.remove(PosixFilePermission.GROUP_WRITE);
      rights.remove(PosixFilePermission.OTHERS_WRITE);
      Files.setPosixFilePermissions(at, rights);
    }
    return file;
  }

  /** A whole file (RFC 1350); empty if there is none. */
  private String tftp(String name) throws Exception {
    InetAddress address = InetAddress.ofLiteral(LoopbackAppliance.ADDRESS);
    byte[] request = ("\0\1" + name + "\0octet\0").getBytes(StandardCharsets.US_ASCII);
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      socket.setSoTimeout(30_000);
      socket.send(new DatagramPacket(request, request.length, address, appliance.port("tftp")));
      for (int block = 1; ; ) {
        DatagramPacket answer = new DatagramPacket(new byte[1000], 1000);
        socket.receive(answer);
        if (answer.getData()[1] == 5) {
          return "";
        }
        if (answer.getData()[3] != block) {
          // Sent again, because this client was slow.
          continue;
        }
        file.write(answer.getData(), 4, answer.getLength() - 4);
        byte[] ack = {0, 4, 0, (byte) block++};
        socket.send(new DatagramPacket(ack, 4, answer.getSocketAddress()));
        if (answer.getLength() < 516) {
          return file.toString(StandardCharsets.US_ASCII);
        }
      }
    }
  }
}
