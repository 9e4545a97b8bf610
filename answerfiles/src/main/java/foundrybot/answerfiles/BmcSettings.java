// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * How a machine is switched on: its BMC, or what takes the place of one.
 *
 * @param url whose scheme says what it is: https or http (Redfish), ipmi, wol, webhook+https or
 *     webhook+http, libvirt+unix or libvirt+ssh, proxmox
 * @param user absent where there is none
 * @param trust which certificate is the right one; absent where the scheme has none
 * @param system which machine, where a BMC has several
 * @param boot how a deployment boots the machine
 * @param cipherSuites of IPMI, the best one first
 * @param hooks of a webhook, and of nothing else
 * @param console whether its serial console is followed while it is on its way
 * @param quirks names of those that it has whoever it is, or, behind {@code no-}, that it has not
 */
public record BmcSettings(
    URI url,
    Optional<String> user,
    Password password,
    Optional<Trust> trust,
    Optional<String> system,
    Firmware firmware,
    Boot boot,
    List<Integer> cipherSuites,
    Optional<HookSettings> hooks,
    boolean console,
    List<String> quirks) {
  public BmcSettings {
    quirks = List.copyOf(quirks);
    cipherSuites = List.copyOf(cipherSuites);
  }

  /** Where the password is; the rack file never holds one. */
  public sealed interface Password {
    /**
     * The first line of a file.
     *
     * @param path absolute, or beside the rack file
     */
    record InFile(Path path) implements Password {}

    /** A variable of the appliance's environment. */
    record InEnvironment(String name) implements Password {}

    /** There is none. */
    record None() implements Password {}
  }

  /** How a deployment boots the machine, once. */
  public sealed interface Boot {
    /** From the network, by PXE. */
    record Pxe() implements Boot {}

    /**
     * By UEFI HTTP Boot.
     *
     * @param url what is booted; absent leaves it to DHCP
     */
    record Http(Optional<URI> url) implements Boot {}

    /** By UEFI HTTP Boot, told the URL of the appliance's own program for such a processor. */
    record HttpProgram(Processor processor) implements Boot {}

    /**
     * From a boot medium that the BMC plays.
     *
     * @param encrypted whether the BMC fetches it by HTTPS; the run's token is on it
     */
    record Media(boolean encrypted) implements Boot {}
  }

  /** Which programs a machine can run. */
  public enum Processor {
    X64,
    ARM64
  }

  /** Whether a certificate is the BMC's own. */
  public sealed interface Trust {
    /**
     * This one.
     *
     * @param sha256 64 lower-case hexadecimal digits
     */
    record Fingerprint(String sha256) implements Trust {}

    /**
     * Those signed by one of these.
     *
     * @param path PEM, absolute or beside the rack file
     */
    record Authority(Path path) implements Trust {}

    /** The first one seen, and no other from then on. */
    record FirstUse() implements Trust {}

    /** Any one. */
    record Any() implements Trust {}
  }

  /** Which firmware a machine is told to boot with. */
  public enum Firmware {
    UEFI,
    LEGACY,
    AS_IS
  }
}
