// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.client;

import foundrybot.redfish.BootDevice;
import foundrybot.redfish.BootSetting;
import foundrybot.redfish.BootSetting.FirmwareMode;
import foundrybot.redfish.BootSetting.Lasting;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import tools.jackson.databind.node.ObjectNode;

/**
 * One way to write an override: all of it in one request, because BMCs fill in what is left out as
 * they like.
 *
 * @param target empty to leave it
 * @param mode absent where the BMC has no such property or does not let it be written
 * @param uri for HTTP boot; the empty text takes one away
 * @param pointer a further property that the target needs, such as BootNext
 * @param warning what is not quite as it was wanted
 */
record BootPlan(
    String target,
    String enabled,
    Optional<String> mode,
    Optional<String> uri,
    Optional<Pointer> pointer,
    Optional<String> warning) {

  record Pointer(String property, String value) {}

  /** A boot option of the firmware, as far as it can be chosen (DSP2046, BootOption). */
  record Option(String reference, String path, BootDevice device) {}

  static final String ONCE = "Once";
  static final String ALWAYS = "Continuous";
  static final String OFF = "Disabled";

  BootPlan withoutMode() {
    return new BootPlan(target, enabled, Optional.empty(), uri, pointer, warning);
  }

  BootPlan withoutUri() {
    return new BootPlan(target, enabled, mode, Optional.empty(), pointer, warning);
  }

  BootPlan once() {
    return new BootPlan(target, ONCE, mode, uri, pointer, warning);
  }

  ObjectNode body() {
    ObjectNode boot = Props.object();
    if (!target.isEmpty()) {
      boot.put(BootView.TARGET, target);
    }
    boot.put(BootView.ENABLED, enabled);
    mode.ifPresent(m -> boot.put(BootView.MODE, m));
    pointer.ifPresent(p -> boot.put(p.property(), p.value()));
    if (uri.isPresent() && uri.get().isEmpty()) {
      boot.putNull(BootView.URI_PROPERTY);
    } else {
      uri.ifPresent(u -> boot.put(BootView.URI_PROPERTY, u));
    }
    ObjectNode body = Props.object();
    body.set("Boot", boot);
    return body;
  }

  /** For people, without the URL, which may be secret. */
  String note() {
    return "Boot "
        + (target.isEmpty() ? "" : target + " ")
        + enabled
        + mode.map(m -> " " + m).orElse("")
        + pointer.map(p -> " " + p.property() + "=" + p.value()).orElse("")
        + (uri.filter(u -> !u.isEmpty()).isPresent() ? " with a URL" : "");
  }

  /** What differs from this in what is shown; empty: nothing that matters. */
  Optional<String> mismatch(BootView.Shown shown, boolean modeMatters) {
    if (takesAway()) {
      return shown.active()
          ? Optional.of(BootView.ENABLED + " is " + shown.enabled())
          : Optional.empty();
    }
    if (!shown.active() && !shown.target().equalsIgnoreCase(target)) {
      return Optional.of(BootView.TARGET + " is " + told(shown.target()));
    }
    if (!shown.active()) {
      return Optional.of(BootView.ENABLED + " is " + told(shown.enabled()));
    }
    if (!shown.target().equalsIgnoreCase(target)) {
      return Optional.of(BootView.TARGET + " is " + told(shown.target()));
    }
    if (modeMatters && mode.isPresent() && !mode.get().equalsIgnoreCase(shown.mode())) {
      return Optional.of(BootView.MODE + " is " + told(shown.mode()));
    }
    if (uri.isPresent() && shown.uri().isPresent() && !uri.equals(shown.uri())) {
      return Optional.of(BootView.URI_PROPERTY + " is another");
    }
    return Optional.empty();
  }

  private static String told(String value) {
    return value.isEmpty() ? "not told" : value;
  }

  /** The ways to what is wanted, best first; empty: this BMC has none. */
  static List<BootPlan> of(BootSetting wanted, BootView view, List<Option> options, Quirks quirks) {
    if (wanted.device() == BootDevice.USUAL) {
      return off(view, quirks);
    }
    Planner planner = new Planner(wanted, view, quirks);
    switch (wanted.device()) {
      case PXE -> planner.target("Pxe", Optional.empty());
      case DISK -> planner.target("Hdd", Optional.empty());
      case CD -> planner.cd();
      default -> planner.http();
    }
    for (Option option : options) {
      planner.option(option);
    }
    if (wanted.device() == BootDevice.HTTP) {
      planner.target("Pxe", Optional.of("It cannot be told to boot by HTTP; it boots by PXE."));
    }
    return planner.plans;
  }

  private static List<BootPlan> off(BootView view, Quirks quirks) {
    Optional<String> noUri =
        view.now(BootView.URI_PROPERTY).isPresent() ? Optional.of("") : Optional.empty();
    Optional<String> mode = needed(view.now(BootView.MODE), view, quirks);
    // As it is, since some decline to be told "None".
    String target =
        view.pending()
            .filter(BootView.Shown::active)
            .map(BootView.Shown::target)
            .or(() -> view.now(BootView.TARGET))
            .orElse("");
    return Stream.of(target, "None")
        .distinct()
        .map(t -> new BootPlan(t, OFF, mode, noUri, Optional.empty(), Optional.empty()))
        .toList();
  }

  /** Whether it is no override that is wanted. */
  boolean takesAway() {
    return enabled.equals(OFF);
  }

  /** Whoever makes much of a mode is told it only if it is another. */
  private static Optional<String> needed(Optional<String> mode, BootView view, Quirks quirks) {
    boolean dear = quirks.first(Quirks.ModeOnlyIfNew.class).isPresent();
    Optional<String> now = view.now(BootView.MODE);
    return mode.filter(m -> !dear || now.filter(m::equalsIgnoreCase).isEmpty());
  }

  private static final class Planner {
    private final BootSetting wanted;
    private final BootView view;
    private final Quirks quirks;
    private final Set<String> allowed;
    private final List<BootPlan> plans = new ArrayList<>();

    Planner(BootSetting wanted, BootView view, Quirks quirks) {
      this.wanted = wanted;
      this.view = view;
      this.quirks = quirks;
      this.allowed = view.allowed(BootView.TARGET);
    }

    void cd() {
      for (Quirks.CdTarget cd : quirks.all(Quirks.CdTarget.class)) {
        if (allowed.contains(cd.target())) {
          target(cd.target(), Optional.empty());
        }
      }
      target("Cd", Optional.empty());
      if (!allowed.isEmpty()) {
        target("UsbCd", Optional.empty());
      }
    }

    void http() {
      if (spelled("UefiHttp").isEmpty()) {
        return;
      }
      if (wanted.url().isPresent() && view.has(BootView.URI_PROPERTY)) {
        target("UefiHttp", Optional.empty());
      } else {
        target("UefiHttp", Optional.empty());
        plans.add(plans.removeLast().withoutUri());
      }
    }

    void option(Option option) {
      Pointer byReference = new Pointer("BootNext", option.reference());
      Pointer byPath = new Pointer(BootView.DEVICE_PATH, option.path());
      if (!option.reference().isEmpty() && allowed.contains("UefiBootNext")) {
        plans.add(plan("UefiBootNext", Optional.of(byReference), Optional.empty()));
      } else if (view.allowed(BootView.DEVICE_PATH).contains(option.path())) {
        plans.add(plan("UefiTarget", Optional.of(byPath), Optional.empty()));
      }
    }

    void target(String target, Optional<String> warning) {
      spelled(target).ifPresent(t -> plans.add(plan(t, Optional.empty(), warning)));
    }

    private Optional<String> spelled(String target) {
      return allowed.isEmpty()
          ? Optional.of(target)
          : allowed.stream().filter(target::equalsIgnoreCase).findFirst();
    }

    private BootPlan plan(String target, Optional<Pointer> pointer, Optional<String> warning) {
      boolean http = target.equalsIgnoreCase("UefiHttp");
      boolean once =
          wanted.lasting() == Lasting.ONCE
              || (http && quirks.first(Quirks.HttpBootOnlyOnce.class).isPresent());
      return new BootPlan(
          target,
          enabled(once),
          view.has(BootView.MODE)
              ? needed(mode(http || pointer.isPresent()), view, quirks)
              : Optional.empty(),
          http ? wanted.url().map(java.net.URI::toString) : Optional.empty(),
          pointer,
          warning);
    }

    /** What of the two is allowed, where the BMC has but one of them. */
    private String enabled(boolean once) {
      Set<String> possible = view.allowed(BootView.ENABLED);
      boolean hasOnce = possible.stream().anyMatch(ONCE::equalsIgnoreCase);
      boolean hasAlways = possible.stream().anyMatch(ALWAYS::equalsIgnoreCase);
      boolean only = hasOnce != hasAlways;
      return (only ? hasOnce : once) ? ONCE : ALWAYS;
    }

    private Optional<String> mode(boolean onlyUefi) {
      if (onlyUefi || wanted.mode() == FirmwareMode.UEFI) {
        return Optional.of("UEFI");
      }
      return wanted.mode() == FirmwareMode.LEGACY ? Optional.of("Legacy") : view.now(BootView.MODE);
    }
  }
}
