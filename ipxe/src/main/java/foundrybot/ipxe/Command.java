// SPDX-License-Identifier: Apache-2.0
package foundrybot.ipxe;

import java.net.URI;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.stream.Collectors;

/**
 * One line of an iPXE script.
 *
 * <p>A script ends at the first line that fails. {@link OrElse} and {@link Tolerated} say what
 * happens instead; {@link When} is the one way to branch. All cases but {@link ImgTrust} and {@link
 * ImgVerify} exist in Debian's build of 2019.
 */
public sealed interface Command {

  /** A line that iPXE skips. */
  record Comment(String text) implements Command {
    public Comment {
      text = new Text.Literal(text).characters();
    }
  }

  /** A place to go to. */
  record Label(String name) implements Command {
    public Label {
      Syntax.name("label", name);
    }
  }

  /** Does the second if the first fails. */
  record OrElse(Action attempt, Action otherwise) implements Command {}

  /** Goes on with the next line even if the action fails. */
  record Tolerated(Action attempt) implements Command {}

  /** Goes to a label if the condition holds, else on with the next line. */
  record When(Condition condition, Goto then) implements Command {}

  /** A question that a script can ask. */
  sealed interface Condition {}

  /** Whether a setting has a value. */
  record IsSet(Setting setting) implements Condition {}

  /** Whether two values are the same, byte by byte. */
  record IsEqual(Text left, Text right) implements Condition {
    public IsEqual {
      Syntax.word("iseq", left);
      Syntax.word("iseq", right);
    }
  }

  /** A command that is carried out, and that may fail. */
  sealed interface Action extends Command {
    /** This, and on failure that. */
    default OrElse orElse(Action otherwise) {
      return new OrElse(this, otherwise);
    }

    /** This, and on failure on to a label. */
    default OrElse orGoto(String label) {
      return new OrElse(this, new Goto(label));
    }

    /** This, and its failure is no matter. */
    default Tolerated tolerated() {
      return new Tolerated(this);
    }
  }

  /** Shows a line on the console. */
  record Echo(Text text) implements Action {
    public Echo {
      Syntax.phrase("echo", text);
    }

    /** Literal text; fails on what iPXE cannot show as it is, see {@link Text#displayed}. */
    public static Echo of(String text) {
      return new Echo(Text.of(text));
    }
  }

  /**
   * Gives a variable a value.
   *
   * @param type how the value is to be understood, {@code NATURAL} for text
   */
  record Set(String variable, Setting.Format type, Text value) implements Action {
    public Set {
      Syntax.name("variable", variable);
      Syntax.phrase("value of " + variable, value);
      if (value.parts().isEmpty()) {
        throw new IllegalArgumentException(
            "value of " + variable + ": empty (expected: a value; iPXE would delete the variable)");
      }
    }

    /** A text value. */
    public static Set of(String variable, Text value) {
      return new Set(variable, Setting.Format.NATURAL, value);
    }
  }

  /** Adds one to a variable that holds a number. */
  record Increment(String variable) implements Action {
    public Increment {
      Syntax.name("variable", variable);
    }
  }

  /** Goes on at a label of the same script. */
  record Goto(String label) implements Action {
    public Goto {
      Syntax.name("label", label);
    }
  }

  /** Configures the network devices, until one has an address. */
  record Dhcp() implements Action {}

  /** Configures one network device, such as {@code net0}. */
  record DhcpOn(String device) implements Action {
    public DhcpOn {
      Syntax.name("network device", device);
    }
  }

  /**
   * Gives a network device a value of its own, such as {@code ip} or {@code gateway}.
   *
   * @param value one word
   */
  record SetOn(String device, String setting, String value) implements Action {
    public SetOn {
      Syntax.name("network device", device);
      Syntax.name("setting", setting);
      Syntax.word("value of " + setting, Text.of(value));
    }
  }

  /** Lets a network device send and receive, with the address that it was given. */
  record IfOpen(String device) implements Action {
    public IfOpen {
      Syntax.name("network device", device);
    }
  }

