// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles.mesh;

import foundrybot.answerfiles.Cidr6;
import foundrybot.answerfiles.MeshFlow;
import foundrybot.answerfiles.MeshSettings.PlaneSettings;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The firewall of one node for its mesh interfaces, as {@code nft -f} takes it: one table of its
 * own, replaced as a whole.
 *
 * <p>Each plane admits what its roles need to who comes from the right address and means the node's
 * own address there, and nothing else. What comes in by the mesh is passed on by the hub of a plane
 * alone, inside that plane, and only flows that the receiver admits as well.
 *
 * @param lines without a line break
 */
public record NftRules(List<String> lines) {
  private static final String TABLE = "table inet foundrybot_mesh";
  private static final int IN_A_LINE = 8;

  private static final String NAME = "wg[0-3]-[a-z0-9-]{1,64}-[46]";
  private static final Pattern SET = Pattern.compile("  set (" + NAME + ") \\{");
  private static final Pattern USE = Pattern.compile("@(" + NAME + ")");

  /** All lines that there can be. */
  private static final Pattern LINE =
      Pattern.compile(
          "(delete )?"
              + TABLE
              + "( \\{)?|  (set "
              + NAME
              + "|chain (input|forward|wg[0-3]-(in|forward))) \\{|  }|}|    type ipv4_addr"
              + "|    type ipv6_addr|    elements = \\{|    }|      ([0-9a-f.:]{2,39}, ?)+"
              + "|    type filter hook (input|forward) priority filter; policy accept;"
              + "|    iifname \"wg[0-3]\" (goto wg[0-3]-(in|forward)|drop)"
              + "|    oifname (!= )?\"wg[0-3]\" drop|    (counter )?drop"
              + "|    ip daddr != [0-9.]{7,15} drop|    ip6 daddr != [0-9a-f:]{2,39} drop"
              + "|    meta nfproto ipv6 drop|    ct state (established,related accept|invalid drop)"
              + "|    (icmp|icmpv6) type echo-request accept"
              + "|    (ip6? saddr @"
              + NAME
              + " )?(ip6? daddr @"
              + NAME
              + " )?(tcp|udp) dport [0-9]{1,5}(-[0-9]{1,5})? accept");

  public NftRules {
    lines = List.copyOf(lines);
  }

  /** Reads what {@link #of} may make; empty for anything else. */
  static Optional<NftRules> read(String text) {
    return read(text.lines().toList());
  }

  static Optional<NftRules> read(List<String> lines) {
    Set<String> sets = new HashSet<>();
    Set<String> used = new HashSet<>();
    int depth = 0;
    for (String line : lines) {
      if (!LINE.matcher(line).matches()) {
        return Optional.empty();
      }
      depth += line.endsWith("{") ? 1 : line.endsWith("}") ? -1 : 0;
      Matcher set = SET.matcher(line);
      if (depth < 0 || (set.matches() && !sets.add(set.group(1)))) {
        return Optional.empty();
      }
      USE.matcher(line).results().forEach(use -> used.add(use.group(1)));
    }
    // The text begins by throwing the old table away, else rules would pile up.
    boolean replaces = lines.size() > 3 && lines.subList(0, 3).equals(BEGIN);
    return replaces && depth == 0 && sets.containsAll(used)
        ? Optional.of(new NftRules(lines))
        : Optional.empty();
  }

  private static final List<String> BEGIN = List.of(TABLE, "delete " + TABLE, TABLE + " {");

  static NftRules of(MeshPlan plan, Member self) {
    List<PlaneSettings> planes =
        plan.settings().planes().stream().filter(plane -> plane.has(self.node())).toList();
    Map<String, List<String>> sets = new LinkedHashMap<>();
    List<String> chains = new ArrayList<>();
    planes.forEach(plane -> new PlaneRules(plan, plane, self, sets).write(chains));
    List<String> lines = new ArrayList<>(BEGIN);
    sets.forEach((name, addresses) -> writeSet(name, addresses, lines));
    lines.addAll(chains);
    lines.add("  chain input {");
    lines.add("    type filter hook input priority filter; policy accept;");
    for (PlaneSettings plane : planes) {
      String name = plane.plane().interfaceName();
      lines.add("    iifname \"" + name + "\" goto " + name + "-in");
    }
    lines.add("  }");
    lines.add("  chain forward {");
    lines.add("    type filter hook forward priority filter; policy accept;");
    for (PlaneSettings plane : planes) {
      String name = plane.plane().interfaceName();
      String what = MeshPlan.isHub(plane, self) ? "goto " + name + "-forward" : "drop";
      lines.add("    iifname \"" + name + "\" " + what);
    }
    for (PlaneSettings plane : planes) {
      lines.add("    oifname \"" + plane.plane().interfaceName() + "\" drop");
    }
    lines.add("  }");
    lines.add("}");
    return new NftRules(lines);
  }

