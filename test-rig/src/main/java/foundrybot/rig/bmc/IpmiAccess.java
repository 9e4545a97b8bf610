// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import foundrybot.redfish.Secret;
import java.util.List;
import java.util.Optional;

/**
 * Who gets into an IPMI BMC, and how.
 *
 * @param suites numbers of the cipher suites it takes, 17 or 3, the best one first
 * @param suiteStatus the status that refuses others (IPMI 2.0, table 13-15)
 * @param channelKey K_G, where the channel has one
 * @param mostSessions those that are being opened among them
 */
public record IpmiAccess(
    List<IpmiUser> users,
    List<Integer> suites,
    int suiteStatus,
    Optional<Secret> channelKey,
    int mostSessions,
    LimitShows limitShows) {

  /** Where a BMC says that a user may not have the role that is asked for. */
  public enum LimitShows {
    /** In RAKP message 2. */
    AT_LOGIN,
    /** When the session's privilege is to be raised. */
    AT_RAISE,
    /** Only when a command is refused. */
    AT_COMMAND
  }

  /** Who may log in unless told otherwise. */
  public static final IpmiUser ADMIN =
      new IpmiUser("admin", new Secret("emulated"), IpmiUser.Privilege.ADMINISTRATOR);

  /** One administrator, suites 17 and 3, four sessions. */
  public static final IpmiAccess USUAL =
      new IpmiAccess(
          List.of(ADMIN), List.of(17, 3), 0x11, Optional.empty(), 4, LimitShows.AT_LOGIN);

  public IpmiAccess {
    users = List.copyOf(users);
    suites = List.copyOf(suites);
    suites.forEach(IpmiSuite::of);
  }

  public IpmiAccess withUsers(IpmiUser... others) {
    return new IpmiAccess(
        List.of(others), suites, suiteStatus, channelKey, mostSessions, limitShows);
  }

  /** Takes these only, and refuses others by that status. */
  public IpmiAccess withSuites(int status, Integer... numbers) {
    return new IpmiAccess(users, List.of(numbers), status, channelKey, mostSessions, limitShows);
  }

  public IpmiAccess withChannelKey(Secret key) {
    return new IpmiAccess(users, suites, suiteStatus, Optional.of(key), mostSessions, limitShows);
  }

  public IpmiAccess withMostSessions(int most) {
    return new IpmiAccess(users, suites, suiteStatus, channelKey, most, limitShows);
  }

  public IpmiAccess withLimitShows(LimitShows where) {
    return new IpmiAccess(users, suites, suiteStatus, channelKey, mostSessions, where);
  }

  List<IpmiSuite> known() {
    return suites.stream().map(IpmiSuite::of).toList();
  }
}
