// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.answerfiles.FirmwareRule;
import foundrybot.bootserver.BootClient;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Finds the rows of a firmware table that may be about a machine without looking at all of them.
 * Each row stands under one of its conditions, the narrowest that it has: node, beginning of the
 * MAC, beginning of the class, architecture; one without conditions is always looked at.
 */
final class FirmwareIndex {
  private final List<FirmwareRule> rules;
  private final Map<String, List<Integer>> byNode = new HashMap<>();
  private final Map<String, List<Integer>> byMac = new HashMap<>();
  private final Map<String, List<Integer>> byClass = new HashMap<>();
  private final Map<Integer, List<Integer>> byArchitecture = new HashMap<>();
  private final List<Integer> always = new ArrayList<>();

  /** Lengths that beginnings of MACs and of classes have in this table. */
  private final Set<Integer> macLengths = new TreeSet<>();

  private final Set<Integer> classLengths = new TreeSet<>();

  FirmwareIndex(List<FirmwareRule> rules) {
    this.rules = List.copyOf(rules);
    for (int i = 0; i < rules.size(); i++) {
      add(rules.get(i), i);
    }
  }

  private void add(FirmwareRule rule, int number) {
    if (!rule.nodes().isEmpty()) {
      rule.nodes().forEach(node -> put(byNode, node, number));
    } else if (!rule.macPrefixes().isEmpty()) {
      for (String prefix : rule.macPrefixes()) {
        macLengths.add(prefix.length());
        put(byMac, prefix, number);
      }
    } else if (rule.vendorClass().isPresent()) {
      String beginning = rule.vendorClass().get();
      classLengths.add(beginning.length());
      put(byClass, beginning, number);
    } else if (!rule.architectures().isEmpty()) {
      rule.architectures().forEach(code -> put(byArchitecture, code, number));
    } else {
      always.add(number);
    }
  }

  private static <K> void put(Map<K, List<Integer>> index, K key, int number) {
    index.computeIfAbsent(key, _ -> new ArrayList<>(1)).add(number);
  }

  /**
   * Rows worth looking at, in the order of the table, each once; they may still not be about it.
   */
  List<FirmwareRule> candidates(BootClient client, String mac, Optional<String> node) {
    BitSet numbers = new BitSet();
    always.forEach(numbers::set);
    node.ifPresent(name -> take(byNode, name, numbers));
    for (int length : macLengths) {
      take(byMac, mac.substring(0, Math.min(length, mac.length())), numbers);
    }
    String vendorClass = client.vendorClass();
    for (int length : classLengths) {
      if (length <= vendorClass.length()) {
        take(byClass, vendorClass.substring(0, length), numbers);
      }
    }
    take(byArchitecture, client.architecture().code(), numbers);
    if (numbers.isEmpty()) {
      return List.of();
    }
    List<FirmwareRule> found = new ArrayList<>(numbers.cardinality());
    for (int i = numbers.nextSetBit(0); i >= 0; i = numbers.nextSetBit(i + 1)) {
      found.add(rules.get(i));
    }
    return found;
  }

  private static <K> void take(Map<K, List<Integer>> index, K key, BitSet numbers) {
    List<Integer> found = index.get(key);
    if (found != null) {
      found.forEach(numbers::set);
    }
  }
}
