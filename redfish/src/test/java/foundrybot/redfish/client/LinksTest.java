// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.client;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.redfish.Inventory.Drive;
import foundrybot.redfish.PowerAction;
import foundrybot.redfish.PowerState;
import foundrybot.redfish.client.ScriptedBmc.Reply;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Links, pages and headers in all the forms in which BMCs write them. */
class LinksTest extends QuirkCase {
  private static final String SYSTEMS = "/redfish/v1/Systems";

  private static String link(String uri) {
    return "{'@odata.id':'" + uri + "'}";
  }

  /** The same machine under another URI, off. */
  private void second(String uri) {
    server.put(uri, server.resource(SYSTEM).toString());
    server.merge(uri, "{'@odata.id':'" + uri + "','Id':'2','Name':'Two','PowerState':'Off'}");
  }

  @Test
  void n110_aLinkWithAFragmentLeadsToAPartOfAResource() {
    String storage = SYSTEM + "/Storage/1";
    server.merge(SYSTEM, "{'Storage':" + link(SYSTEM + "/Storage") + "}");
    server.put(SYSTEM + "/Storage", "{'Members':[" + link(storage) + "]}");
    server.put(
        storage,
        "{'Id':'1','Drives':["
            + link(storage + "#/Oem/Disks/0")
            + ","
            + link(storage + "#/Oem/Disks/1")
            + ","
            + link(storage + "#/nowhere/7")
            + "],'Oem':{'Disks':[{'Name':'a','CapacityBytes':1},{'Name':'b','CapacityBytes':2}]}}");
    assertEquals(
        List.of(new Drive("a", "", "", 1, ""), new Drive("b", "", "", 2, "")),
        done(bmc.inventory()).drives().stream().filter(d -> d.bytes() > 0).toList());
    assertEquals(1, server.requests("GET " + storage).size(), "read once, and without a fragment");
  }

  @ParameterizedTest
  @ValueSource(strings = {"?$skip=1", "Systems?$skip=1", "./Systems?$skip=1"})
  void n111_theNextPageMayBeRelativeToThisOne(String next) {
    second(SYSTEMS + "/2");
    server.put(
        SYSTEMS, "{'Members':[" + link(SYSTEM) + "],'Members@odata.nextLink':'" + next + "'}");
    server.put(SYSTEMS + "?$skip=1", "{'Members':[" + link(SYSTEMS + "/2") + "]}");
    assertEquals(PowerState.OFF, done(client(Optional.of("Two")).power()));
  }

  @Test
  void n111_membersThatAreCountedAndNotShownAreAskedFor() {
    second(SYSTEMS + "/2");
    server.put(SYSTEMS, "{'Members':[" + link(SYSTEM) + "],'Members@odata.count':2}");
    server.put(
        SYSTEMS + "?$skip=1", "{'Members':[" + link(SYSTEMS + "/2") + "],'Members@odata.count':2}");
    assertEquals(PowerState.OFF, done(client(Optional.of("Two")).power()));
  }

