// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.appliance.store.KeyRing;
import foundrybot.appliance.tls.Certificates;
import foundrybot.bootserver.Architecture;
import foundrybot.bootserver.BootClient;
import foundrybot.bootserver.BootDecision;
import foundrybot.bootserver.MacAddress;
import foundrybot.ipxe.Autoexec;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A machine whose iPXE runs only what the appliance's CA vouches for. */
@Timeout(120)
class VerifiedBootTest {
  private static final String MAC = "52:54:00:bb:00:01";
  private static final String OTHER = "52:54:00:bb:00:02";
  private static final String THIRD = "52:54:00:bb:00:03";
  private static final String FOLDER = "/verified/52-54-00-bb-00-01/";
  private static final String SCRIPT = FOLDER + "uefi.ipxe";
  private static final Pattern IMAGE = Pattern.compile("(?:kernel|initrd) --name (\\S+) (\\S+)");
  private static final Pattern VERIFIED = Pattern.compile("imgverify (\\S+) (\\S+)");

  @TempDir Path folder;
  private LoopbackAppliance appliance;

  @BeforeEach
  void prepare() {
    appliance =
        new LoopbackAppliance(folder)
            .node(MAC, "w1", "debian-12")
            .node(OTHER, "w2", "debian-12")
            .firmware("rules:\n  own-ipxe: { nodes: [w1], verifies-images: true }\n");
  }

  @AfterEach
  void stop() {
    appliance.close();
  }

