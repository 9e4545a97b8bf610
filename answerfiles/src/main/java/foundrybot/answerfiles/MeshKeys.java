// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import foundrybot.answerfiles.MeshSettings.PlaneSettings;
import foundrybot.answerfiles.Shape.Brief;
import foundrybot.answerfiles.Shape.Items;
import foundrybot.answerfiles.Shape.Mapping;
import foundrybot.answerfiles.Shape.Scalar;
import foundrybot.answerfiles.Shape.Table;
import java.util.List;
import java.util.Map;

/** The keys of the rack file about the mesh. */
final class MeshKeys {
  /** IPv6 takes no less (RFC 8200 section 5). */
  private static final int LEAST_MTU = 1280;

  /** Jumbo frames of 9000 bytes, less the tunnel's own 80. */
  private static final int MOST_MTU = 8920;

  private static final int MOST_KEEPALIVE = 3600;
  private static final int MOST_IN_LIST = 256;

  private static final Rule PLANE = Rule.oneOf(Plane.texts());
  private static final Rule SUBNET6 =
      Rule.matching(
          "a subnet of unique local addresses (RFC 4193) by its first address and prefix length"
              + " (48..112), such as fd4a:6e1f:20c8:1::/64",
          "[fF][dD][0-9A-Fa-f:]{1,37}/[0-9]{2,3}",
          text ->
              Cidr6.parse(text)
                  .filter(c -> c.isUniqueLocal() && c.isNetwork())
                  .filter(c -> c.prefixLength() >= 48 && c.prefixLength() <= 112)
                  .isPresent());
  private static final Rule TOPOLOGY = Rule.oneOf(List.of("mesh", "hub"));
  private static final Rule SECONDS = Rule.number(1, MOST_KEEPALIVE);
  private static final Rule KEEPALIVE =
      new Rule(
          "1.." + MOST_KEEPALIVE + " seconds, or off",
          text -> text.equals("off") || SECONDS.accepts().test(text),
          Map.of("anyOf", List.of(SECONDS.schema(), Map.of("const", "off"))),
          List.of());
  private static final Rule FLOW =
      Rule.matching(
          "PLANE FROM > TO tcp/PORT or udp/PORT-PORT, with roles or any, such as: control monitor"
              + " > worker tcp/9100",
          MeshFlow.FORM,
          text -> MeshFlow.parse(text).isPresent());

  private MeshKeys() {}

  static Mapping mesh() {
    return new Mapping(
        List.of(
            Shape.Key.required(
                "planes",
                new Table(PLANE, plane(), 1, Plane.values().length),
                "Its networks (bootstrap, control, data, storage): the subnet, or a mapping with"
                    + " more."),
            Shape.Key.optional(
                "preshared",
                new Scalar(Rules.SWITCH),
                "off",
                "Whether each two peers share a symmetric key as well."),
            Shape.Key.optional(
                "flows",
                new Items(FLOW, 0, MOST_IN_LIST),
                "none",
                "What nodes may open to each other beside what their roles need."),
            Shape.Key.optional(
                "relay",
                new Scalar(Rules.SWITCH),
                "off",
                "Whether the hub of bootstrap or control passes nodes' polls on to the appliance."),
            TpmKeys.mesh()));
  }

  private static Brief plane() {
    Mapping full =
        new Mapping(
            List.of(
                Shape.Key.required(
                    "subnet", new Scalar(Rules.SUBNET), "Where its nodes get their addresses."),
                Shape.Key.optional(
                    "subnet6",
                    new Scalar(SUBNET6),
                    "none",
                    "The same for IPv6: unique local addresses."),
                Shape.Key.optional(
                    "topology",
                    new Scalar(TOPOLOGY),
                    "mesh",
                    "mesh: each speaks to each; hub: all through one node."),
                Shape.Key.optional(
                    "hub",
                    new Scalar(Rules.LABEL_NAME),
                    "the only node of role hub",
                    "The name of that node."),
                Shape.Key.optional(
                    "roles",
                    new Items(Rules.LABEL_NAME, 1, MOST_IN_LIST),
                    "all",
                    "Whose nodes are in it."),
                Shape.Key.optional(
                    "port",
                    new Scalar(Rules.PORT),
                    "51820 to 51823, in the order above",
                    "UDP, on every node."),
                Shape.Key.optional(
                    "mtu",
                    new Scalar(Rule.number(LEAST_MTU, MOST_MTU)),
                    Integer.toString(PlaneSettings.USUAL_MTU),
                    "Bytes of the largest packet inside the tunnel."),
                Shape.Key.optional(
                    "keepalive",
                    new Scalar(KEEPALIVE),
                    Integer.toString(PlaneSettings.USUAL_KEEPALIVE),
                    "Seconds; only nodes without endpoint and address send it.")));
    return new Brief("subnet", Rules.SUBNET, full);
  }
}
