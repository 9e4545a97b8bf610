// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.redfish.BmcFault;
import foundrybot.redfish.BmcFault.Kind;
import foundrybot.redfish.BootSetting;
import foundrybot.redfish.Outcome;
import foundrybot.redfish.PowerAction;
import foundrybot.redfish.PowerState;
import foundrybot.redfish.client.ScriptedBmc.Reply;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What BMCs say and demand in other ways, and what stands in other places than usual. */
class DialectsTest extends QuirkCase {
  private static final String MANAGERS = "/redfish/v1/Managers";
  private static final String TASK = "/redfish/v1/T/1";

  private static String link(String uri) {
    return "{'@odata.id':'" + uri + "'}";
  }

  private void collection(String uri, String... members) {
    List<String> links = List.of(members).stream().map(DialectsTest::link).toList();
    server.put(uri, "{'Members':[" + String.join(",", links) + "]}");
  }

  private void later(Reply... looks) {
    server.on(
        "POST " + RESET,
        r -> Reply.status(server.usual(r).status() == 204 ? 202 : 500).header("Location", TASK));
    server.on("GET " + TASK, looks);
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 201, 204, 410})
  void n115_aMonitorEndsInAnyOfTheseWays(int end) {
    later(Reply.status(202), end == 201 ? Reply.json(201, "{}") : Reply.status(end));
    assertEquals(PowerState.OFF, done(bmc.power(PowerAction.OFF, PATIENCE)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Exception",
        "Killed",
        "Cancelled",
        "Interrupted",
        "CompletedWithErrors",
        "Failed"
      })
  void n115_aTaskThatEndedBadlyIsARefusalInItsOwnWord(String state) {
    server.on("POST " + RESET, Reply.json(202, "{'TaskMonitor':'" + TASK + "'}"));
    server.on("GET " + TASK, Reply.json(200, "{'TaskState':'" + state + "'}"));
    BmcFault fault = fault(bmc.power(PowerAction.OFF, PATIENCE));
    assertEquals(Kind.REFUSED, fault.kind());
    assertTrue(fault.answered().contains(state), fault::evidence);
    assertEquals(1, server.writes().size());
  }

  @Test
  void n115_aMonitorThatEndsWithTheRefusalItselfIsThatRefusal() {
    server.on("POST " + RESET, Reply.status(202).header("Location", TASK));
    server.on("GET " + TASK, Reply.message(400, "Base.1.8.ActionNotSupported"));
    assertEquals(Kind.REFUSED, fault(bmc.power(PowerAction.OFF, PATIENCE)).kind());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "403 | Base.1.8.CreateLimitReachedForResource | It says no.",
        "403 | Acme.1.0.SessionLimitReached | It says no.",
        "401 | Acme.1.0.GeneralError | The maximum number of user sessions has been reached.",
        "400 | IDRAC.2.8.RAC0218 | The Maximum number of user sessions is reached.",
        "503 | Acme.1.0.Busy | Too many sessions are open."
      })
  void n116_whereNoSessionIsFreeThePasswordGoesByTheOtherWay(int status, String id, String text) {
    server.on(
        "POST " + ScriptedBmc.SESSIONS,
        Reply.json(
            status,
            "{'error':{'@Message.ExtendedInfo':[{'MessageId':'"
                + id
                + "','Message':'"
                + text
                + "'}]}}"));
    assertEquals(PowerState.ON, done(bmc.power()));
    assertEquals(1, server.requests("POST " + ScriptedBmc.SESSIONS).size());
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 401, 403})
  void n72_aSessionThatIsOverIsRenewedInWhateverStatusThatIsSaid(int status) {
    assertEquals(PowerState.ON, done(bmc.power()));
    server.first("GET " + SYSTEM, Reply.message(status, "Base.1.18.NoValidSession"));
    assertEquals(PowerState.ON, done(bmc.power()));
    assertEquals(2, server.requests("POST " + ScriptedBmc.SESSIONS).size());
  }

  @Test
  void n116_aRefusalWithoutAWordOfSessionsIsOne() {
    server.on("POST " + ScriptedBmc.SESSIONS, Reply.status(403));
    assertEquals(Kind.NO_PRIVILEGE, fault(bmc.power()).kind());
    assertEquals(1, server.requests("POST " + ScriptedBmc.SESSIONS).size());
  }

  @Test
  void n117_anActionThatDemandsAVersionIsGivenAny() {
    server.on(
        "POST " + RESET,
        r -> r.header("If-Match").equals("*") ? server.usual(r) : Reply.status(428));
    assertEquals(PowerState.OFF, done(bmc.power(PowerAction.OFF, PATIENCE)));
    assertEquals(2, server.writes().size());
    assertEquals("", server.requests("POST " + RESET).getFirst().header("If-Match"));
  }

  @Test
  void n118_aSlotThatPlaysFromSharesOnlyIsNotGivenAUrl() {
    slotForCds();
    server.merge(
        SLOT,
        "{'Actions':{'#VirtualMedia.InsertMedia':"
            + "{'TransferProtocolType@Redfish.AllowableValues':['NFS','CIFS']}}}");
    assertSharesOnly("NFS and CIFS");
  }

  @Test
  void n118_alsoWhereItsActionInfoSaysSo() {
    slotForCds();
    server.merge(
        SLOT,
        "{'Actions':{'#VirtualMedia.InsertMedia':{'@Redfish.ActionInfo':'" + SLOT + "/Info'}}}");
    server.put(
        SLOT + "/Info",
        "{'Parameters':[{'Name':'TransferProtocolType','AllowableValues':['CIFS']}]}");
    assertSharesOnly("CIFS");
  }

  @Test
  void n118_anIrmcWithItsOwnMediaSaysWhatTheyAre() {
    vendor("FUJITSU");
    server.merge(
        SYSTEM,
        "{'Actions':{'Oem':{'#FTSComputerSystem.VirtualMedia':{'target':'"
            + SYSTEM
            + "/Actions/Oem/FTSComputerSystem.VirtualMedia'}}}}");
    server.merge("/redfish/v1/Managers/1", "{'VirtualMedia':" + link(parent(SLOT)) + "}");
    collection(parent(SLOT));
    assertSharesOnly("NFS and SMB");
    slotForCds();
    assertTrue(done(bmc.insertMedia(IMAGE)).inserted(), "with the standard action it is as any");
  }

  private void assertSharesOnly(String protocols) {
    Outcome<?> outcome = bmc.insertMedia(IMAGE);
    assertInstanceOf(Outcome.Unsupported.class, outcome, outcome::evidence);
    assertTrue(outcome.evidence().contains(protocols + " shares only"), outcome::evidence);
    assertEquals(List.of(), server.writes());
  }

  @Test
  void n118_oneThatPlaysAlsoFromAWebServerIs() {
    slotForCds();
    server.merge(
        SLOT,
        "{'Actions':{'#VirtualMedia.InsertMedia':"
            + "{'TransferProtocolType@Redfish.AllowableValues':['CIFS','HTTP','HTTPS','NFS']}}}");
    assertTrue(done(bmc.insertMedia(IMAGE)).inserted());
  }

  @Test
  void n119_aSlotThatShowsItsImageAloneIsRead() {
    slotForCds();
    server.resource(SLOT).remove("Inserted");
    server.on(
        "POST " + INSERT,
        r -> {
          server.resource(SLOT).put("Image", r.json().path("Image").asString(""));
          return Reply.status(200);
        });
    server.on(
        "POST " + EJECT,
        r -> {
          server.resource(SLOT).putNull("Image");
          return Reply.status(200);
        });
    assertEquals(IMAGE.toString(), done(bmc.insertMedia(IMAGE)).image());
    assertEquals("", done(bmc.ejectMedia()).getFirst().image());
  }

  @Test
  void n119_slotsAreFoundAtAnotherManagerOfTheOnlyMachine() {
    slotForCds();
    collection(MANAGERS, MANAGERS + "/Rack", MANAGERS + "/1");
    server.put(MANAGERS + "/Rack", "{'Id':'Rack','ManagerType':'EnclosureManager'}");
    server.merge(SYSTEM, "{'Links':{'ManagedBy':[" + link(MANAGERS + "/Rack") + "]}}");
    assertTrue(done(bmc.insertMedia(IMAGE)).inserted());
  }

  @Test
  void n119_ofSeveralManagersTheBmcTellsItsVersion() {
    collection(MANAGERS, MANAGERS + "/Rack", MANAGERS + "/1");
    server.put(
        MANAGERS + "/Rack",
        "{'Id':'Rack','ManagerType':'RackManager','FirmwareVersion':'9.99','Model':'R'}");
    server.merge(MANAGERS + "/1", "{'ManagerType':'BMC'}");
    server.merge(
        SYSTEM,
        "{'Links':{'ManagedBy':[" + link(MANAGERS + "/Rack") + "," + link(MANAGERS + "/1") + "]}}");
    assertEquals("1.02", done(bmc.identify()).firmware());
    server.merge(SYSTEM, "{'Links':{'ManagedBy':null}}");
    assertEquals("1.02", done(client(java.util.Optional.empty()).identify()).firmware());
  }

  @Test
  void n120_onlyOnceIsToldWhereOnlyThatIsAllowed() {
    server.merge(
        SYSTEM,
        "{'Boot':{'BootSourceOverrideEnabled@Redfish.AllowableValues':['Once','Disabled']}}");
    Outcome<?> set = bmc.setNextBoot(PXE_ALWAYS);
    assertTrue(warnings(set).toString().contains("set it again"), set::evidence);
    assertEquals(1, server.writes().size());
    assertTrue(server.writes().getFirst().contains("'Once'"), server.writes()::toString);
  }

  @Test
  void n120_andAlwaysWhereOnlyThatIs() {
    server.merge(
        SYSTEM,
        "{'Boot':{'BootSourceOverrideEnabled@Redfish.AllowableValues':['Continuous','Disabled']}}");
    Outcome<?> set = bmc.setNextBoot(PXE_ONCE);
    assertTrue(warnings(set).toString().contains("clear it"), set::evidence);
    assertTrue(server.writes().getFirst().contains("'Continuous'"), server.writes()::toString);
  }

  @Test
  void n121_whatCannotBeSwitchedOffIsRestartedInstead() {
    server.merge(
        SYSTEM,
        "{'LastResetTime':'-','Actions':{'#ComputerSystem.Reset':{"
            + "'ResetType@Redfish.AllowableValues':['On','GracefulShutdown','ForceRestart']}}}");
    Outcome<PowerState> cycled = bmc.power(PowerAction.CYCLE, PATIENCE);
    assertEquals(PowerState.ON, done(cycled));
    assertTrue(warnings(cycled).toString().contains("cannot be switched off"), cycled::evidence);
    assertInstanceOf(Outcome.Unsupported.class, bmc.power(PowerAction.OFF, PATIENCE));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'Ethernet':{'MACAddress':null,'EthernetInterfaces':{'@odata.id':'/redfish/v1/All'}}}",
        "{'Ethernet':null,'Links':{'EthernetInterfaces':[{'@odata.id':'/redfish/v1/E/1'}]}}",
        "{'Links':{'EthernetInterface':{'@odata.id':'/redfish/v1/E/1'}}}"
      })
  void n122_aCardsAddressIsFoundInTheInterfaceThatItLeadsTo(String function) {
    String card = "/redfish/v1/Chassis/1/NetworkAdapters/1";
    server.merge("/redfish/v1/Chassis/1", "{'NetworkAdapters':" + link(parent(card)) + "}");
    collection(parent(card), card);
    server.put(card, "{'Id':'1','NetworkDeviceFunctions':" + link(card + "/F") + "}");
    collection(card + "/F", card + "/F/1");
    server.put(card + "/F/1", function);
    collection("/redfish/v1/All", "/redfish/v1/E/1");
    server.put("/redfish/v1/E/1", "{'Id':'E1','MACAddress':'0C42A1000007'}");
    assertEquals(List.of("0c:42:a1:00:00:07"), macs());
  }

  @Test
  void n122_cardsAreFoundInChassisFarInside() {
    String card = "/redfish/v1/Chassis/Riser/NetworkAdapters/1";
    server.merge(
        "/redfish/v1/Chassis/1",
        "{'Links':{'Contains':[" + link("/redfish/v1/Chassis/Box") + "]}}");
    server.put(
        "/redfish/v1/Chassis/Box",
        "{'Links':{'Contains':["
            + link("/redfish/v1/Chassis/Riser")
            + ","
            + link("/redfish/v1/Chassis/1")
            + "]}}");
    server.put("/redfish/v1/Chassis/Riser", "{'NetworkAdapters':" + link(parent(card)) + "}");
    collection(parent(card), card);
    server.put(card, "{'Id':'1','Ports':[" + link(card + "#/Oem/P") + "],'Oem':{'P':{}}}");
    server.merge(card, "{'Ports':" + link(card + "/Ports") + "}");
    collection(card + "/Ports", card + "/Ports/1");
    server.put(card + "/Ports/1", "{'Ethernet':{'AssociatedMACAddresses':['0c:42:a1:00:00:08']}}");
    assertEquals(List.of("0c:42:a1:00:00:08"), macs());
  }

  @Test
  void n122_aChassisThatSaysWhichMachineIsInItIsItsChassis() {
    String card = "/redfish/v1/Chassis/B/NetworkAdapters/1";
    String other = "/redfish/v1/Systems/2";
    collection("/redfish/v1/Systems", SYSTEM, other);
    server.put(other, server.resource(SYSTEM).toString());
    server.merge(other, "{'Id':'2'}");
    server.merge(SYSTEM, "{'Links':{'Chassis':null}}");
    collection("/redfish/v1/Chassis", "/redfish/v1/Chassis/A", "/redfish/v1/Chassis/B");
    server.put("/redfish/v1/Chassis/A", "{'Links':{'ComputerSystems':[" + link(other) + "]}}");
    server.put(
        "/redfish/v1/Chassis/B",
        "{'NetworkAdapters':"
            + link(parent(card))
            + ",'Links':{'ComputerSystems':["
            + link("https://bmc.example" + SYSTEM)
            + "]}}");
    collection(parent(card), card);
    server.put(card, "{'Id':'1','Ports':" + link(card + "/Ports") + "}");
    collection(card + "/Ports", card + "/Ports/1");
    server.put(card + "/Ports/1", "{'Ethernet':{'AssociatedMACAddresses':['0c:42:a1:00:00:09']}}");
    try (RedfishBmc one = client(java.util.Optional.of("1"))) {
      assertEquals(
          List.of("0c:42:a1:00:00:09"),
          done(one.inventory()).nics().stream().map(n -> n.mac().text()).toList());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'@Message.ExtendedInfo':[{'MessageId':'Base.1.8.PropertyNotWritable',"
            + "'MessageArgs':['BootSourceOverrideMode']}]}",
        "{'Boot':{'BootSourceOverrideMode@Message.ExtendedInfo':"
            + "[{'MessageId':'Base.1.8.PropertyNotWritable'}]}}"
      })
  void n125_aModeThatAloneWasNotTakenIsLeftOut(String body) {
    server.merge(SYSTEM, "{'Boot':{'BootSourceOverrideMode':'Legacy'}}");
    server.on(
        "PATCH " + SYSTEM,
        r -> {
          server.usual(r);
          server.merge(SYSTEM, "{'Boot':{'BootSourceOverrideMode':'Legacy'}}");
          boolean withMode = r.body().contains("BootSourceOverrideMode");
          return withMode ? Reply.json(200, body) : Reply.status(204);
        });
    Outcome<BootSetting> set = bmc.setNextBoot(PXE_ONCE);
    assertEquals(PXE_ONCE.device(), done(set).device());
    assertTrue(warnings(set).toString().contains("stays Legacy"), set::toString);
    assertEquals(2, server.writes().size());
  }

  @Test
  void n126_thePowerOfASystemWithoutSuchAPropertyIsThatOfItsChassis() {
    server.resource(SYSTEM).remove("PowerState");
    server.merge("/redfish/v1/Chassis/1", "{'PowerState':'On'}");
    server.on(
        "POST " + RESET,
        r -> {
          boolean off = r.body().contains("ForceOff");
          server.merge("/redfish/v1/Chassis/1", "{'PowerState':'" + (off ? "Off" : "On") + "'}");
          return Reply.status(204);
        });
    assertEquals(PowerState.ON, done(bmc.power()));
    assertEquals(PowerState.OFF, done(bmc.power(PowerAction.OFF, PATIENCE)));
    assertEquals(PowerState.ON, done(bmc.power(PowerAction.ON, PATIENCE)));
    assertEquals(2, server.writes().size());
  }
}