  private byte[] fetched(URI uri) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<byte[]> answer =
          client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofByteArray());
      assertEquals(200, answer.statusCode(), uri::toString);
      return answer.body();
    }
  }

  private Path saved(String name, byte[] content) throws Exception {
    return Files.write(folder.resolve(name), content);
  }

  private long count(String name, String kind) {
    return appliance.events(name).stream().filter(event -> event.startsWith(kind)).count();
  }

  /** As iPXE does it: the script, then each image that it names, none before its signature. */
  @Test
  @Tag("slow")
  void opensslVerifiesTheScriptAndAllThatItBoots() throws Exception {
    appliance.secure().start();
    Path ca = folder.resolve("ca.pem");
    Files.writeString(ca, Certificates.pem(Certificates.authority(appliance.data())));
    byte[] script = fetched(appliance.uri(SCRIPT));
    Path signature = saved("script.cms", fetched(appliance.uri(SCRIPT + ".cms")));
    assertEquals(0, ImageSignatureTest.verify(saved("script", script), signature, ca, "any"));
    byte[] changed = script.clone();
    changed[changed.length - 2] ^= 1;
    assertTrue(ImageSignatureTest.verify(saved("changed", changed), signature, ca, "any") != 0);

    String text = new String(script, StandardCharsets.US_ASCII);
    List<MatchResult> images = IMAGE.matcher(text).results().toList();
    List<MatchResult> verified = VERIFIED.matcher(text).results().toList();
    assertEquals(List.of("linux", "initrd0.img"), images.stream().map(m -> m.group(1)).toList());
    for (int i = 0; i < images.size(); i++) {
      assertEquals(images.get(i).group(1), verified.get(i).group(1));
      assertEquals(images.get(i).group(2) + ".cms", verified.get(i).group(2));
      Path image = saved("image", fetched(URI.create(images.get(i).group(2))));
      Path beside = saved("image.cms", fetched(URI.create(verified.get(i).group(2))));
      assertEquals(0, ImageSignatureTest.verify(image, beside, ca, "any"));
    }
    Path program = saved("program", fetched(appliance.uri("/program/snponly.efi")));
    Path ofProgram = saved("program.cms", fetched(appliance.uri("/program/snponly.efi.cms")));
    assertEquals(0, ImageSignatureTest.verify(program, ofProgram, ca, "any"));
  }

  @Test
  void anIpxeWithTheBuiltInScriptBootsWhatIsSignedAndAsksForNothingElse() throws Exception {
    appliance.secure().start();
    VerifyingIpxe machine = machine(MAC, "");
    assertTrue(machine.boots(builtIn()), () -> machine.fetched().toString());
    assertTrue(machine.hasOnlyVerified());
    List<String> kinds =
        machine.fetched().stream().map(path -> path.replaceFirst("/node/[0-9a-f]+/", "")).toList();
    assertEquals(
        List.of(
            SCRIPT,
            SCRIPT + ".cms",
            "artifact/linux",
            "artifact/linux.cms",
            "artifact/initrd.gz",
            "artifact/initrd.gz.cms"),
        kinds);
    LoopbackAppliance.eventually(
        "kernel", () -> appliance.statusJson(MAC).get("stage").asString().equals("kernel"));
  }

  @Test
  void whatIsChangedOnItsWayIsNotBootedAndNamed() throws Exception {
    appliance.node(THIRD, "w3", "debian-12").secure().start();
    assertFalse(machine(MAC, "/artifact/linux").boots(builtIn()));
    assertNamed(MAC, "image-unverified", "imgverify: refused linux");
    assertFalse(machine(OTHER, "/artifact/initrd.gz").boots(builtIn()));
    assertNamed(OTHER, "image-unverified", "imgverify: refused initrd0.img");

    VerifyingIpxe third = machine(THIRD, "/uefi.ipxe");
    assertFalse(third.boots(builtIn()));
    assertFalse(third.fetched().toString().contains("/node/"), "the changed script never ran");
    LoopbackAppliance.eventually("evidence", () -> count("w3", "script.signature") > 0);
    appliance.clock.pass(Duration.ofMinutes(10));
    assertNamed(THIRD, "script-unverified", "but fetched no kernel");
  }

  /** By the digests of its import, anew after another one. */
  @Test
  void aProfileBesideTheRackFileIsVerifiedAsABuiltInOneIs() throws Exception {
    appliance
        .profile(
            "mine",
            """
            system: Some OS
            version: "1"
            kernel: bzImage
            initrd: [first.img, second.img]
            files:
              answers.json: { format: json, template: answers.mustache }
            """,
            Map.of("answers.mustache", "{}\n"))
        .node(MAC, "w1", "mine")
        .node(OTHER, "w2", "mine")
        .artifacts("mine", Map.of("bzImage", "one", "first.img", "two", "second.img", "three"))
        .secure()
        .start();
    VerifyingIpxe machine = machine(MAC, "");
    assertTrue(machine.boots(builtIn()), () -> machine.fetched().toString());
    assertTrue(machine.hasOnlyVerified());
    for (String image : List.of("bzImage", "first.img", "second.img")) {
      String signature = "/artifact/" + image + ".cms";
      assertTrue(machine.fetched().stream().anyMatch(path -> path.endsWith(signature)), image);
    }
    appliance.stop();
    appliance.artifacts(
        "mine", Map.of("bzImage", "four", "first.img", "five", "second.img", "six"));
    appliance.startAgain();
    assertTrue(machine(MAC, "").boots(builtIn()));
    assertFalse(machine(OTHER, "/artifact/second.img").boots(builtIn()));
    assertNamed(OTHER, "image-unverified", "imgverify: refused initrd1.img");
  }

  @Test
  void aScriptOfTheUsersAndTheKernelItBootsAreSignedAsWell() throws Exception {
    appliance.secure().start();
    String at = appliance.uri("/program/").toString();
    own("my.ipxe", "#!ipxe\nkernel --name k %1$sk\nimgverify k %1$sk.cms\nboot\n".formatted(at));
    Path kernel = own("k", "a kernel of the user's");
    awaitSignature("my.ipxe");
    awaitSignature("k");
    byte[] builtIn =
        """
        #!ipxe
        imgtrust --permanent
        imgfetch --name s %1$smy.ipxe
        imgverify s %1$smy.ipxe.cms
        imgexec s
        """
            .formatted(at)
            .getBytes(StandardCharsets.US_ASCII);
    VerifyingIpxe machine = machine(MAC, "");
    assertTrue(machine.boots(builtIn), () -> machine.fetched().toString());
    assertTrue(machine.hasOnlyVerified());
    assertFalse(machine(MAC, "/k").boots(builtIn));
    assertFalse(machine(MAC, "/my.ipxe").boots(builtIn));

    Files.writeString(kernel, "another kernel of the user's");
    LoopbackAppliance.eventually("the new one", () -> boots(builtIn));
  }

  private boolean boots(byte[] builtIn) {
    try {
      return machine(MAC, "").boots(builtIn);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private void awaitSignature(String program) {
    LoopbackAppliance.eventually(
        "signature", () -> appliance.get("/program/" + program + ".cms").status() == 200);
  }

  /** A file of the user's, that nobody else can write. */
  private Path own(String name, String content) throws Exception {
    Path folder = appliance.data().resolve("tftp");
    Path file = folder.resolve(name);
    LoopbackAppliance.write(file, content);
    for (Path at = folder; !at.equals(file); at = at.resolve(at.relativize(file).getName(0))) {
      Files.setPosixFilePermissions(at, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    return file;
  }

  @Test
  void anIpxeOfAnotherCaBootsNothing() throws Exception {
    appliance.secure().start();
    Path another = Files.createDirectory(folder.resolve("another"));
    var _ =
        Https.of(appliance.rack(), KeyRing.plain(another), appliance.clock.instant()).orElseThrow();
    VerifyingIpxe machine =
        new VerifyingIpxe(Certificates.authority(another), MAC, (_, bytes) -> bytes);
    assertFalse(machine.boots(builtIn()));
    assertFalse(machine.fetched().toString().contains("/node/"));
  }

  private void assertNamed(String mac, String code, String why) {
    var node = appliance.statusJson(mac);
    assertEquals("stuck", node.get("condition").asString(), node::toString);
    assertEquals(code, node.get("diagnosis").get("code").asString());
    assertTrue(node.get("diagnosis").get("why").asString().endsWith(why), node::toString);
  }

  private byte[] builtIn() {
    return EmbeddedScript.of(appliance.rack()).bytes();
  }

  /** On whose way the file whose path ends so gets another last letter; "" for none. */
  private VerifyingIpxe machine(String mac, String changed) {
    return new VerifyingIpxe(
        Certificates.authority(appliance.data()),
        mac,
        (uri, bytes) -> {
          if (!changed.isEmpty() && uri.getPath().endsWith(changed)) {
            bytes[bytes.length - 2] ^= 1;
          }
          return bytes;
        });
  }

  @Test
  void aSignatureMintsNoTokenUsesNoneAndMovesNobody() throws Exception {
    appliance.secure().start();
    assertEquals(404, appliance.get(SCRIPT + ".cms").status(), "nobody has the script yet");
    appliance.send(HttpRequest.newBuilder(appliance.uri(SCRIPT)).HEAD());
    assertEquals(404, appliance.get(SCRIPT + ".cms").status(), "a HEAD is no script");
    assertEquals(0, count("w1", "token."));
    assertEquals("planned", appliance.statusJson(MAC).get("stage").asString());

    byte[] script = fetched(appliance.uri(SCRIPT));
    byte[] signature = fetched(appliance.uri(SCRIPT + ".cms"));
    assertArrayEquals(signature, fetched(appliance.uri(SCRIPT + ".cms")));
    assertArrayEquals(script, fetched(appliance.uri(SCRIPT)), "its token still waits");
    assertEquals(1, count("w1", "token."), () -> appliance.events("w1").toString());
    assertEquals("script", appliance.statusJson(MAC).get("stage").asString());
    LoopbackAppliance.eventually("evidence", () -> count("w1", "script.signature") > 0);
    String token =
        Pattern.compile("/node/([0-9a-f]{32})/")
            .matcher(text(script))
            .results()
            .findFirst()
            .orElseThrow()
            .group(1);
    assertFalse(text(signature).contains(token));

    assertEquals(404, appliance.get(FOLDER + "bios.ipxe.cms").status(), "that one it has not");
    assertEquals(404, appliance.get(SCRIPT + ".cms.cms").status());
    assertEquals(404, appliance.get(FOLDER + "grub.cfg").status());
    assertEquals(404, appliance.get("/boot/52-54-00-bb-00-01/uefi.ipxe.cms").status());
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  @Test
  void aMachineThatRefusesAnImageIsStuckAtOnceAndTheReasonIsNamed() throws Exception {
    appliance.secure().start();
    String script = text(fetched(appliance.uri(SCRIPT)));
    String refusal =
        Pattern.compile("imgfetch --name said (\\S+refused%20)")
            .matcher(script)
            .results()
            .findFirst()
            .orElseThrow()
            .group(1);
    assertEquals(
        200,
        appliance
            .get(URI.create(refusal).getPath() + "?reason=imgverify:%20refused" + "%20linux")
            .status());
    var node = appliance.statusJson(MAC);
    assertEquals("stuck", node.get("condition").asString());
    assertEquals("image-unverified", node.get("diagnosis").get("code").asString());
    assertTrue(
        node.get("diagnosis").get("why").asString().endsWith("imgverify: refused linux"),
        node::toString);
  }

  @Test
  void aStrangerThatVerifiesTellsWhoItIsAndChainsNothing() throws Exception {
    appliance.with("unknown", "discover").secure().start();
    String stranger = "/verified/52-54-00-ff-00-01/bios.ipxe";
    String script = text(fetched(appliance.uri(stranger)));
    assertFalse(script.contains("\nchain "), script);
    assertTrue(script.contains("\nimgfetch --name said http"), script);
    assertArrayEquals(
        fetched(appliance.uri(stranger + ".cms")),
        fetched(appliance.uri("/verified/52-54-00-ff-00-02/bios.ipxe.cms")),
        "all strangers get the same one");
  }

  @Test
  void besideItsProgramLiesTheScriptThatVerifiesTheNextOne() throws Exception {
    own("w1/ipxe.efi", "another one");
    appliance.secure().start();
    assertEquals(
        Autoexec.signed(MAC, appliance.uri(FOLDER), BootFiles.PATIENCE).print(),
        appliance.get("/program/52-54-00-bb-00-01/autoexec.ipxe").text());
    assertEquals(
        Autoexec.of(OTHER, appliance.uri("/boot/52-54-00-bb-00-02/"), BootFiles.PATIENCE).print(),
        appliance.get("/program/52-54-00-bb-00-02/autoexec.ipxe").text());

    assertEquals(200, appliance.get("/program/52-54-00-bb-00-01/snponly.efi.cms").status());
    assertEquals(0, count("w1", "loader.fetched snponly.efi.cms"));
    // Of the user's own file that is served in its place, and to the others of the program.
    awaitSignature("52-54-00-bb-00-01/ipxe.efi");
    assertArrayEquals(
        fetched(appliance.uri("/program/w1/ipxe.efi.cms")),
        fetched(appliance.uri("/program/52-54-00-bb-00-01/ipxe.efi.cms")));
    assertFalse(
        Arrays.equals(
            fetched(appliance.uri("/program/ipxe.efi.cms")),
            fetched(appliance.uri("/program/w1/ipxe.efi.cms"))));
    for (String none : List.of("autoexec.ipxe", "nothing", "../secret", "")) {
      assertTrue(appliance.rawStatus("/program/" + none + ".cms") >= 400, none);
    }
  }

  @Test
  void withoutACaOfItsOwnTheApplianceSignsNothingAndOffersNoMachineWhatItWouldRefuse() {
    appliance.start();
    assertEquals(404, appliance.get(SCRIPT).status());
    assertEquals(404, appliance.get(SCRIPT + ".cms").status());
    assertEquals(404, appliance.get("/program/snponly.efi.cms").status());
    BootDecision.Ignore none = assertInstanceOf(BootDecision.Ignore.class, decision(MAC));
    assertTrue(none.reason().contains("ports.https is off"), none.reason());
    assertTrue(none.reason().endsWith("firmware table: own-ipxe"), none.reason());
    assertInstanceOf(BootDecision.Url.class, decision(OTHER));
  }

  @Test
  void theRowSendsItsMachinesToTheScriptThatIsToBeVerified() {
    appliance.secure().withAnyPorts();
    assertEquals(SCRIPT, assertInstanceOf(BootDecision.Url.class, decision(MAC)).url().getPath());
    assertEquals(
        "/boot/52-54-00-bb-00-02/uefi.ipxe",
        assertInstanceOf(BootDecision.Url.class, decision(OTHER)).url().getPath());
  }

  /** What an iPXE under UEFI is told by DHCP. */
  private BootDecision decision(String mac) {
    return BootAnswers.of(appliance.rack(), appliance.firmware(), Optional.of(appliance.programs))
        .decide(
            new BootClient(
                MacAddress.parse(mac).orElseThrow(),
                Optional.empty(),
                Architecture.UEFI_X64,
                BootClient.Program.IPXE,
                BootClient.Transport.PXE,
                "PXEClient:Arch:00007:UNDI:003010"));
  }
}
