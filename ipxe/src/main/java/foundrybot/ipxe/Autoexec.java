// SPDX-License-Identifier: Apache-2.0
package foundrybot.ipxe;

import foundrybot.ipxe.Command.Chain;
import foundrybot.ipxe.Command.Dhcp;
import foundrybot.ipxe.Command.DhcpOn;
import foundrybot.ipxe.Command.Echo;
import foundrybot.ipxe.Command.Exit;
import foundrybot.ipxe.Command.Goto;
import foundrybot.ipxe.Command.IfOpen;
import foundrybot.ipxe.Command.ImgExec;
import foundrybot.ipxe.Command.ImgFetch;
import foundrybot.ipxe.Command.ImgFree;
import foundrybot.ipxe.Command.ImgTrust;
import foundrybot.ipxe.Command.ImgVerify;
import foundrybot.ipxe.Command.Increment;
import foundrybot.ipxe.Command.IsEqual;
import foundrybot.ipxe.Command.IsSet;
import foundrybot.ipxe.Command.Label;
import foundrybot.ipxe.Command.Reboot;
import foundrybot.ipxe.Command.SetOn;
import foundrybot.ipxe.Command.Sleep;
import foundrybot.ipxe.Command.When;
import foundrybot.ipxe.Setting.Format;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The script {@code autoexec.ipxe}, which an iPXE of 2021 or later looks for beside its own program
 * and runs before anything else: all of a site's logic for programs that are signed and may not be
 * changed.
 *
 * <p>It runs before the network is up, so it asks DHCP itself, and asks again where that fails. It
 * needs neither the boot file nor the next server of that answer: iPXE may have taken the offer of
 * the site's own server, which names neither.
 */
public final class Autoexec {
  /** Cards that are tried; servers have up to six, and a program for one card sees one. */
  static final int CARDS = 8;

  /**
   * What a medium tells iPXE and iPXE tells nobody: the token of the machine's run. A script that
   * came by the network has this where the token belongs.
   */
  public static final Setting TOKEN = new Setting("run-token", Format.HEXRAW);

  /** Whose password the token is, where iPXE proves by HTTP Digest that it has it. */
  public static final String USER = "medium";

  private static final String ATTEMPT = "attempt";
  private static final String FILE = "script";
  private static final Pattern HEX = Pattern.compile("([0-9a-f]{2}){1,64}");

  /** The machine's own script, between its arrival and its verification. */
  private static final String OWN = "own.ipxe";

  private static final Pattern MAC = Pattern.compile("[0-9a-f]{2}(:[0-9a-f]{2}){5}");

  private Autoexec() {}

  /**
   * For a machine that is known by where it got its program.
   *
   * @param mac of the card that it boots from, as in {@code 52:54:00:aa:00:01}
   * @param folder where its scripts {@code bios.ipxe}, {@code uefi.ipxe} and {@code
   *     uefi-arm64.ipxe} are, with a slash at its end
   */
  public static Script of(String mac, URI folder, Scripts.Patience patience) {
    return new Script(
        steps(
            mac,
            folder,
            Text.of(checked(folder)),
            new Addressing.Dhcp(),
            Trust.ANYTHING,
            patience));
  }

  /**
   * The same on a medium that has a token on it, by which the scripts are had: iPXE proves that it
   * has it, and does not say it (HTTP Digest, in all builds of 2016 or later).
   *
   * @param folder by HTTP, without a user
   * @param token hexadecimal, an even number of digits
   * @param addressing by an address of its own nothing is asked of DHCP
   */
  public static Script onMedium(
      String mac, URI folder, String token, Addressing addressing, Scripts.Patience patience) {
    if (!HEX.matcher(token).matches()) {
      throw new IllegalArgumentException("token: not hexadecimal (expected: two digits a byte)");
    }
    if (!"http".equals(folder.getScheme()) || folder.getRawUserInfo() != null) {
      throw new IllegalArgumentException(
          "folder of scripts: not by HTTP, or with a user (expected: http://HOST[:PORT]/PATH/)");
    }
    Text proving =
        Text.of("http://" + USER + ":")
            .plus(TOKEN)
            .plus("@" + Scripts.server(folder) + checked(folder).getRawPath());
    List<Command> script = new ArrayList<>();
    script.add(new Command.Set(TOKEN.name(), TOKEN.format(), Text.of(token)));
    script.addAll(steps(mac, folder, proving, addressing, Trust.ANYTHING, patience));
    return new Script(script);
  }

