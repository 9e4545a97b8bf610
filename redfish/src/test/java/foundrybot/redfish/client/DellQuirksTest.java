// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.redfish.BootDevice;
import foundrybot.redfish.BootSetting;
import foundrybot.redfish.BootSetting.FirmwareMode;
import foundrybot.redfish.BootSetting.Lasting;
import foundrybot.redfish.MediaSlot;
import foundrybot.redfish.Outcome;
import foundrybot.redfish.PowerAction;
import foundrybot.redfish.PowerState;
import foundrybot.redfish.client.ScriptedBmc.Reply;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DellQuirksTest extends QuirkCase {
  private static final String SETTINGS = SYSTEM + "/Settings";

  @BeforeEach
  void madeByDell() {
    vendor("Dell Inc.");
  }

  @Test
  void n1_aConflictWhereTheStateIsAsWantedIsSuccess() {
    server.merge(SYSTEM, "{'PowerState':'Off'}");
    server.on(
        "POST " + RESET,
        request -> {
          // Somebody at the button was faster.
          server.merge(SYSTEM, "{'PowerState':'On'}");
          return Reply.message(409, "IDRAC.2.8.PSU501");
        });
    assertEquals(PowerState.ON, done(bmc.power(PowerAction.ON, PATIENCE)));
    assertEquals(1, server.writes().size());
  }

  @Test
  void n2_aConflictShortlyAfterOffIsTriedAgainEveryFiveSeconds() {
    server.merge(SYSTEM, "{'PowerState':'Off'}");
    Reply conflict = Reply.message(409, "Base.1.12.ActionParameterValueConflict", "ResetType");
    server.first("POST " + RESET, conflict, conflict, conflict);
    assertEquals(PowerState.ON, done(bmc.power(PowerAction.ON, PATIENCE)));
    assertEquals(4, server.writes().size());
    assertEquals(3, timing.sleeps().stream().filter(Duration.ofSeconds(5)::equals).count());
  }

  @Test
  void n3_anActionIsPostedWithoutIfMatch() {
    server.withEtags();
    server.on(
        "POST " + RESET,
        request ->
            request.headers().containsKey("if-match")
                ? Reply.status(412)
                : server.reset(request.json().path("ResetType").asString()));
    assertEquals(PowerState.OFF, done(bmc.power(PowerAction.OFF, PATIENCE)));
  }

  /** As iDRAC10 has it. */
  private void boot10() {
    server.withEtags();
    server.merge(
        SYSTEM, "{'@Redfish.Settings':{'SettingsObject':{'@odata.id':'" + SETTINGS + "'}}}");
    server.merge(SYSTEM, "{'Boot':{'BootSourceOverrideTarget@Redfish.AllowableValues':null}}");
    server.put(
        SETTINGS,
        "{'Id':'Settings','Boot':{'BootSourceOverrideTarget':'None',"
            + "'BootSourceOverrideEnabled':'Disabled','BootSourceOverrideMode':'UEFI',"
            + "'BootSourceOverrideTarget@Redfish.AllowableValues':['None','Pxe']}}");
    server.on("PATCH " + SYSTEM, notWritable("Boot"));
  }

  @Test
  void n4_aReadOnlyBootIsWrittenInTheSettingsResourceWithThatOnesEtag() {
    boot10();
    assertEquals(PXE_ONCE, done(bmc.setNextBoot(PXE_ONCE)));
    assertEquals(1, server.requests("PATCH " + SETTINGS).size());
    assertEquals(0, server.requests("PATCH " + SYSTEM + " ").size());
  }

  @Test
  void n4_whereTheSettingsResourceSaysNoTheSystemIsTried() {
    server.merge(
        SYSTEM, "{'@Redfish.Settings':{'SettingsObject':{'@odata.id':'" + SETTINGS + "'}}}");
    server.merge(SYSTEM, "{'Boot':{'BootSourceOverrideTarget@Redfish.AllowableValues':null}}");
    server.put(SETTINGS, "{'Boot':{'BootSourceOverrideTarget':'None'}}");
    server.on("PATCH " + SETTINGS, notWritable("Boot"));
    assertEquals(PXE_ONCE, done(bmc.setNextBoot(PXE_ONCE)));
  }

  @Test
  void n6_aUrlThatIsNoPropertyIsWrittenAsAnAttributeOfTheSetup() {
    server.merge(SYSTEM, "{'Boot':{'HttpBootUri':null}}");
    server.resource(SYSTEM).withObject("/Boot").remove("HttpBootUri");
    setup();
    Outcome<BootSetting> outcome = bmc.setNextBoot(HTTP_ONCE);
    assertEquals(BootDevice.HTTP, done(outcome).device());
    assertEquals(
        "http://10.77.0.1/boot.efi",
        server.resource(SYSTEM + "/Bios/Settings").at("/Attributes/HttpDev1Uri").asString());
    assertTrue(warnings(outcome).toString().contains("HttpDev1Uri"), outcome::toString);
  }

  @Test
  void n6_aUrlThatIsRefusedAsUnknownIsLeftToDhcp() {
    server.on(
        "PATCH " + SYSTEM,
        request ->
            request.body().contains("HttpBootUri")
                ? Reply.message(400, "Base.1.8.PropertyUnknown", "HttpBootUri")
                : server.usual(request));
    Outcome<BootSetting> outcome = bmc.setNextBoot(HTTP_ONCE);
    assertEquals(BootDevice.HTTP, done(outcome).device());
    assertTrue(warnings(outcome).toString().contains("DHCP"), outcome::toString);
  }

  private void setup() {
    server.merge(SYSTEM, "{'Bios':{'@odata.id':'" + SYSTEM + "/Bios'}}");
    server.put(
        SYSTEM + "/Bios",
        "{'Attributes':{'HttpDev1Uri':'','HttpDev1EnDis':'Disabled'},'@Redfish.Settings':{"
            + "'SettingsObject':{'@odata.id':'"
            + SYSTEM
            + "/Bios/Settings'},'SupportedApplyTimes':['OnReset']}}");
    server.put(SYSTEM + "/Bios/Settings", "{'Attributes':{}}");
  }

  @Test
  void n7_aFailedPatchThatDidItsPartIsSeenAsDone() {
    server.on(
        "PATCH " + SYSTEM,
        request -> {
          server.usual(request);
          return Reply.message(400, "Base.1.2.GeneralError");
        });
    Outcome<BootSetting> outcome = bmc.setNextBoot(PXE_ONCE);
    assertEquals(PXE_ONCE, done(outcome));
    assertTrue(outcome.evidence().contains("an error, but did it"), outcome::evidence);
  }

  @Test
  void n8_aModeThatShowsAfterTheRestartIsNotAFault() {
    server.merge(SYSTEM, "{'Boot':{'BootSourceOverrideMode':'Legacy'}}");
    server.on(
        "PATCH " + SYSTEM,
        request -> {
          Reply reply = server.usual(request);
          server.merge(SYSTEM, "{'Boot':{'BootSourceOverrideMode':'Legacy'}}");
          return reply;
        });
    Outcome<BootSetting> outcome = bmc.setNextBoot(PXE_ONCE);
    assertEquals(FirmwareMode.LEGACY, done(outcome).mode());
    assertTrue(warnings(outcome).toString().contains("after a restart"), outcome::toString);
  }

  @Test
  void n4_aSystemThatSaysWhatItAllowsIsWrittenItselfThoughItHasSettings() {
    server.merge(
        SYSTEM, "{'@Redfish.Settings':{'SettingsObject':{'@odata.id':'" + SETTINGS + "'}}}");
    server.put(
        SETTINGS,
        "{'Boot':{'BootSourceOverrideTarget':'None','BootSourceOverrideEnabled':'Disabled'}}");
    assertEquals(PXE_ONCE, done(bmc.setNextBoot(PXE_ONCE)));
    assertEquals(0, server.requests("PATCH " + SETTINGS).size());
  }

  @Test
  void n4_whereAllOfBootIsReadOnlyTheModeGoesAlongToTheSettings() {
    server.merge(
        SYSTEM, "{'@Redfish.Settings':{'SettingsObject':{'@odata.id':'" + SETTINGS + "'}}}");
    server.put(
        SETTINGS,
        "{'Boot':{'BootSourceOverrideTarget':'None','BootSourceOverrideEnabled':'Disabled',"
            + "'BootSourceOverrideMode':'Legacy'}}");
    server.merge(SYSTEM, "{'Boot':{'BootSourceOverrideMode':'Legacy'}}");
    server.on(
        "PATCH " + SYSTEM,
        Reply.json(
            400,
            "{'error':{'@Message.ExtendedInfo':["
                + "{'MessageId':'Base.1.18.PropertyNotWritable',"
                + "'MessageArgs':['BootSourceOverrideMode']},"
                + "{'MessageId':'Base.1.18.PropertyNotWritable',"
                + "'MessageArgs':['BootSourceOverrideTarget']}]}}"));
    assertEquals(FirmwareMode.UEFI, done(bmc.setNextBoot(PXE_ONCE)).mode());
    assertEquals("UEFI", server.resource(SETTINGS).at("/Boot/BootSourceOverrideMode").asString());
  }

  @Test
  void n4_anOverrideThatWaitsInTheSettingsIsTakenAwayThere() {
    boot10();
    done(bmc.setNextBoot(PXE_ONCE));
    assertEquals(BootSetting.NONE, done(bmc.setNextBoot(BootSetting.NONE)));
    assertEquals(
        "Disabled", server.resource(SETTINGS).at("/Boot/BootSourceOverrideEnabled").asString());
  }

  @Test
  void n102_aTimeOfTheLastResetThatIsNoneProvesNothing() {
    server.merge(SYSTEM, "{'LastResetTime':'0000-00-00T00:00:00+00:00'}");
    server.on("POST " + RESET, Reply.status(204));
    Outcome<PowerState> outcome = bmc.power(PowerAction.RESET, PATIENCE);
    assertEquals(PowerState.ON, done(outcome));
    assertTrue(warnings(outcome).toString().contains("shows nothing"), outcome::toString);
  }

  @Test
  void n89_aModeThatIsSetAlreadyIsNotWrittenAgain() {
    assertEquals(PXE_ONCE, done(bmc.setNextBoot(PXE_ONCE)));
    assertEquals(BootSetting.NONE, done(bmc.setNextBoot(BootSetting.NONE)));
    assertEquals(2, server.writes().size());
    assertFalse(server.writes().toString().contains("Mode"), server.writes()::toString);
  }

  @Test
  void n89_oneThatIsAnotherIs() {
    server.merge(SYSTEM, "{'Boot':{'BootSourceOverrideMode':'Legacy'}}");
    assertEquals(PXE_ONCE, done(bmc.setNextBoot(PXE_ONCE)));
    assertTrue(server.writes().getFirst().contains("'UEFI'"), server.writes()::toString);
  }

  @Test
  void n9_httpBootIsSetForOneBootOnly() {
    BootSetting always =
        new BootSetting(BootDevice.HTTP, HTTP_ONCE.url(), Lasting.ALWAYS, FirmwareMode.UEFI);
    Outcome<BootSetting> outcome = bmc.setNextBoot(always);
    assertEquals(HTTP_ONCE, done(outcome));
    assertTrue(warnings(outcome).toString().contains("one boot only"), outcome::toString);
    assertTrue(server.writes().stream().noneMatch(w -> w.contains("Continuous")));
  }

  @Test
  void n10_aSlotThatShowsTheImageAlreadyIsEjectedAndFilledAgain() {
    slotForCds();
    server.merge(SLOT, "{'Inserted':true,'Image':'" + IMAGE + "'}");
    server.on(
        "POST " + EJECT,
        request -> {
          timing.in(Duration.ofSeconds(5), () -> empty(SLOT));
          return Reply.status(204);
        });
    assertTrue(done(bmc.insertMedia(IMAGE)).inserted());
    assertEquals(1, server.requests("POST " + EJECT).size());
    assertEquals(1, server.requests("POST " + INSERT).size());
  }

  @Test
  void n12_slotsAreFoundAtTheSystemToo() {
    slotForCds();
    server.put(parent(SLOT), "{'Members':[]}");
    String slot = SYSTEM + "/VirtualMedia/1";
    server.merge(SYSTEM, "{'VirtualMedia':{'@odata.id':'" + parent(slot) + "'}}");
    server.put(
        parent(slot),
        "{'Members':[{'@odata.id':'" + slot + "'},{'@odata.id':'" + parent(slot) + "/2'}]}");
    for (String each : List.of(slot, parent(slot) + "/2")) {
      server.put(
          each,
          "{'Id':'1','MediaTypes':['CD'],'Inserted':false,'Actions':{"
              + "'#VirtualMedia.InsertMedia':{'target':'"
              + each
              + "/Insert'}}}");
      server.on("POST " + each + "/Insert", inserts(each));
    }
    MediaSlot inserted = done(bmc.insertMedia(IMAGE));
    assertEquals("Systems/1/VirtualMedia/1", inserted.name());
    assertEquals(2, done(bmc.media()).size());
  }

  @ParameterizedTest
  @ValueSource(strings = {"IDRAC.2.8.SYS518", "IDRAC.1.6.SWC0700"})
  void n13_notReadyIsAskedAgainAfterTwentySeconds(String message) {
    Reply notReady = Reply.message(400, message);
    server.first("GET " + SYSTEM, notReady, notReady.in(ScriptedBmc.Manner.WHOLE));
    server.first("POST " + RESET, Reply.message(500, message));
    assertEquals(PowerState.OFF, done(bmc.power(PowerAction.OFF, PATIENCE)));
    assertEquals(3, timing.sleeps().stream().filter(Duration.ofSeconds(20)::equals).count());
  }

  @Test
  void n14_aJobThatIsNotFoundAtFirstIsLookedForAgain() {
    String job = "/redfish/v1/TaskService/Tasks/JID_1";
    server.on("PATCH " + SYSTEM, request -> accepted(server.usual(request), job));
    server.on(
        "GET " + job,
        Reply.status(404),
        Reply.status(404),
        Reply.status(404),
        Reply.status(404),
        Reply.json(200, "{'TaskState':'Running'}"),
        Reply.json(200, "{'TaskState':'Completed','TaskStatus':'OK'}"));
    assertEquals(PXE_ONCE, done(bmc.setNextBoot(PXE_ONCE)));
    assertEquals(
        6, server.requests("GET " + job).stream().filter(r -> r.path().equals(job)).count());
  }

  @Test
  void n100_aJobThatNeverGetsBeyondItsStartIsReadInTheResource() {
    String job = "/redfish/v1/TaskService/Tasks/JID_2";
    server.on("PATCH " + SYSTEM, request -> accepted(server.usual(request), job));
    server.on("GET " + job, Reply.json(200, "{'TaskState':'Starting','PercentComplete':0}"));
    assertEquals(PXE_ONCE, done(bmc.setNextBoot(PXE_ONCE)));
    assertTrue(timing.passed().compareTo(Duration.ofSeconds(45)) < 0, timing.passed()::toString);
  }

  @Test
  void n100_norIsAChangeWaitedForWhoseMonitorIsNeverOver() {
    String monitor = "/redfish/v1/TaskService/TaskMonitors/1";
    server.on("PATCH " + SYSTEM, request -> accepted(server.usual(request), monitor));
    server.on("GET " + monitor, Reply.status(202));
    assertEquals(PXE_ONCE, done(bmc.setNextBoot(PXE_ONCE)));
    assertTrue(timing.passed().compareTo(Duration.ofSeconds(75)) < 0, timing.passed()::toString);
  }

  private static Reply accepted(Reply done, String job) {
    assertEquals(200, done.status());
    return Reply.status(202).header("Location", job);
  }
}