  @Test
  void n111_aCountThatIsWrongDoesNoHarm() {
    server.put(SYSTEMS, "{'Members':[" + link(SYSTEM) + "],'Members@odata.count':9}");
    server.put(SYSTEMS + "?$skip=1", "{'Members':[" + link(SYSTEM) + "],'Members@odata.count':9}");
    assertEquals(PowerState.ON, done(bmc.power()));
    server.on("GET " + SYSTEMS + "?$skip=1", Reply.status(400));
    assertEquals(PowerState.ON, done(client(Optional.empty()).power()));
    assertEquals(2, server.requests("GET " + SYSTEMS + "?").size(), "asked once each time");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'/redfish/v1/Systems/1'",
        "{'@odata.id':'/redfish/v1/Systems/1'},{'@odata.id':'/redfish/v1/Systems/1/'}",
        "{'@odata.id':'https://bmc-7.example:8443/redfish/v1/Systems/1'},"
            + "{'@odata.id':'/redfish/v1/Systems/1'}",
        "{'@odata.id':'bmc_7/redfish/v1/Systems/1'}",
        "{'@odata.id':'https://[fe80::1%25eth0]/redfish/v1/Systems/1'}",
        "{'@odata.id':'/redfish/v1/Systems/1','Id':'1','Name':'a name beside the link'}",
        "null,{'@odata.id':'/redfish/v1/Systems/1'}"
      })
  void n112_aMemberIsTheSameHoweverItIsLinked(String members) {
    server.put(SYSTEMS, "{'Members':[" + members + "]}");
    assertEquals(PowerState.ON, done(bmc.power()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "10.0.0.9/redfish/v1/T/1",
        "//10.0.0.9/redfish/v1/T/1",
        "http://10.0.0.9/redfish/v1/T/1",
        "redfish/v1/T/1",
        "/redfish/v1/T/1/"
      })
  void n112_aTaskIsFoundByALocationInAnyForm(String location) {
    server.on(
        "POST " + RESET,
        r ->
            Reply.status(server.usual(r).status() == 204 ? 202 : 500).header("Location", location));
    server.put("/redfish/v1/T/1", "{'TaskState':'Completed'}");
    assertEquals(PowerState.OFF, done(bmc.power(PowerAction.OFF, PATIENCE)));
    assertTrue(
        server.requests("GET /redfish/v1/T/1").size() <= 2
            && !server.requests("GET /redfish/v1/T/1").isEmpty(),
        server.requests()::toString);
  }

  @Test
  void n112_aManagerClaimsItsMachineByAWholeUrl() {
    server.put(
        "/redfish/v1/Managers",
        "{'Members':["
            + link("/redfish/v1/Managers/1")
            + ","
            + link("/redfish/v1/Managers/2")
            + "]}");
    server.put("/redfish/v1/Managers/2", "{'Id':'2','FirmwareVersion':'9.99'}");
    server.merge(
        "/redfish/v1/Managers/1",
        "{'Links':{'ManagerForServers':[" + link("https://bmc-7.example" + SYSTEM + "/") + "]}}");
    server.merge(SYSTEM, "{'Links':{'ManagedBy':null}}");
    assertEquals("1.02", done(bmc.identify()).firmware());
  }

  @Test
  void n112_aSystemIsCalledByItsPathAlsoWhereItsLinkIsAWholeUrl() {
    second(SYSTEMS + "/2");
    server.put(
        SYSTEMS,
        "{'Members':["
            + link(SYSTEM)
            + ","
            + link("https://bmc-7.example" + SYSTEMS + "/2")
            + "]}");
    assertEquals(PowerState.OFF, done(client(Optional.of(SYSTEMS + "/2/")).power()));
  }

  @Test
  void n113_aRedirectToAnotherPathIsFollowedHereWhateverNameItBears() {
    server.on(
        "GET " + SYSTEM,
        Reply.status(308).header("Location", "http://bmc-7.example/redfish/v1/Systems/One"));
    server.put("/redfish/v1/Systems/One", server.resource(SYSTEM).toString());
    assertEquals(PowerState.ON, done(bmc.power()));
  }

  /** The clock of the tests is at 2026-01-01T00:00:00Z. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Thu, 01 Jan 1970 00:10:07 GMT | Thu, 01 Jan 1970 00:10:00 GMT | 7",
        "Thursday, 01-Jan-26 00:00:09 GMT | | 9",
        "Thu Jan  1 00:00:11 2026 | | 11",
        "Thu, 01 Jan 1970 00:10:07 GMT | | 1",
        "0 | | 1",
        "tomorrow | | 1",
        "Fri, 01 Jan 2027 00:00:00 GMT | | 60"
      })
  void n114_aDateToAskAgainIsReadByTheBmcsOwnClock(String again, String date, long seconds) {
    assertEquals(Instant.parse("2026-01-01T00:00:00Z"), timing.now());
    Reply busy = Reply.status(503).header("Retry-After", again);
    server.first("GET " + SYSTEM, date == null ? busy : busy.header("Date", date));
    assertEquals(PowerState.ON, done(bmc.power()));
    assertEquals(List.of(Duration.ofSeconds(seconds)), timing.sleeps());
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 302, 307, 308})
  void n113_aWriteIsSentAgainWhereOnlyASlashDiffers(int status) {
    server.on("POST " + RESET, Reply.status(status).header("Location", RESET + "/"));
    server.on("POST " + RESET + "/", r -> server.reset(r.json().path("ResetType").asString("")));
    assertEquals(PowerState.OFF, done(bmc.power(PowerAction.OFF, PATIENCE)));
    assertEquals(2, server.writes().size());
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 302})
  void n113_andNowhereElse(int status) {
    server.on("POST " + RESET, Reply.status(status).header("Location", "/redfish/v1/login"));
    assertTrue(bmc.power(PowerAction.OFF, PATIENCE).result().isEmpty());
    assertEquals(1, server.writes().size());
  }

  @Test
  void n112_aMemberThatIsGoneIsNoOtherMachine() {
    server.put(SYSTEMS, "{'Members':[" + link(SYSTEMS + "/gone") + "," + link(SYSTEM) + "]}");
    assertEquals(PowerState.ON, done(bmc.power()));
    server.put(SYSTEMS, "{'Members':[" + link(SYSTEMS + "/gone") + "]}");
    assertTrue(fault(client(Optional.empty()).power()).answered().contains("404"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'PowerState':'On',}",
        "{'Links':[1,2,],'PowerState':'On'}",
        "{'Temperature':NaN,'PowerState':'On'}",
        "{'Slot':007,'PowerState':'On'}",
        "{'AssetTag':'a\\-b','PowerState':'On'}"
      })
  void n123_slipsInJsonThatWasWrittenByHandMakeNoAnswerUnreadable(String body) {
    server.on("GET " + SYSTEM, Reply.json(200, body));
    assertEquals(PowerState.ON, done(bmc.power()));
  }

  @Test
  void n124_aSessionThatNobodyNamedIsEndedIfItIsTheOnlyOneOfTheUser() {
    logInAndOutBesideSessionOf("nagios");
    assertEquals(1, server.requests("DELETE " + ScriptedBmc.SESSIONS + "/9").size());
    assertEquals(0, server.openSessions());
  }

  @Test
  void n124_andNoneOfSeveralIsGuessed() {
    logInAndOutBesideSessionOf("ops");
    assertEquals(List.of(), server.requests("DELETE"));
  }

  /** Logs in at a BMC that names no session, as ops and second to a session of this user. */
  private void logInAndOutBesideSessionOf(String user) {
    String all = ScriptedBmc.SESSIONS;
    server.on(
        "POST " + all,
        r ->
            Reply.status(201)
                .header(
                    "X-Auth-Token", requireNonNull(server.usual(r).headers().get("X-Auth-Token"))));
    server.on(
        "GET " + all,
        Reply.json(200, "{'Members':[" + link(all + "/8") + "," + link(all + "/9") + "]}"));
    server.on("GET " + all + "/8", Reply.json(200, "{'Id':'8','UserName':'" + user + "'}"));
    server.on("GET " + all + "/9", Reply.json(200, "{'Id':'9','UserName':'ops'}"));
    assertEquals(PowerState.ON, done(bmc.power()));
    bmc.close();
  }
}
