// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.client;

import foundrybot.redfish.BmcFault.Kind;
import foundrybot.redfish.BootDevice;
import foundrybot.redfish.BootSetting;
import foundrybot.redfish.BootSetting.FirmwareMode;
import foundrybot.redfish.Outcome.Done;
import foundrybot.redfish.client.Message.Meaning;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The override of the next boot: written as a whole, in the place that takes it, and read back.
 *
 * <p>The machine's own boot order is never written: firmware and operating systems keep theirs, and
 * some refuse to boot when somebody else changed it.
 */
final class BootControl {
  private static final Duration LOOK = Duration.ofSeconds(2);
  private static final int MAX_OPTIONS = 64;
  private static final String REFERENCE = "BootOptionReference";
  private static final String PATH = "UefiDevicePath";

  /** How often a write is sent while its answers get lost. */
  private static final int MAX_LOST = 3;

  private final RedfishTree tree;
  private final Place place;
  private final List<String> warnings = new ArrayList<>();

  BootControl(RedfishTree tree, Place place) {
    this.tree = tree;
    this.place = place;
  }

  /** A write that is to be tried. */
  private record Attempt(BootPlan plan, String uri) {}

  Done<BootSetting> read() {
    BootView view = BootView.of(tree, place.system());
    if (!view.supported()) {
      throw RedfishException.unsupported("reading the next boot");
    }
    BootView.Shown shown = view.shown();
    BootSetting setting = shown.setting();
    if (!shown.active() && view.pending().map(BootView.Shown::active).orElse(false)) {
      setting = view.pending().get().setting();
      warnings.add("It waits in the Settings resource for the next restart.");
    }
    if (shown.active() && setting.device() == BootDevice.USUAL) {
      warnings.add("The override is " + shown.target() + ", which has no name here.");
    }
    return new Done<>(setting, describe(shown), warnings);
  }

  Done<BootSetting> set(BootSetting wanted) {
    BootView view = BootView.of(tree, place.system());
    if (!view.supported()) {
      throw RedfishException.unsupported("setting the next boot by Redfish; its IPMI may");
    }
    if (wanted.device() == BootDevice.USUAL && !view.shown().active() && !pendingActive(view)) {
      return new Done<>(BootSetting.NONE, "nothing to do; " + describe(view.shown()));
    }
    List<BootPlan> plans =
        BootPlan.of(wanted, view, options(view, wanted.device()), place.quirks());
    prepareHttp(wanted, view, plans);
    if (plans.isEmpty()) {
      throw RedfishException.unsupported(
          "booting from "
              + wanted.device()
              + " (allowed: "
              + String.join(", ", view.allowed(BootView.TARGET))
              + ")");
    }
    if (wanted.mode() != FirmwareMode.AS_IS && !view.has(BootView.MODE)) {
      warnings.add("It has no boot mode that could be set: it boots in the one it is in.");
    }
    return attempt(wanted, view, plans);
  }

  private Done<BootSetting> attempt(BootSetting wanted, BootView view, List<BootPlan> plans) {
    Set<Attempt> tried = new HashSet<>();
    Attempt attempt = new Attempt(plans.getFirst(), view.writable().getFirst());
    for (int lost = 0; ; ) {
      tried.add(attempt);
      Written written = write(attempt, wanted);
      if (written.done().isPresent()) {
        return written.done().get();
      }
      if (written.fault().is(Kind.UNKNOWN_OUTCOME) && ++lost < MAX_LOST) {
        // It was not carried out, as has just been read; and twice is like once.
        continue;
      }
      Optional<Attempt> next =
          next(attempt, written, view.writable(), plans).filter(a -> !tried.contains(a));
      if (next.isEmpty()) {
        throw withWarnings(written.fault());
      }
      boolean givenUp = attempt.plan().uri().isPresent() && next.get().plan().uri().isEmpty();
      if (wanted.device() == BootDevice.HTTP && givenUp) {
        setUpHttp(wanted, view);
      }
      attempt = next.get();
    }
  }

