// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.client;

import foundrybot.redfish.BmcFault.Kind;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import tools.jackson.databind.node.ObjectNode;

/** Attributes of the firmware's setup (DSP2046, Bios): written apart, in force after a restart. */
final class SetupAttributes {
  private final RedfishTree tree;
  private final Resource system;

  SetupAttributes(RedfishTree tree, Resource system) {
    this.tree = tree;
    this.system = system;
  }

  /**
   * Writes those that the firmware has.
   *
   * @return what to know about it; empty if there was nothing to write
   */
  Optional<String> write(Map<String, String> attributes, Optional<String> url) {
    Optional<Resource> bios = tree.find(system.props().link("Bios"));
    Optional<String> uri = bios.flatMap(Resource::settingsUri);
    if (bios.isEmpty() || uri.isEmpty()) {
      return Optional.empty();
    }
    Props now = bios.get().props().at("Attributes");
    ObjectNode wanted = Props.object();
    attributes.forEach(
        (name, value) -> {
          String text = value.equals("$url") ? url.orElse("") : value;
          called(now, name)
              .filter(own -> !text.isEmpty() && !now.textOrEmpty(own).equals(text))
              .ifPresent(own -> wanted.put(own, text));
        });
    if (wanted.isEmpty()) {
      return Optional.empty();
    }
    String names = String.join(", ", wanted.propertyNames());
    ObjectNode body = Props.object();
    body.set("Attributes", wanted);
    if (bios.get().props().texts("@Redfish.Settings", "SupportedApplyTimes").contains("OnReset")) {
      body.set("@Redfish.SettingsApplyTime", Props.object().put("ApplyTime", "OnReset"));
    }
    String problem = send(uri.get(), body, names);
    Optional<Resource> pending = tree.find(uri.get());
    List<String> differing =
        wanted.properties().stream()
            .filter(entry -> !shows(pending, entry.getKey(), entry.getValue().asString()))
            .map(Map.Entry::getKey)
            .toList();
    if (differing.isEmpty()) {
      return Optional.of(
          "Setup attribute " + names + " was set; it is in force after the next restart.");
    }
    return Optional.of(
        problem.isEmpty()
            ? "Setup attribute "
                + String.join(", ", differing)
                + ": the BMC said yes, and "
                + uri.get()
                + " does not show it. Look at it after the next restart."
            : "Setup attribute " + names + " could not be set: " + problem);
  }

  /** As the firmware has it: some number what they have, as in IPv4HTTPSupport_009F. */
  private static Optional<String> called(Props now, String name) {
    Pattern numbered = Pattern.compile(Pattern.quote(name) + "[_#][0-9A-Fa-f]{4}");
    return now.has(name)
        ? Optional.of(name)
        : now.node().properties().stream()
            .map(Map.Entry::getKey)
            .filter(own -> numbered.matcher(own).matches())
            .findFirst();
  }

  private static boolean shows(Optional<Resource> pending, String name, String value) {
    return pending
        .map(found -> found.props().at("Attributes").textOrEmpty(name).equals(value))
        .orElse(false);
  }

  /** Some hold this request longer than anybody waits, and do it all the same. */
  private String send(String uri, ObjectNode body, String names) {
    try {
      Answer answer = tree.patch(uri, body, "Attributes " + names);
      return answer.ok() ? "" : answer.summary();
    } catch (RedfishException e) {
      if (e.is(Kind.UNKNOWN_OUTCOME) || e.is(Kind.REFUSED)) {
        return e.fault().map(f -> f.answered()).orElse("");
      }
      throw e;
    }
  }
}
