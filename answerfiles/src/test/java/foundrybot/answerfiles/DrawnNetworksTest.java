// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.answerfiles.NetLink.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * Networks that are drawn, and read again from what each program is told, by readers that know only
 * the programs' own words: every interface means the same to all of them.
 */
class DrawnNetworksTest {
  private static final long SEED = 0x5eed;
  private static final int DRAWS = 300;

  /** A rack file's network, drawn so that it can be meant: what is refused is not drawn. */
  private static final class Draw {
    private final Random random;
    private final List<String> lines = new ArrayList<>();

    /** What is no member yet, and what may carry a VLAN. */
    private final List<String> free = new ArrayList<>(List.of("boot"));

    private final List<String> carriers = new ArrayList<>();
    private int subnet;

    Draw(Random random) {
      this.random = random;
    }

    String text() {
      int cards = 1 + random.nextInt(4);
      Map<String, String> heads = new LinkedHashMap<>();
      heads.put("boot", "");
      for (int n = 1; n <= cards; n++) {
        heads.put("card" + n, "card: \"52:54:00:bb:00:0" + n + "\"");
        free.add("card" + n);
      }
      for (int n = random.nextInt(3); n > 0; n--) {
        List<String> members = taken(free.stream().filter(it -> !it.startsWith("b0")).toList());
        if (!members.isEmpty()) {
          String mode = List.of("802.3ad", "active-backup", "balance-xor").get(random.nextInt(3));
          heads.put("b0" + n, "bond: " + mode + ", members: " + members);
          free.add("b0" + n);
        }
      }
      carriers.addAll(free);
      for (int n = random.nextInt(4); n > 0; n--) {
        String on = carriers.get(random.nextInt(carriers.size()));
        heads.put("v." + n, "vlan: " + (n * 1000 + random.nextInt(90)) + ", on: " + on);
        free.add("v." + n);
      }
      if (random.nextBoolean()) {
        List<String> members =
            taken(
                free.stream().filter(it -> !carriers.contains(it) || !carries(heads, it)).toList());
        if (!members.isEmpty()) {
          heads.put(
              "br-1",
              "bridge: " + (random.nextBoolean() ? "stp" : "plain") + ", members: " + members);
          free.add("br-1");
        }
      }
      heads.forEach(this::link);
      return "{ " + String.join(", ", lines) + " }";
    }

    private static boolean carries(Map<String, String> heads, String name) {
      return heads.values().stream().anyMatch(head -> head.endsWith("on: " + name));
    }

    private List<String> taken(List<String> from) {
      List<String> members = new ArrayList<>();
      for (String each : from) {
        if (random.nextInt(3) == 0) {
          members.add(each);
        }
      }
      free.removeAll(members);
      return members;
    }

    private void link(String name, String head) {
      List<String> keys = new ArrayList<>();
      if (!head.isEmpty()) {
        keys.add(head);
      }
      if (random.nextInt(3) == 0) {
        keys.add("mtu: " + (name.startsWith("v") ? 1400 : 1500 + random.nextInt(7000)));
      }
      if (free.contains(name)) {
        settings(keys);
      }
      lines.add(name + ": { " + String.join(", ", keys) + " }");
    }

    private void settings(List<String> keys) {
      subnet++;
      List<String> addresses = new ArrayList<>();
      List<String> routes = new ArrayList<>();
      if (random.nextBoolean()) {
        addresses.add("10.90." + subnet + ".5/24");
        addresses.add("10.91." + subnet + ".130/25");
        routes.add("10.1" + subnet + ".0.0/16: 10.91." + subnet + ".129");
      }
      if (random.nextBoolean()) {
        addresses.add("\"fd0" + subnet + "::5/64\"");
        routes.add("\"fd1" + subnet + "::/48\": \"fe80::" + subnet + "\"");
      }
      if (random.nextInt(3) == 0) {
        keys.add("dhcp: ipv6");
      }
      keys.add("addresses: " + addresses);
      keys.add("routes: { " + String.join(", ", routes) + " }");
    }
  }

  /** What a program was told of one interface, as far as it can say it. */
  private static String meant(NetworkPlan plan, NetLink link, String name) {
    String kind =
        switch (link.kind()) {
          case Kind.Card card -> "card " + card.mac();
          case Kind.Bond bond -> "bond " + bond.mode();
          case Kind.Vlan vlan -> "vlan " + vlan.id() + " on " + vlan.on();
          case Kind.Bridge bridge -> "bridge " + bridge.stp();
        };
    TreeSet<String> said = new TreeSet<>();
    link.addresses().forEach(it -> said.add("address " + it));
    link.routes().forEach(it -> said.add("route " + it.to() + " " + IpPrefix.text(it.via())));
    link.mtu().ifPresent(it -> said.add("mtu " + it));
    plan.network().masterOf(link.name()).ifPresent(it -> said.add("in " + it.name()));
    if (link.dhcp().v4()) {
      said.add("lease 4");
    }
    if (link.dhcp().v6()) {
      said.add("lease 6");
    }
    if (plan.network().carriesBoot(link.name())) {
      said.add("mac " + plan.boot());
    }
    return name + ": " + kind + " " + said;
  }

