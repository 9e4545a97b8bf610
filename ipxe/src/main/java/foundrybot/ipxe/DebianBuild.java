// SPDX-License-Identifier: Apache-2.0
package foundrybot.ipxe;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The builds of Debian's package {@code ipxe} whose programs are known by their digests.
 *
 * <p>Those of Debian 13 and later also have programs for ARM, RISC-V and LoongArch.
 */
public enum DebianBuild {
  DEBIAN_12(
      "1.0.0+git-20190125.36a4c85-5.1",
      "bookworm",
      Map.of(
          "ipxe.lkrn", "b00bc0a320b0943c1de39a05a4c5e36ca51a37a6dd9787a50c79d5516040cd3c",
          "undionly.kpxe", "f09cfbe9bbd39c3f5eb9cdf7386b520a4f5858bbc4438960c5b870c7a8930a7f",
          "ipxe.efi", "67c7f1f8e062968209ca055283ca782f21faf6a18f55dd19848601bbaf8ed7aa",
          "snponly.efi", "18fc84b69172b9f7d1e6b5274c81121dde429fdacfdc984747f687cfb4f8090b")),
  DEBIAN_13(
      "1.21.1+git20250501.dad20602+dfsg-1",
      "trixie",
      Map.of(
          "ipxe.lkrn", "0a145b232368e107acffe455cfa2625388b1c8b71a505349f7f091bc01630c2b",
          "undionly.kpxe", "391bfe580ec9f823d046ee390765d6c389f482b9a8b9fae0f90871cd8ff57828",
          "ipxe.efi", "6095eb23f4173674a3dc124a2a6d3cdeed514172793306a10d525f57b97cdc6a",
          "snponly.efi", "9a624b4e05ebc25718a7658356628a352532bd278e7a50465a36ab94a7c4e580",
          "ipxe-arm64.efi", "5369815eee98bf98b28a18af9a57207f9096a3b4e542ed3df1eb3f5b28d3d9a9",
          "ipxe-riscv64.efi", "a8ff8dc0548b7e5ee777bc500847b13420a692d26b250d378791b3ecb48dd40f",
          "ipxe-loong64.efi", "1767c225bcb643dc7da72c371bf710f4d918f065903383c761c0cdea91810e11")),
  IPXE_2_0(
      "2.0.0+dfsg-5",
      "sid",
      Map.of(
          "ipxe.lkrn", "e48445b00c3da63d9b16e82837ef39fe3ef577c82a867d2d4f23f4d8b760434a",
          "undionly.kpxe", "cd72b40cc08d4f4489335232817fa0602c9dd8320eb42066f908f65eea1a3a07",
          "ipxe.efi", "548f6fc510131b10d3f77a2b9fbdedf2f00308ae5e03ecb16b66a2a6b9665408",
          "snponly.efi", "7101de4ada064ebc30ea08fbff8361422de45e9fb5cc59e71906c4e5ea003d7c",
          "ipxe-arm64.efi", "f9639206ce233e495ea8dd727ab0056420a8b691161f2dfcfcc89a5acf680944",
          "ipxe-riscv64.efi", "d4d10fb3e6f51fd3fd9f808cde59dc6bb5109e0b784eec86e433a94688fe49b9",
          "ipxe-loong64.efi", "67436f7129a11cc9c3e03355936a5a53a7114621aa8048f945cfe8ad6713a763"));

  /** Per platform the default first, then what some machines need instead. */
  private static final Map<Platform, List<String>> NAMES = names();

  private final String version;
  private final String suite;

  @SuppressWarnings("ImmutableEnumChecker") // a copy that cannot be changed
  private final Map<String, String> sha256;

  DebianBuild(String version, String suite, Map<String, String> sha256) {
    this.version = version;
    this.suite = suite;
    this.sha256 = Map.copyOf(sha256);
  }

  private static Map<Platform, List<String>> names() {
    Map<Platform, List<String>> names = new LinkedHashMap<>();
    names.put(Platform.BIOS_X86, List.of("undionly.kpxe"));
    // snponly.efi uses the firmware's own driver for the card it was started from;
    // ipxe.efi brings its own drivers, for firmware whose driver is at fault.
    names.put(Platform.UEFI_X64, List.of("snponly.efi", "ipxe.efi"));
    names.put(Platform.UEFI_ARM64, List.of("ipxe-arm64.efi"));
    names.put(Platform.UEFI_RISCV64, List.of("ipxe-riscv64.efi"));
    names.put(Platform.UEFI_LOONGARCH64, List.of("ipxe-loong64.efi"));
    return Collections.unmodifiableMap(names);
  }

  /** The package's version. */
  public String version() {
    return version;
  }

  /** Code name of the release that has it. */
  public String suite() {
    return suite;
  }

  /** File name to SHA-256, lower-case hexadecimal. */
  public Map<String, String> sha256() {
    return sha256;
  }

  /** The names of all programs that some build has. */
  public static List<String> allNames() {
    return Stream.concat(
            NAMES.values().stream().flatMap(List::stream), Stream.of(MediumPrograms.BIOS))
        .toList();
  }

  /** Digests by version, then by file name. */
  public static Map<String, Map<String, String>> known() {
    return Arrays.stream(values())
        .collect(Collectors.toUnmodifiableMap(DebianBuild::version, DebianBuild::sha256));
  }

  /** Which of these files is for which platform. */
  static Map<Platform, List<String>> platforms(Map<String, String> sha256) {
    Map<Platform, List<String>> platforms = new LinkedHashMap<>();
    NAMES.forEach(
        (platform, names) -> {
          List<String> there = names.stream().filter(sha256::containsKey).toList();
          if (!there.isEmpty()) {
            platforms.put(platform, there);
          }
        });
    return platforms;
  }
}
