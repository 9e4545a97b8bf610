// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.redfish.BmcEndpoint;
import foundrybot.redfish.BmcFault;
import foundrybot.redfish.BmcFault.Kind;
import foundrybot.redfish.Credentials;
import foundrybot.redfish.Outcome;
import foundrybot.redfish.PowerAction;
import foundrybot.redfish.PowerState;
import foundrybot.redfish.Secret;
import foundrybot.redfish.Trust;
import foundrybot.redfish.client.ScriptedBmc.Manner;
import foundrybot.redfish.client.ScriptedBmc.Reply;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What must hold whatever a BMC does: nothing twice, nothing to strangers, an end to all. */
class SafetyTest extends QuirkCase {
  /** A refusal as most BMCs have it that know Basic. */
  private static final Reply NAMED =
      Reply.status(401).header("WWW-Authenticate", "Negotiate, Basic realm=\"bmc\"");

  private static final String WRONG = "wr0ng-horse";

  @Test
  void aPostThatMayHaveBeenCarriedOutIsNotSentAgain() {
    server.on(
        "POST " + RESET,
        r -> {
          assertEquals(204, server.usual(r).status());
          return Reply.reset();
        });
    Outcome<PowerState> outcome = bmc.power(PowerAction.OFF, PATIENCE);
    assertEquals(PowerState.OFF, done(outcome));
    assertEquals(1, server.writes().size());
    assertTrue(warnings(outcome).toString().contains("no clear answer"), outcome::toString);
  }

  @Test
  void aPostThatWasNotCarriedOutIsSentOnceMoreAfterTheStateWasRead() {
    server.first("POST " + RESET, Reply.reset());
    assertEquals(PowerState.OFF, done(bmc.power(PowerAction.OFF, PATIENCE)));
    assertEquals(2, server.writes().size());
  }

