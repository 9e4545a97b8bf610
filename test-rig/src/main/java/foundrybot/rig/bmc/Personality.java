// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How the tree of a vendor's BMC looks and what is odd about it; nothing that goes wrong by chance.
 *
 * @param name for people and the command line
 * @param vendor Manufacturer of the system; empty: not told
 * @param oem the vendor's name in the service root; empty: not told
 * @param systemId of the first system
 * @param bareSystem a further system without Actions and Boot; empty for none
 * @param resetValues where the allowable values of Reset are told
 * @param repeatedPower status for switching on what is on, and off what is off
 * @param transition the power state while it changes; empty: the old one
 * @param bootSource where the boot override is written
 * @param settingsName last segment of the Settings resource; empty for none
 * @param targetsIn where the allowable values of the boot target are told
 * @param bootEnabled values of BootSourceOverrideEnabled
 * @param modeProperty whether there is a BootSourceOverrideMode
 * @param modeWritable whether it can be written
 * @param modeFallsToLegacy a target without a mode makes it Legacy
 * @param wholeBootOnly Target, Enabled and Mode must come together
 * @param onceBecomesAlways Once is kept as Continuous
 * @param overrideEndsAtPowerOff switching off forgets the override
 * @param httpBootUri whether there is such a property
 * @param etag what is done with entity tags
 * @param matchRequired 428 for a PATCH without If-Match
 * @param matchOnActionRefused 412 for an action with If-Match
 * @param macs how MAC addresses are written
 * @param nics where they are told
 * @param permanentMac whether there is a PermanentMACAddress
 * @param nicStatus whether interfaces have Status and LinkStatus
 * @param mediaUnder {@code Managers}, {@code Systems} or both
 * @param mediaActions whether slots have InsertMedia and EjectMedia; without, PATCH does it
 * @param mediaNeeds parameters of InsertMedia that must not be missing
 * @param verifyCertificate whether slots have that property
 * @param sessions whether there is a SessionService
 * @param sessionTimeoutS of idle sessions, in seconds
 * @param pageSize most members on one page; 0: all
 * @param tasks whether resets are answered by 202 and a task
 * @param monitorEndsTask reading the monitor of a finished task deletes the task
 * @param slash what is done with paths that do not end in a slash
 * @param bootProgress whether it is told
 * @param setup attributes of the firmware's setup, by their names; empty: there is no such resource
 * @param oddities what it does that no request calls for
 */
