// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.answerfiles.BmcSettings;
import foundrybot.answerfiles.HookSettings;
import foundrybot.answerfiles.Node;
import foundrybot.appliance.cli.MachineOption.Machine;
import foundrybot.appliance.power.Bmcs;
import foundrybot.appliance.power.StoredBmc;
import foundrybot.appliance.power.Trusts;
import foundrybot.redfish.Bmc;
import foundrybot.redfish.Credentials;
import foundrybot.redfish.Identity;
import foundrybot.redfish.Inventory;
import foundrybot.redfish.Outcome;
import foundrybot.redfish.Trust;
import foundrybot.redfish.discover.Discovery;
import foundrybot.redfish.discover.FoundBmc;
import java.io.Console;
import java.net.Inet4Address;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Enters a machine's BMC. */
@Command(
    name = "add",
    mixinStandardHelpOptions = true,
    description = {
      "Enters a machine's BMC, in place of one that was entered before.",
      "Address, user, password and certificate are encrypted in the data folder. It logs in once,"
          + " to see that all of it is right.",
      "What the rack file says under 'bmc:' goes before. A running appliance needs no restart.",
      "Here go Redfish, IPMI, Wake-on-LAN, libvirt, Proxmox VE, and switches that are told by"
          + " requests of yours (webhook+https://...): --on, --off, --status. These are encrypted"
          + " as well, and never shown again; one that needs a body is for the rack file."
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:it is entered",
      "1:the BMC let nobody in, or the data folder cannot be written; nothing was entered",
      "64:wrong use of the command line"
    })
final class BmcAddCommand implements Callable<Integer> {
  private static final Pattern FINGERPRINT =
      Pattern.compile("sha256:([0-9A-Fa-f]{64}|[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){31})");

  private static final String FIRST_USE = "first-use";

  @Mixin private MachineOption of = new MachineOption();
  @Mixin private PasswordOption password = new PasswordOption();
  @Mixin private HookOptions requests = new HookOptions();

  @Parameters(
      index = "1",
      paramLabel = "URL",
      description =
          "https://10.0.0.11 (Redfish), ipmi://10.0.0.12, proxmox://10.0.0.13, http://...,"
              + " libvirt+unix:///system, libvirt+ssh://ops@host/system, webhook+https://10.0.0.40,"
              + " or wol.")
  private String url = "";

  @Option(
      names = "--trust",
      paramLabel = "SHA256",
      description = {
        "The certificate's fingerprint, sha256:...; first-use: whichever is shown now, and no other"
            + " one later; or any (unsafe).",
        "Without it, it is shown and asked about at the terminal."
      })
  private Optional<String> trust = Optional.empty();

  @Option(
      names = "--ca",
      paramLabel = "FILE",
      description = "PEM file of who signed the certificate, in place of --trust; it is copied.")
  private Optional<Path> authority = Optional.empty();

  @Option(
      names = "--cipher-suites",
      paramLabel = "N",
      split = ",",
      description = "Of IPMI, the first one first: 17, 3, or both, as in 3,17.")
  private List<Integer> suites = List.of();

  @Option(
      names = "--quirks",
      paramLabel = "NAME",
      split = ",",
      description = "Oddities that it has, or (no-NAME) has not, whoever it is: docs/bmc.md.")
  private List<String> quirks = List.of();

  @Option(
      names = "--system",
      paramLabel = "ID",
      description = "Which machine, where the BMC has several: its Id, name or path.")
  private Optional<String> system = Optional.empty();

  @Option(names = "--no-check", description = "Does not log in; what is wrong shows later.")
  private boolean unchecked;

  @Override
  public Integer call() {
    try {
      Machine machine = of.machine();
      URI place = StoredBmc.url(url);
      boolean wake = place.getScheme().equals("wol");
      boolean isSwitch = StoredBmc.isWebhook(place);
      Optional<HookSettings> hooks = requests.settings(isSwitch);
      if (hooks.filter(HookSettings::wantsSystem).isPresent() && system.isEmpty()) {
        throw new IllegalArgumentException(
            "--system: missing (expected: what stands in place of {system} in the requests)");
      }
      boolean asksNobody = StoredBmc.asksNobody(place);
      if (!isSwitch && asksNobody == password.isGiven()) {
        throw new IllegalArgumentException(
            asksNobody
                ? "--user: given (expected: none with wol and libvirt, which ask for nobody)"
                : "--user: missing (expected: the account at the BMC, and its password)");
      }
      // Nobody types a password for one that does not answer; a file that is missing is said first.
      boolean typed = !isSwitch && password.isTyped();
      Optional<Credentials> read =
          isSwitch
              ? password.ofSwitch(hooks.filter(HookSettings::wantsPassword).isPresent())
              : typed ? Optional.empty() : password.credentials();
      Trust trusted = trust(place);
      StoredBmc bmc =
          new StoredBmc(
              place,
              typed ? password.credentials() : read,
              trusted,
              system,
              suites,
              Set.copyOf(quirks),
              hooks);
      // A switch that tells no state can be asked nothing without switching.
      boolean mute = hooks.filter(it -> it.status().isEmpty()).isPresent();
      if (!unchecked && !wake && !mute) {
        check(machine, bmc);
      }
      // Not the whole of the URL: whoever put a password into it finds it nowhere else.
      String said = "bmc add " + machine.title() + " " + place.getScheme();
      new CommandTrail(of.data().path(), machine.mac(), said)
          .around(
              () -> {
                of.store().put(machine.mac(), bmc);
                return "done";
              });
      System.out.println(machine.title() + ": entered: " + place + who(bmc));
      warn(machine, place, trusted);
      return 0;
    } catch (IllegalArgumentException e) {
      throw new UserException(Main.USAGE, String.valueOf(e.getMessage()));
    }
  }

