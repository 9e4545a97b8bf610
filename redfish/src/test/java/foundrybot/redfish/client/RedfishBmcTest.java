// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.redfish.BmcEndpoint;
import foundrybot.redfish.BmcFault;
import foundrybot.redfish.BootDevice;
import foundrybot.redfish.BootSetting;
import foundrybot.redfish.BootSetting.FirmwareMode;
import foundrybot.redfish.Credentials;
import foundrybot.redfish.Outcome;
import foundrybot.redfish.Outcome.Done;
import foundrybot.redfish.Outcome.Failed;
import foundrybot.redfish.PowerAction;
import foundrybot.redfish.PowerState;
import foundrybot.redfish.Secret;
import foundrybot.redfish.Trust;
import foundrybot.redfish.client.ScriptedBmc.Reply;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The client and a BMC as it should be. */
class RedfishBmcTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final BootSetting PXE_ONCE = BootSetting.once(BootDevice.PXE, FirmwareMode.UEFI);

  private final VirtualTiming timing = new VirtualTiming();
  private ScriptedBmc server;
  private RedfishBmc bmc;

  @BeforeEach
  void start() throws IOException {
    server = ScriptedBmc.start();
    bmc = client(ScriptedBmc.PASSWORD, Optional.empty());
  }

  @AfterEach
  void stop() throws IOException {
    bmc.close();
    server.close();
  }

  private RedfishBmc client(String password, Optional<String> system) {
    return RedfishBmc.at(
        new BmcEndpoint(
            server.url(),
            Optional.of(new Credentials(ScriptedBmc.USER, new Secret(password))),
            new Trust.Any(),
            system),
        RedfishSettings.USUAL,
        timing);
  }

  static <T> T done(Outcome<T> outcome) {
    assertInstanceOf(Done.class, outcome, outcome::evidence);
    return outcome.result().orElseThrow();
  }

  static BmcFault fault(Outcome<?> outcome) {
    assertInstanceOf(Failed.class, outcome, outcome::evidence);
    return ((Failed<?>) outcome).fault();
  }

  @Test
  void aMachineIsFoundFromTheRootAndSwitched() {
    assertEquals(PowerState.ON, done(bmc.power()));
    assertEquals(PowerState.OFF, done(bmc.power(PowerAction.OFF, PATIENCE)));
    assertEquals(PowerState.ON, done(bmc.power(PowerAction.ON, PATIENCE)));
    assertEquals(
        List.of(
            "POST " + ScriptedBmc.RESET + " {'ResetType':'ForceOff'}",
            "POST " + ScriptedBmc.RESET + " {'ResetType':'On'}"),
        server.writes());
  }

  @Test
  void whatIsSoAlreadyIsNotAskedFor() {
    assertEquals(PowerState.ON, done(bmc.power(PowerAction.ON, PATIENCE)));
    assertEquals(List.of(), server.writes());
  }

  @Test
  void aCycleIsSeenOffAndThenSeenOn() {
    Outcome<PowerState> outcome = bmc.power(PowerAction.CYCLE, PATIENCE);
    assertEquals(PowerState.ON, done(outcome));
    assertEquals(2, server.writes().size(), server.writes()::toString);
    assertTrue(outcome.evidence().contains("ForceOff answered 204, On answered 204"));
  }

  @Test
  void aRestartIsToldByTheTimeOfTheLastReset() {
    server.merge(ScriptedBmc.SYSTEM, "{'LastResetTime':'long ago'}");
    Outcome<PowerState> outcome = bmc.power(PowerAction.RESET, PATIENCE);
    assertEquals(PowerState.ON, done(outcome));
    assertEquals(List.of(), ((Done<PowerState>) outcome).warnings());
  }

  @Test
  void aRestartThatLeavesNoTraceIsAFault() {
    server.merge(ScriptedBmc.SYSTEM, "{'LastResetTime':'long ago'}");
    server.on("POST " + ScriptedBmc.RESET, Reply.status(204));
    BmcFault fault = fault(bmc.power(PowerAction.RESET, PATIENCE));
    assertEquals(BmcFault.Kind.NO_EFFECT, fault.kind());
    assertTrue(fault.answered().contains("LastResetTime"), fault::evidence);
  }

  @Test
  void theNextBootIsSetAsAWholeAndReadBack() {
    Outcome<BootSetting> outcome = bmc.setNextBoot(PXE_ONCE);
    assertEquals(PXE_ONCE, done(outcome));
    assertEquals(
        List.of(
            "PATCH "
                + ScriptedBmc.SYSTEM
                + " {'Boot':{'BootSourceOverrideTarget':'Pxe','BootSourceOverrideEnabled':'Once',"
                + "'BootSourceOverrideMode':'UEFI'}}"),
        server.writes());
    assertEquals(PXE_ONCE, done(bmc.nextBoot()));
    assertEquals(BootSetting.NONE, done(bmc.setNextBoot(BootSetting.NONE)));
    assertEquals(BootSetting.NONE, done(bmc.nextBoot()));
  }

  @Test
  void aYesWithoutEffectNamesTheProperty() {
    server.on("PATCH " + ScriptedBmc.SYSTEM, Reply.status(200));
    BmcFault fault = fault(bmc.setNextBoot(PXE_ONCE));
    assertEquals(BmcFault.Kind.NO_EFFECT, fault.kind());
    assertTrue(fault.answered().contains("BootSourceOverrideTarget is None"), fault::evidence);
    server.on("POST " + ScriptedBmc.RESET, Reply.status(204));
    BmcFault power = fault(bmc.power(PowerAction.OFF, PATIENCE));
    assertEquals(BmcFault.Kind.NO_EFFECT, power.kind());
    assertTrue(power.answered().contains("PowerState is still On"), power::evidence);
  }

  @Test
  void aChangedResourceIsReadAgainBeforeItIsWritten() {
    server.withEtags();
    assertEquals(PXE_ONCE, done(bmc.setNextBoot(PXE_ONCE)));
    assertFalse(server.requests("PATCH").getFirst().header("If-Match").isEmpty());
  }

  @Test
  void theSessionIsUsedAndEnded() {
    done(bmc.power());
    done(bmc.power());
    assertEquals(1, server.openSessions());
    assertEquals(1, server.requests("POST " + ScriptedBmc.SESSIONS).size());
    bmc.close();
    assertEquals(0, server.openSessions());
  }

  @Test
  void aWrongPasswordIsSentOnce() {
    RedfishBmc stranger = client("wr0ng-password", Optional.empty());
    assertEquals(BmcFault.Kind.WRONG_PASSWORD, fault(stranger.power()).kind());
    assertEquals(
        BmcFault.Kind.WRONG_PASSWORD, fault(stranger.power(PowerAction.ON, PATIENCE)).kind());
    assertEquals(1, server.requests("POST " + ScriptedBmc.SESSIONS).size());
    assertTrue(server.requests().stream().allMatch(r -> r.header("Authorization").isEmpty()));
    stranger.close();
  }
}