  private static List<String> meant(NetworkPlan plan) {
    return plan.network().links().stream()
        .map(link -> meant(plan, link, link.name()))
        .sorted()
        .toList();
  }

  // -- systemd-networkd

  private static Map<String, List<String>> ini(String text) {
    Map<String, List<String>> values = new LinkedHashMap<>();
    String section = "";
    for (String line : text.split("\n", -1)) {
      if (line.startsWith("[")) {
        section = line;
      } else if (!line.isEmpty()) {
        String[] pair = line.split("=", 2);
        values.computeIfAbsent(section + pair[0], _ -> new ArrayList<>()).add(pair[1]);
      }
    }
    return values;
  }

  private static boolean isNew(Map<String, String> map, String key, String value) {
    return map.putIfAbsent(key, value) == null;
  }

  private static String one(Map<String, List<String>> values, String key) {
    List<String> found = values.getOrDefault(key, List.of(""));
    assertEquals(1, found.size(), key);
    return found.getFirst();
  }

  private static List<String> networkd(NetworkPlan plan) {
    Map<String, Map<String, List<String>>> devices = new LinkedHashMap<>();
    Map<String, Map<String, List<String>>> settings = new LinkedHashMap<>();
    for (ConfigFile file : NetworkdFiles.of(plan)) {
      String name = file.name().replaceFirst("^[0-9]+-(.*)\\.(netdev|network)$", "$1");
      (file.name().endsWith(".netdev") ? devices : settings).put(name, ini(file.content()));
    }
    Map<String, String> carriers = new LinkedHashMap<>();
    settings.forEach(
        (name, values) ->
            values
                .getOrDefault("[Network]VLAN", List.of())
                .forEach(vlan -> assertTrue(isNew(carriers, vlan, name), vlan)));
    List<String> said = new ArrayList<>();
    settings.forEach(
        (name, values) -> {
          Map<String, List<String>> device = devices.getOrDefault(name, Map.of());
          String kind = one(device, "[NetDev]Kind");
          if (!kind.isEmpty()) {
            assertEquals(name, one(device, "[NetDev]Name"));
            assertEquals(name, one(values, "[Match]Name"));
          }
          said.add(
              name
                  + ": "
                  + switch (kind) {
                    case "" -> "card " + one(values, "[Match]PermanentMACAddress");
                    case "bond" -> "bond " + one(device, "[Bond]Mode");
                    case "vlan" -> "vlan " + one(device, "[VLAN]Id") + " on " + carriers.get(name);
                    default -> "bridge " + one(device, "[Bridge]STP").equals("yes");
                  }
                  + " "
                  + ofNetworkd(values, device));
        });
    return said.stream().sorted().toList();
  }

  private static Set<String> ofNetworkd(
      Map<String, List<String>> values, Map<String, List<String>> device) {
    TreeSet<String> said = new TreeSet<>();
    values.getOrDefault("[Network]Address", List.of()).forEach(it -> said.add("address " + it));
    List<String> to = values.getOrDefault("[Route]Destination", List.of());
    List<String> via = values.getOrDefault("[Route]Gateway", List.of());
    assertEquals(to.size(), via.size());
    for (int n = 0; n < to.size(); n++) {
      said.add("route " + to.get(n) + " " + via.get(n));
    }
    values.getOrDefault("[Link]MTUBytes", List.of()).forEach(it -> said.add("mtu " + it));
    values.getOrDefault("[Network]Bond", List.of()).forEach(it -> said.add("in " + it));
    values.getOrDefault("[Network]Bridge", List.of()).forEach(it -> said.add("in " + it));
    String dhcp = one(values, "[Network]DHCP");
    if (List.of("ipv4", "yes").contains(dhcp)) {
      said.add("lease 4");
    }
    if (List.of("ipv6", "yes").contains(dhcp)) {
      said.add("lease 6");
    }
    device.getOrDefault("[NetDev]MACAddress", List.of()).forEach(it -> said.add("mac " + it));
    return said;
  }

  // -- netplan

  private static List<String> netplan(NetworkPlan plan) {
    Object root = new Load(LoadSettings.builder().build()).loadFromString(Netplan.of(plan));
    Map<?, ?> network = map(map(root).get("network"));
    Map<String, String> masters = new LinkedHashMap<>();
    for (String kind : List.of("bonds", "bridges")) {
      map(network.get(kind))
          .forEach(
              (name, it) ->
                  list(map(it).get("interfaces"))
                      .forEach(member -> masters.put(member, String.valueOf(name))));
    }
    List<String> said = new ArrayList<>();
    for (String kind : List.of("ethernets", "bonds", "vlans", "bridges")) {
      map(network.get(kind))
          .forEach(
              (key, it) -> {
                String name = String.valueOf(key);
                Map<?, ?> link = map(it);
                Map<?, ?> parameters = map(link.get("parameters"));
                said.add(
                    name
                        + ": "
                        + switch (kind) {
                          case "ethernets" -> "card " + map(link.get("match")).get("macaddress");
                          case "bonds" -> "bond " + parameters.get("mode");
                          case "vlans" -> "vlan " + link.get("id") + " on " + link.get("link");
                          default -> "bridge " + parameters.get("stp");
                        }
                        + " "
                        + ofNetplan(link, masters.getOrDefault(name, "")));
              });
    }
    return said.stream().sorted().toList();
  }