  /**
   * Fetches the kernel and makes it what {@link Boot} starts.
   *
   * @param name the image's name; under UEFI it is also the first word of the command line
   * @param arguments each one argument of the kernel's command line, never more
   */
  record Kernel(Text location, String name, List<Text> arguments) implements Action {
    public Kernel {
      Syntax.location("kernel", location);
      Syntax.name("image name", name);
      arguments = List.copyOf(arguments);
      arguments.forEach(Syntax::kernelArgument);
      String line = arguments.stream().map(Text::source).collect(Collectors.joining(" "));
      if (line.length() > Syntax.MAX_KERNEL_ARGUMENTS) {
        throw new IllegalArgumentException(
            String.format(
                "kernel arguments: %d characters (expected: at most %d; Linux cuts the rest)",
                line.length(), Syntax.MAX_KERNEL_ARGUMENTS));
      }
    }

    /** Literal arguments. */
    public static Kernel of(URI location, String name, List<String> arguments) {
      return new Kernel(Text.of(location), name, arguments.stream().map(Text::of).toList());
    }
  }

  /**
   * Fetches an initial ram disk; several are unpacked one over the other, in order.
   *
   * @param name what the kernel argument {@code initrd=NAME} refers to under UEFI
   */
  record Initrd(Text location, String name) implements Action {
    public Initrd {
      Syntax.location("initrd", location);
      Syntax.name("image name", name);
    }

    /** A literal location. */
    public static Initrd of(URI location, String name) {
      return new Initrd(Text.of(location), name);
    }
  }

  /** Forgets all fetched images, so that a second try does not boot them twice. */
  record ImgFree() implements Action {}

  /**
   * Fetches a file and does nothing with it: a script that is verified before it runs, or what is
   * only told by the request.
   *
   * @param name by which the other commands know it
   */
  record ImgFetch(Text location, String name) implements Action {
    public ImgFetch {
      Syntax.location("imgfetch", location);
      Syntax.name("image name", name);
    }
  }

  /** Runs a fetched image in the place of this script, and forgets it behind that. */
  record ImgExec(String image) implements Action {
    public ImgExec {
      Syntax.name("image name", image);
    }
  }

  /**
   * Runs nothing from here on that was not verified; nothing takes that back until the machine
   * restarts. Not in Debian's build, like {@link ImgVerify}.
   */
  record ImgTrust() implements Action {}

  /**
   * Refuses an image whose detached CMS signature is not by a trusted code signer.
   *
   * <p>Not in Debian's build, which answers "command not found" and so fails: the safe way round.
   */
  record ImgVerify(String image, Text signature) implements Action {
    public ImgVerify {
      Syntax.name("image name", image);
      Syntax.location("imgverify", signature);
    }
  }

  /** Starts the kernel; does not come back unless it fails. */
  record Boot() implements Action {}

  /**
   * Boots from a disk of the firmware.
   *
   * @param drive the BIOS's number, 0x80 for the first disk
   * @param noDescribe leaves out the table that describes a network disk: a local one has none
   * @param keep keeps the disk attached if booting fails
   */
  record Sanboot(int drive, boolean noDescribe, boolean keep) implements Action {
    public Sanboot {
      if (drive < 0 || drive > 0xff) {
        throw new IllegalArgumentException("drive: " + drive + " (expected: 0..255)");
      }
    }
  }

  /**
   * Fetches and runs another script or program.
   *
   * @param autofree forgets it after it has run
   * @param replace does not come back to this script once the other one has started
   */
  record Chain(Text target, boolean autofree, boolean replace) implements Action {
    public Chain {
      Syntax.location("chain", target);
    }
  }

  /** Waits; a person may cut it short with Ctrl-C, which counts as failure. */
  record Sleep(Duration time) implements Action {
    private static final Duration MAX = Duration.ofHours(1);

    public Sleep {
      if (time.toSeconds() < 1
          || time.compareTo(MAX) > 0
          || !time.equals(time.truncatedTo(ChronoUnit.SECONDS))) {
        throw new IllegalArgumentException(
            "sleep: " + time + " (expected: whole seconds, 1..3600)");
      }
    }
  }

  /**
   * Ends the script, and iPXE with it unless another script called this one.
   *
   * @param status 0 for success; under UEFI anything else makes the firmware try the next entry
   */
  record Exit(int status) implements Action {
    public Exit {
      if (status < 0 || status > 255) {
        throw new IllegalArgumentException("exit: " + status + " (expected: 0..255)");
      }
    }
  }

  /** Restarts the machine. */
  record Reboot() implements Action {}

  /** Opens iPXE's command line for a person. */
  record Shell() implements Action {}
}
