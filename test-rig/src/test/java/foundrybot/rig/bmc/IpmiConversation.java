// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import foundrybot.redfish.Bmc;
import foundrybot.redfish.BmcEndpoint;
import foundrybot.redfish.BmcFault;
import foundrybot.redfish.BootDevice;
import foundrybot.redfish.BootSetting;
import foundrybot.redfish.BootSetting.FirmwareMode;
import foundrybot.redfish.Credentials;
import foundrybot.redfish.Outcome;
import foundrybot.redfish.Outcome.Done;
import foundrybot.redfish.Outcome.Failed;
import foundrybot.redfish.Secret;
import foundrybot.redfish.Trust;
import foundrybot.redfish.WakeOnLan;
import foundrybot.redfish.ipmi.Ipmi;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;

/** Our console and a responder, with one time for both; looks for secrets at its end. */
abstract class IpmiConversation {
  static final UUID ID = IpmiResponderTest.ID;
  static final String PASSWORD = "grey-Lighthouse-7";
  static final IpmiUser USER =
      new IpmiUser("deployer", new Secret(PASSWORD), IpmiUser.Privilege.OPERATOR);
  static final IpmiAccess ACCESS = IpmiAccess.USUAL.withUsers(USER);
  static final BootSetting PXE_ONCE = BootSetting.once(BootDevice.PXE, FirmwareMode.UEFI);
  static final Duration PATIENCE = Duration.ofMinutes(1);
  static final Ipmi.Settings UNHURRIED = settings(List.of(17, 3), 50, 1000, true);
  static final int CHASSIS = 0x00;
  static final int STATUS = 0x01;
  static final int CONTROL = 0x02;
  static final int STORAGE = 0x0a;
  static final int SEL_ENTRY = 0x43;

  /** One time for both sides; it passes where the console waits between two looks. */
  static final class SharedTime implements InstantSource, WakeOnLan.Pause {
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");

    @Override
    public synchronized Instant instant() {
      return now;
    }

    @Override
    public synchronized void pause(Duration time) {
      now = now.plus(time);
    }
  }

  final SharedTime time = new SharedTime();
  final PoweredMachine machine = IpmiResponderTest.machine();
  private final List<AutoCloseable> open = new ArrayList<>();
  private final List<Outcome<?>> outcomes = new ArrayList<>();

  @AfterEach
  void closeAndLookForSecrets() throws Exception {
    for (AutoCloseable one : open.reversed()) {
      one.close();
    }
    outcomes.forEach(outcome -> assertFalse(outcome.toString().contains(PASSWORD)));
  }

  IpmiResponder responder(IpmiResponder.Setup setup) {
    IpmiResponder responder = IpmiResponder.start(setup.with((InstantSource) time));
    open.add(responder);
    return responder;
  }

  IpmiResponder.Setup setup() {
    return IpmiResponder.Setup.of(machine).with(ACCESS);
  }

  Bmc console(IpmiResponder responder) {
    return console(responder, USER.name(), PASSWORD, UNHURRIED);
  }

  Bmc console(IpmiResponder responder, int suite) {
    return console(responder, USER.name(), PASSWORD, only(suite));
  }

  Bmc console(IpmiResponder responder, String user, String password, Ipmi.Settings settings) {
    Bmc bmc =
        Ipmi.open(
            new BmcEndpoint(
                responder.url(),
                Optional.of(new Credentials(user, new Secret(password))),
                new Trust.Any(),
                Optional.empty()),
            settings,
            time,
            time);
    open.add(bmc);
    return bmc;
  }

  static Ipmi.Settings only(int suite) {
    return settings(List.of(suite), 50, 1000, true);
  }

  static Ipmi.Settings settings(
      List<Integer> suites, int firstMillis, int controlMillis, boolean keep) {
    return new Ipmi.Settings(
        suites,
        Duration.ofMillis(firstMillis),
        12,
        Duration.ofMillis(controlMillis),
        Duration.ZERO,
        keep);
  }

  <T> Done<T> done(Outcome<T> outcome) {
    outcomes.add(outcome);
    assertInstanceOf(Done.class, outcome, outcome::evidence);
    return (Done<T>) outcome;
  }

  BmcFault fault(Outcome<?> outcome) {
    outcomes.add(outcome);
    assertInstanceOf(Failed.class, outcome, outcome::evidence);
    return ((Failed<?>) outcome).fault();
  }

  IpmiResponder saying(int function, int command, int completion, int times, boolean carriedOut) {
    return responder(
        setup().with(IpmiFaults.NONE.saying(function, command, completion, times, carriedOut), 1));
  }
}
