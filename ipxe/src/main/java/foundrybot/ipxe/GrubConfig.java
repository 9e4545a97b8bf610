// SPDX-License-Identifier: Apache-2.0
package foundrybot.ipxe;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What GRUB is to do, where Secure Boot lets shim and GRUB run and no iPXE. It is GRUB's network
 * image, which fetches all files from where it came from itself, by names from that server's root:
 * by TFTP, or, if firmware fetched it by HTTP and its release has HTTP built in, by HTTP.
 *
 * <p>Every word is quoted: between single quotes GRUB's shell changes nothing.
 */
public final class GrubConfig {
  /** Where GRUB's network image looks for its configuration, below the server's root. */
  public static final String FILE = "grub/grub.cfg";

  /** The name of a machine's own, in its folder. */
  public static final String OF_MACHINE = "grub.cfg";

  private static final int MAX_WORD = 2047;

  private final List<String> lines;

  private GrubConfig(List<String> lines) {
    this.lines = List.copyOf(lines);
  }

  /**
   * For any machine: on to its own, which lies in a folder called by its MAC.
   *
   * @param folder above those folders, with a slash at both ends
   */
  public static GrubConfig ofAnyone(String folder) {
    return new GrubConfig(
        List.of(
            "configfile \"" + folder + "${net_default_mac}/" + OF_MACHINE + "\"",
            say("FoundryBot: no boot configuration for this machine; is its MAC in the rack file?"),
            "sleep 60",
            "reboot"));
  }

  /**
   * Loads and starts an operating system or its installer.
   *
   * @param kernel its name from the server's root
   * @param initrds the same of each, in the order in which the kernel unpacks them
   * @throws IllegalArgumentException if a word holds what GRUB's shell would not leave alone
   */
  public static GrubConfig start(
      String title, String kernel, List<String> initrds, List<String> arguments) {
    List<String> lines = new ArrayList<>();
    lines.add(say("FoundryBot: " + title));
    lines.add("if linux " + quoted(kernel) + words(arguments));
    lines.add("then if " + (initrds.isEmpty() ? "true" : "initrd" + words(initrds)));
    lines.add("then boot");
    lines.add("fi");
    lines.add("fi");
    lines.add(say("FoundryBot: not loaded; the reason is above. Again in 60 s."));
    lines.add("sleep 60");
    lines.add("reboot");
    return new GrubConfig(lines);
  }

  /** For a machine that asked too often to be told now. */
  public static GrubConfig later() {
    return new GrubConfig(
        List.of(say("FoundryBot: asked too often. Again in 60 s."), "sleep 60", "reboot"));
  }

  /** Leaves the machine to the boot loader on its disk, which is signed as well. */
  public static GrubConfig localDisk() {
    return toDisk("FoundryBot: this machine is installed; on to its disk.");
  }

  /**
   * The same for a machine that is not installed.
   *
   * @param reason what a person reads
   */
  public static GrubConfig localDisk(String reason) {
    return toDisk("FoundryBot: nothing is installed: " + reason);
  }

  private static GrubConfig toDisk(String title) {
    List<String> lines = new ArrayList<>();
    lines.add(say(title));
    for (String loader : List.of("/EFI/debian/shimx64.efi", "/EFI/BOOT/BOOTX64.EFI")) {
      lines.add("if search --no-floppy --file --set=root " + quoted(loader));
      lines.add("then if chainloader " + quoted(loader));
      lines.add("then boot");
      lines.add("fi");
      lines.add("fi");
    }
    lines.add("exit");
    return new GrubConfig(lines);
  }

  /**
   * Gives a machine nothing, and says why.
   *
   * @param reason what a person reads
   */
  public static GrubConfig refuse(String reason) {
    return new GrubConfig(
        List.of(say("FoundryBot: nothing is installed: " + reason), "sleep 60", "reboot"));
  }

  private static String say(String text) {
    return "echo " + quoted(Text.displayed(text).source().replace("'", "?"));
  }

  private static String words(List<String> words) {
    return words.stream().map(word -> " " + quoted(word)).collect(Collectors.joining());
  }

  private static String quoted(String word) {
    boolean plain =
        !word.isEmpty()
            && word.length() <= MAX_WORD
            && word.chars().allMatch(c -> c >= ' ' && c < 127 && c != '\'');
    if (!plain) {
      throw new IllegalArgumentException(
          "GRUB word: "
              + Syntax.shown(word)
              + " (expected: 1.."
              + MAX_WORD
              + " printable ASCII characters without a single quote)");
    }
    return "'" + word + "'";
  }

  /** ASCII, as GRUB reads it. */
  public byte[] bytes() {
    return (String.join("\n", lines) + "\n").getBytes(StandardCharsets.US_ASCII);
  }
}
