// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** One appliance for all tests here; each takes two machines that no other has. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class NodeRoutesTest {
  private static final int MACHINES = 80;

  private LoopbackAppliance appliance;
  private Machine machine = machine(0);
  private Machine cast = machine(1);
  private int taken;

  private static String mac(int number) {
    return String.format(Locale.ROOT, "52:54:00:bb:00:%02x", number);
  }

  private Machine machine(int number) {
    return new Machine(appliance, mac(number));
  }

  @BeforeAll
  void start(@TempDir Path folder) {
    appliance = new LoopbackAppliance(folder).castArtifacts();
    for (int i = 0; i < MACHINES; i++) {
      appliance.node(mac(i), "w" + i, i % 2 == 0 ? "debian-12" : "debian-12-cast");
    }
    appliance.start();
  }

  @BeforeEach
  void takeMachines() {
    machine = machine(taken++);
    cast = machine(taken++);
  }

  @AfterAll
  void stop() {
    appliance.close();
    assertEquals(List.of(), appliance.fatal);
  }

  /** As GRUB goes, when firmware with Secure Boot fetched shim and GRUB by HTTP. */
  @Test
  void grubIsLedByHttpToItsKernelUnderTheTokenOfItsMachine() throws Exception {
    String path = "/boot/" + machine.mac + "/grub.cfg";
    assertEquals(
        "configfile \"/boot/${net_default_mac}/grub.cfg\"",
        appliance.get("/grub/grub.cfg").text().lines().findFirst().orElseThrow());
    assertEquals(404, appliance.get("/grub/x86_64-efi/command.lst").status());
    assertEquals(404, appliance.get("/boot/52:54:00:ff:ff:ff/grub.cfg").status());

    String config = appliance.get(path).text();
    Matcher kernel = Pattern.compile("linux '(/node/[0-9a-f]{32}/artifact/linux)'").matcher(config);
    assertTrue(kernel.find(), config);
    assertTrue(config.contains("initrd '/node/"), config);
    assertEquals("script", machine.stage());
    assertEquals(200, appliance.get(kernel.group(1)).status());
    assertEquals("kernel", machine.stage());
  }

  @Test
  void theScriptOfAKnownMachineCarriesATokenThatOpensItsKernel() {
    machine.fetchToken();
    assertEquals(LoopbackAppliance.KERNEL, machine.get("artifact/linux").text());
    assertEquals(200, machine.get("artifact/initrd.gz").status());
  }

  @Test
  void whoeverAsksGetsTheSameScriptUntilSomebodyComesWithItsToken() {
    String token = machine.fetchToken();
    Heard script = machine.script("uefi.ipxe");
    assertTrue(script.text().contains(token), script.text());
    assertEquals(script, machine.script("uefi.ipxe"));
    assertEquals(script, machine.script("uefi.ipxe"));
    LoopbackAppliance.eventually(
        "evidence",
        () -> events().stream().anyMatch(it -> it.startsWith("script.again GET script")));
    assertEquals(
        1,
        events().stream().filter(it -> it.startsWith("script.again ")).count(),
        "what is repeated within seconds is one line");
    assertEquals(1, events().stream().filter("token.minted "::equals).count());
    assertEquals(1, appliance.statusJson(machine.mac).get("attempt").asInt());
  }

  @Test
  void aStrangersRequestForTheScriptDoesNotDisturbAnInstallationUnderWay() {
    machine.fetchToken();
    assertEquals(200, machine.get("artifact/linux").status());
    assertEquals(200, machine.get("preseed.cfg").status());
    for (int i = 0; i < 5; i++) {
      assertTrue(Machine.installs(machine.script()));
    }
    assertEquals("installing", machine.stage());
    assertEquals(200, machine.get("late.sh").status());
    assertEquals(200, machine.report("installed").status());
    assertEquals(200, machine.enroll().status());
    assertEquals(2, events().stream().filter("token.minted "::equals).count());
  }

  @Test
  void aMachineThatStartsOverGetsANewTokenAndItsUseBurnsTheOneBefore() {
    String first = machine.fetchToken();
    assertEquals(200, machine.get("artifact/linux").status());
    LoopbackAppliance.eventually("used", () -> machine.stage().equals("kernel"));
    String second = machine.fetchToken();
    assertNotEquals(first, second);
    assertEquals(200, appliance.get("/node/" + first + "/artifact/linux").status());
    assertEquals(1, appliance.statusJson(machine.mac).get("attempt").asInt());

    assertEquals(200, machine.get("preseed.cfg").status());
    assertEquals(404, appliance.get("/node/" + first + "/preseed.cfg").status());
    assertEquals(2, appliance.statusJson(machine.mac).get("attempt").asInt());
  }

  @Test
  void aTokenThatWaitsWhenTheInstallationEndsOpensNothing() {
    machine.fetchToken();
    assertEquals(200, machine.report("installer-started").status());
    Machine stranger = new Machine(appliance, machine.mac);
    stranger.fetchToken();
    assertEquals(200, machine.report("installed").status());
    assertEquals(404, stranger.enroll().status());
    assertEquals(200, machine.enroll().status());
  }

  @Test
  void aHeadOfAnArtifactLeavesTheTokenUnused() throws Exception {
    String token = machine.fetchToken();
    HttpRequest.Builder head =
        HttpRequest.newBuilder(appliance.uri(machine.path("artifact/linux"))).HEAD();
    assertEquals(LoopbackAppliance.KERNEL.length(), appliance.length(head));
    assertEquals(token, machine.fetchToken());
    assertEquals("script", machine.stage());
  }

  private List<String> events() {
    return appliance.events("w" + (taken - 2));
  }

  @Test
  void aHeadTellsTheScriptsLengthAndNeitherMintsATokenNorMovesTheMachine() throws Exception {
    int length = machine.script().text().length();
    String token = machine.fetchToken();
    HttpRequest.Builder head =
        HttpRequest.newBuilder(
                appliance.uri("/boot/" + machine.mac.replace(':', '-') + "/bios.ipxe"))
            .HEAD();
    assertEquals(length, appliance.length(head));
    assertEquals(200, appliance.get("/node/" + token + "/artifact/linux").status());
    assertEquals(1, appliance.statusJson(machine.mac).get("attempt").asInt());

    HttpRequest.Builder preseed =
        HttpRequest.newBuilder(appliance.uri("/node/" + token + "/preseed.cfg")).HEAD();
    assertTrue(appliance.length(preseed) > 1000);
    assertEquals("kernel", machine.stage());
  }

  @Test
  void aHeadIsNoSignThatAFinishedDiskIsBackAtTheNetwork() throws Exception {
    String name = "w" + (taken - 2);
    machine.install();
    for (String file : List.of("bios.ipxe", "grub.cfg")) {
      String path = "/boot/" + machine.mac + "/" + file;
      HttpRequest.Builder head = HttpRequest.newBuilder(appliance.uri(path)).HEAD();
      assertTrue(appliance.length(head) > 10);
    }
    assertFalse(Machine.installs(machine.script()));
    LoopbackAppliance.eventually("the GET is a fact", () -> !sentToDisk(name).isEmpty());
    assertEquals(1, sentToDisk(name).size(), "and no HEAD before it");
  }

  private List<String> sentToDisk(String name) {
    return appliance.events(name).stream().filter(it -> it.startsWith("boot.local")).toList();
  }

  @Test
  void nobodysBodyIsTakenBeforeItsTokenIsLookedAt() throws Exception {
    String token = machine.fetchToken();
    String rest = "/report/installed HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\n";
    assertEquals("404", appliance.rawHeadOf("POST /node/" + "0".repeat(32) + rest));
    assertEquals("401", appliance.rawHeadOf("POST /api/v1/nodes/w0" + rest));
    assertEquals("405", appliance.rawHeadOf("POST /boot/x" + rest));
    String large = rest.replace("5000", "600000");
    assertEquals("413", appliance.rawHeadOf("POST /node/" + token + large));
    String wordy = rest.replace("5000", "9000").replace("report/installed", "enroll");
    assertEquals("413", appliance.rawHeadOf("POST /node/" + token + wordy));
    assertEquals(
        "413",
        appliance.rawHeadOf(
            "POST /boot/answers/answer.toml"
                + rest.replace("/report/installed", "").replace("5000", "40000")));
    assertEquals(200, machine.post("report/installer-started", "a=" + "b".repeat(5000)).status());
  }

  /** As the installer of Proxmox VE asks, whose URL is the same for all machines. */
  @Test
  void anInstallerThatSaysWhoItIsIsSentOnToItsAnswersBelowAToken() throws Exception {
    String body =
        "{\"dmi\": {}, \"network_interfaces\": [{\"link\": \"lo9\", \"mac\":"
            + " \"52:54:00:ff:ff:01\"}, {\"link\": \"eno1\", \"mac\": \""
            + machine.mac
            + "\"}]}";
    String used = machine.fetchToken();
    // A report is durable when it is answered, so the token counts as used.
    assertEquals(200, machine.report("installer-started").status());
    Heard sent = appliance.post("/boot/answers/preseed.cfg", body);
    assertEquals(303, sent.status());
    assertFalse(sent.text().contains("d-i "), "no answers without a token");
    assertNotEquals(used, machine.fetchToken(), "a token that waits, the one of the script");
    assertTrue(followed("/boot/answers/preseed.cfg", body).contains("d-i "));
    assertEquals(200, machine.report("installed").status());
    assertEquals(
        403, appliance.post("/boot/answers/preseed.cfg", body).status(), "it boots its disk");
  }

  /** As a client goes on that follows a 303. */
  private String followed(String path, String body) throws Exception {
    try (HttpClient client =
        HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NORMAL).build()) {
      HttpRequest request =
          HttpRequest.newBuilder(appliance.uri(path)).POST(BodyPublishers.ofString(body)).build();
      return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
    }
  }

  @Test
  void whoSaysAnotherMacOrNoneIsSentNowhere() {
    for (String body :
        List.of(
            "",
            "[",
            "{}",
            "{\"network_interfaces\": 1}",
            "{\"network_interfaces\": [{\"mac\": 7}, {\"mac\": \"x\"}, 5]}",
            "{\"network_interfaces\": [{\"mac\": \"52:54:00:ff:ff:01\"}]}")) {
      assertEquals(404, appliance.post("/boot/answers/preseed.cfg", body).status(), body);
    }
    String known = "{\"network_interfaces\": [{\"mac\": \"" + machine.mac + "\"}]}";
    assertEquals(404, appliance.post("/boot/answers/answer.toml", known).status());
    assertEquals(400, appliance.post("/boot/answers/..%2foperator.token", known).status());
    assertEquals(404, appliance.get("/boot/answers/preseed.cfg").status());
  }

  @Test
  void aMacIsUnderstoodInEitherCase() {
    assertTrue(Machine.installs(appliance.get("/boot/52-54-00-BB-00-00/bios.ipxe")));
  }

  @Test
  void thereIsNoScriptUnderAnyOtherName() {
    assertEquals(404, machine.script("arm.ipxe").status());
    assertEquals(404, machine.script("bios.ipxe/more").status());
    assertEquals(404, appliance.get("/boot/52-54-00-bb-00/bios.ipxe").status());
    assertEquals(404, appliance.get("/boot").status());
    assertEquals("planned", machine.stage());
  }

  @Test
  void nothingOpensWithoutALiveToken() {
    machine.fetchToken();
    for (String rest :
        List.of(
            "preseed.cfg",
            "late.sh",
            "deploy.conf",
            "artifact/linux",
            "report/installed",
            "enroll")) {
      for (String token : List.of("0".repeat(32), "", "short", mac(0), "A".repeat(32), "*")) {
        Heard answer = appliance.get("/node/" + token + "/" + rest);
        assertEquals(404, answer.status(), token + " " + rest);
      }
    }
  }

  @Test
  void theInstallerGetsItsAnswerFileAndItsLateScriptAndNoOther() {
    String token = machine.fetchToken();
    Heard preseed = machine.get("preseed.cfg");
    assertEquals(200, preseed.status());
    assertTrue(preseed.text().contains("/node/" + token + "/late.sh"), preseed.text());
    Heard late = machine.get("late.sh");
    assertTrue(late.text().startsWith("#!/bin/sh\n"), late.text());
    assertTrue(late.contentType().startsWith("text/x-shellscript"), late.contentType());
    assertEquals(404, machine.get("deploy.conf").status());
    assertEquals("installing", machine.stage());
  }

  @Test
  void theCastGetsItsConfigurationWithTheDigestOfItsImageAndNoPreseed() {
    String token = cast.fetchToken();
    Heard conf = cast.get("deploy.conf");
    assertEquals(200, conf.status());
    assertTrue(conf.text().contains("/node/" + token + "/artifact/root.img.zst"), conf.text());
    assertTrue(conf.text().matches("(?s).*\\b[0-9a-f]{64}\\b.*"), conf.text());
    assertEquals(LoopbackAppliance.IMAGE, cast.get("artifact/root.img.zst").text());
    assertEquals(404, cast.get("preseed.cfg").status());
    assertEquals(404, cast.get("late.sh").status());
  }

  @Test
  void anArtifactOfAnotherProfileOrOutsideTheTableIsNotThere() {
    machine.fetchToken();
    for (String name : List.of("root.img.zst", "manifest.json", "LINUX", "linux/", "", "a/b")) {
      assertEquals(404, machine.get("artifact/" + name).status(), name);
    }
  }

  @Test
  void aTokenInWhatAMachineSaysIsShownNowhere() {
    String token = machine.fetchToken();
    String url = "http://10.77.0.1:8080/node/" + token + "/late.sh";
    assertEquals(200, machine.post("report/progress", "detail=" + "x".repeat(360) + url).status());
    assertEquals(
        200, machine.post("report/failed", "reason=" + url + ": refused, psk=hunter2").status());
    String all = events() + appliance.statusJson(machine.mac).toString();
    assertTrue(all.contains("/node/.../late.sh: refused, psk=***"), all);
    assertFalse(all.contains(token.substring(0, 8)), all);
    assertFalse(all.contains("hunter2"), all);
  }

  @Test
  void aReportMayComeAsGetOrAsPost() {
    machine.fetchToken();
    assertEquals(200, machine.get("report/installer-started").status());
    assertEquals(200, machine.get("report/partitioned").status());
    assertEquals(200, machine.post("report/base-installed", "detail=/dev/vda").status());
    assertEquals("installing", machine.stage());
  }

  @Test
  void aReportOfAnUnknownEventIsRefusedAndLeavesNoTrace() {
    machine.fetchToken();
    for (String event :
        List.of("enrolled", "Installed", "token.minted", "installed2", "x".repeat(41), "run.x")) {
      assertEquals(400, machine.report(event).status(), event);
      assertEquals(400, machine.get("report/" + event).status(), event);
    }
    assertEquals("script", machine.stage());
    assertTrue(events().stream().noneMatch(e -> e.startsWith("report.")));
  }

  @Test
  void aReportByAnyOtherMethodMovesNothing() {
    machine.fetchToken();
    for (String method : List.of("HEAD", "PUT", "DELETE", "PATCH")) {
      HttpRequest.Builder request =
          HttpRequest.newBuilder(appliance.uri(machine.path("report/installed")))
              .method(method, BodyPublishers.noBody());
      assertEquals(405, appliance.send(request).status(), method);
    }
    assertEquals("script", machine.stage());
  }

  @Test
  void whatAMachineSaysIsShownInItsOwnWords() {
    machine.fetchToken();
    assertEquals(200, machine.get("report/failed?step=partition&reason=no%20disk").status());
    var status = appliance.statusJson(machine.mac);
    assertEquals("stuck", status.get("condition").asString());
    assertEquals(
        "the machine reported that it finds no disk to install on: step=partition reason=no disk",
        status.get("why").asString());
    assertEquals(200, machine.post("report/failed", "step=write&reason=too+small").status());
    assertEquals(
        "the machine reported that its disk is too small: step=write reason=too small",
        appliance.statusJson(machine.mac).get("why").asString());
  }

  @Test
  void lineBreaksInAReportDoNotReachTheJournal() {
    machine.fetchToken();
    assertEquals(200, machine.post("report/failed", "reason=a%0Ab%1B[2J").status());
    String why = appliance.statusJson(machine.mac).get("why").asString();
    assertTrue(why.chars().noneMatch(Character::isISOControl), why);
  }

  @Test
  void enrollmentWaitsForTheInstallationAndThenEndsTheRun() {
    machine.fetchToken();
    assertEquals(409, machine.enroll().status());
    assertEquals(200, machine.report("installed").status());
    assertEquals(405, machine.get("enroll").status());
    assertEquals(200, machine.report("first-boot").status());
    assertEquals(new Heard(200, "enrolled\n", "text/plain; charset=utf-8"), machine.enroll());
    assertEquals("enrolled", machine.stage());

    assertEquals(200, machine.enroll().status());
    assertEquals("already enrolled\n", machine.enroll().text());
    for (String rest :
        List.of("preseed.cfg", "late.sh", "artifact/linux", "report/failed", "anything")) {
      assertEquals(410, machine.get(rest).status(), rest);
    }
    assertEquals("ok", appliance.statusJson(machine.mac).get("condition").asString());
  }

  @Test
  void anInstalledMachineIsSentToItsDiskInTheWayOfItsFirmware() {
    machine.install();
    Heard bios = machine.script("bios.ipxe");
    assertTrue(bios.text().contains("sanboot"), bios.text());
    Heard uefi = machine.script("uefi.ipxe");
    assertTrue(uefi.text().contains("exit 1"), uefi.text());
    assertFalse(Machine.installs(bios) || Machine.installs(uefi));
    assertEquals(200, machine.report("first-boot").status());
  }

  @Test
  void aTokenOfAnOldRunOpensNothing() {
    machine.install();
    String old = machine.path("");
    assertEquals(200, appliance.send(reinstall(machine)).status());
    assertEquals("planned", machine.stage());
    assertEquals(404, machine.get("preseed.cfg").status());
    assertEquals(404, machine.enroll().status());

    machine.fetchToken();
    assertEquals(200, machine.get("preseed.cfg").status());
    assertEquals(404, appliance.get(old + "preseed.cfg").status());
    assertEquals(2, appliance.statusJson(machine.mac).get("run").asInt());
  }

  @Test
  void anEnrolledMachineCanBeInstalledAnew() {
    machine.install();
    assertEquals(200, machine.enroll().status());
    assertEquals(200, appliance.send(reinstall(machine)).status());
    assertTrue(Machine.installs(machine.script()));
  }

  private HttpRequest.Builder reinstall(Machine which) {
    String name = appliance.statusJson(which.mac).get("name").asString();
    return appliance.asOperator("nodes/" + name + "/reinstall").POST(BodyPublishers.noBody());
  }

  @Test
  void oneMachinesTokenServesNothingOfAnother() {
    machine.fetchToken();
    assertEquals(404, machine.get("artifact/vmlinuz").status());
    cast.install();
    assertEquals(409, machine.enroll().status());
  }

  @Test
  void firmwareThatBootsByHttpGetsItsProgramUnderItsMac() {
    String path = "/program/" + machine.mac.replace(':', '-') + "/";
    assertEquals("boot program snponly.efi", appliance.get(path + "snponly.efi").text());
    // Fetching is evidence that nobody waits for.
    LoopbackAppliance.eventually("a stage", () -> machine.stage().equals("bootloader"));
    assertEquals(404, appliance.get(path + "grub.efi").status());
    assertEquals(200, appliance.get("/program/snponly.efi").status());
  }

  @Test
  void aMachineOutsideTheRackFileIsIgnored() {
    Machine stranger = new Machine(appliance, "52:54:00:ff:ff:01");
    assertEquals(404, stranger.script().status());
    assertEquals(404, stranger.script("uefi.ipxe").status());
  }

  @Test
  void namesThatLeadElsewhereAreRefused() {
    machine.fetchToken();
    for (String prefix :
        List.of("/debian/", "/program/", "/boot/", "/", machine.path("artifact/"))) {
      for (String name :
          List.of(
              "../operator.token",
              "x/../../operator.token",
              "%2e%2e/operator.token",
              "%2e%2e%2foperator.token",
              "..%5coperator.token",
              "/etc/passwd",
              "%2fetc%2fpasswd",
              "linux%00",
              "%00",
              "linux%0a")) {
        int status = appliance.rawStatus(prefix + name);
        assertTrue(status == 400 || status == 404, prefix + name + ": " + status);
      }
    }
    assertEquals(404, appliance.rawStatus("http://elsewhere/etc/passwd"));
    assertEquals(400, appliance.rawStatus("etc/passwd"));
  }

  @Test
  void onlyReadingIsAllowedWhereNothingIsReported() {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(appliance.uri("/boot/52-54-00-bb-00-00/bios.ipxe"))
            .POST(BodyPublishers.noBody());
    assertEquals(405, appliance.send(request).status());
  }

  @Test
  void aTokenIsInNoEventAndNoStatus() {
    String token = machine.fetchToken();
    assertEquals(200, machine.get("preseed.cfg").status());
    assertEquals(200, machine.get("artifact/linux").status());
    String all = events() + appliance.statusJson().toString();
    assertFalse(all.contains(token), all);
    assertFalse(all.contains(Tokens.hash(token)), all);
  }
}
