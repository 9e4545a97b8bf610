// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.power;

import foundrybot.answerfiles.BmcSettings;
import foundrybot.answerfiles.HookSettings;
import foundrybot.answerfiles.Mac;
import foundrybot.answerfiles.Node;
import foundrybot.appliance.store.KeyRing;
import foundrybot.redfish.Bmc;
import foundrybot.redfish.BmcEndpoint;
import foundrybot.redfish.BootDevice;
import foundrybot.redfish.BootSetting;
import foundrybot.redfish.BootSetting.FirmwareMode;
import foundrybot.redfish.Credentials;
import foundrybot.redfish.HardwareAddress;
import foundrybot.redfish.Hypervisor;
import foundrybot.redfish.Secret;
import foundrybot.redfish.SecureOn;
import foundrybot.redfish.Trust;
import foundrybot.redfish.WakeOnLan;
import foundrybot.redfish.client.RedfishBmc;
import foundrybot.redfish.client.Timing;
import foundrybot.redfish.ipmi.Ipmi;
import foundrybot.redfish.libvirt.Libvirt;
import foundrybot.redfish.proxmox.Proxmox;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The BMCs of a rack: the rack file's own, or for a node without one that which an operator has
 * entered ({@link BmcStore}). What belongs to it (files, variables, remembered certificates) is
 * looked up when a BMC is opened, and nothing is sent before its first call.
 */
public final class Bmcs implements BmcSource {
  private static final Inet4Address EVERYBODY = Inet4Address.ofLiteral("255.255.255.255");
  private static final int PACKETS = 3;
  private static final Duration SPACING = Duration.ofMillis(200);
  private static final Set<String> CAN_BE_HEARD =
      Set.of("http", "https", "proxmox", "webhook+http", "webhook+https");
  private static final Logger LOG = LoggerFactory.getLogger(Bmcs.class);

  private final Path folder;
  private final Path data;
  private final Map<String, String> environment;
  private final Inet4Address source;
  private final BmcWaits waits;
  private final BmcStore stored;
  // At most one for each password file and each BMC.
  private final Set<String> warned = ConcurrentHashMap.newKeySet();

  /**
   * Knows where to look.
   *
   * @param folder of the rack file, for files that it names
   * @param data the appliance's folder, with certificates of first use and entered BMCs
   * @param environment for passwords in variables
   * @param source the appliance's address, from which magic packets leave
   */
  public Bmcs(Path folder, Path data, Map<String, String> environment, Inet4Address source) {
    this(folder, data, environment, source, BmcWaits.USUAL);
  }

  /** The same where the key of what was entered may be encrypted. */
  public Bmcs(Path folder, KeyRing keys, Map<String, String> environment, Inet4Address source) {
    this(folder, keys, environment, source, BmcWaits.USUAL);
  }

  /** The same with other patience for each BMC. */
  public Bmcs(
      Path folder,
      Path data,
      Map<String, String> environment,
      Inet4Address source,
      BmcWaits waits) {
    this(folder, KeyRing.plain(data), environment, source, waits);
  }

  private Bmcs(
      Path folder,
      KeyRing keys,
      Map<String, String> environment,
      Inet4Address source,
      BmcWaits waits) {
    this.waits = waits;
    this.folder = folder;
    this.data = keys.data();
    this.environment = Map.copyOf(environment);
    this.source = source;
    this.stored = new BmcStore(keys);
  }

  /**
   * Opens a node's.
   *
   * @throws PowerException where it has none, or where something that belongs to it is missing
   */
  @Override
  public Bmc open(Node node) {
    return node.bmc()
        .map(own -> opened(node.name(), own.url(), () -> open(node, own)))
        .or(() -> stored.find(node.mac()).map(bmc -> open(node.name(), node.mac(), bmc)))
        .orElseThrow(
            () ->
                new PowerException(
                    node.name()
                        + ": no bmc in the rack file (expected: bmc: URL under the node's MAC), and"
                        + " none entered by 'bootserver bmc add'; docs/rack-file.md"));
  }

  @Override
  public boolean has(Node node) {
    return node.bmc().isPresent() || stored.has(node.mac());
  }

  @Override
  public boolean hadLately(Node node) {
    return node.bmc().isPresent() || stored.hadLately(node.mac());
  }

  @Override
  public Optional<URI> url(Node node) {
    try {
      return node.bmc().map(BmcSettings::url).or(() -> stored.find(node.mac()).map(StoredBmc::url));
    } catch (PowerException e) {
      // Said by open(), to whom it matters.
      return Optional.empty();
    }
  }

  /**
   * Opens one that was entered, or is about to be.
   *
   * @param name of the machine, for what goes wrong
   * @throws PowerException where something that belongs to it is wrong
   */
  public Bmc open(String name, Mac machine, StoredBmc bmc) {
    return opened(
        name,
        bmc.url(),
        () -> {
          if (bmc.hooks().isPresent()) {
            return Webhooks.open(endpoint(bmc), bmc.hooks().get(), true);
          }
          return StoredBmc.isLibvirt(bmc.url())
              ? libvirt(name, machine, bmc.url(), bmc.system())
              : open(name, machine, endpoint(bmc), () -> ipmi(bmc));
        });
  }

