// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * The secrets of a Talos cluster, as {@code talosctl gen secrets} writes them: those that each of
 * its machines must have to belong to it, and those of its control plane alone.
 */
public final class TalosSecrets {
  /** Of a file; the usual one has 5000 characters. */
  static final int LONGEST = 64 << 10;

  /** What stands in place of a secret that nobody has read. */
  static final String LEFT_OUT = "SECRET";

  private static final Pattern VALUE = Pattern.compile("[A-Za-z0-9+/=_.-]+");

  /** By the name for templates: where it stands in the file. */
  private static final Map<String, String> PATHS = paths();

  /** What a worker must not have: with any of these it could be the cluster. */
  private static final Set<String> OF_CONTROL_PLANE =
      Set.of(
          "talosOsKey",
          "talosK8sKey",
          "talosEtcdCrt",
          "talosEtcdKey",
          "talosAggregatorCrt",
          "talosAggregatorKey",
          "talosServiceAccountKey",
          "talosSecretbox");

  private final Map<String, String> values;

  private TalosSecrets(Map<String, String> values) {
    this.values = Map.copyOf(values);
  }

  private static Map<String, String> paths() {
    Map<String, String> paths = new LinkedHashMap<>();
    paths.put("talosClusterId", "cluster.id");
    paths.put("talosClusterSecret", "cluster.secret");
    paths.put("talosBootstrapToken", "secrets.bootstraptoken");
    paths.put("talosSecretbox", "secrets.secretboxencryptionsecret");
    paths.put("talosToken", "trustdinfo.token");
    paths.put("talosEtcdCrt", "certs.etcd.crt");
    paths.put("talosEtcdKey", "certs.etcd.key");
    paths.put("talosK8sCrt", "certs.k8s.crt");
    paths.put("talosK8sKey", "certs.k8s.key");
    paths.put("talosAggregatorCrt", "certs.k8saggregator.crt");
    paths.put("talosAggregatorKey", "certs.k8saggregator.key");
    paths.put("talosServiceAccountKey", "certs.k8sserviceaccount.key");
    paths.put("talosOsCrt", "certs.os.crt");
    paths.put("talosOsKey", "certs.os.key");
    return paths;
  }

  /** Words that open nothing, for whoever looks at a configuration without being the machine. */
  static TalosSecrets leftOut() {
    Map<String, String> values = new LinkedHashMap<>();
    PATHS.keySet().forEach(name -> values.put(name, LEFT_OUT));
    return new TalosSecrets(values);
  }

  /**
   * Reads a file's text.
   *
   * @param text YAML
   * @param source for messages, none of which shows a value
   * @throws RenderException if it is no such file, or one of another version of Talos
   */
  public static TalosSecrets read(String text, String source) {
    if (text.length() > LONGEST) {
      throw new RenderException(
          source + ": " + text.length() + " characters (expected: at most " + LONGEST + ")");
    }
    if (YamlText.compose(text, source, new Faults(source)).isEmpty()) {
      throw new RenderException(source + ": no YAML (expected: what 'talosctl gen secrets' made)");
    }
    Object root = load(text, source);
    Map<String, String> values = new LinkedHashMap<>();
    PATHS.forEach((name, path) -> values.put(name, value(root, path, source)));
    return new TalosSecrets(values);
  }

  private static Object load(String text, String source) {
    try {
      return Optional.ofNullable(
              new Load(LoadSettings.builder().setLabel(source).build()).loadFromString(text))
          .orElse("");
    } catch (YamlEngineException _) {
      // Its message would show a line of the file.
      throw new RenderException(source + ": broken YAML (expected: each key once)");
    }
  }

  private static String value(Object root, String path, String source) {
    Object found = root;
    for (String key : List.of(path.split("\\."))) {
      found =
          found instanceof Map<?, ?> map
              ? Optional.<Object>ofNullable(map.get(key)).orElse("")
              : "";
    }
    String text = String.valueOf(found);
    if (!VALUE.matcher(text).matches()) {
      throw new RenderException(
          source
              + ": "
              + path
              + ": missing or malformed (expected: as 'talosctl gen secrets' writes it)");
    }
    return text;
  }

  /** The names that templates may use. */
  static Set<String> names() {
    return PATHS.keySet();
  }

  /** For the templates of one node; what only a control plane may have is empty for a worker. */
  Map<String, String> values(boolean controlPlane) {
    Map<String, String> own = new LinkedHashMap<>(values);
    if (!controlPlane) {
      OF_CONTROL_PLANE.forEach(name -> own.put(name, ""));
    }
    return own;
  }

  /** Leaves the secrets out. */
  @Override
  public String toString() {
    return "TalosSecrets" + Arrays.toString(PATHS.keySet().toArray());
  }
}