  private static void writeSet(String name, List<String> addresses, List<String> lines) {
    lines.add("  set " + name + " {");
    lines.add("    type " + (name.endsWith("-4") ? "ipv4_addr" : "ipv6_addr"));
    if (!addresses.isEmpty()) {
      lines.add("    elements = {");
      for (int i = 0; i < addresses.size(); i += IN_A_LINE) {
        int end = Math.min(i + IN_A_LINE, addresses.size());
        lines.add("      " + String.join(", ", addresses.subList(i, end)) + ",");
      }
      lines.add("    }");
    }
    lines.add("  }");
  }

  /** The chains of one plane. */
  private record PlaneRules(
      MeshPlan plan, PlaneSettings plane, Member self, Map<String, List<String>> sets) {
    void write(List<String> lines) {
      String name = plane.plane().interfaceName();
      lines.add("  chain " + name + "-in {");
      // Linux takes packets for any of its addresses on any interface.
      String own = MeshPlan.address(plane, self).address().getHostAddress();
      lines.add("    ip daddr != " + own + " drop");
      lines.add(
          MeshPlan.address6(plane, self)
              .map(own6 -> "    ip6 daddr != " + Cidr6.text(own6.address()) + " drop")
              .orElse("    meta nfproto ipv6 drop"));
      writeKnown(lines);
      lines.add("    icmp type echo-request accept");
      if (plane.subnet6().isPresent()) {
        lines.add("    icmpv6 type echo-request accept");
      }
      String role = self.node().role().name();
      flows()
          .filter(flow -> isFor(flow.to(), role))
          .flatMap(flow -> rules(flow, false))
          .distinct()
          .forEach(lines::add);
      if (plan.isRelay(plane, self)) {
        MeshFlow polls =
            new MeshFlow(
                plane.plane(),
                MeshFlow.ANY,
                MeshFlow.ANY,
                MeshFlow.Protocol.TCP,
                MeshRelay.PORT,
                MeshRelay.PORT);
        // It listens at its IPv4 address alone.
        rules(polls, false).limit(1).forEach(lines::add);
      }
      lines.add("    counter drop");
      lines.add("  }");
      if (MeshPlan.isHub(plane, self)) {
        writeForward(name, lines);
      }
    }

    private void writeForward(String name, List<String> lines) {
      lines.add("  chain " + name + "-forward {");
      lines.add("    oifname != \"" + name + "\" drop");
      writeKnown(lines);
      flows().flatMap(flow -> rules(flow, true)).distinct().forEach(lines::add);
      lines.add("    counter drop");
      lines.add("  }");
    }

    private static void writeKnown(List<String> lines) {
      lines.add("    ct state established,related accept");
      lines.add("    ct state invalid drop");
    }

    private Stream<MeshFlow> flows() {
      return Stream.concat(RoleFlows.BUILT_IN.stream(), plan.settings().flows().stream())
          .filter(flow -> flow.plane() == plane.plane())
          .filter(flow -> isAnybody(flow.from()) && isAnybody(flow.to()));
    }

    private boolean isAnybody(String role) {
      return plan.of(plane).stream().anyMatch(member -> isFor(role, member.node().role().name()));
    }

    private static boolean isFor(String wanted, String role) {
      return wanted.equals(MeshFlow.ANY) || wanted.equals(role);
    }

    private Stream<String> rules(MeshFlow flow, boolean forwarded) {
      List<String> families = plane.subnet6().isPresent() ? List.of("ip", "ip6") : List.of("ip");
      return families.stream()
          .map(
              family -> {
                StringBuilder rule = new StringBuilder("    ");
                rule.append(family).append(" saddr @").append(set(flow.from(), family)).append(' ');
                if (forwarded) {
                  rule.append(family).append(" daddr @").append(set(flow.to(), family)).append(' ');
                }
                rule.append(flow.protocol().text()).append(" dport ").append(flow.ports());
                return rule.append(" accept").toString();
              });
    }

    /** The name of the set of all addresses of a role; made when it is used first. */
    private String set(String role, String family) {
      boolean v4 = family.equals("ip");
      String name = plane.plane().interfaceName() + "-" + role + (v4 ? "-4" : "-6");
      sets.computeIfAbsent(
          name,
          _ ->
              plan.of(plane).stream()
                  .filter(member -> isFor(role, member.node().role().name()))
                  .flatMap(member -> address(member, v4).stream())
                  .toList());
      return name;
    }

    private Optional<String> address(Member member, boolean v4) {
      return v4
          ? Optional.of(MeshPlan.address(plane, member).address().getHostAddress())
          : MeshPlan.address6(plane, member).map(address -> Cidr6.text(address.address()));
    }
  }
}
