// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.redfish.BmcFault;
import foundrybot.redfish.BmcFault.Kind;
import foundrybot.redfish.MediaSlot;
import foundrybot.redfish.Outcome;
import foundrybot.redfish.client.ScriptedBmc.Reply;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Vendors that play media by actions of their own, or have them switched off as a whole. */
class OwnMediaTest extends QuirkCase {
  private static final String MANAGER = "/redfish/v1/Managers/1";
  private static final String TASK = "/redfish/v1/TaskService/Tasks/1";

  // Huawei, xFusion, H3C: VmmControl

  private static String vmm(String maker) {
    return SLOT + "/Oem/" + maker + "/Actions/VirtualMedia.VmmControl";
  }

  /** A CD and a stick, neither with the standard action; a change is a task. */
  private void vmmSlots(String manufacturer, String maker) {
    vendor(manufacturer);
    String stick = parent(SLOT) + "/USBStick";
    server.merge(MANAGER, "{'VirtualMedia':{'@odata.id':'" + parent(SLOT) + "'}}");
    server.put(
        parent(SLOT), "{'Members':[{'@odata.id':'" + stick + "'},{'@odata.id':'" + SLOT + "'}]}");
    server.put(stick, "{'Id':'USBStick','MediaTypes':['USBStick'],'Actions':{}}");
    server.put(
        SLOT,
        "{'Id':'CD','Name':'VirtualMedia','MediaTypes':['CD'],'Image':null,'Inserted':false,"
            + "'ConnectedVia':'NotConnected','Actions':{},'Oem':{'"
            + maker
            + "':{'Actions':{'#VirtualMedia.VmmControl':{'target':'"
            + vmm(maker)
            + "'}}}}}");
    server.put(TASK, "{'Id':'1','TaskState':'Completed','TaskStatus':'OK'}");
    server.on(
        "POST " + vmm(maker),
        r -> {
          if (r.json().path("VmmControlType").asString("").equals("Disconnect")) {
            empty(SLOT);
            return Reply.json(200, "{}");
          }
          server.merge(SLOT, "{'ConnectedVia':'URI'}");
          assertEquals(204, inserts(SLOT).apply(r).status());
          return started();
        });
  }

  private static Reply started() {
    return Reply.json(202, "{'@odata.id':'" + TASK + "','Id':'1','TaskState':'Running'}");
  }

  @ParameterizedTest
  @CsvSource({"Huawei,Huawei", "xFusion,xFusion", "New H3C Technologies,Public"})
  void n103_aCdIsPlayedByTheActionOfItsMaker(String manufacturer, String maker) {
    vmmSlots(manufacturer, maker);
    MediaSlot slot = done(bmc.insertMedia(IMAGE));
    assertEquals(new MediaSlot(slot.name(), List.of("CD"), true, IMAGE.toString()), slot);
    assertEquals("Managers/1/VirtualMedia/CD1", slot.name());
    assertFalse(done(bmc.ejectMedia()).getFirst().inserted());
    assertEquals(
        List.of(
            "POST " + vmm(maker) + " {'Image':'" + IMAGE + "','VmmControlType':'Connect'}",
            "POST " + vmm(maker) + " {'VmmControlType':'Disconnect'}"),
        server.writes());
  }

  @Test
  void n103_whatIsInTheSlotIsTakenOutFirst() {
    vmmSlots("Huawei", "Huawei");
    server.merge(SLOT, "{'Inserted':true,'ConnectedVia':'URI','Image':'nfs://10.0.0.9/old.iso'}");
    assertTrue(done(bmc.insertMedia(IMAGE)).inserted());
    assertEquals(
        List.of("Disconnect", "Connect"),
        server.requests("POST " + vmm("Huawei")).stream()
            .map(r -> r.json().path("VmmControlType").asString())
            .toList());
  }

  @Test
  void n103_whoHasTheStandardActionIsAskedByIt() {
    vmmSlots("Huawei", "Huawei");
    server.merge(SLOT, "{'Actions':{'#VirtualMedia.InsertMedia':{'target':'" + INSERT + "'}}}");
    server.on("POST " + INSERT, inserts(SLOT));
    server.merge(SLOT, "{'ConnectedVia':'URI'}");
    assertTrue(done(bmc.insertMedia(IMAGE)).inserted());
    assertEquals(List.of("POST " + INSERT + " {'Image':'" + IMAGE + "'}"), server.writes());
  }

  /** Some of xFusion's boards have both, and of the standard one the task fails. */
  @Test
  void n103_whereTheStandardActionFailsTheMakersIsTried() {
    vmmSlots("xFusion", "xFusion");
    server.merge(SLOT, "{'Actions':{'#VirtualMedia.InsertMedia':{'target':'" + INSERT + "'}}}");
    server.on("POST " + INSERT, Reply.message(400, "iBMC.1.0.ConnectionFailed"));
    assertTrue(done(bmc.insertMedia(IMAGE)).inserted());
    assertTrue(server.writes().getLast().startsWith("POST " + vmm("xFusion")));
  }

