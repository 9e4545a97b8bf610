// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.power;

/**
 * What a deployment begins with, for one node.
 *
 * @param name the node's
 * @param said for people
 */
public record Begun(String name, Answer answer, String said) {
  /** What is going to happen. */
  public enum Answer {
    /** The appliance switches it on. */
    BEGUN,
    /** Its run is open; people switch it on. */
    BY_HAND,
    /** It is on its way already and left alone. */
    UNDER_WAY,
    /** It has arrived. */
    READY,
    /** It would break off what must be broken off on purpose, or the node is held. */
    REFUSED
  }
}
