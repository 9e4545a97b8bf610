// SPDX-License-Identifier: Apache-2.0
package foundrybot.images.cast;

import java.nio.file.Path;
import java.util.List;

/**
 * What image to build and where to put it.
 *
 * @param profile the operating system profile the image is for ("debian-12-cast")
 * @param suite the Debian suite ("bookworm")
 * @param kernelPackage the package that brings the kernel ("linux-image-amd64")
 * @param extraPackages what the roles need beyond the base, in any order
 * @param output the folder that will hold the finished files; replaced as a whole
 * @param aptFolder the machine's apt configuration, normally {@code /etc/apt}
 */
public record ImageRequest(
    String profile,
    String suite,
    String kernelPackage,
    List<String> extraPackages,
    Path output,
    Path aptFolder) {

  /** The kernel for real hardware; {@code linux-image-cloud-amd64} is smaller and for VMs only. */
  public static final String DEFAULT_KERNEL = "linux-image-amd64";

  /** Packages a request may name at most. */
  static final int MAX_EXTRA_PACKAGES = 500;

  public ImageRequest {
    require("profile", profile, "[a-z0-9][a-z0-9.-]{0,63}", "lower-case letters, digits, '.', '-'");
    require("suite", suite, "[a-z][a-z0-9-]{1,31}", "a Debian code name such as bookworm");
    requirePackage("kernel package", kernelPackage);
    if (!kernelPackage.startsWith("linux-image-")) {
      throw new IllegalArgumentException(
          "kernel package: " + kernelPackage + " (expected: linux-image-...)");
    }
    if (extraPackages.size() > MAX_EXTRA_PACKAGES) {
      throw new IllegalArgumentException(
          "extra packages: " + extraPackages.size() + " (expected: 0.." + MAX_EXTRA_PACKAGES + ")");
    }
    extraPackages.forEach(name -> requirePackage("extra package", name));
    extraPackages = extraPackages.stream().sorted().distinct().toList();
    output = output.toAbsolutePath().normalize();
    if (output.getFileName() == null) {
      throw new IllegalArgumentException("output: " + output + " (expected: a folder of its own)");
    }
    aptFolder = aptFolder.toAbsolutePath().normalize();
  }

  /** The usual image of a Debian suite, from this machine's own package sources. */
  public static ImageRequest of(String profile, String suite, Path output) {
    return new ImageRequest(profile, suite, DEFAULT_KERNEL, List.of(), output, Path.of("/etc/apt"));
  }

  public ImageRequest withKernel(String newKernelPackage) {
    return new ImageRequest(profile, suite, newKernelPackage, extraPackages, output, aptFolder);
  }

  public ImageRequest withExtraPackages(List<String> names) {
    return new ImageRequest(profile, suite, kernelPackage, names, output, aptFolder);
  }

  private static void requirePackage(String what, String name) {
    // A leading '-' or '?' would be an option or a pattern to the tools below.
    require(what, name, "[a-z0-9][a-z0-9+.-]{1,127}", "a Debian package name");
  }

  private static void require(String what, String value, String regex, String expected) {
    if (!value.matches(regex)) {
      throw new IllegalArgumentException(what + ": " + value + " (expected: " + expected + ")");
    }
  }
}
