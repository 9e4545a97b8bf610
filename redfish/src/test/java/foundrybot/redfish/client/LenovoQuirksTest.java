// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.redfish.BootDevice;
import foundrybot.redfish.BootSetting;
import foundrybot.redfish.BootSetting.Lasting;
import foundrybot.redfish.Outcome;
import foundrybot.redfish.PowerAction;
import foundrybot.redfish.PowerState;
import foundrybot.redfish.client.ScriptedBmc.Reply;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LenovoQuirksTest extends QuirkCase {

  @BeforeEach
  void madeByLenovo() {
    vendor("Lenovo");
  }

  @Test
  void n39_aPatchThatNeedsAnEtagIsSentAgainWithOne() {
    server.on(
        "PATCH " + SYSTEM,
        r -> {
          // Only now it shows one.
          server.merge(SYSTEM, "{'@odata.etag':'\\u0022abc\\u0022'}");
          return r.header("If-Match").equals("\"abc\"")
              ? server.usual(r)
              : Reply.message(428, "Base.1.8.PreconditionRequired");
        });
    assertEquals(PXE_ONCE, done(bmc.setNextBoot(PXE_ONCE)));
  }

  @Test
  void n40_aMissingPreconditionIsToldByItsMessageToo() {
    server.merge(SYSTEM, "{'@odata.etag':'W/\\u0022abc\\u0022'}");
    server.on(
        "PATCH " + SYSTEM,
        r ->
            r.header("If-Match").equals("\"abc\"")
                ? server.usual(r)
                : Reply.message(400, "Ami.1.0.PreconditionHeaderMissing"));
    assertEquals(PXE_ONCE, done(bmc.setNextBoot(PXE_ONCE)));
    server.first("PATCH " + SYSTEM, Reply.status(412));
    done(bmc.setNextBoot(BootSetting.NONE));
    assertEquals(
        "\"abc\"",
        server.requests("PATCH").stream().skip(3).findFirst().orElseThrow().header("If-Match"),
        "the form that worked is tried first from then on");
  }

  @Test
  void n42_anOverrideThatCannotStayIsSetForOneBoot() {
    server.on(
        "PATCH " + SYSTEM,
        r ->
            r.body().contains("Continuous")
                ? noSuchValue("Continuous", "BootSourceOverrideEnabled")
                : server.usual(r));
    Outcome<BootSetting> outcome = bmc.setNextBoot(PXE_ALWAYS);
    assertEquals(Lasting.ONCE, done(outcome).lasting());
    assertTrue(warnings(outcome).toString().contains("again before each"), outcome::toString);
  }

  @Test
  void n43_slotsWithoutActionsAreFilledAsPropertiesAndUploadsLeftAlone() {
    String slots = "/redfish/v1/Managers/1/VirtualMedia";
    server.merge(
        "/redfish/v1/Managers/1",
        "{'FirmwareVersion':'CDI3A4E-3.10','VirtualMedia':{'@odata.id':'" + slots + "'}}");
    server.put(
        slots,
        "{'Members':[{'@odata.id':'" + slots + "/RDOC1'},{'@odata.id':'" + slots + "/EXT1'}]}");
    for (String id : List.of("RDOC1", "EXT1")) {
      server.put(
          slots + "/" + id,
          "{'Id':'" + id + "','MediaTypes':['CD','DVD'],'Inserted':false,'Image':null}");
    }
    assertTrue(done(bmc.insertMedia(IMAGE)).inserted());
    assertEquals(
        List.of(
            "PATCH "
                + slots
                + "/EXT1 {'Image':'"
                + IMAGE
                + "','Inserted':true,'WriteProtected':true}"),
        server.writes());
    done(bmc.ejectMedia());
    assertTrue(server.writes().getLast().contains("'Inserted':false"), server.writes()::toString);
  }

  @Test
  void n44_whereNoSessionIsFreeThePasswordGoesAlong() {
    server.on("POST " + ScriptedBmc.SESSIONS, Reply.message(503, "Base.1.8.SessionLimitExceeded"));
    assertEquals(PowerState.ON, done(bmc.power()));
    assertEquals(1, server.requests("POST").size());
  }

  @Test
  void n44_everySessionIsEnded() {
    for (int i = 0; i < 3; i++) {
      bmc.power();
      bmc.close();
    }
    assertEquals(0, server.openSessions());
    assertEquals(3, server.requests("DELETE").size());
  }

  @Test
  void n45_theTaskIsLookedAtAndNotItsMonitor() {
    String task = "/redfish/v1/TaskService/Tasks/7";
    String monitor = "/redfish/v1/TaskService/TaskMonitors/7";
    server.on(
        "POST " + RESET,
        r -> {
          assertEquals(204, server.usual(r).status());
          return Reply.json(
                  202, "{'@odata.id':'" + task + "','@odata.type':'#Task.v1_4_0.Task','Id':'7'}")
              .header("Location", monitor);
        });
    server.on(
        "GET " + task,
        Reply.json(200, "{'TaskState':'Running'}").header("Retry-After", "7"),
        Reply.json(200, "{'TaskState':'Completed'}"));
    assertEquals(PowerState.OFF, done(bmc.power(PowerAction.OFF, PATIENCE)));
    assertEquals(0, server.requests("GET " + monitor).size());
    assertEquals(2, server.requests("GET " + task).size());
    assertTrue(timing.sleeps().contains(java.time.Duration.ofSeconds(7)));
  }

  @Test
  void n47_withoutATargetForHttpTheBootOptionIsTaken() {
    server.merge(
        SYSTEM,
        "{'Boot':{'BootSourceOverrideTarget@Redfish.AllowableValues':"
            + "['None','Pxe','UefiBootNext'],'BootOptions':{'@odata.id':'"
            + SYSTEM
            + "/BO'}}}");
    server.put(
        SYSTEM + "/BO",
        "{'Members':[{'@odata.id':'a','Id':'1','Name':'x','BootOptionReference':'Boot0001',"
            + "'Alias':'Pxe'},{'@odata.id':'b','Id':'2','Name':'y',"
            + "'BootOptionReference':'Boot0002','UefiDevicePath':'MAC(525400AA0001,0x1)/Uri()'}]}");
    server.on(
        "PATCH " + SYSTEM,
        r -> {
          assertEquals("Boot0002", r.json().at("/Boot/BootNext").asString(""));
          return server.usual(r);
        });
    assertInForce("UefiBootNext");
  }

  @Test
  void n47_ofSeveralTheOneByIpv4ThatTheFirmwareHasFirst() {
    server.merge(
        SYSTEM,
        "{'Boot':{'BootSourceOverrideTarget@Redfish.AllowableValues':"
            + "['None','Pxe','UefiBootNext'],'BootOrder':['Boot0004 - b','Boot0003 - a'],"
            + "'BootOptions':{'@odata.id':'"
            + SYSTEM
            + "/BO'}}}");
    server.put(
        SYSTEM + "/BO",
        "{'Members':["
            + option(1, "UEFI HTTP IPv6 NIC 1", true)
            + ","
            + option(2, "UEFI HTTP IPv4 NIC 1", false)
            + ","
            + option(3, "UEFI HTTP IPv4 NIC 2", true)
            + ","
            + option(4, "UEFI HTTP IPv4 NIC 3", true)
            + "]}");
    server.on(
        "PATCH " + SYSTEM,
        r -> {
          assertEquals("Boot0004", r.json().at("/Boot/BootNext").asString(""));
          return server.usual(r);
        });
    assertInForce("UefiBootNext");
  }

  private static String option(int number, String name, boolean enabled) {
    return "{'@odata.id':'o%d','Id':'%d','Name':'n','DisplayName':'%s','BootOptionEnabled':%s,"
            .formatted(number, number, name, enabled)
        + "'BootOptionReference':'Boot000%d'}".formatted(number);
  }

  private void assertInForce(String target) {
    done(bmc.setNextBoot(HTTP_ONCE));
    assertEquals(target, server.resource(SYSTEM).at("/Boot/BootSourceOverrideTarget").asString());
  }

  @Test
  void n47_orPxeWhereThereIsNoSuchOption() {
    server.merge(
        SYSTEM, "{'Boot':{'BootSourceOverrideTarget@Redfish.AllowableValues':['None','Pxe']}}");
    Outcome<BootSetting> outcome = bmc.setNextBoot(HTTP_ONCE);
    assertEquals(BootDevice.PXE, done(outcome).device());
    assertTrue(warnings(outcome).toString().contains("boots by PXE"), outcome::toString);
  }

  @Test
  void n48_theWireToTheBmcIsNoCardAndPlainDigitsAreAMac() {
    server.merge(SYSTEM, "{'EthernetInterfaces':{'@odata.id':'" + SYSTEM + "/Nics'}}");
    server.put(
        SYSTEM + "/Nics",
        "{'Members':[{'@odata.id':'x','Id':'ToManager','Name':'n',"
            + "'MACAddress':'0A:94:EF:12:34:56','Status':{'State':'Disabled'}}]}");
    server.merge(
        "/redfish/v1/Chassis/1", "{'NetworkAdapters':{'@odata.id':'/redfish/v1/Chassis/1/NA'}}");
    server.put(
        "/redfish/v1/Chassis/1/NA",
        "{'Members':[{'@odata.id':'z','Id':'1','Name':'a',"
            + "'NetworkPorts':{'@odata.id':'/redfish/v1/NP'}}]}");
    server.put(
        "/redfish/v1/NP",
        "{'Members':[{'@odata.id':'y','Id':'1','Name':'p',"
            + "'AssociatedNetworkAddresses':['00620B4C284E','000000000000']}]}");
    assertEquals(List.of("00:62:0b:4c:28:4e"), macs());
  }

  @Test
  void n49_theMachinesOwnBootOrderIsNeverWritten() {
    server.merge(SYSTEM, "{'Boot':{'BootOrder':['Boot0001','Boot0002']}}");
    done(bmc.setNextBoot(PXE_ALWAYS));
    done(bmc.setNextBoot(BootSetting.NONE));
    assertFalse(server.writes().toString().contains("BootOrder"), server.writes()::toString);
  }
}