  /** What was changed on the way to a failure is changed all the same. */
  private RedfishException withWarnings(RedfishException fault) {
    return fault
        .fault()
        .filter(f -> !warnings.isEmpty())
        .map(
            f ->
                tree.http()
                    .faults()
                    .fault(
                        f.kind(),
                        f.asked(),
                        f.answered(),
                        f.advice() + ". " + String.join(" ", warnings)))
        .orElse(fault);
  }

  /** What came of a write: it is seen to hold, or why not. */
  private record Written(
      Optional<Done<BootSetting>> done, Optional<Answer> answer, RedfishException fault) {}

  private Written write(Attempt attempt, BootSetting wanted) {
    BootPlan plan = attempt.plan();
    String asked = "PATCH " + attempt.uri() + " " + plan.note();
    Optional<Answer> answer = Optional.empty();
    RedfishException fault;
    try {
      Answer last = tree.patch(attempt.uri(), plan.body(), plan.note());
      answer = Optional.of(last);
      fault = tree.http().faults().of(last);
    } catch (RedfishException e) {
      if (!e.is(Kind.UNKNOWN_OUTCOME) && !e.is(Kind.BROKEN) && !e.is(Kind.REFUSED)) {
        throw e;
      }
      fault = e;
    }
    boolean ok = answer.map(Answer::ok).orElse(false);
    boolean unknown = fault.is(Kind.UNKNOWN_OUTCOME);
    ReadBack seen = readBack(plan, wanted, ok || unknown);
    if (seen.mismatch().isEmpty()) {
      String said = ok ? answer.get().summary() : "an error, but did it";
      plan.warning().ifPresent(warnings::add);
      return new Written(
          Optional.of(
              new Done<>(
                  seen.shown().setting(),
                  tree.http().faults().clean(asked + ": " + said + "; " + describe(seen.shown())),
                  List.copyOf(warnings))),
          answer,
          fault);
    }
    if (ok) {
      fault =
          tree.http()
              .faults()
              .fault(
                  Kind.NO_EFFECT,
                  asked,
                  answer.get().summary() + ", but " + seen.mismatch().get(),
                  "set it at the BMC's own page, or look for newer firmware of the BMC");
    }
    return new Written(Optional.empty(), answer, fault);
  }

  /** What could be tried instead, by what was answered. */
  private static Optional<Attempt> next(
      Attempt tried, Written written, List<String> places, List<BootPlan> plans) {
    BootPlan plan = tried.plan();
    Optional<Attempt> elsewhere =
        places.stream()
            .filter(uri -> !uri.equals(tried.uri()))
            .findFirst()
            .map(uri -> new Attempt(plan, uri));
    if (written.answer().isEmpty()) {
      return Optional.empty();
    }
    Answer answer = written.answer().get();
    boolean all =
        answer.says(Meaning.NOT_WRITABLE, BootView.TARGET)
            || answer.says(Meaning.NOT_WRITABLE, BootView.ENABLED);
    boolean partly = answer.ok() && plan.mode().isPresent() && rejects(answer, BootView.MODE);
    boolean declined = (answer.ok() && !partly) || answer.says(Meaning.ELSEWHERE);
    if (declined || (all && elsewhere.isPresent())) {
      return elsewhere;
    }
    if (plan.mode().isPresent() && rejects(answer, BootView.MODE)) {
      return Optional.of(new Attempt(plan.withoutMode(), tried.uri()));
    }
    if (plan.uri().isPresent() && rejects(answer, BootView.URI_PROPERTY)) {
      return Optional.of(new Attempt(plan.withoutUri(), tried.uri()));
    }
    if (answer.says(Meaning.NOT_WRITABLE) && elsewhere.isPresent()) {
      return elsewhere;
    }
    if (answer.says(Meaning.VALUE_NOT_ALLOWED)) {
      boolean lasting =
          plan.enabled().equals(BootPlan.ALWAYS)
              && (answer.says(Meaning.VALUE_NOT_ALLOWED, BootView.ENABLED)
                  || answer.says(Meaning.VALUE_NOT_ALLOWED, BootPlan.ALWAYS));
      return lasting
          ? Optional.of(new Attempt(plan.once(), tried.uri()))
          : following(plans, plan).map(p -> new Attempt(p, tried.uri()));
    }
    if (answer.status() == 404 || answer.status() == 405) {
      return elsewhere;
    }
    return plan.mode().isPresent() && answer.status() == 400
        ? Optional.of(new Attempt(plan.withoutMode(), tried.uri()))
        : Optional.empty();
  }

