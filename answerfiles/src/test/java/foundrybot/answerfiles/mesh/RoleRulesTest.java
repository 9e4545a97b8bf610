// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles.mesh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.answerfiles.Plane;
import foundrybot.answerfiles.RackFile;
import foundrybot.answerfiles.Samples;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What the node of each built-in role lets in, by each plane, of whom: this and nothing else. */
class RoleRulesTest {
  private static final List<String> ROLES =
      List.of("hub", "etcd", "control-plane", "worker", "load-balancer", "storage", "monitor");

  private static final Pattern ADMITTED =
      Pattern.compile("    ip saddr @wg[0-3]-(\\S+)-4 (tcp|udp) dport (\\S+) accept");

  /** What every chain has besides: known connections, pings, and what is not for this node. */
  private static final Pattern USUAL =
      Pattern.compile(
          "    (ip daddr != \\S+ drop|meta nfproto ipv6 drop|icmp type echo-request accept"
              + "|ct state (established,related accept|invalid drop)|counter drop)");

  private static RackFile rack() {
    StringBuilder yaml = new StringBuilder(Samples.HEAD);
    yaml.append("mesh:\n  planes:\n");
    for (Plane plane : Plane.values()) {
      yaml.append("    ").append(plane.text()).append(": 10.80.");
      yaml.append(plane.interfaceName().charAt(2)).append(".0/24\n");
    }
    yaml.append("nodes:\n");
    for (int i = 0; i < ROLES.size(); i++) {
      yaml.append("  ").append(Meshes.mac(i + 1)).append(": { role: ").append(ROLES.get(i));
      yaml.append(", address: 10.77.0.").append(i + 11).append(" }\n");
    }
    return Samples.rack(yaml.toString());
  }

  /** On a plane, of every role. */
  private static final Map<Plane, Set<String>> ALL =
      Map.of(
          Plane.BOOTSTRAP,
          Set.of("hub tcp/22"),
          Plane.CONTROL,
          Set.of("hub tcp/22", "control-plane tcp/10250", "monitor tcp/9100", "monitor tcp/10250"));

  /** Of one role besides. */
  private static final Map<String, Set<String>> MORE =
      Map.of(
          "control etcd",
          Set.of("control-plane tcp/2379", "etcd tcp/2379-2380", "monitor tcp/2381"),
          "control control-plane",
          Set.of("control-plane tcp/2379-2380", "any tcp/6443"),
          "control load-balancer",
          Set.of("any tcp/6443"),
          "data control-plane",
          Set.of(
              "worker udp/8472",
              "control-plane udp/8472",
              "worker tcp/4240",
              "control-plane tcp/4240"),
          "data worker",
          Set.of(
              "worker udp/8472",
              "control-plane udp/8472",
              "worker tcp/4240",
              "control-plane tcp/4240",
              "load-balancer tcp/30000-32767"),
          "storage storage",
          Set.of("any tcp/3300", "any tcp/6789", "any tcp/6800-7300"));

  @Test
  void eachPlaneAdmitsWhatEachRoleNeedsAndNothingElse() {
    MeshPlan plan = Meshes.plan(rack(), Map.of());
    for (int i = 0; i < ROLES.size(); i++) {
      Member member = plan.member(Meshes.mac(i + 1)).orElseThrow();
      List<String> lines = NftRules.of(plan, member).lines();
      for (Plane plane : Plane.values()) {
        String name = plane.text() + " " + ROLES.get(i);
        Set<String> wanted = new TreeSet<>(ALL.getOrDefault(plane, Set.of()));
        wanted.addAll(MORE.getOrDefault(name, Set.of()));
        List<String> chain = chain(lines, plane.interfaceName() + "-in");
        assertEquals(wanted, admitted(chain), name);
        assertEquals("    counter drop", chain.getLast(), name);
        // There is no hub: nothing is passed on, neither from the plane nor into it.
        String device = "ifname \"" + plane.interfaceName() + "\" drop";
        assertTrue(lines.contains("    i" + device) && lines.contains("    o" + device), name);
      }
    }
  }

  private static Set<String> admitted(List<String> chain) {
    Set<String> found = new TreeSet<>();
    for (String line : chain) {
      Matcher rule = ADMITTED.matcher(line);
      if (rule.matches()) {
        found.add(rule.group(1) + " " + rule.group(2) + "/" + rule.group(3));
      } else {
        assertTrue(USUAL.matcher(line).matches(), line);
      }
    }
    return found;
  }

  private static List<String> chain(List<String> lines, String name) {
    int begin = lines.indexOf("  chain " + name + " {") + 1;
    assertTrue(begin > 0, lines::toString);
    List<String> rest = lines.subList(begin, lines.size());
    return rest.subList(0, rest.indexOf("  }"));
  }
}
