// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.power;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.answerfiles.Mac;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BmcLocksTest {
  private static final String BMC = "10.0.0.11:443";
  private static final Duration GAP = Duration.ofMillis(250);

  @TempDir private Path data = Path.of("");

  private final AtomicReference<Instant> now = new AtomicReference<>(Instant.now());
  private final InstantSource clock = now::get;

  private BmcLocks locks() {
    return BmcLocks.in(data, GAP, clock);
  }

  private BmcLocks.Held held(BmcLocks locks, String bmc) {
    return assertInstanceOf(BmcLocks.Held.class, locks.take(bmc, "power off w1"));
  }

  private String busy(BmcLocks locks) {
    return assertInstanceOf(BmcLocks.Busy.class, locks.take(BMC, "power on w1")).with();
  }

  private void rest() {
    now.updateAndGet(at -> at.plus(GAP));
  }

  @Test
  void whoComesSecondIsToldWhatTheBmcIsBusyWithUntilThatEnds() {
    BmcLocks mine = locks();
    BmcLocks other = locks();
    try (BmcLocks.Held _ = held(mine, BMC)) {
      String with = busy(other);
      assertTrue(with.startsWith("'power off w1' of process "), with);
      assertEquals(with, busy(mine), "nor twice by oneself");
      held(other, "10.0.0.12").close();
    }
    rest();
    held(other, BMC).close();
  }

  @Test
  void behindACommandTheBmcHasItsGap() {
    BmcLocks locks = locks();
    held(locks, BMC).close();
    assertEquals(BmcLocks.RESTING, busy(locks));
    rest();
    held(locks, BMC).close();
  }

  @Test
  void anotherProcessIsKeptAwayAndFreesTheBmcHoweverItEnds() throws Exception {
    for (boolean killed : List.of(false, true)) {
      Process other = holder();
      try {
        String with = busy(locks());
        assertTrue(with.startsWith("'power cycle w1' of process " + other.pid()), with);
        assertEquals(with, busy(locks()), "looking does not free it");
        if (killed) {
          other.destroyForcibly();
        } else {
          other.getOutputStream().close();
        }
        assertTrue(other.waitFor(20, TimeUnit.SECONDS));
      } finally {
        other.destroyForcibly();
      }
      now.set(Instant.now().plus(GAP));
      held(locks(), BMC).close();
      rest();
    }
  }

  /** A process that has it, until its input ends. */
  private Process holder() throws IOException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Holder.class.getName(),
                data.toString())
            .redirectErrorStream(true)
            .start();
    BufferedReader said =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    assertEquals("held", said.readLine());
    return process;
  }

  /** Another program. */
  static final class Holder {
    private Holder() {}

    public static void main(String[] arguments) throws Exception {
      BmcLocks locks = BmcLocks.in(Path.of(arguments[0]));
      BmcLocks.Answer answer = locks.take(BMC, "power cycle w1");
      while (answer instanceof BmcLocks.Busy) {
        Thread.sleep(50);
        answer = locks.take(BMC, "power cycle w1");
      }
      try (BmcLocks.Held _ = (BmcLocks.Held) answer) {
        System.out.println("held");
        System.in.readAllBytes();
      }
    }
  }

  @Test
  void theFilesAreTheOwnersAloneAndNothingOfAnAddressIsInTheirNames() throws Exception {
    held(locks(), "../../etc/passwd").close();
    Path folder = data.resolve("bmc-locks");
    assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)));
    try (var files = Files.list(folder)) {
      Path file = files.findFirst().orElseThrow();
      assertTrue(file.getFileName().toString().matches("[0-9a-f]{32}\\.lock"), file::toString);
      assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    }
  }

  @Test
  void whereNoFileCanBeHadNobodyIsKeptWaitingAndTheReasonIsTold() throws Exception {
    Files.writeString(data.resolve("bmc-locks"), "a file in the place of the folder");
    try (BmcLocks.Held held = held(locks(), BMC)) {
      String why = held.problem().orElseThrow();
      assertTrue(why.contains("bmc-locks: cannot be written"), why);
    }
    assertFalse(held(BmcLocks.none(), BMC).problem().isPresent());
  }

  @Test
  void machinesOfOneChassisShareABmcAndMagicPacketsDoNot() {
    Mac one = Mac.parse("52:54:00:aa:00:01").orElseThrow();
    Mac two = Mac.parse("52:54:00:aa:00:02").orElseThrow();
    Optional<URI> chassis = Optional.of(URI.create("https://10.0.0.11"));
    assertEquals(BmcLocks.bmc(chassis, one), BmcLocks.bmc(chassis, two));
    Optional<URI> wol = Optional.of(URI.create("wol://255.255.255.255"));
    assertFalse(BmcLocks.bmc(wol, one).equals(BmcLocks.bmc(wol, two)));
    assertFalse(BmcLocks.bmc(Optional.empty(), one).equals(BmcLocks.bmc(wol, two)));
  }
}
