// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.simulate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.appliance.lifecycle.Fact;
import java.net.Inet4Address;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What would be seen of an appliance that gives secrets away. */
final class SecretWatchTest {
  private static final String TOKEN = "0123456789abcdef0123456789abcdef";

  @TempDir Path folder;

  private final SecretWatch watch = new SecretWatch();
  private World world;
  private VirtualMachine one;
  private VirtualMachine other;

  @BeforeEach
  void madeUp() {
    world =
        new World(
            new World.Plan(GeneratedRack.of(2), folder, 1, Weather.FAIR, FullDisk.NEVER, Map.of()),
            new EventLog(_ -> {}),
            new World.Watcher() {
              @Override
              public void saw(World.Exchange exchange) {}

              @Override
              public void failed(String said) {}

              @Override
              public void acknowledged(
                  VirtualMachine machine, Inet4Address address, Duration lasts) {}

              @Override
              public void declined(VirtualMachine machine, Inet4Address address) {}
            });
    Iterator<VirtualMachine> machines = world.machines().values().iterator();
    one = machines.next();
    other = machines.next();
  }

  private void saw(VirtualMachine machine, String path, String body) {
    watch.saw(world, new World.Exchange(machine, path, 200, body.getBytes(StandardCharsets.UTF_8)));
  }

  private void deployed(VirtualMachine machine) {
    String mac = machine.node().mac().toString();
    watch.heard(world, new Fact(world.time().instant(), mac, "power.asked", "on"));
    saw(machine, "/boot/" + mac + "/bios.ipxe", "kernel http://10.77.0.1/node/" + TOKEN + "/x");
  }

  private Invariant.Violated violated(VirtualMachine machine, String path, String body) {
    return assertThrows(Invariant.Violated.class, () -> saw(machine, path, body));
  }

  private static void assertIs(Invariant invariant, String how, Invariant.Violated violated) {
    assertEquals(invariant, violated.invariant());
    assertTrue(String.valueOf(violated.getMessage()).contains(how), violated::getMessage);
  }

  @Test
  void anAnswerFileIsForItsOwnMachineAndInItsWindow() {
    assertIs(
        Invariant.SECRET_IN_WINDOW,
        "nobody has deployed it",
        violated(one, "/node/" + TOKEN + "/preseed.cfg", "d-i"));
    deployed(one);
    saw(one, "/node/" + TOKEN + "/preseed.cfg", "d-i");
    watch.heard(
        world,
        new Fact(world.time().instant(), other.node().mac().toString(), "power.asked", "on"));
    assertIs(
        Invariant.SECRET_TO_ONE,
        "preseed.cfg of " + one.node().mac(),
        violated(other, "/node/" + TOKEN + "/preseed.cfg", "d-i"));
  }

  @Test
  void aBundleIsForWhoseDiskIsFinishedWithThatTokenAndHasNotEnrolled() {
    deployed(one);
    assertIs(
        Invariant.BUNDLE_IN_TIME,
        "no disk was finished with that token",
        violated(one, "/node/" + TOKEN + "/mesh", "foundrybot-bundle=1\n"));
    saw(one, "/node/" + TOKEN + "/enroll", "enrolled\n");
    saw(one, "/node/" + TOKEN + "/enroll", "already enrolled\n");
    assertIs(
        Invariant.BUNDLE_IN_TIME,
        "that token has enrolled",
        violated(one, "/node/" + TOKEN + "/mesh", "foundrybot-bundle=1\n"));
  }

  @Test
  void anEnrollmentIsAnsweredWithNothingOfUse() {
    deployed(one);
    assertIs(
        Invariant.SECRET_TO_ONE,
        "was answered 11 characters when it enrolled",
        violated(one, "/node/" + TOKEN + "/enroll", "key=secret\n"));
  }
}