  private static BmcEndpoint endpoint(StoredBmc bmc) {
    URI url = StoredBmc.isWebhook(bmc.url()) ? ofSwitch(bmc.url()) : bmc.url();
    return new BmcEndpoint(url, bmc.credentials(), bmc.trust(), bmc.system(), bmc.quirks());
  }

  private Ipmi.Settings ipmi(StoredBmc bmc) {
    Ipmi.Settings usual = waits.ipmi();
    return usual.with(bmc.suites().isEmpty() ? usual.suites() : bmc.suites(), bmc.quirks());
  }

  private static Bmc libvirt(String name, Mac machine, URI url, Optional<String> system) {
    return Libvirt.open(
        url,
        system.orElse(name),
        Optional.of(new HardwareAddress(machine.toString())),
        InstantSource.system(),
        Thread::sleep);
  }

  /**
   * Opens the host that a node's virtual machine is made on, which its BMC's URL names.
   *
   * @throws PowerException where the node has no such BMC, or something that belongs to it is
   *     missing
   */
  public Hypervisor hypervisor(Node node) {
    BmcSettings own =
        node.bmc()
            .orElseThrow(
                () ->
                    new PowerException(
                        node.name() + ": no bmc in the rack file (expected: a hypervisor's URL)"));
    return opened(node.name(), own.url(), () -> hypervisor(own));
  }

  private Hypervisor hypervisor(BmcSettings settings) {
    return switch (settings.url().getScheme()) {
      case "libvirt+unix", "libvirt+ssh" ->
          Libvirt.hypervisor(settings.url(), InstantSource.system(), Thread::sleep);
      case "proxmox" ->
          Proxmox.hypervisor(endpoint(settings), InstantSource.system(), Thread::sleep);
      default -> throw new IllegalArgumentException("scheme (expected: a hypervisor's)");
    };
  }

  private static <T> T opened(String name, URI url, Supplier<T> how) {
    try {
      return how.get();
    } catch (IllegalArgumentException e) {
      throw new PowerException(name + ": bmc " + url + ": " + e.getMessage());
    }
  }

  private Bmc open(Node node, BmcSettings settings) {
    Mac machine = node.mac();
    return switch (settings.url().getScheme()) {
      case "webhook+https", "webhook+http" -> webhook(settings);
      case "libvirt+unix", "libvirt+ssh" ->
          libvirt(node.name(), machine, settings.url(), settings.system());
      case "wol" -> wakeOnLan(machine, settings.url());
      default -> open(node.name(), machine, endpoint(settings), () -> ipmi(settings));
    };
  }

  private Bmc open(String name, Mac machine, BmcEndpoint endpoint, Supplier<Ipmi.Settings> ipmi) {
    return switch (endpoint.url().getScheme()) {
      case "https", "http" -> RedfishBmc.at(endpoint, waits.redfish(), Timing.REAL);
      case "ipmi" -> Ipmi.open(endpoint, ipmi.get(), InstantSource.system(), Thread::sleep);
      case "wol" -> wakeOnLan(machine, endpoint.url());
      case "proxmox" ->
          Proxmox.open(
              endpoint,
              name,
              new HardwareAddress(machine.toString()),
              InstantSource.system(),
              Thread::sleep);
      default ->
          throw new IllegalArgumentException(
              "scheme (expected: https, http, ipmi, wol or proxmox; others in the rack file only)");
    };
  }

  private static URI ofSwitch(URI url) {
    return URI.create(url.toString().substring("webhook+".length()));
  }

  private Bmc webhook(BmcSettings settings) {
    HookSettings hooks = settings.hooks().orElseThrow();
    URI url = ofSwitch(settings.url());
    Optional<Credentials> who =
        hooks.wantsPassword() || settings.user().isPresent()
            ? password(settings).map(pw -> new Credentials(settings.user().orElse(""), pw))
            : Optional.empty();
    if (settings.user().isPresent() && who.isEmpty()) {
      throw new IllegalArgumentException(
          "password-file or password-env: missing (expected: one of them beside user)");
    }
    return Webhooks.open(new BmcEndpoint(url, who, trust(settings), settings.system()), hooks);
  }

  private Ipmi.Settings ipmi(BmcSettings settings) {
    return waits.ipmi().with(settings.cipherSuites(), Set.copyOf(settings.quirks()));
  }

  private WakeOnLan wakeOnLan(Mac machine, URI url) {
    try {
      if (!(InetAddress.getByName(url.getHost()) instanceof Inet4Address destination)) {
        throw new IllegalArgumentException("address (expected: an IPv4 broadcast address)");
      }
      int port = url.getPort() == -1 ? WakeOnLan.PORT : url.getPort();
      return wakeOnLan(machine, source, destination, port);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("host: " + url.getHost() + " is not known", e);
    }
  }

