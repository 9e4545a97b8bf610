// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.redfish.BmcFault.Kind;
import foundrybot.redfish.BootSetting;
import foundrybot.redfish.BootSetting.Lasting;
import foundrybot.redfish.Outcome;
import foundrybot.redfish.PowerAction;
import foundrybot.redfish.PowerState;
import foundrybot.redfish.client.ScriptedBmc.Manner;
import foundrybot.redfish.client.ScriptedBmc.Reply;
import foundrybot.redfish.client.ScriptedBmc.Request;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GeneralQuirksTest extends QuirkCase {

  @Test
  void n61_protocolAndMethodAreGivenWhereTheyAreMissed() {
    slotForCds();
    server.on(
        "POST " + INSERT,
        r -> {
          for (String name : new String[] {"TransferProtocolType", "TransferMethod"}) {
            if (!r.json().has(name)) {
              return Reply.message(400, "Base.1.8.ActionParameterMissing", name);
            }
          }
          assertEquals("HTTPS", r.json().path("TransferProtocolType").asString());
          assertEquals("Stream", r.json().path("TransferMethod").asString());
          return inserts(SLOT).apply(r);
        });
    assertTrue(done(bmc.insertMedia(IMAGE)).inserted());
    assertEquals(3, server.requests("POST " + INSERT).size());
  }

  @Test
  void n61_alsoWhereTheBmcDoesNotSayWhatItMisses() {
    slotForCds();
    server.on(
        "POST " + INSERT,
        r ->
            r.json().has("TransferMethod")
                ? inserts(SLOT).apply(r)
                : Reply.json(400, "<html>Bad Request</html>"));
    assertTrue(done(bmc.insertMedia(IMAGE)).inserted());
  }

  @Test
  void n62_theOnlyManagerIsTheSystemsOwn() {
    slotForCds();
    server.merge(SYSTEM, "{'Links':{'ManagedBy':null}}");
    assertTrue(done(bmc.insertMedia(IMAGE)).inserted());
    assertEquals("1.02", done(bmc.identify()).firmware());
  }

  @Test
  void n62_setupAttributesAreWrittenWithAnEtag() {
    server.withEtags();
    server.put(SYSTEM + "/Bios/SD", "{'Attributes':{'A':'x'}}");
    server.put(
        SYSTEM + "/Bios",
        "{'Attributes':{'A':'x'},'@Redfish.Settings':{'SettingsObject':{'@odata.id':'"
            + SYSTEM
            + "/Bios/SD'}}}");
    server.merge(SYSTEM, "{'Bios':{'@odata.id':'" + SYSTEM + "/Bios'}}");
    writeSetupAttribute();
    assertEquals("y", server.resource(SYSTEM + "/Bios/SD").at("/Attributes/A").asString());
  }

  /** Through the tree itself, since only the table of quirks leads there. */
  private String writeSetupAttribute() {
    foundrybot.redfish.BmcEndpoint endpoint =
        new foundrybot.redfish.BmcEndpoint(
            server.url(),
            java.util.Optional.of(
                new foundrybot.redfish.Credentials(
                    ScriptedBmc.USER, new foundrybot.redfish.Secret(ScriptedBmc.PASSWORD))),
            new foundrybot.redfish.Trust.Any(),
            java.util.Optional.empty());
    RedfishSettings hasty =
        new RedfishSettings(
            Duration.ofSeconds(5),
            Duration.ofMillis(300),
            Duration.ofMinutes(4),
            Duration.ofSeconds(15));
    try (RedfishHttp http = new RedfishHttp(endpoint, hasty, timing, new Faults("test"))) {
      http.begin(Duration.ofMinutes(4));
      RedfishTree tree = new RedfishTree(http);
      return new SetupAttributes(tree, tree.get(SYSTEM))
          .write(Map.of("A", "y"), java.util.Optional.empty())
          .orElseThrow();
    }
  }

  @Test
  void n64_anEmptyEtagIsNone() {
    server.merge(SYSTEM, "{'@odata.etag':'\\u0022\\u0022'}");
    server.on(
        "PATCH " + SYSTEM,
        r -> r.headers().containsKey("if-match") ? Reply.status(412) : server.usual(r));
    assertEquals(PXE_ONCE, done(bmc.setNextBoot(PXE_ONCE)));
    assertEquals(1, server.writes().size());
  }

  @ParameterizedTest
  @ValueSource(strings = {"abc", "\"abc\"", "\"\"abc\"\"", "W/\"abc\""})
  void n65_anEtagIsSentBackInTheFormThatMatches(String wanted) {
    server.on("GET " + SYSTEM, r -> server.usual(r).header("ETag", "W/\"abc\""));
    if (wanted.startsWith("\"\"")) {
      server.on("GET " + SYSTEM, r -> server.usual(r).header("ETag", wanted));
    }
    server.on(
        "PATCH " + SYSTEM,
        r ->
            r.header("If-Match").equals(wanted)
                ? server.usual(r)
                : Reply.message(412, "Base.1.8.PreconditionFailed"));
    assertEquals(PXE_ONCE, done(bmc.setNextBoot(PXE_ONCE)));
  }

  @Test
  void n65_orNotAtAllWhereNoFormMatches() {
    server.on("GET " + SYSTEM, r -> server.usual(r).header("ETag", "\"abc\""));
    server.on(
        "PATCH " + SYSTEM,
        r -> r.headers().containsKey("if-match") ? Reply.status(412) : server.usual(r));
    assertEquals(PXE_ONCE, done(bmc.setNextBoot(PXE_ONCE)));
  }

  @Test
  void n66_nothingIsAskedForCompressed() {
    done(bmc.setNextBoot(PXE_ONCE));
    assertTrue(
        server.requests().stream().allMatch(r -> r.header("Accept-Encoding").equals("identity")));
  }

  @Test
  void n68_aPathThatNeedsASlashGetsOne() {
    server.on("GET " + SYSTEM, Reply.status(404));
    server.on("GET " + SYSTEM + "/", r -> server.usual(moved(r)));
    server.on("POST " + RESET, Reply.status(308).header("Location", RESET + "/"));
    server.on("POST " + RESET + "/", r -> server.usual(moved(r)));
    assertEquals(PowerState.OFF, done(bmc.power(PowerAction.OFF, PATIENCE)));
    assertEquals(
        "{\"ResetType\":\"ForceOff\"}", server.requests("POST " + RESET + "/").getFirst().body());
  }

  private static Request moved(Request r) {
    return new Request(
        r.method(),
        r.path().substring(0, r.path().length() - 1),
        r.headers(),
        r.body(),
        r.connection());
  }

  @Test
  void n69_anAnswerWithoutALengthIsReadToItsEndAndOneCutOffAskedForAgain() {
    server.on("GET /redfish/v1/Systems", r -> server.usual(r).in(Manner.NO_LENGTH));
    server.first(
        "GET " + SYSTEM,
        Reply.json(200, "{'Id':'1','PowerState':'Off','Name':'cut off'}").in(Manner.CUT));
    assertEquals(PowerState.ON, done(bmc.power()));
    assertEquals(1, timing.sleeps().size());
  }

  @Test
  void n71_theSessionsAreFoundFromTheRootWithoutALogin() {
    server.on("GET /redfish/v1/SessionService", Reply.status(401));
    assertEquals(PowerState.ON, done(bmc.power()));
    assertEquals(0, server.requests("GET /redfish/v1/SessionService").size());
  }

  @Test
  void n72_aSessionThatEndedIsOpenedAgainOnce() {
    done(bmc.power());
    server.loseSessions();
    assertEquals(PowerState.OFF, done(bmc.power(PowerAction.OFF, PATIENCE)));
    assertEquals(2, server.requests("POST " + ScriptedBmc.SESSIONS).size());
    assertTrue(server.requests().stream().allMatch(r -> r.header("Authorization").isEmpty()));
  }

  @Test
  void n72_aSessionThatIsNeverTakenIsNotOpenedForEver() {
    server.on("GET " + SYSTEM, Reply.status(401));
    assertEquals(Kind.BROKEN, fault(bmc.power()).kind());
    assertEquals(2, server.requests("POST " + ScriptedBmc.SESSIONS).size());
  }

  @Test
  void n73_aSetupThatIsWrittenAfterAllIsSeenToBe() {
    server.put(SYSTEM + "/Bios/SD", "{'Attributes':{'A':'x'}}");
    server.put(
        SYSTEM + "/Bios",
        "{'Attributes':{'A':'x'},'@Redfish.Settings':{'SettingsObject':{'@odata.id':'"
            + SYSTEM
            + "/Bios/SD'}}}");
    server.merge(SYSTEM, "{'Bios':{'@odata.id':'" + SYSTEM + "/Bios'}}");
    server.on(
        "PATCH " + SYSTEM + "/Bios/SD",
        r -> {
          assertEquals(200, server.usual(r).status());
          return Reply.reset();
        });
    assertTrue(writeSetupAttribute().contains("was set"));
  }

  @Test
  void aSetupThatIsAcceptedAndNotKeptIsNamed() {
    server.put(SYSTEM + "/Bios/SD", "{'Attributes':{'A':'x'}}");
    server.put(
        SYSTEM + "/Bios",
        "{'Attributes':{'A':'x'},'@Redfish.Settings':{'SettingsObject':{'@odata.id':'"
            + SYSTEM
            + "/Bios/SD'}}}");
    server.merge(SYSTEM, "{'Bios':{'@odata.id':'" + SYSTEM + "/Bios'}}");
    server.on("PATCH " + SYSTEM + "/Bios/SD", Reply.status(200));
    String said = writeSetupAttribute();
    assertTrue(said.startsWith("Setup attribute A: the BMC said yes, and " + SYSTEM), said);
  }

  @Test
  void n76_onceIsWhatIsThereWhereAlwaysIsNot() {
    server.on(
        "PATCH " + SYSTEM,
        r -> r.body().contains("Continuous") ? noSuchValue("Continuous", "Boot") : server.usual(r));
    Outcome<BootSetting> outcome = bmc.setNextBoot(PXE_ALWAYS);
    assertEquals(Lasting.ONCE, done(outcome).lasting());
    assertFalse(warnings(outcome).isEmpty());
  }

  @Test
  void n77_onceThatBecameAlwaysIsTold() {
    server.on(
        "PATCH " + SYSTEM,
        r -> {
          Reply reply = server.usual(r);
          server.merge(SYSTEM, "{'Boot':{'BootSourceOverrideEnabled':'Continuous'}}");
          return reply;
        });
    Outcome<BootSetting> outcome = bmc.setNextBoot(PXE_ONCE);
    assertEquals(Lasting.ALWAYS, done(outcome).lasting());
    assertTrue(warnings(outcome).toString().contains("clear it"), outcome::toString);
  }

  @ParameterizedTest
  @ValueSource(ints = {401, 404})
  void n78_withoutASessionServiceThePasswordGoesAlong(int status) {
    server.merge("/redfish/v1/", "{'SessionService':null}");
    server.on("POST " + ScriptedBmc.SESSIONS, Reply.status(status));
    assertEquals(PowerState.ON, done(bmc.power()));
  }

  @Test
  void n78_norAnyLinkToOne() {
    server.withoutSessions();
    assertEquals(PowerState.ON, done(bmc.power()));
    assertEquals(0, server.requests("POST").size());
  }

  @Test
  void n79_aStateThatLagsIsWaitedFor() {
    server.on(
        "POST " + RESET,
        r -> {
          timing.in(Duration.ofSeconds(11), () -> server.merge(SYSTEM, "{'PowerState':'Off'}"));
          return Reply.status(204);
        });
    assertEquals(PowerState.OFF, done(bmc.power(PowerAction.OFF, PATIENCE)));
    assertEquals(1, server.writes().size());
  }

  @Test
  void n81_aSlotThatSaysInsertedAfterAnErrorIsNotBelieved() {
    slotForCds();
    server.on(
        "POST " + INSERT,
        r -> {
          assertEquals(204, inserts(SLOT).apply(r).status());
          return Reply.message(500, "Base.1.0.GeneralError");
        });
    assertEquals(Kind.BROKEN, fault(bmc.insertMedia(IMAGE)).kind());
  }

  @Test
  void n81_aCycleThatIsAcceptedButDoesNothingIsAFault() {
    server.merge(SYSTEM, "{'LastResetTime':'2026-01-01T00:00:00Z'}");
    server.merge(
        SYSTEM,
        "{'Actions':{'#ComputerSystem.Reset':{'ResetType@Redfish.AllowableValues':['On']}}}");
    server.on("POST " + RESET, Reply.status(204));
    Outcome<PowerState> outcome = bmc.power(PowerAction.CYCLE, PATIENCE);
    assertTrue(outcome.evidence().contains("PowerCycle"), outcome::evidence);
    assertTrue(outcome.result().isEmpty());
    assertEquals(0, server.writes().size());
  }
}
