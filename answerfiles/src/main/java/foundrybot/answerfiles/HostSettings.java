// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a role or a node asks of a system beside its packages.
 *
 * @param files by their paths, each once
 * @param enabled units that start with the system, such as {@code haproxy.service}
 * @param disabled units that do not; none of them is among the enabled
 * @param sysctls settings of the kernel by name, with dots
 * @param labels for the Kubernetes node, by key
 */
public record HostSettings(
    List<HostFile> files,
    Set<String> enabled,
    Set<String> disabled,
    Map<String, String> sysctls,
    Map<String, String> labels) {
  /** Nothing. */
  public static final HostSettings NONE =
      new HostSettings(List.of(), Set.of(), Set.of(), Map.of(), Map.of());

  public HostSettings {
    files = List.copyOf(files);
    enabled = Collections.unmodifiableSet(new LinkedHashSet<>(enabled));
    disabled = Collections.unmodifiableSet(new LinkedHashSet<>(disabled));
    sysctls = Collections.unmodifiableMap(new LinkedHashMap<>(sysctls));
    labels = Collections.unmodifiableMap(new LinkedHashMap<>(labels));
  }

  /** Whether it asks for nothing. */
  public boolean isEmpty() {
    return equals(NONE);
  }

  /** Bytes of all its files. */
  int bytes() {
    return files.stream().mapToInt(HostFile::bytes).sum();
  }

  /**
   * The same, and what stands nearer to the node: of one path, unit, sysctl or key the nearer word
   * holds.
   */
  HostSettings with(HostSettings nearer) {
    Map<String, HostFile> all = new LinkedHashMap<>();
    files.forEach(file -> all.put(file.path(), file));
    nearer.files.forEach(file -> all.put(file.path(), file));
    return new HostSettings(
        new ArrayList<>(all.values()),
        union(without(enabled, nearer.disabled), nearer.enabled),
        union(without(disabled, nearer.enabled), nearer.disabled),
        merge(sysctls, nearer.sysctls),
        merge(labels, nearer.labels));
  }

  private static Set<String> without(Set<String> units, Set<String> others) {
    Set<String> left = new LinkedHashSet<>(units);
    left.removeAll(others);
    return left;
  }

  private static Set<String> union(Set<String> units, Collection<String> more) {
    Set<String> all = new LinkedHashSet<>(units);
    all.addAll(more);
    return all;
  }

  private static Map<String, String> merge(Map<String, String> far, Map<String, String> near) {
    Map<String, String> all = new LinkedHashMap<>(far);
    all.putAll(near);
    return all;
  }
}
