// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles.mesh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.answerfiles.Golden;
import foundrybot.answerfiles.Mac;
import foundrybot.answerfiles.Plane;
import foundrybot.answerfiles.RackFile;
import foundrybot.answerfiles.Samples;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MeshPlanTest {
  private static RackFile rack(String subnet, int... nodes) {
    StringBuilder yaml = new StringBuilder(Samples.HEAD);
    yaml.append("mesh: { planes: { data: ").append(subnet).append(" } }\nnodes:\n");
    for (int node : nodes) {
      yaml.append("  ").append(Meshes.mac(node)).append(": { role: worker, name: n").append(node);
      yaml.append(", address: 10.77.0.").append(node + 10).append(" }\n");
    }
    return Samples.rack(yaml.toString());
  }

  private static Map<Mac, Integer> numbers(Object... macsAndNumbers) {
    Map<Mac, Integer> numbers = new LinkedHashMap<>();
    for (int i = 0; i < macsAndNumbers.length; i += 2) {
      numbers.put(Meshes.mac((Integer) macsAndNumbers[i]), (Integer) macsAndNumbers[i + 1]);
    }
    return numbers;
  }

  @Test
  void aNodeThatIsAddedInTheMiddleMovesNobody() {
    Map<Mac, Integer> first = Meshes.plan(rack("10.80.2.0/24", 1, 3), Map.of()).numbers();
    assertEquals(numbers(1, 1, 3, 2), first);
    Map<Mac, Integer> second = Meshes.plan(rack("10.80.2.0/24", 1, 2, 3), first).numbers();
    assertEquals(numbers(1, 1, 3, 2, 2, 3), second);
  }

  @Test
  void aNodeThatComesBackHasTheNumberThatItHad() {
    Map<Mac, Integer> first = Meshes.plan(rack("10.80.2.0/24", 1, 2), Map.of()).numbers();
    Map<Mac, Integer> without = Meshes.plan(rack("10.80.2.0/24", 2, 3), first).numbers();
    assertEquals(numbers(1, 1, 2, 2, 3, 3), without);
    assertEquals(without, Meshes.plan(rack("10.80.2.0/24", 3, 2, 1), without).numbers());
  }

  @Test
  void onlyAFullSubnetUsesNumbersOfNodesThatAreGone() {
    Map<Mac, Integer> full = numbers(1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6);
    Map<Mac, Integer> after = Meshes.plan(rack("10.80.2.0/29", 1, 2, 4, 5, 6, 7), full).numbers();
    assertEquals(3, after.get(Meshes.mac(7)));
    full.remove(Meshes.mac(3));
    full.forEach((mac, number) -> assertEquals(number, after.get(mac)));
  }

  @Test
  void aSubnetThatLostTheRoomOfANodeIsRefusedWithItsName() {
    RackFile rack = rack("10.80.2.0/30", 1, 2);
    Planning planning = MeshPlan.of(rack, rack.mesh().orElseThrow(), numbers(1, 1, 2, 9));
    assertTrue(
        planning instanceof Planning.Refused(String why)
            && why.contains("10.80.2.0/30: no address for n2 (expected: a larger subnet"),
        planning::toString);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void whateverComesAndGoesNobodyMovesAndNoTwoShareANumber(long seed) {
    Random random = new Random(seed);
    Map<Mac, Integer> known = Map.of();
    for (int round = 0; round < 40; round++) {
      int[] nodes = random.ints(1, 60).distinct().limit(1 + random.nextInt(30)).toArray();
      Map<Mac, Integer> next = Meshes.plan(rack("10.80.2.0/24", nodes), known).numbers();
      known.forEach((mac, number) -> assertEquals(number, next.get(mac)));
      assertEquals(next.size(), next.values().stream().distinct().count());
      known = next;
    }
  }

  @Test
  void aNodeIsOnlyInThePlanesOfItsRole() {
    MeshPlan plan = Meshes.plan(Meshes.rack(), Map.of());
    assertEquals(
        List.of(Plane.BOOTSTRAP, Plane.CONTROL, Plane.STORAGE),
        Meshes.of(plan, Meshes.mac(5)).interfaces().stream().map(NodeInterface::plane).toList());
    List<WgPeer> data = peers(Meshes.of(plan, Meshes.mac(3)), Plane.DATA);
    assertEquals(
        List.of(Meshes.key(Meshes.mac(2), Plane.DATA), Meshes.key(Meshes.mac(4), Plane.DATA)),
        data.stream().map(WgPeer::publicKey).toList());
  }

  private static List<WgPeer> peers(NodeMesh mesh, Plane plane) {
    return mesh.interfaces().stream()
        .filter(one -> one.plane() == plane)
        .findFirst()
        .orElseThrow()
        .config()
        .peers();
  }

  @Test
  void throughAHubEachKnowsTheHubAloneAndTheHubKnowsEachByItsAddress() {
    MeshPlan plan = Meshes.plan(Meshes.rack(), Map.of());
    List<WgPeer> spoke = peers(Meshes.of(plan, Meshes.mac(3)), Plane.CONTROL);
    assertEquals(1, spoke.size());
    assertEquals(List.of("10.80.1.0/24", "fd4a:6e1f:20c8:1::/64"), spoke.getFirst().allowedIps());
    assertEquals(Optional.of("[2001:db8::11]:51821"), spoke.getFirst().endpoint());
    List<WgPeer> hub = peers(Meshes.of(plan, Meshes.mac(1)), Plane.CONTROL);
    assertEquals(4, hub.size());
    assertEquals(List.of("10.80.1.3/32", "fd4a:6e1f:20c8:1::3/128"), hub.get(1).allowedIps());
  }

  @Test
  void onlyWhoCannotBeReachedFirstKeepsTheWayOpenAndOnlyToWhomItCanReach() {
    MeshPlan plan = Meshes.plan(Meshes.rack(), Map.of());
    List<WgPeer> unreachable = peers(Meshes.of(plan, Meshes.mac(4)), Plane.DATA);
    assertEquals(List.of(25, 25), unreachable.stream().map(WgPeer::keepalive).toList());
    WgPeer toIt = peers(Meshes.of(plan, Meshes.mac(3)), Plane.DATA).get(1);
    assertEquals(Optional.empty(), toIt.endpoint());
    assertEquals(0, toIt.keepalive());
  }

  @Test
  void whoHasSentNoKeyIsNobodysPeerYet() {
    MeshPlan plan = Meshes.plan(Meshes.rack(), Map.of());
    NodeMesh mesh =
        plan.nodeMesh(
            plan.member(Meshes.mac(3)).orElseThrow(),
            (mac, plane) ->
                mac.equals(Meshes.mac(2)) ? Optional.of(Meshes.key(mac, plane)) : Optional.empty(),
            Meshes::preshared);
    assertEquals(List.of(), peers(mesh, Plane.CONTROL));
    assertEquals(1, peers(mesh, Plane.DATA).size());
  }

  @Test
  void bothSidesOfATunnelShareTheKeyBetweenThem() {
    RackFile rack =
        Samples.rack(
            Samples.HEAD
                + Meshes.PLANES.replace("mesh:\n", "mesh:\n  preshared: on\n")
                + Meshes.NODES);
    MeshPlan plan = Meshes.plan(rack, Map.of());
    Map<Mac, Integer> places = new HashMap<>(plan.numbers());
    assertEquals(5, places.size());
    WgPeer one = peers(Meshes.of(plan, Meshes.mac(3)), Plane.DATA).get(1);
    WgPeer other = peers(Meshes.of(plan, Meshes.mac(4)), Plane.DATA).get(1);
    assertTrue(one.presharedKey().isPresent());
    assertEquals(one.presharedKey(), other.presharedKey());
    assertFalse(one.toString().contains(one.presharedKey().orElseThrow().text()));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5})
  void whatTheToolsAreTold(int node) {
    MeshPlan plan = Meshes.plan(Meshes.rack(), Map.of());
    NodeMesh mesh = Meshes.of(plan, Meshes.mac(node));
    String name = plan.member(Meshes.mac(node)).orElseThrow().node().name();
    for (NodeInterface one : mesh.interfaces()) {
      Golden.check(
          "mesh/" + name + "." + one.plane().interfaceName(),
          String.join("\n", one.config().lines()) + "\n");
    }
    Golden.check("mesh/" + name + ".nft", String.join("\n", mesh.rules().lines()) + "\n");
  }
}
