// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.redfish.BootDevice;
import foundrybot.redfish.BootSetting;
import foundrybot.redfish.HardwareAddress;
import foundrybot.redfish.PowerState;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Every answer is read by the JDK's own HTTP client. */
final class RedfishEmulatorTest {
  private static final String BASIC =
      "Basic "
          + Base64.getEncoder().encodeToString("admin:emulated".getBytes(StandardCharsets.UTF_8));
  private static final String PXE_ONCE =
      "{\"Boot\":{\"BootSourceOverrideTarget\":\"Pxe\",\"BootSourceOverrideEnabled\":\"Once\"}}";
  private static final String ON = "{\"ResetType\":\"On\"}";
  private static final String OFF = "{\"ResetType\":\"ForceOff\"}";

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final VirtualTime time = new VirtualTime();
  private final PoweredMachine machine = machine(1);
  private final Deque<RedfishEmulator> running = new ArrayDeque<>();

  /** Time that stands still unless it is moved. */
  private static final class VirtualTime implements InstantSource {
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");

    @Override
    public synchronized Instant instant() {
      return now;
    }

    synchronized void pass(Duration time) {
      now = now.plus(time);
    }
  }

  static PoweredMachine machine(int number) {
    return new PoweredMachine(
        new PoweredMachine.Plate(
            new UUID(0, number),
            "S" + number,
            List.of(new HardwareAddress(String.format("52:54:00:aa:01:%02x", number)))),
        PoweredMachine.NOTHING);
  }

  @AfterEach
  void close() {
    running.forEach(RedfishEmulator::close);
  }

  private RedfishEmulator plain() {
    return start("plain", "");
  }

  private RedfishEmulator start(String personality, String faults) {
    RedfishEmulator emulator =
        RedfishEmulator.start(
            RedfishEmulator.Setup.of(Personalities.of(personality), machine)
                .withHttp()
                .with(time)
                .with(Faults.parse(faults), 1));
    running.add(emulator);
    return emulator;
  }

