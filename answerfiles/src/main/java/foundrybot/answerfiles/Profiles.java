// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
    Map<String, Object> values = new AnswerValues(rack, node, run).map();
    List<String> arguments = new ArrayList<>();
    for (Profile.KernelArgument argument : node.profile().arguments()) {
      String text = argument.template().render(values);
      if (text.chars().anyMatch(c -> c <= ' ' || c > '~')) {
        throw new RenderException(
            argument.template() + ": " + Values.shown(text) + " (expected: one kernel argument)");
      }
      if (!text.isEmpty()) {
        arguments.add(text);
      }
    }
    return checked(node, arguments, node.profile().kind() != Profile.Kind.MBOOT);
  }

  /**
   * Arguments for the kernel of the deploy environment in another mode than to install; no element
   * holds a space.
   *
   * @param mode a word of the environment's, such as {@code rescue}
   * @throws RenderException if they are longer than a kernel takes
   */
  public static List<String> modeArguments(RackFile rack, Node node, RunContext run, String mode) {
    List<String> arguments = new ArrayList<>();
    arguments.add("foundrybot.url=" + NodeValues.url("nodeUrl", run.nodeUrl()));
    arguments.add("foundrybot.mode=" + mode);
    if (rack.appliance().syslog()) {
      arguments.add("foundrybot.log=" + NodeValues.logTarget(rack, run));
    }
    return checked(node, arguments, true);
  }

  private static List<String> checked(Node node, List<String> arguments, boolean ofLinux) {
    arguments.add("BOOTIF=" + node.mac().bootif());
    arguments.addAll(node.kernelArguments());
    if (ofLinux) {
      arguments.addAll(NodeValues.CONSOLES);
    }
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

  /**
   * What a mirror must have for the node: what its answer file asks for, and what Debian's
   * installer adds by itself for its layout, without which the system would not start.
   */
  public static List<String> mirrored(RackFile rack, Node node) {
    Set<String> packages = new TreeSet<>(packages(rack, node));
    packages.addAll(added(node.disks().layout()));
    return List.copyOf(packages);
  }

  private static List<String> added(DiskLayout layout) {
    return switch (layout) {
      case DiskLayout.Single _, DiskLayout.Zfs _ -> List.of();
      case DiskLayout.Raid1 _ -> List.of("mdadm");
      case DiskLayout.Lvm _ -> List.of("lvm2");
      case DiskLayout.Encrypted _ ->
          List.of("clevis-initramfs", "clevis-luks", "clevis-tpm2", "cryptsetup-initramfs", "lvm2");
    };
  }

  /** All packages of a built-in profile, built-in roles and layouts, in alphabetical order. */
  public static List<String> packagesOfAllRoles(String profile) {
    Set<String> packages = new TreeSet<>();
    Optional.ofNullable(Profile.builtIn().get(profile))
        .ifPresent(known -> packages.addAll(known.packages()));
    Role.builtIn().values().forEach(role -> packages.addAll(role.packages()));
    packages.add(NodeValues.TIME_PACKAGE);
    for (DiskLayout layout :
        List.of(
            new DiskLayout.Raid1(List.of()), new DiskLayout.Lvm(), new DiskLayout.Encrypted())) {
      packages.addAll(added(layout));
    }
    return List.copyOf(packages);
  }
}
