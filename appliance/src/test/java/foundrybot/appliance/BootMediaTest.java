// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.images.Tool;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Boot media as a BMC and its machine meet them; made by xorriso. */
@Tag("slow")
class BootMediaTest {
  private static final String MAC = "52:54:00:aa:00:01";
  private static final Pattern TOKEN =
      Pattern.compile("^set run-token:hexraw ([0-9a-f]{32})$", Pattern.MULTILINE);
  private static final Pattern FOLDER =
      Pattern.compile(
          "chain .* http://medium:\\$\\{run-token:hexraw\\}@([^/]+/media/[0-9a-f]{64}/boot/)");

  @TempDir private Path folder = Path.of("");

  private LoopbackAppliance rack(String boot) {
    return rack(boot, "uefi");
  }

  private LoopbackAppliance rack(String boot, String firmware) {
    LoopbackAppliance rack = new LoopbackAppliance(folder);
    rack.program("ipxe.efi", "a program that looks for autoexec.ipxe");
    return rack.entry(
        MAC,
        "{ role: worker, name: w1, profile: debian-12, bmc: { url: 'http://127.0.0.1:1',"
            + " firmware: "
            + firmware
            + ", boot: "
            + boot
            + " } }");
  }

  /** Serves, with the run of the machine open as after 'deploy --by-hand'. */
  private static LoopbackAppliance open(LoopbackAppliance rack) {
    rack.start();
    Heard opened =
        rack.send(rack.asOperator("deploy?by-hand=yes").POST(BodyPublishers.ofString("w1")));
    assertEquals(200, opened.status(), opened.text());
    return rack;
  }

  private static Heard ask(LoopbackAppliance rack) {
    return rack.send(rack.asOperator("nodes/w1/medium").POST(BodyPublishers.noBody()));
  }

  private static URI medium(LoopbackAppliance rack) {
    Heard answer = ask(rack);
    assertEquals(200, answer.status(), answer.text());
    return URI.create(answer.text());
  }