  /** Any node's card, woken from that address by a broadcast on its network. */
  public static Bmc wakeOnLan(Node node, Inet4Address source) {
    return wakeOnLan(node.mac(), source, EVERYBODY, WakeOnLan.PORT);
  }

  private static WakeOnLan wakeOnLan(
      Mac machine, Inet4Address source, Inet4Address destination, int port) {
    return new WakeOnLan(
        new HardwareAddress(machine.toString()),
        SecureOn.NONE,
        new WakeOnLan.Way(source, destination, port, PACKETS, SPACING),
        Thread::sleep);
  }

  private BmcEndpoint endpoint(BmcSettings settings) {
    return new BmcEndpoint(
        settings.url(),
        credentials(settings),
        trust(settings),
        settings.system(),
        Set.copyOf(settings.quirks()));
  }

  private Optional<Credentials> credentials(BmcSettings settings) {
    Optional<Secret> password = password(settings);
    if (settings.user().isPresent() != password.isPresent()) {
      throw new IllegalArgumentException(
          (password.isPresent() ? "user" : "password-file or password-env")
              + ": missing (expected: user and password together, on the node or in bmc-defaults)");
    }
    return settings.user().map(user -> new Credentials(user, password.orElseThrow()));
  }

  private Optional<Secret> password(BmcSettings settings) {
    return switch (settings.password()) {
      case BmcSettings.Password.InFile(Path path) ->
          Optional.of(PasswordFile.read(folder.resolve(path), this::warn));
      case BmcSettings.Password.InEnvironment(String name) -> Optional.of(variable(name));
      case BmcSettings.Password.None() -> Optional.empty();
    };
  }

  /** Once: a deployment opens hundreds of BMCs with the same file, and each more than once. */
  private void warn(String text) {
    if (warned.add(text)) {
      LOG.warn("{}", text);
    }
  }

  private Secret variable(String name) {
    String value = environment.getOrDefault(name, "");
    if (value.isEmpty()) {
      throw new IllegalArgumentException(
          "password-env: " + name + ": not set (expected: the password); export it first");
    }
    return new Secret(value);
  }

  private Trust trust(BmcSettings settings) {
    Trust trust =
        new Trusts(folder, data.resolve("known-bmcs"))
            .of(settings.trust().orElseGet(BmcSettings.Trust.Any::new), authority(settings.url()));
    if (trust instanceof Trust.Any) {
      warnOfListeners(settings);
    }
    return trust;
  }

  /** Said loudly: a password goes where somebody may be in between. */
  private void warnOfListeners(BmcSettings settings) {
    String scheme = String.valueOf(settings.url().getScheme());
    if (settings.user().isEmpty() || !CAN_BE_HEARD.contains(scheme)) {
      return;
    }
    warn(
        scheme
            + "://"
            + authority(settings.url())
            + (scheme.endsWith("http")
                ? ": whoever listens on the way to this BMC can read its password; use https"
                : ": trust: any: whoever stands between takes this BMC's password, since its"
                    + " certificate is not looked at; use its fingerprint, sha256:..."));
  }

  /** Two services of one host may show two certificates. */
  private static String authority(URI url) {
    boolean proxmox = url.getScheme().equals("proxmox") && url.getPort() < 0;
    return url.getRawAuthority() + (proxmox ? ":" + Proxmox.PORT : "");
  }

  /**
   * What a deployment has a node boot, once.
   *
   * @throws foundrybot.images.BuildException if there is no such program
   */
  static BootSetting nextBoot(Node node, ProgramSource programs) {
    FirmwareMode mode = firmware(node);
    return switch (node.bmc().map(BmcSettings::boot).orElseGet(BmcSettings.Boot.Pxe::new)) {
      case BmcSettings.Boot.Pxe() -> BootSetting.once(BootDevice.PXE, mode);
      case BmcSettings.Boot.Http(Optional<URI> url) ->
          new BootSetting(BootDevice.HTTP, url, BootSetting.Lasting.ONCE, FirmwareMode.UEFI);
      case BmcSettings.Boot.HttpProgram(BmcSettings.Processor processor) ->
          new BootSetting(
              BootDevice.HTTP,
              Optional.of(programs.program(node, processor)),
              BootSetting.Lasting.ONCE,
              FirmwareMode.UEFI);
      case BmcSettings.Boot.Media _ -> BootSetting.once(BootDevice.CD, mode);
    };
  }

  /** Which firmware the rack file tells a node to boot with. */
  public static FirmwareMode firmware(Node node) {
    return switch (node.bmc().map(BmcSettings::firmware).orElse(BmcSettings.Firmware.AS_IS)) {
      case UEFI -> FirmwareMode.UEFI;
      case LEGACY -> FirmwareMode.LEGACY;
      case AS_IS -> FirmwareMode.AS_IS;
    };
  }
}
