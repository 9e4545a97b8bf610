// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.load;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/** One piece of load, as the worker is told of it. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Order.Dhcp.class, name = "dhcp"),
  @JsonSubTypes.Type(value = Order.Tftp.class, name = "tftp"),
  @JsonSubTypes.Type(value = Order.Http.class, name = "http"),
  @JsonSubTypes.Type(value = Order.Storm.class, name = "storm"),
  @JsonSubTypes.Type(value = Order.Fetch.class, name = "fetch")
})
public sealed interface Order {
  Target target();

  /** What counts as one exchange of DHCP. */
  enum Dialogue {
    /** DISCOVER, OFFER. */
    DISCOVER,
    /** DISCOVER, OFFER, REQUEST, ACK. */
    DORA,
    /** DISCOVER, OFFER, then REQUEST and ACK on the boot server's port. */
    PROXY
  }

  /**
   * A closed loop of DHCP exchanges.
   *
   * @param inFlight exchanges under way at any moment
   * @param nodes different machines, taken in turn
   * @param firstNode number of the first
   */
  record Dhcp(
      Target target, Dialogue dialogue, int inFlight, int nodes, int firstNode, double seconds)
      implements Order {}

  /**
   * A closed loop of TFTP transfers.
   *
   * @param file the name to ask for
   * @param reference the file that every received byte is compared with
   * @param inFlight transfers under way at any moment
   * @param windowSize 1: the option is not sent
   * @param probe as EDK2: ask for the size, end that with an ERROR, ask again
   * @param lost share of DATA that is dropped before it is looked at, 0..1
   * @param delayMs how long each ACK is held
   */
  record Tftp(
      Target target,
      String file,
      String reference,
      int inFlight,
      int blockSize,
      int windowSize,
      boolean probe,
      double lost,
      int delayMs,
      double seconds)
      implements Order {}

  /**
   * A closed loop of GETs.
   *
   * @param path {@code {mac}} in it stands for the MAC of the machine whose turn it is
   * @param nodes machines for that
   * @param connections open at any moment
   * @param keepAlive false: one connection per request
   * @param tls over TLS, without looking at the certificate
   * @param bytes length that every answer must have, or -1
   */
  record Http(
      Target target,
      String path,
      int nodes,
      int connections,
      boolean keepAlive,
      boolean tls,
      long bytes,
      double seconds)
      implements Order {}

  /**
   * Machines that each go through a whole network boot, once.
   *
   * @param dialogue DORA or PROXY
   * @param rampSeconds over which they power on; 0: all at once
   * @param reference what TFTP must bring
   * @param script path of the script; {@code {mac}} as above
   * @param callback path of the last POST; {@code {node}} is what stands before {@code /artifact/}
   *     in the kernel's URL
   * @param patienceSeconds when who is not done has failed
   */
  record Storm(
      Target target,
      Dialogue dialogue,
      int nodes,
      int firstNode,
      double rampSeconds,
      String reference,
      String script,
      String callback,
      double patienceSeconds)
      implements Order {}

  /** One GET, whose body is wanted. */
  record Fetch(Target target, String path) implements Order {}
}
