// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * One row of the firmware table: which machines it is about, and what is different for them. Each
 * condition that is empty holds for all; a property that is empty is left to the rows behind it.
 *
 * @param name for people, and for the reason of a decision
 * @param architectures codes of option 93, as the machine sent them
 * @param macPrefixes beginnings of MACs as lower-case hexadecimal digits, such as {@code b827eb}
 * @param vendorClass what option 60 begins with
 * @param nodes names of nodes
 * @param treatAs the code of option 93 that is believed instead
 * @param program file name of the boot program
 * @param replaceIpxe whether an iPXE of the machine's own loads the boot program, too
 * @param secureBoot whether the machine runs signed programs only
 * @param https whether the machine trusts the appliance's CA, and is told URLs of HTTPS
 * @param verifiesImages whether the machine's iPXE runs only what the appliance's CA vouches for
 * @param vendorOptions the form of option 43
 * @param bootFileOption whether the boot file stands in option 67, too
 * @param serverNameOption whether the server's address stands in option 66, too
 * @param classWithLease whether option 60 goes with a lease
 * @param ignore whether these machines are not answered at all
 * @param reason why the row is there
 */
public record FirmwareRule(
    String name,
    Set<Integer> architectures,
    List<String> macPrefixes,
    Optional<String> vendorClass,
    Set<String> nodes,
    Optional<Integer> treatAs,
    Optional<String> program,
    Optional<Boolean> replaceIpxe,
    Optional<Boolean> secureBoot,
    Optional<Boolean> https,
    Optional<Boolean> verifiesImages,
    Optional<VendorOptions> vendorOptions,
    Optional<Boolean> bootFileOption,
    Optional<Boolean> serverNameOption,
    Optional<Boolean> classWithLease,
    boolean ignore,
    String reason) {

  /** The forms of option 43 that an answer can have; in the file with hyphens, in small letters. */
  public enum VendorOptions {
    NONE,
    SKIP_DISCOVERY,
    SKIP_DISCOVERY_PROMPT,
    RASPBERRY_PI
  }

  public FirmwareRule {
    architectures = Set.copyOf(architectures);
    macPrefixes = List.copyOf(macPrefixes);
    nodes = Set.copyOf(nodes);
  }

  /**
   * Whether the row is about this machine.
   *
   * @param mac twelve lower-case hexadecimal digits
   * @param node its name, if it has one
   */
  public boolean isAbout(int architecture, String mac, String itsClass, Optional<String> node) {
    return (architectures.isEmpty() || architectures.contains(architecture))
        && (macPrefixes.isEmpty() || hasPrefixOf(mac))
        && vendorClass.map(itsClass::startsWith).orElse(true)
        && (nodes.isEmpty() || node.map(nodes::contains).orElse(false));
  }

  private boolean hasPrefixOf(String mac) {
    for (String prefix : macPrefixes) {
      if (mac.startsWith(prefix)) {
        return true;
      }
    }
    return false;
  }
}