  private static String who(StoredBmc bmc) {
    return bmc.credentials()
        .map(Credentials::user)
        .filter(user -> !user.isEmpty())
        .map(user -> " as " + user)
        .orElse("");
  }

  private static void warn(Machine machine, URI place, Trust trusted) {
    if (machine.node().flatMap(Node::bmc).isPresent()) {
      say(machine, "the rack file has a bmc: of its own, which goes before the one entered now");
    }
    if (place.getScheme().equals("http")) {
      say(machine, "http: whoever listens on the way can read the password");
    } else if (place.getScheme().equals("webhook+http")) {
      say(machine, "http: whoever listens on the way can read the requests, and repeat them");
    } else if (trusted instanceof Trust.Any && StoredBmc.showsCertificate(place)) {
      say(
          machine,
          "--trust any: whoever stands between takes the password, since the certificate is not"
              + " looked at; enter it again with --trust sha256:...");
    }
  }

  private static void say(Machine machine, String what) {
    System.err.println(machine.title() + ": warning: " + what);
  }

  private Trust trust(URI place) {
    if (trust.isPresent() && authority.isPresent()) {
      throw new IllegalArgumentException("--ca: beside --trust (expected: one of them)");
    }
    if (!StoredBmc.showsCertificate(place)) {
      if (trust.isPresent() || authority.isPresent()) {
        throw new IllegalArgumentException(
            "--trust or --ca: given (expected: with https, proxmox and webhook+https alone, others"
                + " show no certificate)");
      }
      return new Trust.Any();
    }
    if (authority.isPresent()) {
      Path here = Path.of("").toAbsolutePath();
      return new Trusts(here, here)
          .of(new BmcSettings.Trust.Authority(authority.get()), Trusts.place(place));
    }
    boolean firstUse = trust.filter(FIRST_USE::equals).isPresent();
    if (trust.isPresent() && !firstUse) {
      return trust.get().equals("any") ? new Trust.Any() : fingerprint(trust.get());
    }
    if (place.getScheme().equals("proxmox")) {
      throw new IllegalArgumentException(
          "--trust: missing (expected: sha256:... as 'pvenode cert info' on that host shows it for"
              + " pveproxy-ssl.pem, or pve-ssl.pem where there is none)");
    }
    if (StoredBmc.isWebhook(place)) {
      throw new IllegalArgumentException(
          "--trust: "
              + (firstUse ? "first-use" : "missing")
              + " (expected: sha256:... as the device's own pages show it, any, or --ca FILE)");
    }
    String shown =
        new Discovery(Discovery.Settings.USUAL, Thread::sleep)
            .look(place)
            .map(FoundBmc.Redfish::fingerprint)
            .orElseThrow(
                () ->
                    new UserException(
                        Main.FAILED,
                        place
                            + ": no Redfish answers there (expected: its service root and"
                            + " certificate); see 'bmc discover', or give --trust"));
    if (firstUse) {
      System.err.println(place + " shows the certificate sha256:" + shown + ", taken unseen");
      return new Trust.Fingerprint(shown);
    }
    return accepted(place, shown);
  }

  private static Trust fingerprint(String text) {
    if (!FINGERPRINT.matcher(text).matches()) {
      throw new IllegalArgumentException(
          "--trust: " + text + " (expected: sha256: and 64 hex digits, first-use, or any)");
    }
    return new Trust.Fingerprint(text.substring("sha256:".length()));
  }

  /** First contact proves nothing, so somebody who can compare must say that it is right. */
  private static Trust accepted(URI place, String shown) {
    String line = place + " shows the certificate sha256:" + shown;
    Console console =
        PasswordOption.terminal()
            .orElseThrow(
                () ->
                    new UserException(
                        Main.USAGE,
                        line
                            + ", and there is no terminal to ask whether it is the right one"
                            + " (expected: --trust); compare it with what the BMC's own pages or"
                            + " console show, then add --trust sha256:"
                            + shown));
    System.err.println(line);
    System.err.println("Compare it with what the BMC's own pages or console show.");
    String answer = console.readLine("Is it the right one, to be trusted from now on? (yes/no) ");
    if (!"yes".equals(answer)) {
      throw new UserException(Main.FAILED, "not trusted; nothing was entered");
    }
    return new Trust.Fingerprint(shown);
  }

  private void check(Machine machine, StoredBmc stored) {
    Inet4Address source =
        machine
            .rack()
            .map(rack -> rack.appliance().address())
            .orElseGet(() -> Inet4Address.ofLiteral("127.0.0.1"));
    Bmcs bmcs = new Bmcs(of.source().folder(), of.data().keys(), System.getenv(), source);
    BmcTurn.at(of.data().path(), Optional.of(stored.url()), machine.mac(), machine.title())
        .alone(
            "bmc add " + machine.title(),
            () -> {
              logIn(machine, stored, bmcs);
              return "done";
            });
  }

  private static void logIn(Machine machine, StoredBmc stored, Bmcs bmcs) {
    try (Bmc bmc = bmcs.open(machine.title(), machine.mac(), stored)) {
      Outcome<Identity> identity = bmc.identify();
      if (identity.result().isEmpty()) {
        throw new UserException(
            Main.FAILED,
            machine.title()
                + ": "
                + BmcOfNode.shown(identity.evidence())
                + "; nothing was entered");
      }
      if (identity instanceof Outcome.Done<Identity> done) {
        done.warnings().forEach(warning -> say(machine, warning));
      }
      bmc.inventory().result().ifPresent(known -> compare(machine, known));
    }
  }

  private static void compare(Machine machine, Inventory known) {
    if (BmcView.isOther(known, machine.mac())) {
      say(machine, machine.mac() + " is none of the cards that this BMC tells of");
    }
  }
}
