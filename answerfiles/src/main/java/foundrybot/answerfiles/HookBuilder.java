// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import foundrybot.answerfiles.BmcSettings.Password;
import foundrybot.answerfiles.HookSettings.Action;
import foundrybot.answerfiles.HookSettings.Hook;
import foundrybot.answerfiles.HookSettings.Status;
import foundrybot.answerfiles.Tree.Branch;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** A node's requests to a switch, from its own keys and those that the whole rack shares. */
final class HookBuilder {
  private static final String OFF_TIME = "5";
  private static final String SYSTEM_FORM = "[A-Za-z0-9._~-]{1,128}";

  private final Faults faults;
  private final Optional<Branch> defaults;

  /** Faults of the defaults are noted once, here. */
  HookBuilder(Faults faults, Optional<Branch> defaults) {
    this.faults = faults;
    this.defaults = defaults;
    defaults.ifPresent(branch -> check(branch, "bmc-defaults"));
  }

  /** Notes what contradicts itself within one mapping. */
  void check(Branch bmc, String path) {
    Optional<Branch> hooks = bmc.branch("hooks");
    for (String name : hooks.map(h -> h.entries().keySet()).orElse(Set.of())) {
      hooks.flatMap(h -> h.branch(name)).ifPresent(h -> check(h, name, path + ".hooks." + name));
    }
  }

  private void check(Branch hook, String name, String path) {
    boolean status = name.equals(HookKeys.STATUS);
    for (String key : List.of("pointer", "on", "off")) {
      if (hook.has(key) && !status) {
        faults.add(hook.at(key), path + "." + key, hook.text(key).orElse(""), "only under status");
      }
    }
    String body = hook.text("body").orElse("");
    if (body.contains(HookSettings.SECRET)) {
      faults.add(hook.at("body"), path + ".body", body, HookSettings.SECRET + " in request only");
    }
    if (!status || !hook.has("request")) {
      return;
    }
    for (String key : List.of("on", "off")) {
      if (!hook.has(key)) {
        faults.add(hook.at(), path + "." + key, "missing", "what the answer says then");
      }
    }
    if (hook.text("on").isPresent() && hook.text("on").equals(hook.text("off"))) {
      String value = hook.text("off").orElse("");
      faults.add(hook.at("off"), path + ".off", value, "another word than that of on");
    }
  }

  /**
   * Reads a node's.
   *
   * @param path of its BMC in the file
   */
  HookSettings build(Branch own, String path) {
    Map<Action, Hook> actions = new EnumMap<>(Action.class);
    for (Action action : Action.values()) {
      hook(own, action.key())
          .flatMap(HookBuilder::hook)
          .ifPresent(hook -> actions.put(action, hook));
    }
    String seconds = inherited(own, bmc -> bmc.text("off-time")).orElse(OFF_TIME);
    HookSettings settings =
        new HookSettings(
            actions,
            hook(own, HookKeys.STATUS).flatMap(HookBuilder::status),
            inherited(own, bmc -> bmc.text("header")),
            Duration.ofSeconds(Long.parseLong(seconds)));
    if (actions.isEmpty() && !has(own, "hooks")) {
      String expected = "what to ask for on and off, here or in bmc-defaults; docs/rack-file.md";
      faults.add(own.at(), path + ".hooks", "missing", expected);
    }
    if (settings.has(HookSettings.SYSTEM)) {
      checkSystem(own, path);
    }
    checkPassword(own, path, settings);
    return settings;
  }

  /** It stands in URLs and JSON as it is. */
  private void checkSystem(Branch own, String path) {
    String system = inherited(own, bmc -> bmc.text("system")).orElse("");
    if (!system.matches(SYSTEM_FORM)) {
      String expected = "letters, digits and ._~- for " + HookSettings.SYSTEM + " of the hooks";
      faults.add(own.at("system"), path + ".system", Values.shown(system), expected);
    }
  }

  private void checkPassword(Branch own, String path, HookSettings settings) {
    if (settings.wantsPassword() && password(own, defaults) instanceof Password.None) {
      String what = settings.header().isPresent() ? "header" : HookSettings.SECRET;
      String where = ofBmcs(defaults) ? "here" : "here or in bmc-defaults";
      String why = ofBmcs(defaults) ? "; that beside user in bmc-defaults is the BMCs'" : "";
      String expected = "password-file or password-env, " + where + ", for " + what + why;
      faults.add(own.at(), path + ".password-file", "missing", expected);
    }
  }

  /** Where the rack's password belongs to a user, it is that of BMCs, and goes to no device. */
  static Password password(Branch own, Optional<Branch> defaults) {
    return BmcBuilder.password(own, defaults.filter(_ -> !ofBmcs(defaults)));
  }

  private static boolean ofBmcs(Optional<Branch> defaults) {
    return defaults.filter(branch -> branch.has("user")).isPresent();
  }

  private Optional<Branch> hook(Branch own, String name) {
    return inherited(own, bmc -> bmc.branch("hooks").flatMap(hooks -> hooks.branch(name)));
  }

  private <T> Optional<T> inherited(Branch own, Function<Branch, Optional<T>> value) {
    return value.apply(own).or(() -> defaults.flatMap(value));
  }

  private boolean has(Branch own, String key) {
    return own.has(key) || defaults.filter(branch -> branch.has(key)).isPresent();
  }

  private static Optional<Hook> hook(Branch branch) {
    return branch
        .text("request")
        .map(text -> text.split(" ", 2))
        .map(
            parts ->
                new Hook(
                    parts[0],
                    parts[1],
                    branch.text("body"),
                    branch.text("type").orElse("application/json"),
                    branch.texts("expect").stream().map(Integer::valueOf).toList()));
  }

  private static Optional<Status> status(Branch branch) {
    return hook(branch)
        .filter(hook -> branch.text("on").isPresent() && branch.text("off").isPresent())
        .map(
            hook ->
                new Status(
                    hook,
                    branch.text("pointer"),
                    branch.text("on").orElseThrow(),
                    branch.text("off").orElseThrow()));
  }
}