  private static Set<String> ofNetplan(Map<?, ?> link, String master) {
    TreeSet<String> said = new TreeSet<>();
    list(link.get("addresses")).forEach(it -> said.add("address " + it));
    if (link.get("routes") instanceof List<?> routes) {
      routes.forEach(it -> said.add("route " + map(it).get("to") + " " + map(it).get("via")));
    }
    if (link.get("mtu") != null) {
      said.add("mtu " + link.get("mtu"));
    }
    if (!master.isEmpty()) {
      said.add("in " + master);
    }
    for (int family : List.of(4, 6)) {
      if (Boolean.TRUE.equals(link.get("dhcp" + family))) {
        said.add("lease " + family);
      }
    }
    if (link.get("macaddress") != null) {
      said.add("mac " + link.get("macaddress"));
    }
    return said;
  }

  private static Map<?, ?> map(@Nullable Object value) {
    return value instanceof Map<?, ?> map ? map : Map.of();
  }

  private static List<String> list(@Nullable Object value) {
    return value instanceof List<?> list ? list.stream().map(String::valueOf).toList() : List.of();
  }

  // -- NetworkManager

  private static List<String> keyfiles(NetworkPlan plan) {
    Map<String, Map<String, List<String>>> files = new LinkedHashMap<>();
    Map<String, String> names = new LinkedHashMap<>();
    for (ConfigFile file : NmKeyfiles.of(plan)) {
      Map<String, List<String>> values = ini(file.content());
      String name = one(values, "[connection]id");
      files.put(name, values);
      assertTrue(isNew(names, one(values, "[connection]uuid"), name), "one uuid each");
    }
    List<String> said = new ArrayList<>();
    files.forEach(
        (name, values) -> {
          String type = one(values, "[connection]type");
          String kind =
              switch (type) {
                case "ethernet" -> "card " + one(values, "[ethernet]mac-address");
                case "bond" -> "bond " + one(values, "[bond]mode");
                case "vlan" ->
                    "vlan "
                        + one(values, "[vlan]id")
                        + " on "
                        + names.get(one(values, "[vlan]parent"));
                default -> "bridge " + one(values, "[bridge]stp");
              };
          said.add(name + ": " + kind + " " + ofKeyfile(values, names));
        });
    return said.stream().sorted().toList();
  }

  private static final Pattern NUMBERED = Pattern.compile("\\[ipv([46])\\](address|route)[0-9]+");

  private static Set<String> ofKeyfile(
      Map<String, List<String>> values, Map<String, String> names) {
    TreeSet<String> said = new TreeSet<>();
    values.forEach(
        (key, value) -> {
          Matcher numbered = NUMBERED.matcher(key);
          if (numbered.matches()) {
            said.add(numbered.group(2) + " " + value.getFirst().replace(',', ' '));
          }
        });
    values.getOrDefault("[ethernet]mtu", List.of()).forEach(it -> said.add("mtu " + it));
    values
        .getOrDefault("[connection]master", List.of())
        .forEach(it -> said.add("in " + names.get(it)));
    String method = one(values, "[ipv4]method");
    if (method.equals("auto")) {
      said.add("lease 4");
    }
    boolean four = said.stream().anyMatch(it -> it.matches("address [0-9.]+/.*"));
    assertTrue(
        method.isEmpty() || method.equals("auto") || method.equals(four ? "manual" : "disabled"),
        () -> method + " " + said);
    values
        .getOrDefault("[ethernet]cloned-mac-address", List.of())
        .forEach(it -> said.add("mac " + it));
    return said;
  }

  private static String withoutLease6(String meant) {
    return meant.replaceAll(",? ?lease 6", "").replace("[, ", "[");
  }

  @Test
  void eachProgramIsToldTheSameOfWhateverIsDrawn() {
    Random random = new Random(SEED);
    int kinds = 0;
    for (int n = 0; n < DRAWS; n++) {
      String network = new Draw(random).text();
      String address = random.nextBoolean() ? "address: 10.77.0.12, " : "";
      RackFile rack =
          Samples.withNodes(
              "52:54:00:aa:00:01: { role: worker, " + address + "network: " + network + " }\n");
      NetworkPlan plan = NetworkPlan.of(rack, rack.nodes().getFirst(), Samples.run());
      List<String> meant = meant(plan);
      assertEquals(meant, networkd(plan), network);
      assertEquals(meant, netplan(plan), network);
      // By auto it takes leases of IPv6 in any case, where routers say that there are any.
      assertEquals(
          meant.stream().map(DrawnNetworksTest::withoutLease6).toList(), keyfiles(plan), network);
      kinds += (int) plan.network().links().stream().map(it -> it.kind().word()).distinct().count();
    }
    assertTrue(kinds > DRAWS * 2, "only " + kinds + " kinds");
  }
}
