// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** What the emulated cluster is made of: nodes, storages, machines. */
final class PveCluster {
  final List<String> nodes;
  final Set<String> away = new HashSet<>();
  final Map<Integer, PveGuest> guests = new TreeMap<>();

  /** Volumes with what they were fetched from, or nothing. */
  final Map<String, Optional<URI>> volumes = new HashMap<>();

  final Set<String> bridges = Set.of("vmbr0", "vmbr1");
  final List<Storage> storages =
      List.of(
          new Storage("local", List.of("iso", "vztmpl", "backup")),
          new Storage("local-lvm", List.of("images", "rootdir")),
          new Storage("bulk", List.of("images")));

  /** A storage of every node. */
  record Storage(String name, List<String> content) {}

  PveCluster(List<String> nodes) {
    this.nodes = List.copyOf(nodes);
  }

  PveGuest guest(String node, int vmid) {
    PveGuest guest = guests.get(vmid);
    if (guest == null || !guest.node.equals(node)) {
      throw PveError.of(
          "Configuration file 'nodes/" + node + "/qemu-server/" + vmid + ".conf' does not exist");
    }
    return guest;
  }

  /** One that a test knows to be there. */
  PveGuest known(int vmid) {
    PveGuest guest = guests.get(vmid);
    if (guest == null) {
      throw new IllegalArgumentException("vmid: " + vmid + " (expected: one of a machine)");
    }
    return guest;
  }

  int nextId() {
    int id = 100;
    while (guests.containsKey(id)) {
      id++;
    }
    return id;
  }

  /** A new volume of a machine: its name. */
  String allocate(String storage, int vmid) {
    if (storages.stream().noneMatch(s -> s.name().equals(storage))) {
      throw PveError.of("storage '" + storage + "' does not exist");
    }
    if (storages.stream()
        .noneMatch(s -> s.name().equals(storage) && s.content().contains("images"))) {
      throw PveError.of("storage '" + storage + "' does not support vm images");
    }
    for (int i = 0; ; i++) {
      String volume = storage + ":vm-" + vmid + "-disk-" + i;
      if (volumes.putIfAbsent(volume, Optional.empty()) == null) {
        return volume;
      }
    }
  }

  /** Deletes the volumes that belong to a machine. */
  void free(int vmid) {
    volumes.keySet().removeIf(volume -> volume.contains(":vm-" + vmid + "-disk-"));
  }

  List<String> content(String storage, String kind) {
    List<String> found = new ArrayList<>();
    for (String volume : volumes.keySet()) {
      boolean iso = volume.startsWith(storage + ":iso/");
      if (volume.startsWith(storage + ":") && iso == kind.equals("iso")) {
        found.add(volume);
      }
    }
    return found;
  }
}