public record Personality(
    String name,
    String vendor,
    String oem,
    String model,
    String bmcModel,
    String bmcVersion,
    String biosVersion,
    String redfishVersion,
    String systemId,
    String bareSystem,
    String managerId,
    String chassisId,
    List<String> resetTypes,
    ResetValues resetValues,
    int repeatedPower,
    String transition,
    BootSource bootSource,
    String settingsName,
    BootSource targetsIn,
    List<String> bootTargets,
    List<String> bootEnabled,
    boolean modeProperty,
    boolean modeWritable,
    boolean modeFallsToLegacy,
    boolean wholeBootOnly,
    boolean onceBecomesAlways,
    boolean overrideEndsAtPowerOff,
    boolean httpBootUri,
    Etag etag,
    boolean matchRequired,
    boolean matchOnActionRefused,
    Macs macs,
    List<Nics> nics,
    boolean permanentMac,
    boolean nicStatus,
    List<String> mediaUnder,
    List<Slot> mediaSlots,
    boolean mediaActions,
    List<String> mediaNeeds,
    VerifyCertificate verifyCertificate,
    boolean sessions,
    int mostSessions,
    int sessionTimeoutS,
    int pageSize,
    boolean tasks,
    boolean monitorEndsTask,
    Slash slash,
    boolean bootProgress,
    Map<String, String> setup,
    Set<Oddity> oddities) {

  /**
   * What it declines although the request is right, or shows otherwise than it is; each has its
   * number in docs/bmc.md.
   */
  public enum Oddity {
    /** 401 to each log-in by session: Basic alone lets anybody in (78). */
    BASIC_ONLY,
    /** 503 with SYS518 to the first writes (13). */
    NOT_READY,
    /** 406 to who takes "identity" alone (20). */
    NOT_IDENTITY,
    /** 415 to an eject without a body (19). */
    EJECT_WANTS_BODY,
    /** 400 to a PATCH while the machine starts (15). */
    POST_HINDERS,
    /** 409 to On soon after it was forced off (2). */
    BUSY_AFTER_OFF,
    /** 403, as to who may not, to the first reset: a limit was reached (55). */
    LIMIT_IS_403,
    /** A boot mode that was set is shown, and holds, from the next start on (8). */
    MODE_AT_RESTART,
    /** An ejected drive shows its image for seconds, and takes no other one (10). */
    EJECT_LAGS,
    /** The UUID is made of zeros and the MAC (36). */
    UUID_OF_ZEROS,
    /** There are no boot properties (52). */
    NO_BOOT,
    /** Attributes of the setup are written, and the answer never comes (73). */
    SETUP_IS_HELD,
    /** A boot mode that is written is a job of the setup's, be it the one that is set (89). */
    MODE_IS_A_JOB,
    /** An ejected drive goes on to name its image, and only plays it no more (92). */
    NAMES_EJECTED,
    /** Where sessions and tasks are it says by another name of itself (94). */
    ANOTHER_NAME
  }

  /** A virtual drive. */
  public record Slot(String id, List<String> types) {
    public Slot {
      types = List.copyOf(types);
    }
  }

  /** The property that says whether the certificate of an image's server is looked at. */
  public enum VerifyCertificate {
    /** There is none, and no certificate is looked at. */
    NONE,
    /** False unless told otherwise. */
    OFF,
    /** True unless told otherwise. */
    ON
  }

  /** Where the allowable values of Reset are. */
  public enum ResetValues {
    INLINE,
    ACTION_INFO,
    NOWHERE
  }

  /** Which resource has to do with the boot override. */
  public enum BootSource {
    SYSTEM,
    SETTINGS,
    BOTH
  }

  /** Entity tags (RFC 9110, section 8.8.3). */
  public enum Etag {
    NONE,
    STRONG,
    /** Sent weak; taken with and without W/. */
    WEAK,
    /** Weak, and refused, for those who take gzip. */
    WEAKENED_BY_GZIP,
    /** Sent in quotes; only taken without. */
    UNQUOTED,
    /** Always empty; any If-Match fails. */
    EMPTY
  }

  /** How MAC addresses are written. */
  public enum Macs {
    UPPER,
    LOWER,
    /** Twelve digits without colons. */
    PLAIN
  }

  /** Where MAC addresses are told. */
  public enum Nics {
    SYSTEM,
    FUNCTIONS,
    PORTS,
    /** EthernetInterfaces holds the link between host and BMC, too. */
    HOST_LINK,
    /** There is a port whose address is none of Ethernet. */
    INFINIBAND
  }

  /** Paths that do not end in a slash. */
  public enum Slash {
    ANY,
    /** 404 without. */
    REQUIRED,
    /** 308 to the one with. */
    REDIRECTED
  }

  public Personality {
    resetTypes = List.copyOf(resetTypes);
    bootTargets = List.copyOf(bootTargets);
    bootEnabled = List.copyOf(bootEnabled);
    nics = List.copyOf(nics);
    mediaUnder = List.copyOf(mediaUnder);
    mediaSlots = List.copyOf(mediaSlots);
    mediaNeeds = List.copyOf(mediaNeeds);
    setup = Map.copyOf(setup);
    oddities = Set.copyOf(oddities);
  }

  boolean has(Oddity oddity) {
    return oddities.contains(oddity);
  }

  boolean hasSettings() {
    return !settingsName.isEmpty();
  }

  /** The id of the system with this number, from 0. */
  String systemId(int index) {
    return numbered(systemId, index);
  }

  String chassisId(int index) {
    return numbered(chassisId, index);
  }

  private static String numbered(String id, int index) {
    if (index == 0) {
      return id;
    }
    return id.matches("[0-9]{1,4}")
        ? Integer.toString(Integer.parseInt(id) + index)
        : id + "-" + (index + 1);
  }
}