  @Test
  void n103_aProtocolThatItDoesNotPlayIsNamedAsTheReason() {
    vmmSlots("Huawei", "Huawei");
    server.on("POST " + vmm("Huawei"), Reply.message(400, "iBMC.1.0.FileTransferProtocolMismatch"));
    BmcFault fault = fault(bmc.insertMedia(IMAGE));
    assertEquals(Kind.REFUSED, fault.kind());
    assertTrue(fault.advice().contains("HTTPS"), fault::advice);
  }

  private static final String FAILED =
      "{'Id':'1','TaskState':'Exception','TaskStatus':'Warning',"
          + "'Messages':{'MessageId':'iBMC.1.0.ConnectionFailed','Message':'Please try again.'}}";

  @Test
  void n104_aConnectionThatFailedIsTriedAgain() {
    vmmSlots("Huawei", "Huawei");
    server.first("GET " + TASK, Reply.json(200, FAILED));
    assertTrue(done(bmc.insertMedia(IMAGE)).inserted());
    assertEquals(2, server.requests("POST " + vmm("Huawei")).size());
  }

  @Test
  void n104_butNotForEver() {
    vmmSlots("Huawei", "Huawei");
    server.on("GET " + TASK, Reply.json(200, FAILED));
    assertTrue(fault(bmc.insertMedia(IMAGE)).answered().contains("ConnectionFailed"));
    assertEquals(3, server.requests("POST " + vmm("Huawei")).size());
  }

  @Test
  void n105_aTaskThatIsMountingIsNotOverAndOneThatHasMountedIs() {
    vmmSlots("H3C", "Public");
    server.on(
        "GET " + TASK,
        Reply.json(200, "{'TaskState':'Mounting'}"),
        Reply.json(200, "{'TaskState':'Mounting'}"),
        Reply.json(200, "{'TaskState':'Mounted'}"));
    assertTrue(done(bmc.insertMedia(IMAGE)).inserted());
    assertEquals(3, server.requests("GET " + TASK).size());
  }

  // Supermicro's X10 and early X11: IsoConfig

  private static final String VM1 = MANAGER + "/VM1";
  private static final String CONFIG = VM1 + "/CfgCD";
  private static final String MOUNT = CONFIG + "/Actions/IsoConfig.Mount";
  private static final String UNMOUNT = CONFIG + "/Actions/IsoConfig.UnMount";

  /** No slot as long as nothing is mounted. */
  private void isoConfig() {
    vendor("Supermicro");
    server.merge(MANAGER, "{'VirtualMedia':{'@odata.id':'" + VM1 + "'}}");
    server.put(
        VM1,
        "{'Members':[],'Members@odata.count':0,'Oem':{'Supermicro':{'VirtualMediaConfig':"
            + "{'@odata.id':'"
            + CONFIG
            + "'}}}}");
    server.put(
        CONFIG,
        "{'Id':'1','Name':'VM1','Host':'','Path':'','Username':'','Password':'********',"
            + "'Actions':{'#IsoConfig.Mount':{'target':'"
            + MOUNT
            + "'},'#IsoConfig.UnMount':{'target':'"
            + UNMOUNT
            + "'}}}");
    server.put(
        VM1 + "/CD1",
        "{'Id':'CD1','Name':'Virtual Removable Media','MediaTypes':['CD','DVD'],"
            + "'ImageName':'boot.iso','Inserted':true,'WriteProtected':true,'ConnectedVia':'URI'}");
    server.on("POST " + MOUNT, r -> mounted("[{'@odata.id':'" + VM1 + "/CD1'}]"));
    server.on("POST " + UNMOUNT, r -> mounted("[]"));
  }

  private Reply mounted(String members) {
    server.merge(VM1, "{'Members':" + members + "}");
    return Reply.json(200, "{'Success':{'code':'Base.1.0.0.Success'}}");
  }

  @Test
  void n107_anImageIsConfiguredAndThenMounted() {
    isoConfig();
    assertTrue(done(bmc.insertMedia(IMAGE)).inserted());
    assertTrue(done(bmc.media()).getFirst().inserted());
    assertFalse(done(bmc.ejectMedia()).getFirst().inserted());
    assertEquals(
        List.of(
            "PATCH " + CONFIG + " {'Host':'https://10.77.0.1','Path':'/media/n1/boot.iso'}",
            "POST " + MOUNT + " {}",
            "POST " + UNMOUNT + " {}"),
        server.writes());
  }

  @Test
  void n107_aMountThatShowsNothingIsNone() {
    isoConfig();
    server.on("POST " + MOUNT, r -> mounted("[]"));
    assertEquals(Kind.NO_EFFECT, fault(bmc.insertMedia(IMAGE)).kind());
  }

