// SPDX-License-Identifier: Apache-2.0
package foundrybot.ipxe;

import foundrybot.ipxe.Command.Boot;
import foundrybot.ipxe.Command.Chain;
import foundrybot.ipxe.Command.Echo;
import foundrybot.ipxe.Command.Exit;
import foundrybot.ipxe.Command.Goto;
import foundrybot.ipxe.Command.ImgFetch;
import foundrybot.ipxe.Command.ImgFree;
import foundrybot.ipxe.Command.ImgTrust;
import foundrybot.ipxe.Command.ImgVerify;
import foundrybot.ipxe.Command.Increment;
import foundrybot.ipxe.Command.Initrd;
import foundrybot.ipxe.Command.IsEqual;
import foundrybot.ipxe.Command.Kernel;
import foundrybot.ipxe.Command.Label;
import foundrybot.ipxe.Command.Reboot;
import foundrybot.ipxe.Command.Sanboot;
import foundrybot.ipxe.Command.Sleep;
import foundrybot.ipxe.Command.When;
import foundrybot.ipxe.Setting.Format;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The scripts that machines get, as pure functions of what is to happen. */
public final class Scripts {

  private static final String ATTEMPT = "attempt";

  /** Names of labels. */
  private static final String AGAIN = "again";

  private static final String FAILED = "failed";

  /** What was refused of the last attempt, and what it is if nothing was. */
  private static final String REFUSED = "refused";

  private static final String NOTHING = "nothing";

  private static final String LINUX = "linux";

  /** An image that nobody looks at. */
  private static final String SAID = "said";

  private static final int FIRST_BIOS_DISK = 0x80;

  /** What an unknown machine tells about itself, under the names of the query parameters. */
  private static final List<Map.Entry<String, Setting>> IDENTITY =
      List.of(
          Map.entry("mac", new Setting("netX/mac", Format.HEXHYP)),
          Map.entry("uuid", new Setting("uuid", Format.UUID)),
          Map.entry("serial", new Setting("serial", Format.URISTRING)),
          Map.entry("manufacturer", new Setting("manufacturer", Format.URISTRING)),
          Map.entry("product", new Setting("product", Format.URISTRING)),
          Map.entry("arch", new Setting("buildarch", Format.URISTRING)),
          Map.entry("platform", new Setting("platform", Format.URISTRING)));

  private Scripts() {}

  /**
   * What is to be loaded and started.
   *
   * @param title what a person reads on the console
   * @param initrds in the order in which they are unpacked; under UEFI each but the last must be a
   *     multiple of 4 bytes long, because the kernel puts them together without padding
   * @param arguments of the kernel, without {@code initrd=}, which is added here
   */
  public record Payload(String title, URI kernel, List<URI> initrds, List<String> arguments) {
    public Payload {
      initrds = List.copyOf(initrds);
      arguments = List.copyOf(arguments);
      for (String argument : arguments) {
        if (argument.startsWith("initrd=")) {
          throw new IllegalArgumentException(
              "kernel argument: " + argument + " (expected: no initrd=; it is added by itself)");
        }
      }
    }
  }

  /**
   * How often and how long a machine tries before it gives up.
   *
   * @param attempts 1..100
   * @param pause between attempts
   * @param reading how long the last message stays on the console
   * @param ending what the machine does then
   */
  public record Patience(int attempts, Duration pause, Duration reading, Ending ending) {
    public Patience {
      if (attempts < 1 || attempts > 100) {
        throw new IllegalArgumentException("attempts: " + attempts + " (expected: 1..100)");
      }
    }

    /** Five attempts, 5 s apart, then 60 s to read and a restart: a new DHCP round may cure it. */
    public static Patience usual() {
      return new Patience(5, Duration.ofSeconds(5), Duration.ofSeconds(60), Ending.REBOOT);
    }
  }

  /** What a machine does when it has given up. */
  public enum Ending {
    /** Starts over from the firmware; works the same under BIOS and UEFI. */
    REBOOT,
    /** Leaves to the firmware, which tries its next boot entry. */
    EXIT
  }

  /**
   * Loads and starts an operating system or its installer.
   *
   * <p>The images get names of ours, so that {@code initrd=} under UEFI needs no guess at what a
   * URL ends in. The BIOS loader of iPXE ignores that argument and passes all initrds on.
   */
  public static Script start(Payload payload, Patience patience) {
    List<Command> script = new ArrayList<>();
    script.add(echo("FoundryBot: " + payload.title()));
    script.addAll(attempts(patience));
    script.add(new ImgFree());
    script.add(kernel(payload).orGoto(AGAIN));
    for (int i = 0; i < payload.initrds().size(); i++) {
      script.add(initrd(payload, i).orGoto(AGAIN));
    }
    script.add(new Boot().orGoto(AGAIN));
    script.addAll(again(patience));
    script.add(new Label(FAILED));
    script.addAll(giveUp(payload, patience));
    return new Script(script);
  }

