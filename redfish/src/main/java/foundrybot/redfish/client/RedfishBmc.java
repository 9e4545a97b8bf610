// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.client;

import foundrybot.redfish.Bmc;
import foundrybot.redfish.BmcEndpoint;
import foundrybot.redfish.BootSetting;
import foundrybot.redfish.Identity;
import foundrybot.redfish.Inventory;
import foundrybot.redfish.LogEntry;
import foundrybot.redfish.MediaSlot;
import foundrybot.redfish.Outcome;
import foundrybot.redfish.Outcome.Done;
import foundrybot.redfish.Outcome.Failed;
import foundrybot.redfish.Outcome.Unsupported;
import foundrybot.redfish.PowerAction;
import foundrybot.redfish.PowerState;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * A BMC that speaks Redfish (DMTF DSP0266), whoever made it.
 *
 * <p>Everything is found by links from the service root, and everything that is written is read
 * back. One call at a time; each ends within {@link RedfishSettings#call()}, an action's patience
 * added. {@link #close()} logs out.
 */
public final class RedfishBmc implements Bmc {
  private static final String MEGARAC =
      "its firmware is built on AMI's MegaRAC, whose releases before March 2025 let anybody in by"
          + " Redfish (CVE-2024-54085): ask the machine's maker whether this one is mended, and"
          + " keep BMCs on a network of their own";

  private final String name;
  private final Optional<String> wantedSystem;
  private final RedfishSettings settings;
  private final RedfishHttp http;
  private final RedfishTree tree;
  private final ReentrantLock oneAtATime = new ReentrantLock();
  private Optional<Place> place = Optional.empty();

  private RedfishBmc(BmcEndpoint endpoint, RedfishSettings settings, Timing timing) {
    String scheme = endpoint.url().getScheme();
    if (endpoint.url().getHost() == null
        || (!"https".equalsIgnoreCase(scheme) && !"http".equalsIgnoreCase(scheme))) {
      throw new IllegalArgumentException(
          "url: "
              + endpoint.url().getScheme()
              + ":... (expected: https://HOST or https://HOST:PORT)");
    }
    int port = endpoint.url().getPort();
    this.name =
        "redfish " + scheme + "://" + endpoint.url().getHost() + (port < 0 ? "" : ":" + port);
    this.wantedSystem = endpoint.system();
    this.settings = settings;
    this.http = new RedfishHttp(endpoint, settings, timing, new Faults(name));
    this.tree = new RedfishTree(http);
  }

  /** Sends nothing yet. */
  public static RedfishBmc at(BmcEndpoint endpoint, RedfishSettings settings, Timing timing) {
    return new RedfishBmc(endpoint, settings, timing);
  }

  /** With the usual settings. */
  public static RedfishBmc at(BmcEndpoint endpoint) {
    return at(endpoint, RedfishSettings.USUAL, Timing.REAL);
  }

  /** Names by which {@link BmcEndpoint#quirks} may want a quirk, or not. */
  public static List<String> quirks() {
    return QuirkTable.ROWS.stream().map(Quirks.Row::name).toList();
  }

  @Override
  public String describe() {
    return name;
  }

  @Override
  public Outcome<Identity> identify() {
    return call(
        Duration.ZERO,
        here -> {
          Identity who = here.identity();
          String line = String.join(" ", who.service(), who.vendor(), who.model()).strip();
          Props root = tree.get(tree.http().root()).props();
          return new Done<>(
              who, name + ": " + line, isMegarac(root) ? List.of(MEGARAC) : List.of());
        });
  }

  /** As AMI's own service root has it, under whatever name the machine is sold. */
  private static boolean isMegarac(Props root) {
    return root.has("Oem", "Ami")
        || root.textOrEmpty("Vendor").equalsIgnoreCase("AMI")
        || root.textOrEmpty("Product").startsWith("AMI Redfish");
  }

  @Override
  public Outcome<PowerState> power() {
    return call(
        Duration.ZERO,
        here -> {
          Props system = tree.get(here.system()).props();
          PowerState state = PowerControl.state(tree::get, here);
          String told = system.text("PowerState").orElse("not told by the system itself");
          return new Done<>(state, name + ": PowerState " + told);
        });
  }

  @Override
  public Outcome<PowerState> power(PowerAction action, Duration patience) {
    return call(patience, here -> new PowerControl(tree, here).run(action, patience));
  }

  @Override
  public Outcome<BootSetting> nextBoot() {
    return call(Duration.ZERO, here -> new BootControl(tree, here).read());
  }

  @Override
  public Outcome<BootSetting> setNextBoot(BootSetting wanted) {
    wanted.url().ifPresent(url -> http.faults().hide(url.toString()));
    return call(Duration.ZERO, here -> new BootControl(tree, here).set(wanted));
  }

  @Override
  public Outcome<List<MediaSlot>> media() {
    return call(Duration.ZERO, here -> new MediaControl(tree, here).read());
  }

  @Override
  public Outcome<MediaSlot> insertMedia(URI image) {
    hide(image);
    return call(Duration.ZERO, here -> new MediaControl(tree, here).insert(image));
  }

  /** Some BMCs repeat the path alone, or the name of the file. */
  private void hide(URI image) {
    String path = image.getRawPath() == null ? "" : image.getRawPath();
    String file = path.substring(path.lastIndexOf('/') + 1);
    http.faults().hide(image.toString());
    if (!file.isEmpty()) {
      http.faults().hide(path);
      http.faults().hide(file);
    }
  }

  @Override
  public Outcome<List<MediaSlot>> ejectMedia() {
    return call(Duration.ZERO, here -> new MediaControl(tree, here).eject());
  }

  @Override
  public Outcome<Inventory> inventory() {
    return call(Duration.ZERO, here -> new InventoryReader(tree, here).read());
  }

  @Override
  public Outcome<List<LogEntry>> log(int most) {
    return call(Duration.ZERO, here -> new EventLog(tree, here).read(most));
  }

  @Override
  public Outcome<String> bootProgress() {
    return call(Duration.ZERO, this::bootProgress);
  }

  private Done<String> bootProgress(Place here) {
    Props system = tree.get(here.system()).props();
    Optional<String> told = system.text("BootProgress", "LastState");
    if (told.filter(state -> !state.equalsIgnoreCase("OEM")).isEmpty()) {
      told =
          system
              .text("BootProgress", "OemLastState")
              .or(() -> system.text("BootProgress", "LastState"));
    }
    for (Quirks.ProgressAt other : here.quirks().all(Quirks.ProgressAt.class)) {
      told = told.or(() -> system.text(other.path().toArray(String[]::new)));
    }
    String state = told.orElseThrow(() -> RedfishException.unsupported("boot progress"));
    return new Done<>(state, "boot progress " + state);
  }

  @Override
  public void close() {
    oneAtATime.lock();
    try {
      http.close();
    } finally {
      oneAtATime.unlock();
    }
  }

  private <T> Outcome<T> call(Duration patience, Function<Place, Done<T>> action) {
    return guarded(
        patience,
        () -> {
          Place here = place.orElseGet(() -> Place.find(tree, wantedSystem));
          place = Optional.of(here);
          return action.apply(here);
        });
  }

  private <T> Outcome<T> guarded(Duration patience, Supplier<Done<T>> action) {
    oneAtATime.lock();
    try {
      http.begin(settings.call().plus(patience));
      tree.forget();
      Done<T> done = action.get();
      String evidence =
          done.evidence().startsWith(name) ? done.evidence() : name + ": " + done.evidence();
      return new Done<>(done.value(), evidence, done.warnings());
    } catch (RedfishException e) {
      return e.fault().isPresent()
          ? new Failed<>(e.fault().get())
          : new Unsupported<>(name, e.unsupported());
    } finally {
      oneAtATime.unlock();
    }
  }
}
