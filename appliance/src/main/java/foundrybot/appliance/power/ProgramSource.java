// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.power;

import foundrybot.answerfiles.BmcSettings.Processor;
import foundrybot.answerfiles.Node;
import java.net.URI;

/** Where firmware finds by HTTP what it starts first. */
@FunctionalInterface
public interface ProgramSource {
  /**
   * The program for a node with such a processor.
   *
   * @return no secret: no token is in it
   * @throws foundrybot.images.BuildException with the cure, if there is none
   */
  URI program(Node node, Processor processor);
}