  /**
   * The same for an iPXE that verifies what it runs: each image is booted only with the signature
   * that lies beside it ({@link Trust#SIGNATURE}).
   *
   * @param failure where the machine tells that it gave up since something was not verified,
   *     without query; the reason is added as {@code reason}, percent-encoded
   */
  public static Script startSigned(Payload payload, URI failure, Patience patience) {
    List<Command> script = new ArrayList<>();
    script.add(echo("FoundryBot: " + payload.title()));
    script.add(new ImgTrust().orGoto("unable"));
    script.addAll(attempts(patience));
    script.add(new ImgFree());
    script.add(refused(NOTHING));
    script.add(kernel(payload).orGoto(AGAIN));
    script.addAll(verified(LINUX, payload.kernel()));
    for (int i = 0; i < payload.initrds().size(); i++) {
      script.add(initrd(payload, i).orGoto(AGAIN));
      script.addAll(verified(initrdName(i), payload.initrds().get(i)));
    }
    script.add(new Boot().orGoto(AGAIN));
    script.addAll(again(patience));
    script.addAll(unverified(failure));
    script.addAll(giveUp(payload, patience));
    return new Script(script);
  }

  /** The setting says which one it is for as long as it is not done. */
  private static List<Command> verified(String image, URI location) {
    return List.of(
        refused(image),
        new ImgVerify(image, Text.of(location).plus(Trust.SIGNATURE)).orGoto(AGAIN),
        refused(NOTHING));
  }

  private static Command refused(String image) {
    return Command.Set.of(REFUSED, Text.of(image));
  }

  /** Comes to its end where nothing was refused, or that was told. */
  private static List<Command> unverified(URI failure) {
    return List.of(
        new Label("unable"),
        echo("FoundryBot: this iPXE has no imgtrust (IMAGE_TRUST_CMD), or does not let it be set."),
        new ImgFetch(failed(failure, "imgtrust: not known"), SAID).tolerated(),
        new Goto("gone"),
        new Label(FAILED),
        new When(new IsEqual(Text.of(Setting.of(REFUSED)), Text.of(NOTHING)), new Goto("gone")),
        new Echo(
            Text.of("FoundryBot: this iPXE could not verify ")
                .plus(Setting.of(REFUSED))
                .plus(": is the appliance's CA the one it was built with? is the clock right?")),
        new ImgFree(),
        new ImgFetch(
                failed(failure, "imgverify: refused ").plus(new Setting(REFUSED, Format.URISTRING)),
                SAID)
            .tolerated(),
        new Label("gone"));
  }

  private static Text failed(URI failure, String reason) {
    withoutQuery("failure", failure);
    return Text.of(failure).plus("?reason=" + reason.replace(" ", "%20"));
  }

  private static Kernel kernel(Payload payload) {
    List<String> arguments = new ArrayList<>();
    for (int i = 0; i < payload.initrds().size(); i++) {
      arguments.add("initrd=" + initrdName(i));
    }
    arguments.addAll(payload.arguments());
    return Kernel.of(payload.kernel(), LINUX, arguments);
  }

  private static Initrd initrd(Payload payload, int index) {
    return Initrd.of(payload.initrds().get(index), initrdName(index));
  }

  /** The next attempt begins here; behind the last one it goes to the label for that. */
  private static List<Command> attempts(Patience patience) {
    int attempts = patience.attempts();
    return List.of(
        new Command.Set(ATTEMPT, Format.INT32, Text.of("0")),
        new Label("try"),
        new Increment(ATTEMPT),
        new When(
            new IsEqual(Text.of(Setting.of(ATTEMPT)), Text.of(String.valueOf(attempts + 1))),
            new Goto(FAILED)),
        new Echo(Text.of("Attempt ").plus(Setting.of(ATTEMPT)).plus(" of " + attempts)));
  }

  private static List<Command> again(Patience patience) {
    return List.of(
        new Label(AGAIN),
        echo("This attempt failed; the reason is above."),
        new Sleep(patience.pause()).tolerated(),
        new Goto("try"));
  }

  /**
   * Checks what in {@link #start} differs from machine to machine, title and arguments, without the
   * rest.
   *
   * @throws IllegalArgumentException as {@code start} does
   */
  public static void check(Payload payload) {
    var _ =
        Script.of(
            echo("FoundryBot: " + payload.title()),
            kernel(payload).orGoto(AGAIN),
            new Label(AGAIN));
  }

  private static List<Command> giveUp(Payload payload, Patience patience) {
    List<Command> script = new ArrayList<>();
    script.add(echo("FoundryBot: gave up: " + payload.title()));
    script.add(echo("Not loaded from " + server(payload.kernel()) + ". Look at:"));
    script.add(echo("1. the appliance: bootserver status, bootserver events NODE"));
    script.add(echo("2. the way to it: cable, VLAN, firewall for that address and port"));
    script.add(echo("3. the machine: enough memory, right firmware mode (BIOS or UEFI)"));
    script.add(
        new Echo(
            Text.of("This machine: ")
                .plus(Setting.of("netX/mac"))
                .plus(" ")
                .plus(Setting.of("netX/ip"))
                .plus(" ")
                .plus(Setting.of("platform"))));
    script.add(new Sleep(patience.reading()).tolerated());
    if (patience.ending() == Ending.REBOOT) {
      script.add(new Reboot().tolerated());
    }
    script.add(new Exit(1));
    return script;
  }