  /**
   * The same for an iPXE that verifies what it runs: its script is run only with the signature that
   * lies beside it, and nothing that is not signed from then on.
   */
  public static Script signed(String mac, URI folder, Scripts.Patience patience) {
    Text scripts = Text.of(checked(folder));
    return new Script(steps(mac, folder, scripts, new Addressing.Dhcp(), Trust.SIGNED, patience));
  }

  private static List<Command> steps(
      String mac,
      URI folder,
      Text scripts,
      Addressing addressing,
      Trust trust,
      Scripts.Patience patience) {
    if (!MAC.matcher(mac).matches()) {
      throw new IllegalArgumentException("MAC: " + mac + " (expected: as in 52:54:00:aa:00:01)");
    }
    List<Command> script = begin(trust, patience);
    for (int card = 0; card < CARDS; card++) {
      Text here = Text.of(new Setting("net" + card + "/mac", Format.HEX));
      script.add(new When(new IsEqual(here, Text.of(mac)), new Goto("card" + card)));
    }
    switch (addressing) {
      case Addressing.Dhcp() -> {
        script.add(new Dhcp().orGoto("again"));
        script.add(new Goto("fetch"));
      }
      case Addressing.Fixed _ -> {
        script.add(Echo.of("FoundryBot: no card has the MAC " + mac));
        script.add(new Goto("again"));
      }
    }
    for (int card = 0; card < CARDS; card++) {
      script.add(new Label("card" + card));
      script.addAll(configure("net" + card, addressing));
      script.add(new Goto("fetch"));
    }
    script.add(new Label("fetch"));
    script.addAll(fetch(scripts, trust, "again"));
    return end(script, folder, trust, patience);
  }

  private static List<Command> configure(String device, Addressing addressing) {
    return switch (addressing) {
      case Addressing.Dhcp() -> List.of(new DhcpOn(device).orGoto("again"));
      case Addressing.Fixed fixed -> {
        List<Command> script = new ArrayList<>();
        script.add(new SetOn(device, "ip", fixed.address().getHostAddress()).orGoto("again"));
        script.add(new SetOn(device, "netmask", fixed.netmask().getHostAddress()).orGoto("again"));
        fixed
            .gateway()
            .ifPresent(
                router ->
                    script.add(
                        new SetOn(device, "gateway", router.getHostAddress()).orGoto("again")));
        script.add(new IfOpen(device).orGoto("again"));
        yield script;
      }
    };
  }

  /**
   * For any machine: tries card after card, until the appliance has a script for one of them.
   *
   * @param folder above the folders of all machines, each called by its MAC with hyphens; with a
   *     slash at its end
   */
  public static Script ofAnyone(URI folder, Scripts.Patience patience) {
    return ofAnyone(folder, Trust.ANYTHING, patience);
  }

  /** As {@link #signed}, for any machine: what an iPXE that trusts nothing else has built in. */
  public static Script signedOfAnyone(URI folder, Scripts.Patience patience) {
    return ofAnyone(folder, Trust.SIGNED, patience);
  }

  private static Script ofAnyone(URI folder, Trust trust, Scripts.Patience patience) {
    List<Command> script = begin(trust, patience);
    for (int card = 0; card < CARDS; card++) {
      Setting mac = new Setting("net" + card + "/mac", Format.HEXHYP);
      script.add(new When(new IsSet(mac), new Goto("card" + card)));
      script.add(new Goto("again"));
      script.add(new Label("card" + card));
      script.add(new DhcpOn("net" + card).orGoto("next" + card));
      Text own = Text.of(checked(folder)).plus(mac).plus("/");
      script.addAll(fetch(own, trust, "next" + card));
      script.add(new Label("next" + card));
    }
    return new Script(end(script, folder, trust, patience));
  }

