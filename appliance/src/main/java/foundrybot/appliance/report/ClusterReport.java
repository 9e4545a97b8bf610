// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.report;

import foundrybot.appliance.hardware.Erased;
import foundrybot.appliance.hardware.Inspection;
import java.util.List;

/**
 * The record of a cluster: what became of each node, when, and who did what. Instants are ISO 8601
 * with Z, durations whole seconds; what is not known or has not happened is an empty text, or -1.
 *
 * @param format what it is written in, {@link #FORMAT}
 * @param summary the whole in one line
 * @param complete whether every node is enrolled and every phase is done
 * @param clusterId follows from the key that signs
 * @param madeAt up to which moment it goes
 * @param product what made it, with its version
 * @param rackFile SHA-256 of the rack file in force, in hex
 * @param takenIn the files that it takes the content of, by their path beside it
 * @param began when the first node of the present runs set out
 * @param completeAt when the last one arrived, or the last phase was done; empty before
 * @param seconds from the one to the other; -1 before
 * @param phases in their order
 * @param stages what nodes took for each stage
 * @param slowest the longest stays at one stage, the longest first
 * @param nodes in the order of the rack file
 * @param deeds what operators did, the oldest first
 * @param deedsLeftOut older ones that are not listed
 */
public record ClusterReport(
    String format,
    String summary,
    boolean complete,
    String cluster,
    String clusterId,
    String madeAt,
    String product,
    String rackFile,
    List<Artifact> takenIn,
    String began,
    String completeAt,
    long seconds,
    List<Phase> phases,
    List<Taken> stages,
    List<Slow> slowest,
    List<Member> nodes,
    List<Deed> deeds,
    int deedsLeftOut) {
  /** The form of this version; what is added later changes it. */
  public static final String FORMAT = "foundrybot-report-3";

  /** What {@code seconds} says of what is not over. */
  public static final long NOT_YET = -1;

  public ClusterReport {
    takenIn = List.copyOf(takenIn);
    phases = List.copyOf(phases);
    stages = List.copyOf(stages);
    slowest = List.copyOf(slowest);
    nodes = List.copyOf(nodes);
    deeds = List.copyOf(deeds);
  }

  /**
   * One node, in its present run.
   *
   * @param system what its profile installs, for people
   * @param run 1, and one more for each reinstallation
   * @param attempt how often the machine came with a token of this run
   * @param rescue whether it is in rescue, while its run waits
   * @param firmware processor and firmware, as option 93 of DHCP tells
   * @param uuid of DHCP's option 97
   * @param bmcUuid as its BMC says it
   * @param addresses of the rack file, and leases
   * @param bootProgram what the firmware loaded last, and the digest of the file that is served
   * @param given whether {@code artifacts} and {@code plan} are what its run was given; else what
   *     it would be given now
   * @param plan digest over all that it was given, as {@code bootserver plan} names it; may be
   *     empty
   * @param bundleSerial of the last mesh bundle that it was given; -1: none
   * @param stages its way, every stay at a stage
   * @param staysLeftOut older ones that are not listed
   * @param retries why attempts ended
   * @param diagnoses what was wrong with it on its way, or is
   * @param inspected what its machine was found to be made of last; none if it never was
   * @param erased what came of its last erasure; none if no one has reported
   */
  public record Member(
      String name,
      String mac,
      String role,
      String profile,
      String system,
      String stage,
      String condition,
      int run,
      int attempt,
      boolean rescue,
      String firmware,
      String uuid,
      String bmcUuid,
      List<String> addresses,
      Artifact bootProgram,
      boolean given,
      List<Artifact> artifacts,
      String plan,
      String began,
      String enrolledAt,
      long seconds,
      long bundleSerial,
      List<Stay> stages,
      int staysLeftOut,
      List<Again> retries,
      List<Found> diagnoses,
      List<Inspection> inspected,
      List<Erased> erased) {
    public Member {
      addresses = List.copyOf(addresses);
      artifacts = List.copyOf(artifacts);
      stages = List.copyOf(stages);
      retries = List.copyOf(retries);
      diagnoses = List.copyOf(diagnoses);
      inspected = List.copyOf(inspected);
      erased = List.copyOf(erased);
    }
  }

  /**
   * A file.
   *
   * @param sha256 in hex; empty where it is not known
   */
  public record Artifact(String name, String sha256) {}

  /**
   * A stay at one stage.
   *
   * @param seconds until the next one; -1 of the last
   */
  public record Stay(String stage, int attempt, String at, long seconds) {}

  /**
   * An attempt ended, and another one began.
   *
   * @param by who began it: {@code appliance}, by a power cycle, or {@code machine}
   */
  public record Again(String at, String by, String why) {}

  /**
   * Something that was wrong.
   *
   * @param code as {@code bootserver docs diagnosis} lists it
   * @param until when the node went on; empty if it has not
   */
  public record Found(String code, String why, String from, String until) {}

  /**
   * A phase of the cluster.
   *
   * @param state waiting, running, done or blocked
   * @param doneAt when enough of its nodes were ready, and all before it were done
   * @param waitsFor who is not ready, and why
   * @param checks what its nodes proved
   */
  public record Phase(
      int number,
      String name,
      String state,
      int ready,
      int need,
      int of,
      String doneAt,
      List<String> waitsFor,
      List<Check> checks) {
    public Phase {
      waitsFor = List.copyOf(waitsFor);
      checks = List.copyOf(checks);
    }
  }

  /**
   * What a node proved of itself.
   *
   * @param since when it began to pass, or to fail; empty if it never reported
   * @param said what it saw
   */
  public record Check(String node, String check, boolean passed, String since, String said) {}

  /** What the nodes took for one stage. */
  public record Taken(String stage, int stays, long medianSeconds, long longestSeconds) {}

  /** A stay that was long. */
  public record Slow(String node, String stage, int attempt, long seconds) {}

  /**
   * What an operator did.
   *
   * @param from an address, or {@code socket}, or {@code command}
   * @param node the node's name, or its MAC if it is in the rack file no more; empty: none
   * @param result empty if it came to none
   * @param commandId by which the command was known when it was sent twice; empty: it had none
   */
  public record Deed(
      String at,
      String who,
      String from,
      String node,
      String what,
      String result,
      String resultAt,
      String commandId) {}
}