  private static boolean rejects(Answer answer, String property) {
    return answer.says(Meaning.NOT_WRITABLE, property)
        || answer.says(Meaning.UNKNOWN_PROPERTY, property);
  }

  private static Optional<BootPlan> following(List<BootPlan> plans, BootPlan plan) {
    int last = -1;
    for (int i = 0; i < plans.size(); i++) {
      if (plans.get(i).target().equals(plan.target())) {
        last = i;
      }
    }
    return last >= 0 && last + 1 < plans.size()
        ? Optional.of(plans.get(last + 1))
        : Optional.empty();
  }

  private record ReadBack(BootView.Shown shown, Optional<String> mismatch) {}

  /** Looks until it is there, or long enough. */
  private ReadBack readBack(BootPlan plan, BootSetting wanted, boolean patient) {
    Instant end = tree.http().now().plus(tree.http().settings().readBack());
    boolean later = place.quirks().first(Quirks.ModeAtRestart.class).isPresent();
    boolean modeMatters = wanted.mode() != FirmwareMode.AS_IS && !later;
    while (true) {
      BootView view = BootView.of(tree, place.system());
      Optional<String> mismatch = plan.mismatch(view.shown(), modeMatters);
      BootView.Shown shown = view.shown();
      if (view.pending().isPresent() && (mismatch.isPresent() || plan.takesAway())) {
        shown = view.pending().get();
        Optional<String> there = plan.mismatch(shown, modeMatters);
        // What is to be in force may wait there; what is to be gone must not.
        mismatch = plan.takesAway() ? mismatch.or(() -> there) : there.isEmpty() ? there : mismatch;
      }
      if (mismatch.isEmpty()) {
        remark(plan, shown, wanted);
        return new ReadBack(shown, mismatch);
      }
      if (!patient || !tree.http().now().plus(LOOK).isBefore(end)) {
        return new ReadBack(shown, mismatch);
      }
      tree.http().pause(LOOK, "Boot");
    }
  }

  private void remark(BootPlan plan, BootView.Shown shown, BootSetting wanted) {
    boolean always = shown.enabled().equalsIgnoreCase(BootPlan.ALWAYS);
    if (shown.active() && always && wanted.lasting() == BootSetting.Lasting.ONCE) {
      warnings.add("Once became always: clear it when the machine has booted.");
    }
    if (shown.active() && !always && wanted.lasting() == BootSetting.Lasting.ALWAYS) {
      warnings.add("It holds for one boot only: set it again before each.");
    }
    if (plan.mode().isPresent()
        && shown.active()
        && wanted.mode() != FirmwareMode.AS_IS
        && !plan.mode().get().equalsIgnoreCase(shown.mode())) {
      warnings.add("The boot mode " + plan.mode().get() + " shows only after a restart.");
    }
    if (plan.mode().isEmpty()
        && shown.active()
        && wanted.mode() != FirmwareMode.AS_IS
        && !shown.mode().isEmpty()
        && !shown.mode().equalsIgnoreCase(wanted.mode().name())) {
      warnings.add("The boot mode stays " + shown.mode() + ": the BMC does not change it.");
    }
    if (plan.uri().isEmpty()
        && wanted.url().isPresent()
        && plan.target().equalsIgnoreCase("UefiHttp")) {
      warnings.add("The BMC takes no URL: DHCP must tell it.");
    }
  }

  private boolean pendingActive(BootView view) {
    return view.pending().map(BootView.Shown::active).orElse(false);
  }

