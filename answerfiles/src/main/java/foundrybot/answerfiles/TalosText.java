// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * Reads a machine configuration of Talos (v1alpha1) and refuses what Talos would refuse when the
 * machine has it: what is missing, and keys of the cluster's authorities in a worker's.
 */
final class TalosText {
  private static final List<String> MACHINE =
      List.of("machine.token", "machine.ca.crt", "cluster.controlPlane.endpoint", "cluster.token");

  private static final List<String> KEYS =
      List.of(
          "machine.ca.key",
          "cluster.ca.key",
          "cluster.aggregatorCA.key",
          "cluster.serviceAccount.key",
          "cluster.etcd.ca.key",
          "cluster.secretboxEncryptionSecret");

  private TalosText() {}

  static void check(String name, String text) {
    DataText.yaml(name, text);
    Object root = new Load(LoadSettings.builder().setLabel(name).build()).loadFromString(text);
    if (!(root instanceof Map<?, ?> map)) {
      throw new RenderException(name + ": not a mapping (expected: version, machine and cluster)");
    }
    if (!at(map, "version").equals("v1alpha1")) {
      throw new RenderException(name + ": version: not v1alpha1");
    }
    MACHINE.forEach(path -> expect(name, path, at(map, path), true));
    String type = at(map, "machine.type");
    if (!type.equals("controlplane") && !type.equals("worker")) {
      throw new RenderException(
          name
              + ": machine.type: "
              + Values.shown(type)
              + " (expected: one of controlplane, worker)");
    }
    KEYS.forEach(path -> expect(name, path, at(map, path), type.equals("controlplane")));
    if (at(map, "machine.install.disk").isEmpty()
        && at(map, "machine.install.diskSelector").isEmpty()) {
      throw new RenderException(
          name + ": machine.install: no disk (expected: disk or diskSelector)");
    }
  }

  /** The value is a secret, so no message shows it. */
  private static void expect(String name, String path, String value, boolean needed) {
    if (value.isEmpty() == needed) {
      throw new RenderException(
          name
              + ": "
              + path
              + (needed ? ": missing (expected: a value)" : ": of a worker (expected: nothing)"));
    }
  }

  private static String at(Map<?, ?> root, String path) {
    Object found = root;
    for (String key : List.of(path.split("\\."))) {
      found =
          found instanceof Map<?, ?> map
              ? Optional.<Object>ofNullable(map.get(key)).orElse("")
              : "";
    }
    return String.valueOf(found);
  }
}
