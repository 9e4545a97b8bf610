// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What Anaconda's kickstart knows, by pykickstart's tables for RHEL 9, RHEL 10 and Fedora: an
 * installer stops at anything else, on a console that nobody looks at.
 */
final class KickstartCommands {
  /** Sections that a shell runs, if they name no other interpreter. */
  static final Set<String> SCRIPTS = Set.of("pre", "pre-install", "post", "onerror", "traceback");

  static final Set<String> SECTIONS =
      Set.of(
          "pre", "pre-install", "post", "onerror", "traceback", "packages", "addon", "certificate");

  /** Those whose second line would silently win over the first one. */
  static final Set<String> ONCE =
      Set.of(
          "lang",
          "keyboard",
          "timezone",
          "rootpw",
          "bootloader",
          "zerombr",
          "clearpart",
          "autopart",
          "ignoredisk",
          "url",
          "reboot",
          "poweroff",
          "shutdown",
          "halt",
          "text",
          "cmdline",
          "firstboot",
          "firewall",
          "services",
          "selinux");

  static final Set<String> KNOWN =
      Set.of(
          ("authselect autopart bootc bootloader btrfs cdrom clearpart cmdline driverdisk eula fcoe"
                  + " firewall firstboot graphical group halt harddrive hmc ignoredisk iscsi"
                  + " iscsiname keyboard lang liveimg logging logvol mediacheck module mount"
                  + " network nfs ostreecontainer ostreesetup part partition poweroff raid rdp"
                  + " realm reboot repo reqpart rescue rhsm rootpw selinux services shutdown skipx"
                  + " snapshot sshkey sshpw syspurpose text timesource timezone updates url user"
                  + " vnc volgroup xconfig zerombr zfcp zipl")
              .split(" "));

  /** What RHEL 9 or RHEL 10 has taken out, and what is written instead. */
  static final Map<String, String> REMOVED =
      Map.ofEntries(
          Map.entry("auth", "authselect"),
          Map.entry("authconfig", "authselect"),
          Map.entry("autostep", "nothing; it is gone"),
          Map.entry("device", "nothing; it is gone"),
          Map.entry("deviceprobe", "nothing; it is gone"),
          Map.entry("dmraid", "nothing; it is gone"),
          Map.entry("install", "the source alone, such as url"),
          Map.entry("method", "the source alone, such as url"),
          Map.entry("multipath", "nothing; it is gone"),
          Map.entry("nvdimm", "nothing; it is gone"),
          Map.entry("pwpolicy", "nothing; it is gone"));

  /** The same of options, with the command before them. */
  static final Map<Pattern, String> REMOVED_OPTIONS =
      Map.of(
          Pattern.compile("timezone\\s.*--(isUtc|ntpservers|nontp)\\b.*"),
          "--utc, and the command timesource",
          Pattern.compile("bootloader\\s.*--upgrade\\b.*"),
          "no --upgrade",
          Pattern.compile("logging\\s.*--level\\b.*"),
          "no --level",
          Pattern.compile("%packages\\s.*--(excludeWeakdeps|instLangs)\\b.*"),
          "--exclude-weakdeps, --inst-langs");

  private KickstartCommands() {}
}
