// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.redfish.BmcFault;
import foundrybot.redfish.BootDevice;
import foundrybot.redfish.BootSetting;
import foundrybot.redfish.Outcome;
import foundrybot.redfish.PowerAction;
import foundrybot.redfish.PowerState;
import foundrybot.redfish.client.ScriptedBmc.Reply;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HpeQuirksTest extends QuirkCase {

  @BeforeEach
  void madeByHpe() {
    vendor("HPE");
  }

  @Test
  void n15_bootIsSetWhenTheFirmwareIsThroughItsSelfTest() {
    Reply inPost = Reply.message(400, "iLO.2.14.UnableToModifyDuringSystemPOST");
    server.first("PATCH " + SYSTEM, inPost, inPost, inPost);
    assertEquals(PXE_ONCE, done(bmc.setNextBoot(PXE_ONCE)));
    assertTrue(timing.passed().compareTo(Duration.ofSeconds(30)) >= 0);
  }

  @Test
  void n17_noOrAnOddPowerStateMeansToWait() {
    server.merge(SYSTEM, "{'PowerState':'Off'}");
    server.on(
        "POST " + RESET,
        request -> {
          server.resource(SYSTEM).putNull("PowerState");
          timing.in(Duration.ofSeconds(3), () -> server.merge(SYSTEM, "{'PowerState':'Reset'}"));
          timing.in(Duration.ofSeconds(6), () -> server.merge(SYSTEM, "{'PowerState':'Unknown'}"));
          timing.in(Duration.ofSeconds(9), () -> server.merge(SYSTEM, "{'PowerState':'On'}"));
          return Reply.status(200);
        });
    assertEquals(PowerState.ON, done(bmc.power(PowerAction.ON, PATIENCE)));
    assertEquals(1, server.writes().size());
  }

  /** Resets whatever comes second over one connection. */
  @Test
  void n18_aBmcThatResetsKeptConnectionsGetsNewOnesAndNoPostTwice() {
    Set<Integer> used = new HashSet<>();
    for (String request : List.of("GET " + SYSTEM, "POST " + RESET, "GET /redfish/v1/Systems")) {
      server.on(
          request,
          r ->
              !used.add(r.connection())
                      || server.requests().stream()
                              .filter(o -> o.connection() == r.connection())
                              .count()
                          > 1
                  ? Reply.reset()
                  : server.usual(r));
    }
    assertEquals(PowerState.OFF, done(bmc.power(PowerAction.OFF, PATIENCE)));
    assertEquals(1, server.writes().size(), server.writes()::toString);
  }

  @Test
  void n19_anEjectHasABody() {
    slotForCds();
    server.merge(SLOT, "{'Inserted':true,'Image':'http://old/x.iso'}");
    server.on(
        "POST " + EJECT,
        request ->
            request.body().equals("{}")
                    && request.header("Content-Type").startsWith("application/json")
                ? ejects(SLOT).apply(request)
                : Reply.status(415));
    assertFalse(done(bmc.ejectMedia()).getFirst().inserted());
  }

  @Test
  void n20_identityIsGivenUpWhereItIsNotAcceptable() {
    server.on(
        "GET " + SYSTEM,
        r -> r.header("Accept-Encoding").equals("identity") ? Reply.status(406) : server.usual(r));
    assertEquals(PowerState.ON, done(bmc.power()));
  }

  @Test
  void n21_aModeThatMayNotBeWrittenIsLeftOut() {
    server.on(
        "PATCH " + SYSTEM,
        r ->
            r.body().contains("BootSourceOverrideMode")
                ? notWritable("Boot/BootSourceOverrideMode")
                : server.usual(r));
    assertEquals(PXE_ONCE, done(bmc.setNextBoot(PXE_ONCE)));
    assertEquals(2, server.writes().size());
  }

  @Test
  void n23_aMachineWithoutAModeBootsInTheOneItIsIn() {
    server.resource(SYSTEM).withObject("/Boot").remove("BootSourceOverrideMode");
    Outcome<BootSetting> outcome = bmc.setNextBoot(PXE_ONCE);
    assertEquals(BootSetting.FirmwareMode.AS_IS, done(outcome).mode());
    assertTrue(warnings(outcome).toString().contains("no boot mode"), outcome::toString);
    assertFalse(server.writes().toString().contains("Mode"));
  }

  @Test
  void n90_aUrlThatIsShownAndCannotBeWrittenIsWrittenIntoTheSetup() {
    setup();
    server.on(
        "PATCH " + SYSTEM,
        r ->
            r.body().contains("HttpBootUri")
                ? Reply.message(400, "iLO.2.30.PropertyNotWritableOrUnknown", "HttpBootUri")
                : server.usual(r));
    Outcome<BootSetting> outcome = bmc.setNextBoot(HTTP_ONCE);
    assertEquals(BootDevice.HTTP, done(outcome).device());
    assertEquals(
        "http://10.77.0.1/boot.efi",
        server.resource(SYSTEM + "/Bios/Settings").at("/Attributes/UrlBootFile").asString());
    assertTrue(warnings(outcome).toString().contains("UrlBootFile"), outcome::toString);
  }

  @Test
  void n90_aMachineWhoseBootCannotBeSetAtAllSaysWhatElseToTryAndWhatWasChanged() {
    setup();
    server.on(
        "PATCH " + SYSTEM,
        r ->
            r.body().contains("HttpBootUri")
                ? Reply.message(400, "iLO.2.30.PropertyNotWritableOrUnknown", "HttpBootUri")
                : Reply.message(400, "iLO.2.30.UnsupportedOperation"));
    BmcFault fault = fault(bmc.setNextBoot(HTTP_ONCE));
    assertEquals(BmcFault.Kind.REFUSED, fault.kind());
    assertTrue(fault.advice().contains("ipmi://"), fault::evidence);
    assertTrue(fault.advice().contains("UrlBootFile was set"), fault::evidence);
  }

  private void setup() {
    server.merge(SYSTEM, "{'Bios':{'@odata.id':'" + SYSTEM + "/Bios'}}");
    server.put(
        SYSTEM + "/Bios",
        "{'Attributes':{'UrlBootFile':''},'@Redfish.Settings':{'SettingsObject':{'@odata.id':'"
            + SYSTEM
            + "/Bios/Settings'}}}");
    server.put(SYSTEM + "/Bios/Settings", "{'Attributes':{}}");
  }

  @Test
  void n91_cardsOfTheBoardAreFoundWhereHpeHasThem() {
    String base = SYSTEM + "/BaseNetworkAdapters";
    server.merge(
        SYSTEM, "{'Oem':{'Hpe':{'Links':{'NetworkAdapters':{'@odata.id':'" + base + "'}}}}}");
    server.put(base, "{'Members':[{'@odata.id':'" + base + "/1'}]}");
    server.put(
        base + "/1",
        "{'Id':'1','Name':'HPE 331i','PhysicalPorts':[{'MacAddress':'20:67:7c:d5:ef:10',"
            + "'LinkStatus':'LinkUp'},{'MacAddress':'20:67:7c:d5:ef:11'},{'MacAddress':null}]}");
    assertEquals(List.of("20:67:7c:d5:ef:10", "20:67:7c:d5:ef:11"), macs());
    assertEquals("up", done(bmc.inventory()).nics().getFirst().link());
  }

  /** iLO 4 has no actions, and knows by the image alone whether there is one. */
  @Test
  void n93_aSlotThatTakesTheImageAloneGetsTheImageAlone() {
    slotForCds();
    server.resource(SLOT).remove("Actions");
    server.on(
        "PATCH " + SLOT,
        r -> {
          if (r.json().has("Inserted")) {
            return Reply.message(400, "iLO.0.10.PropertyNotWritableOrUnknown", "Inserted");
          }
          boolean image = r.json().path("Image").isString();
          server.usual(r);
          server.merge(SLOT, "{'Inserted':" + image + "}");
          return Reply.status(200);
        });
    assertTrue(done(bmc.insertMedia(IMAGE)).inserted());
    assertEquals(IMAGE.toString(), server.resource(SLOT).path("Image").asString());
    assertFalse(done(bmc.ejectMedia()).getFirst().inserted());
    assertTrue(server.resource(SLOT).path("Image").isNull());
  }

  @Test
  void n25_aMacIsOneAlsoInLowerCaseAndWithoutAStatus() {
    interfaces("{'@odata.id':'x','Id':'1','Name':'n','MACAddress':'94:40:c9:12:ab:cd'}");
    assertEquals(List.of("94:40:c9:12:ab:cd"), macs());
  }

  private void interfaces(String members) {
    server.merge(SYSTEM, "{'EthernetInterfaces':{'@odata.id':'" + SYSTEM + "/Nics'}}");
    server.put(SYSTEM + "/Nics", "{'Members':[" + members + "]}");
  }

  @Test
  void n26_adaptersThatCannotBeReadAreLeftOut() {
    interfaces("{'@odata.id':'x','Id':'1','Name':'n','MACAddress':'94:40:c9:12:ab:cd'}");
    server.merge(
        "/redfish/v1/Chassis/1", "{'NetworkAdapters':{'@odata.id':'/redfish/v1/Chassis/1/NA'}}");
    server.on("GET /redfish/v1/Chassis/1/NA", Reply.message(400, "Base.1.4.GeneralError"));
    assertEquals(List.of("94:40:c9:12:ab:cd"), macs());
  }

  @Test
  void n28_anInfiniBandGuidIsNoMac() {
    server.merge(
        "/redfish/v1/Chassis/1", "{'NetworkAdapters':{'@odata.id':'/redfish/v1/Chassis/1/NA'}}");
    server.put("/redfish/v1/Chassis/1/NA", "{'Members':[{'@odata.id':'/redfish/v1/NA/1'}]}");
    server.put("/redfish/v1/NA/1", "{'Id':'1','Ports':{'@odata.id':'/redfish/v1/NA/1/P'}}");
    server.put(
        "/redfish/v1/NA/1/P",
        "{'Members':[{'@odata.id':'y','Id':'1','Name':'p','LinkStatus':'LinkUp',"
            + "'Ethernet':{'AssociatedMACAddresses':['88e9:a4ff:ff80:9da2','88-E9-A4-80-9D-A2']}}]}");
    assertEquals(List.of("88:e9:a4:80:9d:a2"), macs());
    assertEquals("up", done(bmc.inventory()).nics().getFirst().link());
  }

  @Test
  void theProgressStandsWhereTheTableSays() {
    server.merge(SYSTEM, "{'Oem':{'Hpe':{'PostState':'FinishedPost'}}}");
    assertEquals("FinishedPost", done(bmc.bootProgress()));
  }
}