  private HttpResponse<String> send(
      RedfishEmulator bmc, String method, String path, String body, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(bmc.url() + path))
            .timeout(Duration.ofSeconds(20))
            .method(
                method,
                body.isEmpty()
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body));
    if (List.of(headers).stream().noneMatch(h -> h.equals("X-Auth-Token"))) {
      request.header("Authorization", BASIC);
    }
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private JsonNode get(RedfishEmulator bmc, String path) throws IOException, InterruptedException {
    HttpResponse<String> response = send(bmc, "GET", path, "");
    assertEquals(200, response.statusCode(), path + ": " + response.body());
    return JsonMapper.shared().readTree(response.body());
  }

  private int reset(RedfishEmulator bmc, String body) throws IOException, InterruptedException {
    return send(bmc, "POST", target(bmc), body).statusCode();
  }

  private String target(RedfishEmulator bmc) throws IOException, InterruptedException {
    return get(bmc, system(bmc)).at("/Actions/#ComputerSystem.Reset/target").asString();
  }

  private String system(RedfishEmulator bmc) throws IOException, InterruptedException {
    return get(bmc, "/redfish/v1/Systems").at("/Members/0/@odata.id").asString();
  }

  @Test
  void everyLinkOfEveryPersonalityLeadsSomewhere() throws IOException, InterruptedException {
    for (Personality personality : Personalities.all()) {
      RedfishEmulator bmc = start(personality.name(), "");
      String slash = personality.slash() == Personality.Slash.ANY ? "" : "/";
      Set<String> seen = new HashSet<>();
      Deque<String> toSee = new ArrayDeque<>(List.of("/redfish/v1/"));
      while (!toSee.isEmpty()) {
        String path = toSee.pop();
        if (seen.add(path)) {
          collectLinks(
              get(bmc, path.contains("?") || path.endsWith("/") ? path : path + slash), toSee);
        }
      }
      assertTrue(seen.size() > 25, personality.name() + ": " + seen);
    }
  }

  private static void collectLinks(JsonNode node, Deque<String> links) {
    for (String name : List.of("@odata.id", "Members@odata.nextLink", "@Redfish.ActionInfo")) {
      if (node.has(name)) {
        links.add(node.get(name).asString());
      }
    }
    node.forEach(child -> collectLinks(child, links));
  }

  @Test
  void theButtonDrivesTheMachineAndTheOverrideIsUsedUp() throws IOException, InterruptedException {
    RedfishEmulator bmc = plain();
    assertEquals("Off", get(bmc, "/redfish/v1/Systems/1").get("PowerState").asString());
    assertEquals(204, send(bmc, "PATCH", "/redfish/v1/Systems/1", PXE_ONCE).statusCode());
    assertEquals(BootDevice.PXE, machine.nextBoot().device());
    assertEquals("Once", overrideEnabled(bmc, "/redfish/v1/Systems/1"));
    assertEquals(204, reset(bmc, ON));
    assertEquals("On", get(bmc, "/redfish/v1/Systems/1").get("PowerState").asString());
    assertEquals("Disabled", overrideEnabled(bmc, "/redfish/v1/Systems/1"));
    assertEquals(BootDevice.PXE, machine.account().lastStart().orElseThrow().boot().device());
    assertEquals(1, machine.account().powerOns());
  }

  private String overrideEnabled(RedfishEmulator bmc, String path)
      throws IOException, InterruptedException {
    return get(bmc, path).at("/Boot/BootSourceOverrideEnabled").asString();
  }

  @Test
  void whatIsNotAllowedIsRefusedByName() throws IOException, InterruptedException {
    RedfishEmulator bmc = plain();
    HttpResponse<String> response =
        send(
            bmc,
            "PATCH",
            "/redfish/v1/Systems/1",
            "{\"Boot\":{\"BootSourceOverrideTarget\":\"Tape\"}}");
    assertEquals(400, response.statusCode());
    assertTrue(response.body().contains("PropertyValueNotInList"), response.body());
    assertEquals(400, reset(bmc, "{\"ResetType\":\"Explode\"}"));
    assertEquals(400, reset(bmc, "{}"));
    assertEquals(400, reset(bmc, "{"));
    assertEquals(404, send(bmc, "GET", "/redfish/v1/Nothing", "").statusCode());
    assertEquals(405, send(bmc, "POST", "/redfish/v1/Systems/1", "{}").statusCode());
    assertEquals(0, machine.account().powerOns());
  }

  @Test
  void sessionsAreLimitedTimeOutAndEndAtLogout() throws IOException, InterruptedException {
    RedfishEmulator bmc = start("dell-idrac9", "");
    String login = "{\"UserName\":\"admin\",\"Password\":\"emulated\"}";
    String sessions = "/redfish/v1/SessionService/Sessions";
    HttpResponse<String> first = send(bmc, "POST", sessions, login);
    String token = first.headers().firstValue("X-Auth-Token").orElseThrow();
    for (int i = 1; i < Personalities.of("dell-idrac9").mostSessions(); i++) {
      assertEquals(201, send(bmc, "POST", sessions, login).statusCode());
    }
    assertEquals(503, send(bmc, "POST", sessions, login).statusCode());
    assertEquals(
        204,
        send(
                bmc,
                "DELETE",
                first.headers().firstValue("Location").orElseThrow(),
                "",
                "X-Auth-Token",
                token)
            .statusCode());
    assertEquals(
        401, send(bmc, "GET", "/redfish/v1/Systems", "", "X-Auth-Token", token).statusCode());
    HttpResponse<String> again = send(bmc, "POST", sessions, login);
    String other = again.headers().firstValue("X-Auth-Token").orElseThrow();
    assertEquals(
        200, send(bmc, "GET", "/redfish/v1/Systems", "", "X-Auth-Token", other).statusCode());
    time.pass(Duration.ofSeconds(1801));
    assertEquals(
        401, send(bmc, "GET", "/redfish/v1/Systems", "", "X-Auth-Token", other).statusCode());
    assertEquals(0, bmc.account().openSessions());
  }

  @Test
  void aWrongPasswordIsRefusedAndCounted() throws IOException, InterruptedException {
    RedfishEmulator bmc = start("plain", "wrong-password");
    assertEquals(401, send(bmc, "GET", "/redfish/v1/Systems", "").statusCode());
    assertEquals(200, send(bmc, "GET", "/redfish/v1", "").statusCode());
    assertEquals(1, bmc.account().refusedLogins());
  }

  @Test
  void aChangeNeedsTheCurrentTagWhereTheVendorWantsIt() throws IOException, InterruptedException {
    RedfishEmulator bmc = start("lenovo-xcc", "");
    String path = "/redfish/v1/Systems/1";
    assertEquals(428, send(bmc, "PATCH", path, PXE_ONCE).statusCode());
    assertEquals(412, send(bmc, "PATCH", path, PXE_ONCE, "If-Match", "\"old\"").statusCode());
    String tag = send(bmc, "GET", path, "").headers().firstValue("ETag").orElseThrow();
    assertEquals(204, send(bmc, "PATCH", path, PXE_ONCE, "If-Match", tag).statusCode());
    assertEquals(412, send(bmc, "PATCH", path, PXE_ONCE, "If-Match", tag).statusCode());
  }

  @Test
  void pendingSettingsAreNotInTheSystemBeforeTheStart() throws IOException, InterruptedException {
    RedfishEmulator bmc = start("dell-idrac10", "");
    String path = "/redfish/v1/Systems/System.Embedded.1";
    assertEquals(400, send(bmc, "PATCH", path, PXE_ONCE).statusCode());
    assertEquals(204, send(bmc, "PATCH", path + "/Settings", PXE_ONCE).statusCode());
    assertEquals("Disabled", overrideEnabled(bmc, path));
    assertEquals("Once", overrideEnabled(bmc, path + "/Settings"));
    reset(bmc, ON);
    assertEquals("Disabled", overrideEnabled(bmc, path + "/Settings"));
  }

  @Test
  void aTaskRunsAndIsDoneOrFails() throws IOException, InterruptedException {
    RedfishEmulator bmc = start("plain", "task-fails*1,task");
    String monitor = accepted(bmc);
    assertEquals(202, send(bmc, "GET", monitor, "").statusCode());
    time.pass(Timing.BRISK.task());
    assertEquals(500, send(bmc, "GET", monitor, "").statusCode());
    assertEquals("Exception", state(bmc, monitor));
    assertEquals(PowerState.OFF, machine.powerState());
    monitor = accepted(bmc);
    assertEquals("Running", state(bmc, monitor));
    time.pass(Timing.BRISK.task());
    assertEquals(204, send(bmc, "GET", monitor, "").statusCode());
    assertEquals("Completed", state(bmc, monitor));
    assertEquals(1, machine.account().powerOns());
  }

  private String state(RedfishEmulator bmc, String monitor)
      throws IOException, InterruptedException {
    return get(bmc, monitor.replace("TaskMonitors", "Tasks")).get("TaskState").asString();
  }

  private String accepted(RedfishEmulator bmc) throws IOException, InterruptedException {
    HttpResponse<String> response = send(bmc, "POST", target(bmc), ON);
    assertEquals(202, response.statusCode());
    return response.headers().firstValue("Location").orElseThrow();
  }

  @Test
  void aSilentNoOpAnswersSuccessAndDoesNothing() throws IOException, InterruptedException {
    RedfishEmulator bmc = start("plain", "no-op");
    assertEquals(204, reset(bmc, ON));
    assertEquals(204, send(bmc, "PATCH", "/redfish/v1/Systems/1", PXE_ONCE).statusCode());
    assertEquals(0, machine.account().powerOns());
    assertEquals(BootSetting.NONE, machine.nextBoot());
    assertEquals(2, bmc.account().faults().get(Fault.NO_OP));
  }

  @Test
  void busyBrokenAndHtmlAnswersCarryNothingOut() throws IOException, InterruptedException {
    RedfishEmulator bmc =
        start("plain", "reset-before@Reset*1,busy-503@Reset*1,error-500@Reset*1,html@Reset*1");
    String target = target(bmc);
    assertThrows(IOException.class, () -> send(bmc, "POST", target, ON));
    HttpResponse<String> busy = send(bmc, "POST", target, ON);
    assertEquals(503, busy.statusCode());
    assertEquals("1", busy.headers().firstValue("Retry-After").orElseThrow());
    assertEquals(500, send(bmc, "POST", target, ON).statusCode());
    assertTrue(send(bmc, "POST", target, ON).body().startsWith("<!DOCTYPE html>"));
    assertEquals(0, machine.account().powerOns());
  }

  @Test
  void aConnectionIsResetAfterTheWriteWasCarriedOut() throws IOException, InterruptedException {
    RedfishEmulator bmc = start("plain", "reset-after@Reset*1");
    String target = target(bmc);
    assertThrows(IOException.class, () -> send(bmc, "POST", target, ON));
    assertEquals(1, machine.account().powerOns());
    assertEquals("On", get(bmc, "/redfish/v1/Systems/1").get("PowerState").asString());
  }

  @Test
  void theOldStateIsShownForAWhile() throws IOException, InterruptedException {
    RedfishEmulator stale = start("plain", "stale");
    assertEquals(204, send(stale, "PATCH", "/redfish/v1/Systems/1", PXE_ONCE).statusCode());
    assertEquals("Disabled", overrideEnabled(stale, "/redfish/v1/Systems/1"));
    time.pass(Timing.BRISK.stale());
    assertEquals("Once", overrideEnabled(stale, "/redfish/v1/Systems/1"));
    RedfishEmulator lagging = start("hpe-ilo5", "lag");
    assertEquals(204, reset(lagging, ON));
    assertTrue(get(lagging, "/redfish/v1/Systems/1").get("PowerState").isNull());
    time.pass(Timing.BRISK.lag());
    assertEquals("On", get(lagging, "/redfish/v1/Systems/1").get("PowerState").asString());
  }

  @Test
  void aCutBodyAndALostSessionAreWhatTheySay() throws IOException, InterruptedException {
    RedfishEmulator cut = start("plain", "cut@Systems*1");
    assertThrows(IOException.class, () -> send(cut, "GET", "/redfish/v1/Systems", ""));
    assertEquals(1, get(cut, "/redfish/v1/Systems").get("Members").size());
    RedfishEmulator lost = start("plain", "lost-session@Systems*1");
    String token =
        send(
                lost,
                "POST",
                "/redfish/v1/SessionService/Sessions",
                "{\"UserName\":\"admin\",\"Password\":\"emulated\"}")
            .headers()
            .firstValue("X-Auth-Token")
            .orElseThrow();
    for (int i = 0; i < 2; i++) {
      assertEquals(
          401, send(lost, "GET", "/redfish/v1/Systems", "", "X-Auth-Token", token).statusCode());
    }
  }

  @Test
  void aDriveTellsItsMachineTheImageAndMustBeEmptyFirst() throws IOException, InterruptedException {
    RedfishEmulator bmc = plain();
    String drive = "/redfish/v1/Managers/1/VirtualMedia/Cd";
    String insert = drive + "/Actions/VirtualMedia.InsertMedia";
    String body = "{\"Image\":\"https://10.0.0.1/n1.iso\"}";
    assertEquals(204, send(bmc, "POST", insert, body).statusCode());
    assertTrue(get(bmc, drive).get("Inserted").asBoolean());
    assertEquals(409, send(bmc, "POST", insert, body).statusCode());
    reset(bmc, ON);
    assertEquals(
        Optional.of(URI.create("https://10.0.0.1/n1.iso")),
        machine.account().lastStart().orElseThrow().media());
    assertEquals(
        204, send(bmc, "POST", drive + "/Actions/VirtualMedia.EjectMedia", "{}").statusCode());
    assertFalse(get(bmc, drive).get("Inserted").asBoolean());
  }

  @Test
  void switchingOffWhatIsOffIsAConflictWhereTheVendorSaysSo()
      throws IOException, InterruptedException {
    assertEquals(409, reset(start("dell-idrac9", ""), OFF));
    assertEquals(204, reset(plain(), OFF));
  }

  @Test
  void oneBmcHasSeveralSystems() throws IOException, InterruptedException {
    PoweredMachine second = machine(2);
    try (RedfishEmulator bmc =
        RedfishEmulator.start(
            RedfishEmulator.Setup.of(Personalities.plain(), machine, second).withHttp())) {
      assertEquals(2, get(bmc, "/redfish/v1/Systems").get("Members").size());
      assertEquals(
          204,
          send(bmc, "POST", "/redfish/v1/Systems/2/Actions/ComputerSystem.Reset", ON).statusCode());
      assertEquals(0, machine.account().powerOns());
      assertEquals(1, second.account().powerOns());
    }
  }

  @Test
  void faultsAreReadAsTheyAreWritten() {
    String text = "busy-503@Reset=0.3*2,slow=0.1,html";
    assertEquals(text, Faults.parse(text).text());
    IllegalArgumentException unknown =
        assertThrows(IllegalArgumentException.class, () -> Faults.parse("burning"));
    assertTrue(unknown.toString().contains("expected: one of no-op"), unknown::toString);
    assertThrows(IllegalArgumentException.class, () -> Faults.parse("slow=1.5"));
    assertThrows(IllegalArgumentException.class, () -> Faults.parse("slow=."));
  }
}