  private static List<Command> begin(Trust trust, Scripts.Patience patience) {
    List<Command> script = new ArrayList<>();
    script.add(Echo.of("FoundryBot: looking for this machine's script."));
    if (trust == Trust.SIGNED) {
      script.add(new ImgTrust().orGoto("unable"));
    }
    script.add(Command.Set.of(FILE, Text.of("uefi-arm64.ipxe")));
    script.add(
        new When(
            new IsEqual(Text.of(Setting.of("buildarch")), Text.of("arm64")), new Goto("platform")));
    script.add(Command.Set.of(FILE, Text.of("uefi.ipxe")));
    script.add(
        new When(
            new IsEqual(Text.of(Setting.of("platform")), Text.of("efi")), new Goto("platform")));
    script.add(Command.Set.of(FILE, Text.of("bios.ipxe")));
    script.add(new Label("platform"));
    script.add(new Command.Set(ATTEMPT, Format.INT32, Text.of("0")));
    script.add(new Label("try"));
    script.add(new Increment(ATTEMPT));
    script.add(
        new When(
            new IsEqual(
                Text.of(Setting.of(ATTEMPT)), Text.of(String.valueOf(patience.attempts() + 1))),
            new Goto("failed")));
    return script;
  }

  /** Replaced, not nested: what the machine's own script ends with is the end. */
  private static List<Command> fetch(Text folder, Trust trust, String otherwise) {
    Text location = folder.plus(new Setting(FILE, Format.URISTRING));
    return switch (trust) {
      case ANYTHING -> List.of(new Chain(location, true, true).orGoto(otherwise));
      // A replacement that is not trusted is refused when this script is gone, so it is verified
      // while there is still somebody to try again; and what is left of the last try is not taken
      // for it.
      case SIGNED ->
          List.of(
              new ImgFree(),
              new ImgFetch(location, OWN).orGoto(otherwise),
              new ImgVerify(OWN, location.plus(Trust.SIGNATURE)).orGoto(otherwise),
              new ImgExec(OWN).orGoto(otherwise));
    };
  }

  private static List<Command> end(
      List<Command> script, URI folder, Trust trust, Scripts.Patience patience) {
    script.add(new Label("again"));
    script.add(
        new Echo(
            Text.of("FoundryBot: no script yet, attempt ")
                .plus(Setting.of(ATTEMPT))
                .plus(" of " + patience.attempts() + "; the reason is above.")));
    script.add(new Sleep(patience.pause()).tolerated());
    script.add(new Goto("try"));
    if (trust == Trust.SIGNED) {
      script.add(new Label("unable"));
      script.add(Echo.of("FoundryBot: this iPXE has no imgtrust (IMAGE_TRUST_CMD)."));
    }
    script.add(new Label("failed"));
    script.add(Echo.of("FoundryBot: gave up: no script from " + Scripts.server(folder)));
    script.add(
        Echo.of("Look at: 1. bootserver status: is a MAC of this machine in the rack file?"));
    script.add(Echo.of("2. DHCP, cable, VLAN; a firewall for that address and port"));
    script.add(new Sleep(patience.reading()).tolerated());
    if (patience.ending() == Scripts.Ending.REBOOT) {
      script.add(new Reboot().tolerated());
    }
    script.add(new Exit(1));
    return script;
  }

  private static URI checked(URI folder) {
    if (!folder.toASCIIString().endsWith("/") || folder.getRawQuery() != null) {
      throw new IllegalArgumentException(
          "folder of scripts: " + folder + " (expected: a URI that ends in a slash)");
    }
    return folder;
  }
}
