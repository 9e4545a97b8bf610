// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.qemu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;

final class SerialLogTest {
  private static final String START = "[    0.000000] Linux version 6.1.0-50-cloud-amd64\n";
  private static final String TIMER =
      "[    0.050000] Kernel panic - not syncing: IO-APIC + timer doesn't work!  Boot with"
          + " apic=debug\n";

  @Test
  void aPanicOfTheTimerCheckIsTheEmulations() {
    Optional<String> panic = new SerialLog(START + TIMER).panicBeforeUserSpace();
    assertTrue(panic.orElse("").startsWith("IO-APIC + timer doesn't work!"), panic.toString());
  }

  @Test
  void aPanicForWantOfARootIsNot() {
    String vfs = "Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)\n";
    SerialLog log = new SerialLog(START + vfs);
    assertEquals(Optional.empty(), log.panicBeforeUserSpace());
    assertEquals(Optional.of("VFS: Unable to mount root fs on unknown-block(0,0)"), log.panic());
  }

  @Test
  void aPanicAfterTheFirstProgramStartedIsNot() {
    String started = "[    2.0] Run /init as init process\n";
    SerialLog log = new SerialLog(START + started + TIMER);
    assertEquals(Optional.empty(), log.panicBeforeUserSpace());
    assertTrue(log.panic().isPresent());
  }

  @Test
  void onlyTheLastKernelCounts() {
    assertEquals(Optional.empty(), new SerialLog(START + TIMER + START).panicBeforeUserSpace());
    String booted = START + "Run /init as init process\n";
    assertTrue(new SerialLog(booted + START + TIMER).panicBeforeUserSpace().isPresent());
  }

  @Test
  void firmwareAloneIsNoKernel() {
    SerialLog log = new SerialLog("SeaBIOS (version 1.16.2)\niPXE 1.0.0+git\n");
    assertFalse(log.kernelStarted());
    assertEquals(Optional.empty(), log.panic());
    assertTrue(new SerialLog(START).kernelStarted());
  }

  @Test
  void theTailIsWithoutTerminalControl() {
    SerialLog log = new SerialLog("one\n\u001b[1;37mtwo\u001b[0m\r\n\n\nthree\u0007\n");
    assertEquals("two\nthree", log.tail(2));
  }
}