  @Test
  void n107_aSettingThatIsRefusedIsTheReason() {
    isoConfig();
    server.on("PATCH " + CONFIG, Reply.message(400, "Base.1.0.PropertyValueFormatError", "Host"));
    assertTrue(fault(bmc.insertMedia(IMAGE)).answered().contains("PropertyValueFormatError"));
    assertEquals(1, server.writes().size());
  }

  @Test
  void n107_aNewerBoardThatStillHasTheConfigurationIsAskedByTheStandard() {
    isoConfig();
    server.merge(VM1, "{'Members':[{'@odata.id':'" + SLOT + "'}]}");
    server.put(
        SLOT,
        "{'Id':'CD1','MediaTypes':['CD'],'Inserted':false,'Actions':{"
            + "'#VirtualMedia.InsertMedia':{'target':'"
            + INSERT
            + "'}}}");
    server.on("POST " + INSERT, inserts(SLOT));
    assertTrue(done(bmc.insertMedia(IMAGE)).inserted());
    assertEquals(List.of("POST " + INSERT + " {'Image':'" + IMAGE + "'}"), server.writes());
  }

  // AMI's MegaRAC: switched off as a whole

  private static final String ENABLE = MANAGER + "/Actions/Oem/AMIVirtualMedia.EnableRMedia";

  private void megaracWithMediaOff() {
    slotForCds();
    server.merge(parent(SLOT), "{'Members':[]}");
    server.merge(
        MANAGER,
        "{'Oem':{'Ami':{'VirtualMedia':{'RMediaStatus':'Disabled'}}},'Actions':{'Oem':{"
            + "'#AMIVirtualMedia.EnableRMedia':{'target':'"
            + ENABLE
            + "'}}}}");
    server.on(
        "POST " + ENABLE,
        r -> {
          server.merge(MANAGER, "{'Oem':{'Ami':{'VirtualMedia':{'RMediaStatus':'Enabled'}}}}");
          return Reply.message(200, "Base.1.12.Success");
        });
  }

  @Test
  void n108_mediaThatAreOffAsAWholeAreSwitchedOnAndThatIsSaid() {
    megaracWithMediaOff();
    // The slots come some seconds later.
    server.first(
        "GET " + parent(SLOT),
        Reply.json(200, "{'Members':[]}"),
        Reply.json(200, "{'Members':[{'@odata.id':'" + SLOT + "'}]}"));
    server.merge(parent(SLOT), "{'Members':[{'@odata.id':'" + SLOT + "'}]}");
    Outcome<MediaSlot> outcome = bmc.insertMedia(IMAGE);
    assertTrue(done(outcome).inserted());
    assertTrue(warnings(outcome).toString().contains("switched off"), () -> "" + outcome);
    assertEquals("POST " + ENABLE + " {'RMediaState':'Enable'}", server.writes().getFirst());
  }

  @Test
  void n108_alsoWhereOnlyTheMissingSlotsSayThatTheyAreOff() {
    megaracWithMediaOff();
    server.merge(MANAGER, "{'Oem':null}");
    server.first(
        "GET " + parent(SLOT),
        Reply.json(200, "{'Members':[]}"),
        Reply.json(200, "{'Members':[{'@odata.id':'" + SLOT + "'}]}"));
    server.merge(parent(SLOT), "{'Members':[{'@odata.id':'" + SLOT + "'}]}");
    server.on("POST " + ENABLE, Reply.status(204));
    assertTrue(done(bmc.insertMedia(IMAGE)).inserted());
    assertEquals(1, server.requests("POST " + ENABLE).size());
    assertTrue(done(bmc.insertMedia(IMAGE)).inserted());
    assertEquals(1, server.requests("POST " + ENABLE).size(), "they are on now");
  }

  @Test
  void n108_whoeverHasThemOnIsLeftAlone() {
    megaracWithMediaOff();
    server.merge(MANAGER, "{'Oem':{'Ami':{'VirtualMedia':{'RMediaStatus':'Enabled'}}}}");
    server.merge(parent(SLOT), "{'Members':[{'@odata.id':'" + SLOT + "'}]}");
    assertEquals(List.of(), warnings(bmc.insertMedia(IMAGE)));
    assertEquals(0, server.requests("POST " + ENABLE).size());
  }

  @Test
  void n108_aRefusalToSwitchThemOnIsTheReason() {
    megaracWithMediaOff();
    server.on("POST " + ENABLE, Reply.message(403, "Base.1.12.InsufficientPrivilege"));
    assertEquals(Kind.NO_PRIVILEGE, fault(bmc.insertMedia(IMAGE)).kind());
  }

  @Test
  void n108_lookingSwitchesNothing() {
    megaracWithMediaOff();
    assertEquals(List.of(), done(bmc.media()));
    assertEquals(List.of(), server.writes());
  }
}
