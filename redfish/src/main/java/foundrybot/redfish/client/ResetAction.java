// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.client;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The action {@code #ComputerSystem.Reset} of one system, and which values it takes.
 *
 * <p>Told by its allowable values or by its ActionInfo (DSP0266, 7.5); where neither is there, it
 * is tried, and what is refused is learned.
 */
final class ResetAction {
  private static final String KEY = "#ComputerSystem.Reset";
  private static final String PARAMETER = "ResetType";

  private final RedfishTree tree;
  private final String target;
  private final Optional<List<String>> told;
  private final List<String> refused = new ArrayList<>();
  private Optional<Answer> lastRefusal = Optional.empty();

  private ResetAction(RedfishTree tree, String target, Optional<List<String>> told) {
    this.tree = tree;
    this.target = target;
    this.told = told;
  }

  static ResetAction of(RedfishTree tree, Resource system) {
    Props action = system.props().at("Actions", KEY);
    String target =
        action
            .text("target")
            .orElseThrow(() -> RedfishException.unsupported("switching this system"));
    return new ResetAction(tree, target, told(tree, action));
  }

  private static Optional<List<String>> told(RedfishTree tree, Props action) {
    List<String> values = action.texts(PARAMETER + "@Redfish.AllowableValues");
    if (values.isEmpty()) {
      values =
          tree.find(action.link("@Redfish.ActionInfo")).stream()
              .flatMap(info -> info.props().items("Parameters").stream())
              .filter(p -> p.textOrEmpty("Name").equals(PARAMETER))
              .flatMap(p -> p.texts("AllowableValues").stream())
              .toList();
    }
    return values.isEmpty() ? Optional.empty() : Optional.of(values);
  }

  /** Those of these that it may take, as it spells them. */
  List<String> allowed(List<String> wanted) {
    return wanted.stream()
        .flatMap(type -> spelled(type).stream())
        .filter(type -> !refused.contains(type))
        .toList();
  }

  boolean mayTake(String type) {
    return !allowed(List.of(type)).isEmpty();
  }

  private Optional<String> spelled(String type) {
    return told.isEmpty()
        ? Optional.of(type)
        : told.get().stream().filter(type::equalsIgnoreCase).findFirst();
  }

  Answer send(String type) {
    return tree.post(target, Props.object().put(PARAMETER, type), PARAMETER + "=" + type);
  }

  void learn(String type, Answer refusal) {
    refused.add(type);
    lastRefusal = Optional.of(refusal);
  }

  String describe(String type) {
    return "POST " + target + " " + PARAMETER + "=" + type;
  }

  RedfishException refusedAll(List<String> ways) {
    return lastRefusal
        .map(answer -> tree.http().faults().of(answer))
        .orElseGet(() -> RedfishException.unsupported(PARAMETER + " " + String.join(" or ", ways)));
  }
}
