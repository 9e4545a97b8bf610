// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.lifecycle;

import static foundrybot.appliance.lifecycle.Stage.BOOTLOADER;
import static foundrybot.appliance.lifecycle.Stage.DHCP;
import static foundrybot.appliance.lifecycle.Stage.ERASING;
import static foundrybot.appliance.lifecycle.Stage.FIRST_BOOT;
import static foundrybot.appliance.lifecycle.Stage.INSPECTING;
import static foundrybot.appliance.lifecycle.Stage.INSTALLED;
import static foundrybot.appliance.lifecycle.Stage.INSTALLING;
import static foundrybot.appliance.lifecycle.Stage.KERNEL;
import static foundrybot.appliance.lifecycle.Stage.PLANNED;
import static foundrybot.appliance.lifecycle.Stage.POWERED_ON;
import static foundrybot.appliance.lifecycle.Stage.SCRIPT;

import java.util.List;
import java.util.Optional;
import java.util.function.BiPredicate;
import java.util.function.Predicate;

/**
 * What the silence of a node means, by its stage and by what was seen there: the first row that
 * fits.
 */
final class Rungs {
  /** As often as nobody loads a program who comes on with it. */
  private static final int AGAIN = 3;

  /**
   * One row.
   *
   * @param from the first stage that it is about
   * @param to the last one
   * @param seen of the node, and of the DHCP servers that are there
   * @param mark what the sentence is about; empty where it is about silence alone
   */
  record Row(
      Stage from,
      Stage to,
      BiPredicate<NodeState, SiteServers> seen,
      Optional<Mark> mark,
      Trouble trouble) {
    private boolean fits(NodeState state, SiteServers servers) {
      return !state.stage().isBefore(from)
          && !to.isBefore(state.stage())
          && seen.test(state, servers);
    }
  }

  private static final List<Row> TABLE =
      List.of(
          row(PLANNED, KERNEL, NodeState::hasTwin, Mark.OTHER_UUID, Trouble.DUPLICATE_MAC),
          row(PLANNED, DHCP, has(Mark.NO_PROGRAM), Mark.NO_PROGRAM, Trouble.NO_BOOT_PROGRAM),
          row(
              PLANNED,
              DHCP,
              state -> state.trail().isLater(Mark.ADDRESS_IN_USE, Mark.REQUEST),
              Mark.ADDRESS_IN_USE,
              Trouble.DUPLICATE_ADDRESS),
          row(
              PLANNED,
              POWERED_ON,
              // Who only starts its old disk asks that server, too.
              (state, servers) ->
                  state.trail().has(Mark.DISCOVER)
                      && state.trail().has(Mark.OTHER_SERVER)
                      && (servers.areUnsaid() || tookARivals(state, servers)),
              Mark.OTHER_SERVER,
              Trouble.COMPETING_DHCP),
          row(
              PLANNED,
              POWERED_ON,
              has(Mark.DISCOVER).and(has(Mark.UNANSWERED)),
              Mark.UNANSWERED,
              Trouble.DISCOVER_UNANSWERED),
          row(
              PLANNED,
              POWERED_ON,
              state -> state.power().step() == PowerRun.Step.UNKNOWN,
              Trouble.POWER_UNKNOWN),
          row(PLANNED, POWERED_ON, _ -> true, Trouble.NO_DISCOVER),
          row(DHCP, DHCP, Rungs::tookARivals, Mark.OTHER_SERVER, Trouble.COMPETING_DHCP),
          row(
              DHCP,
              DHCP,
              has(Mark.OTHER_SERVER).and(Rungs::isLeased),
              Mark.OTHER_SERVER,
              Trouble.COMPETING_DHCP),
          row(DHCP, DHCP, has(Mark.OTHER_SERVER), Mark.OTHER_SERVER, Trouble.NO_PROGRAM_ASKED),
          row(DHCP, DHCP, has(Mark.REQUEST), Mark.REQUEST, Trouble.NO_PROGRAM_ASKED),
          row(DHCP, DHCP, _ -> true, Mark.OFFER, Trouble.NO_REQUEST),
          row(
              BOOTLOADER,
              BOOTLOADER,
              state -> state.trail().isLater(Mark.PROGRAM_BROKEN, Mark.PROGRAM_DONE),
              Mark.PROGRAM_BROKEN,
              Trouble.TFTP_ABORTED),
          // Its iPXE asks by DHCP as well, and so does the kernel's system behind that.
          row(
              BOOTLOADER,
              BOOTLOADER,
              Rungs::tookARivals,
              Mark.OTHER_SERVER,
              Trouble.COMPETING_DHCP),
          row(
              BOOTLOADER,
              BOOTLOADER,
              atLeast(Mark.PROGRAM_DONE, AGAIN),
              Mark.PROGRAM_DONE,
              Trouble.PROGRAM_LOOP),
          row(
              BOOTLOADER,
              BOOTLOADER,
              atLeast(Mark.PROGRAM_ASKED, 2 * AGAIN),
              Mark.PROGRAM_ASKED,
              Trouble.PROGRAM_LOOP),
          row(BOOTLOADER, BOOTLOADER, _ -> true, Trouble.NO_SCRIPT),
          row(SCRIPT, FIRST_BOOT, sinceItMoved(Mark.LATE), Mark.LATE, Trouble.TOKEN_EXPIRED),
          row(
              SCRIPT,
              FIRST_BOOT,
              sinceItMoved(Mark.ELSEWHERE),
              Mark.ELSEWHERE,
              Trouble.OTHER_ADDRESS),
          row(
              SCRIPT,
              SCRIPT,
              has(Mark.SCRIPT_SIGNATURE),
              Mark.SCRIPT_SIGNATURE,
              Trouble.SCRIPT_UNVERIFIED),
          row(SCRIPT, SCRIPT, _ -> true, Trouble.NO_KERNEL),
          row(KERNEL, KERNEL, Rungs::tookARivals, Mark.OTHER_SERVER, Trouble.COMPETING_DHCP),
          row(KERNEL, KERNEL, NodeState::isInRescue, Trouble.RESCUE_SILENT),
          row(KERNEL, KERNEL, _ -> true, Trouble.NO_ANSWER_FILE),
          row(ERASING, ERASING, _ -> true, Trouble.ERASURE_INTERRUPTED),
          row(INSPECTING, INSPECTING, _ -> true, Trouble.INSPECTION_SILENT),
          row(
              INSTALLING,
              INSTALLING,
              has(Mark.NOT_IN_MIRROR),
              Mark.NOT_IN_MIRROR,
              Trouble.MIRROR_UNREACHABLE),
          row(INSTALLING, INSTALLING, _ -> true, Trouble.INSTALLER_SILENT),
          row(
              INSTALLED,
              FIRST_BOOT,
              NodeState::isShutOutByTpm,
              Mark.TPM_REFUSED,
              Trouble.TPM_REFUSED),
          row(INSTALLED, FIRST_BOOT, has(Mark.CLOCK_OFF), Mark.CLOCK_OFF, Trouble.CLOCK_WRONG),
          row(INSTALLED, INSTALLED, atLeast(Mark.TO_DISK, 2), Mark.TO_DISK, Trouble.BACK_IN_PXE),
          row(INSTALLED, INSTALLED, _ -> true, Trouble.NO_FIRST_BOOT));

