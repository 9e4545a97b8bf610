// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.redfish.BootDevice;
import foundrybot.redfish.BootSetting;
import foundrybot.redfish.BootSetting.FirmwareMode;
import foundrybot.redfish.Outcome;
import foundrybot.redfish.PowerAction;
import foundrybot.redfish.PowerState;
import foundrybot.redfish.client.ScriptedBmc.Reply;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SupermicroQuirksTest extends QuirkCase {
  private static final BootSetting CD_ONCE = BootSetting.once(BootDevice.CD, FirmwareMode.UEFI);

  @BeforeEach
  void madeBySupermicro() {
    vendor("Supermicro");
  }

  @Test
  void n29_theModeGoesAlongAlsoWhereNothingIsSaidOfIt() {
    server.on(
        "PATCH " + SYSTEM,
        r -> {
          Reply reply = server.usual(r);
          if (!r.body().contains("BootSourceOverrideMode")) {
            server.merge(SYSTEM, "{'Boot':{'BootSourceOverrideMode':'Legacy'}}");
          }
          return reply;
        });
    BootSetting asIs = BootSetting.once(BootDevice.PXE, FirmwareMode.AS_IS);
    assertEquals(FirmwareMode.UEFI, done(bmc.setNextBoot(asIs)).mode());
  }

  @Test
  void n30_aBmcThatCannotBeToldTheModeSaysSo() {
    server.resource(SYSTEM).withObject("/Boot").remove("BootSourceOverrideMode");
    Outcome<BootSetting> outcome = bmc.setNextBoot(PXE_ONCE);
    assertEquals(BootDevice.PXE, done(outcome).device());
    assertTrue(warnings(outcome).toString().contains("no boot mode"), outcome::toString);
  }

  @Test
  void n32_aVirtualCdIsBootedAsUsbCdWhereThatIsListed() {
    targets("'None','Pxe','Cd','UsbCd'");
    assertEquals(BootDevice.CD, done(bmc.setNextBoot(CD_ONCE)).device());
    assertTrue(server.writes().getFirst().contains("'UsbCd'"), server.writes()::toString);
  }

  @Test
  void n32_exceptOnTheOneModelThatWantsCd() {
    targets("'None','Pxe','Cd','UsbCd'");
    server.merge(SYSTEM, "{'Model':'ARS-111GL-NHR'}");
    assertEquals(BootDevice.CD, done(bmc.setNextBoot(CD_ONCE)).device());
    assertTrue(server.writes().getFirst().contains("'Cd'"), server.writes()::toString);
  }

  private void targets(String list) {
    server.merge(
        SYSTEM, "{'Boot':{'BootSourceOverrideTarget@Redfish.AllowableValues':[" + list + "]}}");
  }

  @Test
  void n34_resetTypesAreReadFromTheActionInfo() {
    server.merge(
        SYSTEM,
        "{'PowerState':'Off','Actions':{'#ComputerSystem.Reset':{"
            + "'ResetType@Redfish.AllowableValues':null,"
            + "'@Redfish.ActionInfo':'"
            + SYSTEM
            + "/ResetActionInfo'}}}");
    server.put(
        SYSTEM + "/ResetActionInfo",
        "{'Parameters':[{'Name':'ResetType','AllowableValues':['ForceOn','ForceOff']}]}");
    assertEquals(PowerState.ON, done(bmc.power(PowerAction.ON, PATIENCE)));
    assertTrue(server.writes().getFirst().contains("ForceOn"), server.writes()::toString);
    assertEquals(PowerState.ON, done(bmc.power(PowerAction.CYCLE, PATIENCE)));
    assertEquals(3, server.writes().size(), server.writes()::toString);
  }

  @Test
  void n35_aTargetThatIsDisabledIsNoOverride() {
    server.merge(
        SYSTEM,
        "{'Boot':{'BootSourceOverrideTarget':'Pxe','BootSourceOverrideEnabled':'Disabled'}}");
    assertEquals(BootSetting.NONE, done(bmc.nextBoot()));
  }

  @Test
  void n36_aUuidThatManyMachinesHaveIsSaidToBeSo() {
    server.merge(SYSTEM, "{'UUID':'00000000-0000-0000-0000-7CC2551D0A10','SerialNumber':'S1'}");
    assertEquals("S1", done(bmc.inventory()).serial());
    assertTrue(warnings(bmc.inventory()).toString().contains("not unique"));
  }

  @Test
  void n92_anEjectedSlotThatStillNamesItsImageIsEmptyIfItPlaysNothing() {
    slotForCds();
    server.merge(SLOT, "{'Inserted':true,'Image':'http://old/x.iso','ConnectedVia':'URI'}");
    server.on(
        "POST " + EJECT,
        r -> {
          server.merge(SLOT, "{'ConnectedVia':'NotConnected'}");
          return Reply.status(200);
        });
    assertFalse(done(bmc.ejectMedia()).getFirst().inserted());
    assertTrue(done(bmc.insertMedia(IMAGE)).inserted());
  }

  @ParameterizedTest
  @ValueSource(strings = {"IPv4HTTPSupport", "IPv4HTTPSupport_009F", "IPv4HTTPSupport#00F7"})
  void n38_httpBootIsSwitchedOnInTheSetupAndPxeTakenUntilThen(String attribute) {
    targets("'None','Pxe','Hdd'");
    server.merge(SYSTEM, "{'Bios':{'@odata.id':'" + SYSTEM + "/Bios'}}");
    server.put(
        SYSTEM + "/Bios",
        "{'Attributes':{'IPv4HTTPSupportLog':'Off','"
            + attribute
            + "':'Disabled'},'@Redfish.Settings':{"
            + "'SettingsObject':{'@odata.id':'"
            + SYSTEM
            + "/Bios/SD'}}}");
    server.put(SYSTEM + "/Bios/SD", "{'Attributes':{}}");
    Outcome<BootSetting> outcome = bmc.setNextBoot(HTTP_ONCE);
    assertEquals(BootDevice.PXE, done(outcome).device());
    assertEquals(
        "Enabled",
        server.resource(SYSTEM + "/Bios/SD").path("Attributes").path(attribute).asString());
    assertEquals(2, warnings(outcome).size(), outcome::toString);
  }
}
