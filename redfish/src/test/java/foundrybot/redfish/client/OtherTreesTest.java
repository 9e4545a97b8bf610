// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.redfish.BootDevice;
import foundrybot.redfish.BootSetting;
import foundrybot.redfish.BootSetting.FirmwareMode;
import foundrybot.redfish.Inventory.Drive;
import foundrybot.redfish.PowerAction;
import foundrybot.redfish.PowerState;
import foundrybot.redfish.client.ScriptedBmc.Manner;
import foundrybot.redfish.client.ScriptedBmc.Reply;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Trees in which the same things stand elsewhere, or are written in another way. */
class OtherTreesTest extends QuirkCase {
  private static final String ROOT = "/redfish/v1/";
  private static final String CARD = "/redfish/v1/Chassis/NIC/NetworkAdapters/1";

  private static String link(String uri) {
    return "{'@odata.id':'" + uri + "'}";
  }

  private void collection(String uri, String... members) {
    List<String> links = List.of(members).stream().map(OtherTreesTest::link).toList();
    server.put(uri, "{'Members':[" + String.join(",", links) + "]}");
  }

  @Test
  void n94_aSessionIsEndedByWhateverNameTheBmcCallsItself() {
    server.on(
        "POST " + ScriptedBmc.SESSIONS,
        r ->
            server
                .usual(r)
                .header("Location", "https://bmc-7.example" + ScriptedBmc.SESSIONS + "/1"));
    assertEquals(PowerState.ON, done(bmc.power()));
    assertEquals(1, server.openSessions());
    bmc.close();
    assertEquals(0, server.openSessions());
  }

  @Test
  void n94_aTaskIsFollowedByWhateverNameTheBmcCallsItself() {
    server.on(
        "POST " + RESET,
        r -> {
          assertEquals(204, server.usual(r).status());
          return Reply.status(202).header("Location", "http://10.0.0.9:80/redfish/v1/T/1");
        });
    server.put("/redfish/v1/T/1", "{'TaskState':'Completed','TaskStatus':'OK'}");
    assertEquals(PowerState.OFF, done(bmc.power(PowerAction.OFF, PATIENCE)));
    assertEquals(1, server.requests("GET /redfish/v1/T/1").size());
  }

  @Test
  void n94_aLinkWithoutTheSlashInFrontIsOneFromTheTop() {
    collection("/redfish/v1/Systems", SYSTEM.substring(1));
    assertEquals(PowerState.ON, done(bmc.power()));
  }

  @Test
  void n95_aRootThatShowsItsLinksToWhoHasLoggedInIsAskedAgain() {
    server.on(
        "GET " + ROOT,
        r ->
            r.header("X-Auth-Token").isEmpty()
                ? Reply.json(
                    200,
                    "{'RedfishVersion':'1.6.0','SessionService':"
                        + link("/redfish/v1/SessionService")
                        + ",'Links':{'Sessions':"
                        + link(ScriptedBmc.SESSIONS)
                        + "}}")
                : server.usual(r));
    assertEquals(PowerState.ON, done(bmc.power()));
  }

  @Test
  void n96_aPathThatIsThereWithoutItsSlashOnlyIsFound() {
    collection("/redfish/v1/Systems", SYSTEM + "/");
    assertEquals(PowerState.ON, done(bmc.power()));
  }

  @Test
  void n97_aCardWithASystemOfItsOwnIsNotTheMachine() {
    String dpu = "/redfish/v1/Systems/DPU.Slot.3";
    collection("/redfish/v1/Systems", dpu, SYSTEM);
    server.put(dpu, server.resource(SYSTEM).toString());
    server.merge(dpu, "{'Id':'DPU.Slot.3','SystemType':'DPU','PowerState':'Off'}");
    assertEquals(PowerState.ON, done(bmc.power()));
    assertEquals(PowerState.OFF, done(client(Optional.of("DPU.Slot.3")).power()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'Links':{'ManagedBy':['/redfish/v1/Managers/1']}}",
        "{'Links':{'ManagedBy':null,'Managers':[{'@odata.id':'/redfish/v1/Managers/1'}]}}",
        "{'Links':{'ManagedBy':null}}"
      })
  void n98_aManagerIsFoundByAnyLinkBetweenTheTwo(String links) {
    collection("/redfish/v1/Managers", "/redfish/v1/Managers/1", "/redfish/v1/Managers/2");
    server.put("/redfish/v1/Managers/2", "{'Id':'2','FirmwareVersion':'9.99'}");
    server.merge(
        "/redfish/v1/Managers/1", "{'Links':{'ManagerForServers':[" + link(SYSTEM + "/") + "]}}");
    server.merge(SYSTEM, links);
    assertEquals("1.02", done(bmc.identify()).firmware());
  }