  private Rungs() {}

  private static Row row(
      Stage from, Stage to, Predicate<NodeState> seen, Mark mark, Trouble trouble) {
    return row(from, to, (state, _) -> seen.test(state), mark, trouble);
  }

  private static Row row(
      Stage from, Stage to, BiPredicate<NodeState, SiteServers> seen, Mark mark, Trouble trouble) {
    return new Row(from, to, seen, Optional.of(mark), trouble);
  }

  private static Row row(Stage from, Stage to, Predicate<NodeState> seen, Trouble trouble) {
    return new Row(from, to, (state, _) -> seen.test(state), Optional.empty(), trouble);
  }

  private static Predicate<NodeState> has(Mark mark) {
    return state -> state.trail().has(mark);
  }

  private static Predicate<NodeState> sinceItMoved(Mark mark) {
    return state ->
        state.trail().of(mark).filter(it -> it.last().isAfter(state.progressAt())).isPresent();
  }

  private static Predicate<NodeState> atLeast(Mark mark, int times) {
    return state -> state.trail().count(mark) >= times;
  }

  /** Whether it took the offer of a server that is not meant to be there, at its stage. */
  private static boolean tookARivals(NodeState state, SiteServers servers) {
    return servers.rival(state.since()).isPresent();
  }

  /** Whether our offer had an address in it: the appliance is the DHCP server there. */
  private static boolean isLeased(NodeState state) {
    return state.trail().of(Mark.OFFER).filter(o -> o.said().startsWith("address=")).isPresent();
  }

  static List<Row> table() {
    return TABLE;
  }

  /** The row of a silent node; the last one is for who has reported from its disk. */
  static Row of(NodeState state, SiteServers servers) {
    return TABLE.stream()
        .filter(row -> row.fits(state, servers))
        .findFirst()
        .orElseGet(() -> row(FIRST_BOOT, Stage.GOAL, _ -> true, Trouble.NO_ENROLLMENT));
  }
}
