// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.notify;

import java.util.List;

/**
 * How it stands with one receiver.
 *
 * @param name in the rack file
 * @param place scheme, host and port; the rest of the URL may be a secret
 * @param events that it is told
 * @param inClear whether everybody on the way can read it
 * @param delivered how many it took, ever
 * @param dead how many were given up, since it refused them
 * @param lost how many were given up, since it was away for too long
 * @param waiting how many it has yet to be told; 1000 stands for more
 * @param waitingSince ISO-8601 instant of the oldest of these; empty if there is none
 * @param lastAt ISO-8601 instant of the last delivery; empty if there was none
 * @param lastId its id
 * @param tries of the one that is under way
 * @param nextTry ISO-8601 instant of its next try; empty if none is to come
 * @param error what was wrong with the last try; empty where it was good
 * @param errorAt ISO-8601 instant of that
 * @param lastDead which was given up last, and why
 * @param lastLost what is known of those that were lost
 * @param stopped why nothing is sent there at all; else empty
 */
public record HookStatus(
    String name,
    String place,
    List<String> events,
    boolean inClear,
    long delivered,
    long dead,
    long lost,
    int waiting,
    String waitingSince,
    String lastAt,
    String lastId,
    int tries,
    String nextTry,
    String error,
    String errorAt,
    String lastDead,
    String lastLost,
    String stopped) {
  public HookStatus {
    events = List.copyOf(events);
  }
}
