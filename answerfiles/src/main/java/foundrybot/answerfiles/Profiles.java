// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.net.Inet4Address;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** What a profile asks of the boot loader and of the package mirror. */
public final class Profiles {
  /** x86 Linux's COMMAND_LINE_SIZE is 2048 with the closing zero; some is left to boot loaders. */
  static final int LONGEST_COMMAND_LINE = 1900;

  private Profiles() {}

  /**
   * Arguments for the installer's or deployer's kernel; no element holds a space.
   *
   * @throws RenderException if they are longer than a kernel takes
   */
  public static List<String> kernelArguments(RackFile rack, Node node, RunContext run) {
    List<String> arguments =
        new ArrayList<>(
            switch (node.profile().kind()) {
              case INSTALLER -> installer(rack, node, run);
              case CAST -> List.of("foundrybot.url=" + NodeValues.url("nodeUrl", run.nodeUrl()));
            });
    return checked(node, arguments);
  }

  /**
   * Arguments for the kernel of the rescue system; no element holds a space.
   *
   * @throws RenderException if they are longer than a kernel takes
   */
  public static List<String> rescueArguments(Node node, RunContext run) {
    return checked(
        node,
        new ArrayList<>(
            List.of(
                "foundrybot.url=" + NodeValues.url("nodeUrl", run.nodeUrl()),
                "foundrybot.mode=rescue")));
  }

  private static List<String> checked(Node node, List<String> arguments) {
    arguments.add("BOOTIF=" + node.mac().bootif());
    arguments.addAll(node.kernelArguments());
    arguments.addAll(NodeValues.CONSOLES);
    int length = String.join(" ", arguments).length();
    if (length > LONGEST_COMMAND_LINE) {
      throw new RenderException(
          "kernel arguments of "
              + node.name()
              + ": "
              + length
              + " characters (expected: at most "
              + LONGEST_COMMAND_LINE
              + "; shorten kernel-arguments)");
    }
    return List.copyOf(arguments);
  }

  /** All packages that the node's answer file asks for, beside Debian's base system. */
  public static List<String> packages(RackFile rack, Node node) {
    return NodeValues.packages(rack, node);
  }

  /** All packages of a built-in profile and of all built-in roles, in alphabetical order. */
  public static List<String> packagesOfAllRoles(String profile) {
    Set<String> packages = new TreeSet<>();
    Optional.ofNullable(Profile.builtIn().get(profile))
        .ifPresent(known -> packages.addAll(known.packages()));
    Role.builtIn().values().forEach(role -> packages.addAll(role.packages()));
    packages.add(NodeValues.TIME_PACKAGE);
    return List.copyOf(packages);
  }

  /**
   * The network must be known before the preseed can be fetched, so it stands here and not there.
   * {@code interface=auto} takes the card that {@code BOOTIF} names.
   */
  private static List<String> installer(RackFile rack, Node node, RunContext run) {
    List<String> arguments = new ArrayList<>();
    arguments.add("auto=true");
    arguments.add("priority=critical");
    arguments.add("url=" + NodeValues.url("nodeUrl", run.nodeUrl()) + "/preseed.cfg");
    arguments.add("interface=auto");
    arguments.add("hostname=" + node.name());
    arguments.add("domain=" + rack.domain());
    // Else a name in the DHCP lease would win over the one above.
    arguments.add("netcfg/hostname=" + node.name());
    // Also empty: a lease that names no server must not make the installer ask for one.
    arguments.add("netcfg/get_nameservers=" + firstOf(NodeValues.dns(rack, node, run)));
    node.address()
        .ifPresent(
            address -> {
              arguments.add("netcfg/disable_autoconfig=true");
              arguments.add("netcfg/get_ipaddress=" + address.address().getHostAddress());
              arguments.add("netcfg/get_netmask=" + address.mask().getHostAddress());
              arguments.add("netcfg/get_gateway=" + gateway(rack, node));
              arguments.add("netcfg/confirm_static=true");
            });
    return arguments;
  }

  private static String gateway(RackFile rack, Node node) {
    return NodeValues.gateway(rack, node).map(Inet4Address::getHostAddress).orElse("none");
  }

  /** One is enough to install with; the installed system gets all of them at the end. */
  private static String firstOf(List<String> dns) {
    return dns.isEmpty() ? "" : dns.getFirst();
  }
}
