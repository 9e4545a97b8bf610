// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.redfish.BmcFault.Kind;
import foundrybot.redfish.BootSetting;
import foundrybot.redfish.Identity;
import foundrybot.redfish.Outcome;
import foundrybot.redfish.client.ScriptedBmc.Reply;
import java.util.List;
import org.junit.jupiter.api.Test;

/** OpenBMC and what is made of it, NVIDIA's, AMI's. */
class OpenBmcQuirksTest extends QuirkCase {

  @Test
  void n51_aMachineThatDoesNotSayWhoMadeItIsStillOne() {
    server.merge(SYSTEM, "{'Manufacturer':null,'Model':null}");
    server.merge("/redfish/v1/", "{'Vendor':null}");
    server.merge(
        SYSTEM,
        "{'Boot':{'UefiTargetBootSourceOverride@Redfish.AllowableValues':"
            + "['PciRoot(0x0)/Pci(0x3,0x0)/MAC(7CC255AA0001,0x1)/IPv4(0.0.0.0)']}}");
    Identity who = done(bmc.identify());
    assertEquals("", who.vendor());
    assertEquals("1.02", who.firmware());
    assertEquals(List.of("7c:c2:55:aa:00:01"), macs());
  }

  @Test
  void n52_aBootThatCannotBeSetIsSaidToBeSo() {
    server.merge(SYSTEM, "{'Boot':null}");
    Outcome<BootSetting> outcome = bmc.setNextBoot(PXE_ONCE);
    assertInstanceOf(Outcome.Unsupported.class, outcome);
    assertTrue(outcome.evidence().contains("IPMI"), outcome::evidence);
    assertEquals(List.of(), server.writes());
  }

  @Test
  void n53_aSlotThatTakesNoImagesIsPassedOver() {
    slotForCds();
    String other = "/redfish/v1/Managers/1/VirtualMedia/CD2";
    server.put(
        parent(SLOT), "{'Members':[{'@odata.id':'" + SLOT + "'},{'@odata.id':'" + other + "'}]}");
    server.put(
        other,
        "{'Id':'CD2','MediaTypes':['CD'],'Inserted':false,'Actions':{"
            + "'#VirtualMedia.InsertMedia':{'target':'/insert2'}}}");
    server.on("POST " + INSERT, Reply.message(405, "Base.1.8.OperationNotAllowed"));
    server.on("POST /insert2", inserts(other));
    assertEquals("Managers/1/VirtualMedia/CD2", done(bmc.insertMedia(IMAGE)).name());
  }

  @Test
  void n54_aUserNameThatIsMissedIsGivenThoughTheServerWantsNone() {
    slotForCds();
    server.on(
        "POST " + INSERT,
        r ->
            r.json().has("UserName") && r.json().has("Password")
                ? inserts(SLOT).apply(r)
                : Reply.message(
                    400,
                    "Base.1.8.ActionParameterMissing",
                    r.json().has("UserName") ? "Password" : "UserName"));
    assertTrue(done(bmc.insertMedia(IMAGE)).inserted());
    assertFalse(server.writes().getLast().contains("TransferMethod"));
  }

  @Test
  void n55_aLimitIsNoLackOfPrivileges() {
    server.on("POST " + RESET, Reply.message(403, "Base.1.8.EventSubscriptionLimitExceeded"));
    assertEquals(Kind.BUSY, fault(bmc.power(foundrybot.redfish.PowerAction.OFF, PATIENCE)).kind());
  }

  @Test
  void n57_theThreePropertiesOfBootGoTogether() {
    server.on(
        "PATCH " + SYSTEM,
        r ->
            r.json().path("Boot").size() == 3
                ? server.usual(r)
                : Reply.message(400, "Base.1.8.PropertyMissing"));
    assertEquals(PXE_ONCE, done(bmc.setNextBoot(PXE_ONCE)));
    assertEquals(BootSetting.NONE, done(bmc.setNextBoot(BootSetting.NONE)));
  }

  @Test
  void n58_whatOnlyTheSettingsResourceAllowsIsAllowed() {
    server.merge(
        SYSTEM, "{'@Redfish.Settings':{'SettingsObject':{'@odata.id':'" + SYSTEM + "/SD'}}}");
    server.merge(SYSTEM, "{'Boot':{'BootSourceOverrideTarget@Redfish.AllowableValues':null}}");
    server.resource(SYSTEM).withObject("/Boot").putNull("BootSourceOverrideMode");
    server.put(
        SYSTEM + "/SD",
        "{'Boot':{'BootSourceOverrideTarget@Redfish.AllowableValues':['None','Pxe','UefiHttp'],"
            + "'BootSourceOverrideMode':null}}");
    assertEquals(PXE_ONCE, done(bmc.setNextBoot(PXE_ONCE)));
    assertTrue(server.writes().getFirst().startsWith("PATCH " + SYSTEM + "/SD "));
    assertEquals(foundrybot.redfish.BootDevice.HTTP, done(bmc.setNextBoot(HTTP_ONCE)).device());
  }
}