  /**
   * Leaves the machine to the system on its disk.
   *
   * <p>BIOS: boots the first disk itself, because many BIOSes do not go on to the disk when a
   * network boot program ends. UEFI: ends with a failure status; at success the firmware's boot
   * manager shows its menu instead of going on (UEFI 2.10, section 3.1.1).
   */
  public static Script localDisk(Platform.Firmware firmware) {
    List<Command> script = new ArrayList<>();
    script.add(echo("FoundryBot: this machine is installed; on to its disk."));
    script.addAll(toDisk(firmware));
    return new Script(script);
  }

  /**
   * Leaves the machine to the system on its disk, and says why it is not installed.
   *
   * @param reason what a person reads; characters that iPXE cannot show are replaced
   * @param reading how long it stays on the console
   */
  public static Script localDisk(String reason, Duration reading, Platform.Firmware firmware) {
    List<Command> script = new ArrayList<>();
    script.add(echo("FoundryBot: nothing is installed: " + reason));
    script.add(new Sleep(reading).tolerated());
    script.addAll(toDisk(firmware));
    return new Script(script);
  }

  private static List<Command> toDisk(Platform.Firmware firmware) {
    return switch (firmware) {
      case BIOS ->
          List.of(
              new Sanboot(FIRST_BIOS_DISK, true, false).tolerated(),
              echo("FoundryBot: no bootable first disk; back to the BIOS."),
              new Exit(1));
      case UEFI -> List.of(new Exit(1));
    };
  }

  /**
   * Shows who an unknown machine is, tells the appliance, runs the script that comes back, and then
   * leaves the machine alone.
   *
   * @param report where to report to, without query; what is known is added as {@code mac, uuid,
   *     serial, manufacturer, product, arch, platform}, percent-encoded
   * @param trust where only what is signed runs, the machine tells and runs nothing
   */
  public static Script discover(URI report, Platform.Firmware firmware, Trust trust) {
    List<Command> script = new ArrayList<>();
    script.add(echo("FoundryBot: this machine is not in the rack file."));
    for (String name : List.of("netX/mac", "uuid", "serial", "manufacturer", "product")) {
      String title = name.substring(name.indexOf('/') + 1);
      script.add(new Echo(Text.of(title + ": ").plus(Setting.of(name))));
    }
    Text target = withIdentity(report);
    Command.Action told =
        trust == Trust.SIGNED ? new ImgFetch(target, SAID) : new Chain(target, true, false);
    script.add(told.orGoto("unreported"));
    script.add(new Goto("local"));
    script.add(new Label("unreported"));
    script.add(echo("FoundryBot: no script from " + server(report)));
    script.add(new Label("local"));
    script.addAll(toDisk(firmware));
    return new Script(script);
  }

  private static Text withIdentity(URI report) {
    withoutQuery("report", report);
    Text target = Text.of(report);
    String separator = "?";
    for (Map.Entry<String, Setting> known : IDENTITY) {
      target = target.plus(separator + known.getKey() + "=").plus(known.getValue());
      separator = "&";
    }
    return target;
  }

  private static void withoutQuery(String what, URI uri) {
    if (uri.getRawQuery() != null || uri.getRawFragment() != null) {
      throw new IllegalArgumentException(
          what + ": " + uri + " (expected: a URI without query and fragment)");
    }
  }

  /**
   * Keeps a machine waiting, and asks again for its script until there is something to do.
   *
   * @param reason what a person reads; characters that iPXE cannot show are replaced
   * @param script where its own script comes from
   */
  public static Script hold(String reason, URI script, Duration pause) {
    return Script.of(
        echo("FoundryBot: waiting: " + reason),
        new Label("again"),
        new Sleep(pause).tolerated(),
        // Replaced, not nested: this may go on for days, and each nested script costs memory.
        new Chain(Text.of(script), true, true).orGoto("again"));
  }

  /**
   * Gives a machine nothing, and says why.
   *
   * @param reason what a person reads; characters that iPXE cannot show are replaced
   * @param reading how long it stays on the console
   * @param ending what the machine does then
   */
  public static Script refuse(String reason, Duration reading, Ending ending) {
    List<Command> script = new ArrayList<>();
    script.add(echo("FoundryBot: nothing is installed: " + reason));
    script.add(echo("Look at the appliance: bootserver status"));
    script.add(new Sleep(reading).tolerated());
    if (ending == Ending.REBOOT) {
      script.add(new Reboot().tolerated());
    }
    script.add(new Exit(1));
    return new Script(script);
  }

  /** Host and port, for a person: who is to log in there, and by what, is nobody's to read. */
  static String server(URI uri) {
    return uri.getPort() < 0 ? uri.getHost() : uri.getHost() + ":" + uri.getPort();
  }

  private static String initrdName(int index) {
    return "initrd" + index + ".img";
  }

  private static Echo echo(String anything) {
    return new Echo(Text.displayed(anything));
  }
}