  /** A card with one port, by its collection. */
  private void card() {
    server.put(CARD, "{'Id':'1','Ports':" + link(CARD + "/Ports") + "}");
    collection(CARD + "/Ports", CARD + "/Ports/1");
    server.put(
        CARD + "/Ports/1",
        "{'Id':'1','LinkStatus':'LinkUp','Ethernet':{'AssociatedMACAddresses':"
            + "['B8-CE-F6-00-00-01']}}");
  }

  @Test
  void n98_aCardIsFoundByTheMachinesInterfaceToIt() {
    card();
    server.merge(SYSTEM, "{'NetworkInterfaces':" + link(SYSTEM + "/NetworkInterfaces") + "}");
    collection(SYSTEM + "/NetworkInterfaces", SYSTEM + "/NetworkInterfaces/1");
    server.put(
        SYSTEM + "/NetworkInterfaces/1",
        "{'Id':'1','Links':{'NetworkAdapter':" + link(CARD) + "}}");
    assertEquals(List.of("b8:ce:f6:00:00:01"), macs());
  }

  @Test
  void n98_aCardIsFoundInAChassisInsideTheMachines() {
    card();
    server.merge(
        "/redfish/v1/Chassis/1",
        "{'Links':{'Contains':[" + link("/redfish/v1/Chassis/NIC") + "]}}");
    server.put(
        "/redfish/v1/Chassis/NIC",
        "{'NetworkAdapters':" + link("/redfish/v1/Chassis/NIC/NetworkAdapters") + "}");
    collection("/redfish/v1/Chassis/NIC/NetworkAdapters", CARD);
    assertEquals(List.of("b8:ce:f6:00:00:01"), macs());
  }

  @Test
  void n98_aCardInAChassisThatNothingLinksToBelongsToTheOnlyMachine() {
    card();
    collection("/redfish/v1/Chassis", "/redfish/v1/Chassis/1", "/redfish/v1/Chassis/NIC");
    server.put(
        "/redfish/v1/Chassis/NIC",
        "{'NetworkAdapters':" + link("/redfish/v1/Chassis/NIC/NetworkAdapters") + "}");
    collection("/redfish/v1/Chassis/NIC/NetworkAdapters", CARD);
    assertEquals(List.of("b8:ce:f6:00:00:01"), macs());
    String other = "/redfish/v1/Systems/2";
    collection("/redfish/v1/Systems", SYSTEM, other);
    server.put(other, server.resource(SYSTEM).toString());
    server.merge(other, "{'Id':'2'}");
    assertEquals(
        List.of(),
        done(client(Optional.of("1")).inventory()).nics(),
        "of two machines it may be either's");
  }

  @Test
  void n98_portsAreFoundByTheCardsControllers() {
    server.merge(
        "/redfish/v1/Chassis/1",
        "{'NetworkAdapters':" + link("/redfish/v1/Chassis/1/NetworkAdapters") + "}");
    collection("/redfish/v1/Chassis/1/NetworkAdapters", CARD);
    server.put(
        CARD,
        "{'Id':'1','Controllers':[{'Links':{'NetworkDeviceFunctions':["
            + link(CARD + "/F/1")
            + "],'NetworkPorts':["
            + link(CARD + "/P/1")
            + "]}}]}");
    server.put(
        CARD + "/F/1",
        "{'Id':'F1','BootMode':'PXE','Ethernet':{'MACAddress':'0c:42:a1:00:00:01'}}");
    server.put(
        CARD + "/P/1", "{'Id':'P1','AssociatedNetworkAddresses':['0C42A1000001','0C42A1000002']}");
    assertEquals(List.of("0c:42:a1:00:00:01", "0c:42:a1:00:00:02"), macs());
    assertEquals("on", done(bmc.inventory()).nics().getFirst().netBoot());
  }