  private static HttpResponse<byte[]> fetch(URI uri, String method, String range) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest.Builder request =
          HttpRequest.newBuilder(uri).method(method, BodyPublishers.noBody());
      if (!range.isEmpty()) {
        request.header("Range", range);
      }
      return client.send(request.build(), BodyHandlers.ofByteArray());
    }
  }

  /** What the machine reads on it. */
  private String script(byte[] iso) throws Exception {
    Path file = folder.resolve("fetched.iso");
    Files.write(file, iso);
    Path fat = folder.resolve("fat");
    Files.deleteIfExists(fat);
    Tool.named("xorriso", "xorriso")
        .run("-osirrox", "on", "-indev", file.toString(), "-extract", "/EFI.IMG", fat.toString());
    return new String(
        Tool.named("mtype", "mtools").output("-i", fat.toString(), "::/autoexec.ipxe"),
        java.nio.charset.StandardCharsets.US_ASCII);
  }

  private static String text(byte[] bytes) {
    return new String(bytes, java.nio.charset.StandardCharsets.US_ASCII);
  }

  private static String tokenIn(String script) {
    Matcher found = TOKEN.matcher(script);
    assertTrue(found.find(), script);
    return found.group(1);
  }

  /** As iPXE fetches it: asked for its proof, it gives it. */
  private static HttpResponse<String> prove(LoopbackAppliance rack, String token, String rest)
      throws Exception {
    return new DigestClient(rack, token).get(rest);
  }

  @Test
  void aBmcFetchesTheImageWholeInPartsAndByItsHeadAlone() throws Exception {
    try (LoopbackAppliance rack = open(rack("media-http"))) {
      URI uri = medium(rack);
      assertTrue(uri.getPath().matches("/media/[0-9a-f]{32}\\.iso"), uri::toString);
      HttpResponse<byte[]> whole = fetch(uri, "GET", "");
      assertEquals(200, whole.statusCode());
      HttpResponse<byte[]> head = fetch(uri, "HEAD", "");
      assertEquals(
          whole.body().length, head.headers().firstValueAsLong("content-length").orElseThrow());
      assertEquals("bytes", head.headers().firstValue("accept-ranges").orElse(""));
      HttpResponse<byte[]> part = fetch(uri, "GET", "bytes=2048-4095");
      assertEquals(206, part.statusCode());
      assertArrayEquals(Arrays.copyOfRange(whole.body(), 2048, 4096), part.body());
      String guessed = uri.getPath().replaceFirst("[0-9a-f]{32}", "0".repeat(32));
      assertEquals(404, rack.get(guessed).status());
    }
  }

  @Test
  void theTokenIsOnTheMediumAndNobodyGetsItByTheMac() throws Exception {
    try (LoopbackAppliance rack = open(rack("media-http"))) {
      Machine machine = new Machine(rack, MAC);
      String script = script(fetch(medium(rack), "GET", "").body());
      String token = tokenIn(script);
      assertEquals("planned", machine.stage());
      assertFalse(Machine.installs(machine.script("uefi.ipxe")), "by its MAC");
      assertEquals(404, rack.get("/node/" + token + "/boot/uefi.ipxe").status(), "in clear");
      HttpResponse<String> own = prove(rack, token, "boot/uefi.ipxe");
      assertEquals(200, own.statusCode());
      assertFalse(own.body().contains(token), own.body());
      assertEquals("script", machine.stage());
      assertEquals(200, prove(rack, token, "artifact/linux").statusCode());
      assertEquals("kernel", machine.stage());
      assertEquals(200, rack.get("/node/" + token + "/preseed.cfg").status());
    }
  }

  @Test
  void anIndependentClientProvesWhatStandsOnTheMediumAndNobodyRepeatsIt() throws Exception {
    try (LoopbackAppliance rack = open(rack("media-http"))) {
      String script = script(fetch(medium(rack), "GET", "").body());
      Matcher found = FOLDER.matcher(script);
      assertTrue(found.find(), script);
      String url = "http://" + found.group(1) + "uefi.ipxe";
      String who = "medium:" + tokenIn(script);
      Tool curl = Tool.named("curl", "curl");
      String own = text(curl.output("--silent", "--fail", "--digest", "--user", who, url));
      assertTrue(own.startsWith("#!ipxe\n") && own.contains("${run-token:hexraw}"), own);
      String status =
          text(
              curl.output(
                  "--silent",
                  "--output",
                  "/dev/null",
                  "--write-out",
                  "%{http_code}",
                  "--digest",
                  "--user",
                  "medium:" + "0".repeat(32),
                  url));
      assertEquals("401", status);
      status =
          text(
              curl.output(
                  "--silent",
                  "--output",
                  "/dev/null",
                  "--write-out",
                  "%{http_code}",
                  "--basic",
                  "--user",
                  who,
                  url));
      assertEquals("401", status, "in clear it is not taken");
    }
  }

  @Test
  void anImageIsMadeOnceUntilItsMachineHasComeFromIt() throws Exception {
    try (LoopbackAppliance rack = open(rack("media-http"))) {
      URI first = medium(rack);
      assertEquals(first, medium(rack));
      String token = tokenIn(script(fetch(first, "GET", "").body()));
      prove(rack, token, "boot/uefi.ipxe");
      assertEquals(200, fetch(first, "HEAD", "").statusCode(), "the machine may read on");
      prove(rack, token, "artifact/linux");
      assertEquals("kernel", new Machine(rack, MAC).stage());
      assertEquals(404, fetch(first, "HEAD", "").statusCode());
      URI second = medium(rack);
      assertNotEquals(first, second);
      assertNotEquals(token, tokenIn(script(fetch(second, "GET", "").body())));
    }
  }

  @Test
  void anImageEndsByTimeAndByReinstallationAlsoOverARestart() throws Exception {
    try (LoopbackAppliance rack = open(rack("media-http"))) {
      URI late = medium(rack);
      rack.clock.pass(Duration.ofMinutes(31));
      assertEquals(404, fetch(late, "HEAD", "").statusCode());
      URI burnt = medium(rack);
      rack.send(rack.asOperator("nodes/w1/reinstall?by-hand=yes").POST(BodyPublishers.noBody()));
      assertEquals(404, fetch(burnt, "HEAD", "").statusCode());
      URI left = medium(rack);
      rack.stop();
      rack.clock.pass(Duration.ofMinutes(31));
      rack.startAgain();
      assertEquals(404, fetch(left, "HEAD", "").statusCode());
      rack.stop();
      LoopbackAppliance.write(rack.data.resolve("media/making1/tree/of-a-killed-run"), "x");
      rack.startAgain();
      try (var files = Files.list(rack.data.resolve("media"))) {
        assertEquals(List.of(), files.toList());
      }
    }
  }

  @Test
  void aKilledApplianceServesTheImageThatWaitsOnceItRunsAgain() throws Exception {
    try (LoopbackAppliance rack = rack("media-http").withAnyPorts()) {
      Path file = folder.resolve("rack.yaml");
      Files.writeString(file, rack.yaml());
      URI uri;
      byte[] image;
      try (Served first = Served.start(rack, file)) {
        rack.send(rack.asOperator("deploy?by-hand=yes").POST(BodyPublishers.ofString("w1")));
        uri = medium(rack);
        image = fetch(uri, "GET", "").body();
        first.kill();
      }
      try (Served _ = Served.start(rack, file)) {
        // The machine that was told to boot its medium does so only now.
        HttpResponse<byte[]> part = fetch(uri, "GET", "bytes=2048-4095");
        assertEquals(206, part.statusCode());
        assertArrayEquals(Arrays.copyOfRange(image, 2048, 4096), part.body());
        assertArrayEquals(image, fetch(uri, "GET", "").body());
        assertEquals(uri, medium(rack), "the same one waits");
        String token = tokenIn(script(image));
        HttpResponse<String> own = prove(rack, token, "boot/uefi.ipxe");
        assertTrue(own.body().contains("/artifact/linux"), own.body());
        assertEquals(200, prove(rack, token, "artifact/linux").statusCode());
        assertEquals("kernel", new Machine(rack, MAC).stage());
        assertEquals(404, fetch(uri, "HEAD", "").statusCode(), "it has done its service");
      }
    }
  }

  @Test
  void noneIsMadeForARunThatNobodyOpened() throws Exception {
    try (LoopbackAppliance rack = rack("media-http").start()) {
      Heard refused = ask(rack);
      assertEquals(422, refused.status());
      assertTrue(refused.text().contains("deploy --by-hand w1"), refused::text);
    }
  }

  @Test
  void itsFolderIsTheOwnersAlone() throws Exception {
    try (LoopbackAppliance rack = open(rack("media-http"))) {
      medium(rack);
      Path media = rack.data.resolve("media");
      assertEquals(
          "rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(media)));
      try (var files = Files.list(media)) {
        for (Path file : files.toList()) {
          assertEquals(
              "rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        }
      }
    }
  }

  @Test
  void httpsIsTheUsualWayAndItsAbsenceIsNamed() throws Exception {
    try (LoopbackAppliance rack = open(rack("media"))) {
      Heard refused = ask(rack);
      assertEquals(422, refused.status());
      assertTrue(refused.text().contains("media-http"), refused::text);
    }
  }

  @Test
  void aProgramThatWouldNotReadItsScriptIsRefusedWithTheCure() throws Exception {
    try (LoopbackAppliance rack = rack("media-http")) {
      open(rack.program("ipxe.efi", "a program of 2019"));
      Heard refused = ask(rack);
      assertEquals(422, refused.status());
      assertTrue(refused.text().contains("bootserver loaders fetch"), refused::text);
    }
  }

  @Test
  void aMachineOfUnknownFirmwareIsGivenNoImageThatUefiWouldNotStart() throws Exception {
    try (LoopbackAppliance rack = rack("media-http", "as-is")) {
      open(rack.program("ipxe.efi", "a program of 2019"));
      Heard refused = ask(rack);
      assertEquals(422, refused.status(), refused.text());
      assertTrue(refused.text().contains("bootserver loaders fetch"), refused::text);
      assertTrue(refused.text().contains("firmware: uefi or legacy"), refused::text);
    }
  }

  @Test
  void aMachineOfUnknownFirmwareIsGivenAnImageForBoth() throws Exception {
    try (LoopbackAppliance rack = open(rack("media-http", "as-is"))) {
      Path file = folder.resolve("both.iso");
      Files.write(file, fetch(medium(rack), "GET", "").body());
      String report =
          new String(
              Tool.named("xorriso", "xorriso")
                  .output("-indev", file.toString(), "-report_el_torito", "plain"),
              java.nio.charset.StandardCharsets.US_ASCII);
      assertTrue(report.contains("BIOS") && report.contains("UEFI"), report);
    }
  }

  @Test
  void theNameOfAnImageAndTheTokenAreInNoEvent() throws Exception {
    try (LoopbackAppliance rack = open(rack("media-http"))) {
      URI uri = medium(rack);
      String token = tokenIn(script(fetch(uri, "GET", "").body()));
      prove(rack, token, "boot/uefi.ipxe");
      String events = String.join("\n", rack.events("w1"));
      assertTrue(events.contains("token.prepared"), events);
      assertFalse(events.contains(token) || events.contains(uri.getPath()), events);
    }
  }
}