  /** Sets what a vendor's setup needs for HTTP boot, where nothing else would do. */
  private void prepareHttp(BootSetting wanted, BootView view, List<BootPlan> plans) {
    boolean offered = plans.stream().anyMatch(p -> p.target().equalsIgnoreCase("UefiHttp"));
    boolean urlTaken = wanted.url().isEmpty() || view.has(BootView.URI_PROPERTY);
    if (wanted.device() == BootDevice.HTTP && !(offered && urlTaken)) {
      setUpHttp(wanted, view);
    }
  }

  /** Also where a BMC shows a property for the URL, and then does not let it be written. */
  private void setUpHttp(BootSetting wanted, BootView view) {
    for (Quirks.HttpBootInSetup setup : place.quirks().all(Quirks.HttpBootInSetup.class)) {
      new SetupAttributes(tree, view.system())
          .write(setup.attributes(), wanted.url().map(java.net.URI::toString))
          .ifPresent(warnings::add);
    }
  }

  /** What the firmware itself offers, where the usual targets do not do. */
  private List<BootPlan.Option> options(BootView view, BootDevice device) {
    Set<String> targets = view.allowed(BootView.TARGET);
    boolean direct =
        targets.isEmpty()
            || targets.contains(
                switch (device) {
                  case HTTP -> "UefiHttp";
                  case PXE -> "Pxe";
                  case DISK -> "Hdd";
                  default -> "Cd";
                });
    if (direct || device == BootDevice.USUAL) {
      return List.of();
    }
    List<String> order = view.boot().texts("BootOrder");
    Stream<BootPlan.Option> listed =
        tree.members(view.boot().link("BootOptions")).stream()
            .map(Resource::props)
            .filter(option -> device(option, option.textOrEmpty(PATH)) == device)
            .sorted(likely(order))
            .limit(MAX_OPTIONS)
            .map(o -> new BootPlan.Option(o.textOrEmpty(REFERENCE), o.textOrEmpty(PATH), device));
    Stream<BootPlan.Option> paths =
        view.allowed(BootView.DEVICE_PATH).stream()
            .filter(path -> device(Props.NOTHING, path) == device)
            .sorted(Comparator.comparing(BootControl::isIpv6))
            .map(path -> new BootPlan.Option("", path, device));
    return Stream.concat(listed, paths).toList();
  }

  /**
   * By IPv4, which the appliance serves, before IPv6; what is switched on; the firmware's order.
   */
  private static Comparator<Props> likely(List<String> order) {
    return Comparator.<Props, Boolean>comparing(
            option -> isIpv6(option.textOrEmpty(PATH) + option.textOrEmpty("DisplayName")))
        .thenComparing(option -> !option.flag("BootOptionEnabled").orElse(true))
        .thenComparingInt(option -> rank(option.textOrEmpty(REFERENCE), order));
  }

  private static boolean isIpv6(String text) {
    return text.toLowerCase(Locale.ROOT).contains("ipv6");
  }

  /** Some write the option's name behind its reference. */
  private static int rank(String reference, List<String> order) {
    int found = 0;
    while (found < order.size() && !order.get(found).startsWith(reference)) {
      found++;
    }
    return found;
  }

  private static BootDevice device(Props option, String path) {
    String alias = option.textOrEmpty("Alias").toLowerCase(Locale.ROOT);
    String name = option.textOrEmpty("DisplayName").toLowerCase(Locale.ROOT);
    if (alias.equals("uefihttp") || path.contains("Uri(") || name.contains("http")) {
      return BootDevice.HTTP;
    }
    if (alias.equals("pxe") || path.contains("MAC(") || name.contains("pxe")) {
      return BootDevice.PXE;
    }
    if (alias.equals("cd") || alias.equals("usbcd") || path.contains("CDROM(")) {
      return BootDevice.CD;
    }
    return alias.equals("hdd") || path.contains("HD(") ? BootDevice.DISK : BootDevice.USUAL;
  }

  private static String describe(BootView.Shown shown) {
    return shown.active()
        ? "reads back " + String.join(" ", shown.target(), shown.enabled(), shown.mode()).strip()
        : "no override is active";
  }
}