  @Test
  void n98_drivesAreFoundInTheChassisWhereNoControllerHasThem() {
    server.merge(
        "/redfish/v1/Chassis/1", "{'Drives':" + link("/redfish/v1/Chassis/1/Drives") + "}");
    collection("/redfish/v1/Chassis/1/Drives", "/redfish/v1/Chassis/1/Drives/0");
    server.put(
        "/redfish/v1/Chassis/1/Drives/0",
        "{'Id':'0','Name':'Bay 0','Model':'PM9A3','CapacityBytes':1000,'MediaType':'SSD'}");
    assertEquals(
        List.of(new Drive("Bay 0", "PM9A3", "", 1000, "SSD")), done(bmc.inventory()).drives());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "4C4C4544-0039-5710-8052-B4C04F384833",
        "4C4C4544003957108052B4C04F384833",
        "{4c4c4544-0039-5710-8052-b4c04f384833}",
        "urn:uuid:4c4c4544-0039-5710-8052-b4c04f384833"
      })
  void aUuidIsReadInAnySpelling(String told) {
    server.merge(SYSTEM, "{'UUID':'" + told + "'}");
    assertEquals("4c4c4544-0039-5710-8052-b4c04f384833", done(bmc.inventory()).uuid());
  }

  @Test
  void n99_whatIsPackedThoughNobodyAskedForItIsUnpacked() {
    server.on("GET " + SYSTEM, r -> server.usual(r).in(Manner.PACKED));
    assertEquals(PowerState.ON, done(bmc.power()));
  }

  @Test
  void n99_whatUnpacksToMoreThanAnAnswerIsRefused() {
    server.on(
        "GET " + SYSTEM, Reply.json(200, "{'a':'" + "x".repeat(9 << 20) + "'}").in(Manner.PACKED));
    assertTrue(fault(bmc.power()).answered().contains("8 MiB"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'SerialNumber':'AB\t\u0001C','PowerState':'On'}",
        "{'PowerState':'On'}\u0000\u0000",
        "{'PowerState':'On'} <!-- made by a web server -->"
      })
  void n99_whatSomebodyWroteIntoAChipMakesNoAnswerUnreadable(String body) {
    Optional<Props> read = Props.read(body.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    assertEquals("On", read.orElseThrow().textOrEmpty("PowerState"));
  }

  @Test
  void n99_norDoBytesOfAnotherCode() {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    body.writeBytes("{\"AssetTag\":\"B\u00fcro\",".getBytes(StandardCharsets.ISO_8859_1));
    body.writeBytes("\"PowerState\":\"Off\"}".getBytes(StandardCharsets.US_ASCII));
    Props read = Props.read(body.toByteArray()).orElseThrow();
    assertEquals("Off", read.textOrEmpty("PowerState"));
    assertTrue(Props.read("{\"a\":".getBytes(StandardCharsets.UTF_8)).isEmpty());
  }

  @Test
  void n101_targetsAreReadAlsoWhereOldServicesHaveThem() {
    server.merge(
        SYSTEM,
        "{'Boot':{'BootSourceOverrideTarget@Redfish.AllowableValues':null,"
            + "'BootSourceOverrideSupported':['None','Pxe','Hdd']}}");
    assertEquals(PXE_ONCE, done(bmc.setNextBoot(PXE_ONCE)));
    BootSetting cd = BootSetting.once(BootDevice.CD, FirmwareMode.UEFI);
    assertFalse(bmc.setNextBoot(cd).result().isPresent());
  }

  @Test
  void n102_iBmcIsToldInWhichDomainTheUserIs() {
    server.merge("/redfish/v1/", "{'Vendor':null,'Oem':{'Huawei':{}}}");
    server.on(
        "POST " + ScriptedBmc.SESSIONS,
        r ->
            r.json().at("/Oem/Huawei/Domain").asString("").equals("LocaliBMC")
                ? server.usual(r)
                : Reply.message(401, "iBMC.1.0.AuthorizationFailed"));
    assertEquals(PowerState.ON, done(bmc.power()));
    assertEquals(1, server.requests("POST " + ScriptedBmc.SESSIONS).size());
  }

  @Test
  void n102_nobodyElseIs() {
    assertEquals(PowerState.ON, done(bmc.power()));
    assertFalse(server.requests("POST " + ScriptedBmc.SESSIONS).getFirst().json().has("Oem"));
  }

  @Test
  void n106_aTokenIsFoundInTheBodyAndItsSessionByItsNumber() {
    server.on(
        "POST " + ScriptedBmc.SESSIONS,
        r -> {
          Reply usual = server.usual(r);
          String token = usual.headers().get("X-Auth-Token");
          return Reply.json(201, "{'Id':'7','Oem':{'Public':{'X-Auth-Token':'" + token + "'}}}");
        });
    assertEquals(PowerState.ON, done(bmc.power()));
    assertEquals(List.of(), server.requests().stream().filter(this::byPassword).toList());
    bmc.close();
    assertEquals(1, server.requests("DELETE " + ScriptedBmc.SESSIONS + "/7").size());
    assertEquals(0, server.openSessions());
  }

  private boolean byPassword(ScriptedBmc.Request request) {
    return !request.header("Authorization").isEmpty();
  }

  /** A host, and the board of its accelerators, which is listed first. */
  private String hgx() {
    String board = "/redfish/v1/Systems/HGX_Baseboard_0";
    collection("/redfish/v1/Systems", board, SYSTEM);
    server.put(board, server.resource(SYSTEM).toString());
    server.merge(
        board,
        "{'Id':'HGX_Baseboard_0','Name':'HGX_Baseboard_0','SystemType':'Physical',"
            + "'Manufacturer':'NVIDIA','Model':'NA','PowerState':'Off'}");
    return board;
  }

  @Test
  void n109_aBoardOfAcceleratorsIsNotTheMachineThoughItLooksLikeOne() {
    hgx();
    assertEquals(PowerState.ON, done(bmc.power()));
    assertEquals(PowerState.OFF, done(client(Optional.of("HGX_Baseboard_0")).power()));
  }

  @Test
  void n109_norDoesItsTroubleWhileTheMachineIsOffKeepAnybodyFromIt() {
    server.on("GET " + hgx(), Reply.status(500));
    assertEquals(PowerState.ON, done(bmc.power()));
  }

  @Test
  void n109_aSystemThatBootsNothingIsNotTheMachine() {
    String board = hgx();
    String other = "/redfish/v1/Systems/UBB";
    collection("/redfish/v1/Systems", other, SYSTEM);
    server.put(other, server.resource(board).toString());
    server.merge(other, "{'Id':'UBB','Boot':null}");
    assertEquals(PowerState.ON, done(bmc.power()));
  }

  @Test
  void n109_oneThatIsTheOnlySystemIsTheMachine() {
    collection("/redfish/v1/Systems", hgx());
    assertEquals(PowerState.OFF, done(bmc.power()));
  }

  @Test
  void ofTwoMachinesNoneIsGuessed() {
    String second = "/redfish/v1/Systems/2";
    collection("/redfish/v1/Systems", SYSTEM, second);
    server.put(second, server.resource(SYSTEM).toString());
    server.merge(second, "{'Id':'Node1'}");
    assertTrue(fault(bmc.power()).answered().contains("Node1"));
  }

  @Test
  void n98_systemsAreFoundOnLaterPagesByLinksWithAQuery() {
    String page = "/redfish/v1/Systems?$skip=1&$top=1";
    server.put("/redfish/v1/Systems", "{'Members':[],'Members@odata.nextLink':'" + page + "'}");
    server.put(page, "{'Members':[" + link(SYSTEM) + "]}");
    assertEquals(PowerState.ON, done(bmc.power()));
  }

  @Test
  void aCardWhoseBmcHasNoOtherSystemIsTheMachine() {
    String card = "/redfish/v1/Systems/Bluefield";
    collection("/redfish/v1/Systems", card);
    server.put(card, server.resource(SYSTEM).toString());
    server.merge(card, "{'Id':'Bluefield','SystemType':'DPU','PowerState':'Paused'}");
    assertEquals(PowerState.CHANGING, done(bmc.power()));
  }

  @Test
  void crayTellsTheAddressOfACardThatItDoesNotKnowByWordsAndOthersBehindABlank() {
    String all = SYSTEM + "/EthernetInterfaces";
    server.merge(SYSTEM, "{'EthernetInterfaces':" + link(all) + "}");
    collection(all, all + "/HPCNet0", all + "/HPCNet1", all + "/ManagementEthernet");
    String none = "'MACAddress':'Not Available','PermanentMACAddress':";
    server.put(all + "/HPCNet0", "{'Id':'HPCNet0'," + none + "' 00:40:a6:83:c5:30'}");
    server.put(all + "/HPCNet1", "{'Id':'HPCNet1'," + none + "''}");
    server.put(
        all + "/ManagementEthernet",
        "{'Id':'ManagementEthernet','MACAddress':'00:40:a6:83:b6:37'}");
    assertEquals(List.of("00:40:a6:83:c5:30", "00:40:a6:83:b6:37"), macs());
  }

  @Test
  void crayHasAnOrderOfItsOwnAndNoOverrideWhichIsLeftAlone() {
    server.resource(SYSTEM).remove("Boot");
    server.merge(SYSTEM, "{'Boot':{'BootOrder':['ME0-PXE-IP4','HSN0-PXE-IP4','Boot000B']}}");
    assertTrue(bmc.setNextBoot(PXE_ONCE).evidence().contains("next boot"));
    assertEquals(List.of(), server.writes());
  }

  @Test
  void aRefusalThatIsABareTextIsSaid() {
    server.on("POST " + RESET, Reply.json(403, "{'error':'locked by another user'}"));
    assertTrue(
        fault(bmc.power(PowerAction.OFF, PATIENCE)).answered().contains("locked by another user"));
  }
}