  @Test
  void aRestartThatMayHaveHappenedIsNotSentAgain() {
    server.merge(SYSTEM, "{'LastResetTime':'long ago'}");
    server.on("POST " + RESET, Reply.reset());
    assertEquals(Kind.UNKNOWN_OUTCOME, fault(bmc.power(PowerAction.RESET, PATIENCE)).kind());
    assertEquals(1, server.writes().size());
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "3", "Thu, 01 Jan 2026 00:00:05 GMT", "soon"})
  void busyIsWaitedForAsLongAsItSays(String retryAfter) {
    server.first("POST " + RESET, Reply.status(503).header("Retry-After", retryAfter));
    assertEquals(PowerState.OFF, done(bmc.power(PowerAction.OFF, PATIENCE)));
    assertEquals(2, server.writes().size());
  }

  @Test
  void aBmcThatIsBusyForEverEndsTheCallInTime() {
    server.on("GET " + SYSTEM, Reply.message(503, "IDRAC.2.8.SYS518").header("Retry-After", "99"));
    assertEquals(Kind.BUSY, fault(bmc.power()).kind());
    assertTrue(timing.passed().compareTo(RedfishSettings.USUAL.call()) <= 0);
  }

  @Test
  void aTaskThatNeverEndsEndsTheCallInTime() {
    server.on("POST " + RESET, Reply.status(202).header("Location", "/redfish/v1/T/1"));
    server.on("GET /redfish/v1/T/1", Reply.json(200, "{'TaskState':'Running'}"));
    assertEquals(Kind.UNKNOWN_OUTCOME, fault(bmc.power(PowerAction.OFF, PATIENCE)).kind());
    assertTrue(timing.passed().compareTo(RedfishSettings.USUAL.call().plus(PATIENCE)) <= 0);
  }

  @Test
  void aTaskThatFailedSaysWhy() {
    server.on("POST " + RESET, Reply.status(202).header("Location", "/redfish/v1/T/1"));
    server.on(
        "GET /redfish/v1/T/1",
        Reply.json(
            200, "{'TaskState':'Exception','Messages':[{'MessageId':'X.1','Message':'No.'}]}"));
    BmcFault fault = fault(bmc.power(PowerAction.OFF, PATIENCE));
    assertTrue(fault.answered().contains("Exception X.1: No."), fault::evidence);
  }

  @Test
  void nothingGoesToAnotherHost() throws IOException {
    try (ScriptedBmc stranger = ScriptedBmc.start()) {
      String elsewhere = stranger.url() + "/redfish/v1/Systems/1";
      server.put("/redfish/v1/Systems", "{'Members':[{'@odata.id':'" + elsewhere + "'}]}");
      assertEquals(PowerState.ON, done(bmc.power()), "its own path is asked for");
      assertEquals(1, server.requests("GET " + SYSTEM).size());
      server.on("GET " + SYSTEM, Reply.status(307).header("Location", elsewhere));
      assertEquals(Kind.BROKEN, fault(bmc.power()).kind());
      server.on(
          "GET " + SYSTEM,
          Reply.status(302).header("Location", server.httpsUrl() + "/redfish/v1/Systems/1"));
      assertEquals(Kind.BROKEN, fault(bmc.power()).kind());
      assertEquals(List.of(), stranger.requests());
    }
  }

  @Test
  void anAnswerWithoutEndIsRefused() {
    server.on("GET " + SYSTEM, Reply.json(200, "{'a':'" + "x".repeat(9 << 20) + "'}"));
    BmcFault fault = fault(bmc.power());
    assertEquals(Kind.BROKEN, fault.kind());
    assertTrue(fault.answered().contains("8 MiB"), fault::evidence);
  }

  @ParameterizedTest
  @ValueSource(strings = {"<html>It works</html>", "", "[1,2]", "{'a':", "null"})
  void whatIsNoResourceIsNone(String body) {
    server.on("GET " + SYSTEM, Reply.json(200, body));
    assertTrue(bmc.power().result().isEmpty());
    server.on("GET /redfish/v1/", Reply.json(200, body));
    assertTrue(client(Optional.empty()).identify().result().isEmpty());
  }

  @Test
  void propertiesOfAnyTypeAreBorne() {
    server.put(
        SYSTEM,
        "{'Id':7,'powerstate':'on','Boot':[],'Links':'none','Actions':{'#ComputerSystem.Reset':3},"
            + "'MemorySummary':{'TotalSystemMemoryGiB':'0.5'},'Processors':null,'UUID':false,"
            + "'TrustedModules':{'InterfaceType':'TPM2_0'},'EthernetInterfaces':'/nowhere'}");
    assertEquals(PowerState.ON, done(bmc.power()));
    assertEquals(512, done(bmc.inventory()).memoryMiB());
    assertEquals("TPM2_0", done(bmc.inventory()).tpm());
    assertTrue(bmc.power(PowerAction.OFF, PATIENCE) instanceof Outcome.Unsupported);
    assertTrue(bmc.setNextBoot(PXE_ONCE) instanceof Outcome.Unsupported);
  }

  @Test
  void membersAreReadOverAllPagesAndCirclesEnd() {
    server.put(
        "/redfish/v1/Systems",
        "{'Members':[{'@odata.id':'/redfish/v1/Systems/1'}],"
            + "'Members@odata.nextLink':'/redfish/v1/Systems?$skip=1'}");
    server.put(
        "/redfish/v1/Systems?$skip=1",
        "{'Members':[{'@odata.id':'/redfish/v1/Systems/2'}],"
            + "'Members@odata.nextLink':'/redfish/v1/Systems'}");
    server.put("/redfish/v1/Systems/2", "{'Id':'2','Name':'blade','PowerState':'Off'}");
    assertEquals(PowerState.OFF, done(client(Optional.of("Blade")).power()));
    assertEquals(PowerState.OFF, done(client(Optional.of("/redfish/v1/Systems/2/")).power()));
    // The second has no action to switch it, so the first is the one that is meant.
    assertEquals(PowerState.ON, done(bmc.power()));
  }

  @Test
  void ofSeveralSystemsOneMustBeNamed() {
    server.put(
        "/redfish/v1/Systems",
        "{'Members':[{'@odata.id':'/redfish/v1/Systems/1'},"
            + "{'@odata.id':'/redfish/v1/Systems/2'}]}");
    server.put(
        "/redfish/v1/Systems/2",
        server.resource(SYSTEM).toString().replace("Systems/1", "Systems/2"));
    server.merge("/redfish/v1/Systems/2", "{'Id':'2'}");
    BmcFault fault = fault(bmc.power());
    assertEquals(Kind.NO_SUCH_SYSTEM, fault.kind());
    assertTrue(fault.answered().contains("1, 2"), fault::evidence);
    assertEquals(Kind.NO_SUCH_SYSTEM, fault(client(Optional.of("3")).power()).kind());
  }

  @Test
  void aPasswordThatMustBeChangedIsToldAndNotTriedAgain() {
    server.on(
        "POST " + ScriptedBmc.SESSIONS, Reply.message(403, "Base.1.8.PasswordChangeRequired"));
    BmcFault fault = fault(bmc.power());
    assertEquals(Kind.NO_PRIVILEGE, fault.kind());
    assertTrue(fault.advice().contains("change the password"), fault::evidence);
    assertEquals(Kind.NO_PRIVILEGE, fault(bmc.power()).kind());
    assertEquals(1, server.requests("POST").size());
  }

  @Test
  void aWrongPasswordIsSentOnceAlsoWithoutSessions() {
    server.withoutSessions();
    refusedOnce();
  }

  @Test
  void aWrongPasswordIsSentOnceWhereALinkToSessionsLeadsNowhere() {
    server.merge("/redfish/v1/", "{'SessionService':null}");
    server.on("POST " + ScriptedBmc.SESSIONS, Reply.status(401));
    refusedOnce();
  }

  @Test
  void aWrongPasswordIsSentOnceWhereTheSessionsAreFoundByTheirService() {
    server.merge("/redfish/v1/", "{'Links':null}");
    server.on(
        "GET /redfish/v1/SessionService",
        Reply.json(200, "{'Sessions':{'@odata.id':'" + ScriptedBmc.SESSIONS + "'}}"));
    refusedOnce();
  }

  @ParameterizedTest
  @CsvSource({
    "401, Base.1.8.ResourceAtUriUnauthorized",
    "401, Base.1.8.InsufficientPrivilege",
    "401, Base.1.8.ServiceTemporarilyUnavailable",
    "401, Base.1.8.GeneralError",
    "400, iLO.2.14.UnauthorizedLoginAttempt",
    "400, Base.1.8.GeneralError"
  })
  void aRefusedLoginIsFinalInWhateverWords(int status, String message) {
    server.on("POST " + ScriptedBmc.SESSIONS, Reply.message(status, message));
    BmcFault fault = refusedOnce();
    assertTrue(fault.advice().contains("check user and password"), fault::evidence);
  }

  @Test
  void aRefusedLoginIsFinalAlsoAsAPageForPeople() {
    server.on("POST " + ScriptedBmc.SESSIONS, Reply.json(401, "<html>Unauthorized</html>"));
    refusedOnce();
  }

  @Test
  void anAccountThatMayNotLogInIsNotTriedAgain() {
    server.on("POST " + ScriptedBmc.SESSIONS, Reply.message(403, "Base.1.8.AccessDenied"));
    assertEquals(Kind.NO_PRIVILEGE, fault(bmc.power()).kind());
    assertEquals(Kind.NO_PRIVILEGE, fault(bmc.power()).kind());
    assertEquals(1, withPassword(ScriptedBmc.PASSWORD));
  }

  @ParameterizedTest
  @ValueSource(ints = {404, 405, 501})
  void whereThereAreNoSessionsThePasswordIsTriedOnceInTheOtherWay(int status) {
    server.on("POST " + ScriptedBmc.SESSIONS, Reply.status(status));
    server.on("POST " + ScriptedBmc.SESSIONS + "/", Reply.status(status));
    wrongTwice();
    assertEquals(
        1, server.requests().stream().filter(r -> !r.header("Authorization").isEmpty()).count());
    assertEquals(PowerState.ON, done(bmc.power()));
  }

  @Test
  void aPasswordThatIsWrongByNowIsSentOnceMore() {
    assertEquals(PowerState.ON, done(bmc.power()));
    server.loseSessions();
    server.on("POST " + ScriptedBmc.SESSIONS, Reply.status(401));
    assertEquals(Kind.WRONG_PASSWORD, fault(bmc.power()).kind());
    assertEquals(Kind.WRONG_PASSWORD, fault(bmc.power()).kind());
    assertEquals(2, withPassword(ScriptedBmc.PASSWORD));
  }

  /** Basic is named by many BMCs that have sessions, too. */
  @Test
  void aWrongPasswordIsSentOnceAlsoWhereAnotherWayIsNamed() {
    server.on("POST " + ScriptedBmc.SESSIONS, NAMED);
    BmcFault fault = refusedOnce();
    assertEquals(0, withBasic());
    assertTrue(fault.advice().contains("quirks: [basic-only]"), fault::evidence);
  }

  @Test
  void byTheRackFileOneThatIsRefusedGoesOnceByTheOtherWay() {
    server.on("POST " + ScriptedBmc.SESSIONS, NAMED);
    try (RedfishBmc right = opened("basic-if-named", ScriptedBmc.PASSWORD);
        RedfishBmc wrong = opened("basic-if-named", WRONG)) {
      assertEquals(PowerState.ON, done(right.power()));
      assertEquals(PowerState.ON, done(right.power()));
      assertEquals(1, server.requests("POST").size(), "the session is asked for once");
      assertEquals(Kind.WRONG_PASSWORD, fault(wrong.power()).kind());
      assertEquals(Kind.WRONG_PASSWORD, fault(wrong.power()).kind());
      assertEquals(2, withPassword(WRONG), "once by each way");
    }
  }

  @Test
  void byTheRackFileOneThatIsRefusedAndNamesNoOtherWayIsRefused() {
    server.on("POST " + ScriptedBmc.SESSIONS, Reply.status(401));
    try (RedfishBmc bmc = opened("basic-if-named", ScriptedBmc.PASSWORD)) {
      assertEquals(Kind.WRONG_PASSWORD, fault(bmc.power()).kind());
      assertEquals(0, withBasic());
    }
  }

  @Test
  void byTheRackFileNoSessionIsAskedFor() {
    server.on("POST " + ScriptedBmc.SESSIONS, NAMED);
    try (RedfishBmc basic = opened("basic-only", ScriptedBmc.PASSWORD)) {
      assertEquals(PowerState.ON, done(basic.power()));
      assertEquals(0, server.requests("POST").size());
    }
  }

  private RedfishBmc opened(String quirk, String password) {
    Credentials who = new Credentials(ScriptedBmc.USER, new Secret(password));
    return RedfishBmc.at(
        new BmcEndpoint(
            server.url(), Optional.of(who), new Trust.Any(), Optional.empty(), Set.of(quirk)),
        RedfishSettings.USUAL,
        timing);
  }

  private long withBasic() {
    return server.requests().stream().filter(r -> !r.header("Authorization").isEmpty()).count();
  }

  /** Two calls with a wrong password, of which the BMC sees it once. */
  private BmcFault refusedOnce() {
    BmcFault fault = wrongTwice();
    assertEquals(1, withPassword(WRONG), server.requests()::toString);
    return fault;
  }

  private BmcFault wrongTwice() {
    try (RedfishBmc stranger =
        RedfishBmc.at(
            new BmcEndpoint(
                server.url(),
                Optional.of(new Credentials(ScriptedBmc.USER, new Secret(WRONG))),
                new Trust.Any(),
                Optional.empty()),
            RedfishSettings.USUAL,
            timing)) {
      assertEquals(Kind.WRONG_PASSWORD, fault(stranger.power()).kind());
      BmcFault again = fault(stranger.power(PowerAction.OFF, PATIENCE));
      assertEquals(Kind.WRONG_PASSWORD, again.kind());
      return again;
    }
  }

  /** How many requests bore it, in a body or as Basic. */
  private long withPassword(String password) {
    String basic =
        Base64.getEncoder()
            .encodeToString((ScriptedBmc.USER + ":" + password).getBytes(StandardCharsets.UTF_8));
    return server.requests().stream()
        .filter(r -> r.body().contains(password) || r.header("Authorization").contains(basic))
        .count();
  }

  /** CVE-2024-54085: nobody can tell from outside whether a BMC that lets us in lets in all. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'Vendor':'AMI'}",
        "{'Product':'AMI Redfish Server'}",
        "{'Oem':{'Ami':{'RtpVersion':'1.8.a'}}}"
      })
  void whatIsBuiltOnMegaracIsSaidToNeedALook(String root) {
    assertEquals(List.of(), warnings(bmc.identify()));
    server.merge("/redfish/v1/", root);
    String said = warnings(bmc.identify()).toString();
    assertTrue(said.contains("CVE-2024-54085") && said.contains("a network of their own"), said);
  }

  @Test
  void secretsAreNotRepeatedWhereTheBmcRepeatsThem() {
    slotForCds();
    String echo =
        "user ops, password " + ScriptedBmc.PASSWORD + ", token t0ken-1-of-a-session, " + IMAGE;
    server.on(
        "POST " + INSERT, Reply.json(400, "{'error':{'code':'X.1','message':'" + echo + "'}}"));
    BmcFault fault = fault(bmc.insertMedia(IMAGE));
    String text = fault.evidence() + fault;
    assertTrue(text.contains("user ops, password (secret), token (secret), (secret)"), text);
    for (String secret : List.of(ScriptedBmc.PASSWORD, "t0ken-", IMAGE.toString())) {
      assertFalse(text.contains(secret), text);
    }
  }

  @Test
  void aPathThatIsAsGoodAsAPasswordIsNotRepeatedWithoutItsHost() {
    slotForCds();
    String echo = "cannot mount " + IMAGE.getPath() + " as " + IMAGE.getPath().substring(1);
    server.on(
        "POST " + INSERT, Reply.json(400, "{'error':{'code':'X.1','message':'" + echo + "'}}"));
    String file = IMAGE.getPath().substring(IMAGE.getPath().lastIndexOf('/') + 1);
    BmcFault fault = fault(bmc.insertMedia(IMAGE));
    assertFalse((fault.evidence() + fault).contains(file), fault::evidence);
  }

  @Test
  void anImageThatTheBmcCannotFetchIsNotGivenToItInOtherWords() {
    slotForCds();
    server.on(
        "POST " + INSERT, Reply.message(400, "Base.1.16.CouldNotEstablishConnection", "Image"));
    BmcFault fault = fault(bmc.insertMedia(IMAGE));
    assertTrue(fault.evidence().contains("trusts its certificate"), fault::evidence);
    assertEquals(1, server.requests("POST " + INSERT).size());
  }

  @Test
  void nobodyThereIsSaidSoAfterAFewTries() throws IOException {
    int port;
    try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = closed.getLocalPort();
    }
    try (RedfishBmc nobody =
        RedfishBmc.at(
            new BmcEndpoint(
                URI.create("http://127.0.0.1:" + port),
                Optional.empty(),
                new Trust.Any(),
                Optional.empty()),
            RedfishSettings.USUAL,
            timing)) {
      BmcFault fault = fault(nobody.power());
      assertEquals(Kind.UNREACHABLE, fault.kind());
      assertEquals("redfish http://127.0.0.1:" + port, fault.bmc());
    }
    assertEquals(4, timing.sleeps().size());
  }

  @Test
  void aSlowAnswerEndsWithTheTimeForIt() throws IOException {
    try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        RedfishBmc slow =
            RedfishBmc.at(
                new BmcEndpoint(
                    URI.create("http://127.0.0.1:" + silent.getLocalPort()),
                    Optional.empty(),
                    new Trust.Any(),
                    Optional.empty()),
                new RedfishSettings(
                    Duration.ofSeconds(1),
                    Duration.ofMillis(50),
                    Duration.ofMinutes(1),
                    Duration.ofSeconds(5)),
                timing)) {
      BmcFault fault = fault(slow.power());
      assertEquals(Kind.UNREACHABLE, fault.kind());
      assertTrue(fault.answered().contains("no answer"), fault::evidence);
    }
  }

  @Test
  void anInterruptEndsTheCallAndStays() {
    server.on("GET " + SYSTEM, Reply.status(503));
    Thread.currentThread().interrupt();
    assertTrue(bmc.power().result().isEmpty());
    assertTrue(Thread.interrupted());
  }

  @Test
  void aCutOffAnswerToAPostCountsByItsStatus() {
    server.on("POST " + RESET, r -> Reply.json(200, "{'a':'b'}").in(Manner.CUT));
    server.merge(SYSTEM, "{'PowerState':'On'}");
    timing.in(Duration.ofSeconds(2), () -> server.merge(SYSTEM, "{'PowerState':'Off'}"));
    assertEquals(PowerState.OFF, done(bmc.power(PowerAction.OFF, PATIENCE)));
    assertEquals(1, server.writes().size());
  }

  @Test
  void aGracefulShutdownThatIsIgnoredIsNeverForced() {
    server.on("POST " + RESET, Reply.status(204));
    BmcFault fault = fault(bmc.power(PowerAction.SHUTDOWN, PATIENCE));
    assertEquals(Kind.NO_EFFECT, fault.kind());
    assertTrue(fault.advice().contains("'off'"), fault::evidence);
    assertTrue(
        server.writes().stream().allMatch(w -> w.contains("GracefulShutdown")),
        server.writes()::toString);
  }

  @Test
  void theLogIsReadFromAllServicesNewestLast() {
    server.merge(SYSTEM, "{'LogServices':{'@odata.id':'/redfish/v1/L'}}");
    server.put("/redfish/v1/L", "{'Members':[{'@odata.id':'/redfish/v1/L/Sel'}]}");
    server.put("/redfish/v1/L/Sel", "{'Id':'Sel','Entries':{'@odata.id':'/redfish/v1/L/Sel/E'}}");
    server.put(
        "/redfish/v1/L/Sel/E",
        "{'Members':[{'Created':'2026-03-01T00:00:00Z','Severity':'Critical','Message':'fan'},"
            + "{'Created':'2026-01-01T00:00:00Z','Severity':'OK','Message':'on'}],"
            + "'Members@odata.nextLink':'/redfish/v1/L/Sel/E?$skip=2'}");
    server.put(
        "/redfish/v1/L/Sel/E?$skip=2",
        "{'Members':[{'Created':'2026-02-01T00:00:00Z','Severity':'OK','Message':'post'}]}");
    assertEquals(
        List.of("post", "fan"),
        done(bmc.log(2)).stream().map(foundrybot.redfish.LogEntry::message).toList());
  }
}
