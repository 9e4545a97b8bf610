// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.lifecycle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.answerfiles.Mac;
import foundrybot.answerfiles.Profile;
import foundrybot.appliance.lifecycle.InstallSteps.Installer;
import foundrybot.appliance.lifecycle.InstallSteps.Reached;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Lines as installers write them, and what is made of their order. */
class InstallStepsTest {
  private static final Instant START = Instant.parse("2026-11-24T10:00:00Z");
  private static final Mac W1 = Mac.parse("52:54:00:aa:00:01").orElseThrow();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "DEBIAN | main-menu: INFO: Menu item 'partman-base' selected | 8",
        "DEBIAN | debootstrap: Good signature from \"Debian Archive Automatic Signing Key\" | 13",
        "DEBIAN | debootstrap: I: Retrieving libc6 2.36-9+deb12u10 | 13",
        "DEBIAN | debootstrap: Unpacking base-files (12.4+deb12u10) ... | 24",
        "DEBIAN | debootstrap: I: Unpacking libc6:amd64... | 24",
        "DEBIAN | debootstrap: Setting up libc-bin (2.36-9+deb12u10) ... | 32",
        "DEBIAN | debootstrap: I: Configuring libc6:amd64... | 32",
        "DEBIAN | main-menu: INFO: Menu item 'pkgsel' selected | 55",
        "DEBIAN | main-menu: INFO: Menu item 'finish-install' selected | 92",
        "DEBIAN | report.step partitioning | 9",
        "ANACONDA | anaconda: anaconda: installation: Queue started: Early storage configuration"
            + " (2/12) | 5",
        "ANACONDA | anaconda: anaconda: installation_tasks: Downloading 412 RPMs,"
            + " 152.1 MiB / 304.2 MiB (50%) done. | 24",
        "ANACONDA | anaconda: anaconda: installation_tasks: Installing bash.x86_64 (103/412) | 49",
        "ANACONDA | anaconda: anaconda: installation: Queue started: Initramfs generation (9/12)"
            + " | 88",
        "SUBIQUITY | curtin_event.1584.7: start: cmd-install/stage-extract/builtin/cmd-extract:"
            + " acquiring and extracting image from cp:///tmp/x/mount | 9",
        "SUBIQUITY | subiquity_event.1584: start: subiquity/Install/install/curtin_install/"
            + "run_curtin_step/cmd-install/stage-curthooks/builtin/cmd-curthooks/"
            + "installing-kernel: installing kernel | 42",
        "SUBIQUITY | subiquity_event.1584:   start: subiquity/Install/install/postinstall/"
            + "install_openssh-server: installing openssh-server | 70",
        "CAST | report.progress detail=500 of 1000 bytes bytes=500 total=1000 | 46",
        "CAST | report.step image-written | 88",
        "OTHER | report.step partitioned | 10",
      })
  void aKnownLineTellsHowFarItsInstallerIs(Installer installer, String line, int percent) {
    Optional<Reached> reached = InstallSteps.of(installer, line);
    assertEquals(Optional.of(percent), reached.map(Reached::percent), line);
    assertTrue(reached.orElseThrow().step().length() > 5, line);
  }

  @ParameterizedTest
  @EnumSource
  void whatNoRowKnowsTellsNothing(Installer installer) {
    for (String line :
        List.of(
            "",
            "kernel: [ 1.0] usb 1-1: new device",
            "main-menu: INFO: Menu item 'save-logs' selected",
            "debootstrap: E: NOEXEC",
            "debootstrap:  base-passwd depends on libc6 (>= 2.6); however:",
            "main-menu[330]: INFO: Falling back to the package description for brltty-udeb",
            "main-menu: WARNING **: Configuring 'pkgsel' failed with error code 1",
            "curtin_event.1: finish: cmd-install/stage-extract/builtin/cmd-extract: SUCCESS",
            "anaconda: Queue completed: Initramfs generation (9/12)",
            "report.step something-new",
            "report.progress 5 of 9 parts",
            "http.progress artifact linux 5 of 10 bytes")) {
      assertEquals(Optional.empty(), InstallSteps.of(installer, line), line);
    }
  }

  @Test
  void whatInstallsAProfileFollowsFromItsAnswers() {
    assertEquals(Installer.DEBIAN, installer("debian-12"));
    assertEquals(Installer.CAST, installer("debian-12-cast"));
    assertEquals(Installer.ANACONDA, installer("rhel-9"));
    assertEquals(Installer.SUBIQUITY, installer("ubuntu-24-04"));
    for (String other : List.of("esxi-8", "talos", "alpine", "opensuse-leap", "proxmox-ve")) {
      assertEquals(Installer.OTHER, installer(other), other);
    }
  }

  private static Installer installer(String profile) {
    return InstallSteps.installer(
        Optional.ofNullable(Profile.builtIn().get(profile)).orElseThrow());
  }

  /** A bar that stands still at the wrong place is worse than none. */
  @Test
  void theRowsOfALogStandInTheOrderOfTheWay() {
    for (Installer installer : List.of(Installer.DEBIAN, Installer.ANACONDA, Installer.CAST)) {
      List<Integer> from =
          InstallSteps.table(installer).stream().map(InstallSteps.Row::from).toList();
      assertEquals(from.stream().sorted().toList(), from, installer.toString());
    }
    assertTrue(
        Arrays.stream(Installer.values())
            .flatMap(installer -> InstallSteps.table(installer).stream())
            .allMatch(row -> 0 <= row.from() && row.from() <= row.to() && row.to() < 100));
  }

  @Test
  void aPartThatIsLargerThanItsWholeIsAllOfIt() {
    assertEquals(
        Optional.of(88),
        InstallSteps.of(Installer.CAST, "report.progress 9 of 3 bytes").map(Reached::percent));
    assertEquals(
        Optional.of(4),
        InstallSteps.of(Installer.CAST, "report.progress 9 of 0 bytes").map(Reached::percent));
  }

  @Test
  void itNeverGoesBackWithinAnAttemptAndAnotherOneBeginsAnew() {
    Headway headway = new Headway();
    assertEquals(Optional.empty(), headway.since(W1, START));
    headway.reached(W1, START.plusSeconds(1), new Reached(12, "a"));
    headway.reached(W1, START.plusSeconds(2), new Reached(55, "b"));
    headway.reached(W1, START.plusSeconds(3), new Reached(13, "late"));
    assertEquals(Optional.of(new Reached(55, "b")), headway.since(W1, START));
    Instant second = START.plusSeconds(10);
    assertEquals(Optional.empty(), headway.since(W1, second));
    headway.reached(W1, second.plusSeconds(1), new Reached(1, "again"));
    assertEquals(Optional.of(new Reached(1, "again")), headway.since(W1, second));
    assertEquals(Optional.of(new Reached(55, "b")), headway.since(W1, START));
    headway.reached(W1, START.plusSeconds(1), new Reached(12, "read once more"));
    headway.reached(W1, second.plusSeconds(2), new Reached(55, "c"));
    assertEquals(Optional.of(new Reached(55, "c")), headway.since(W1, START));
  }
}
