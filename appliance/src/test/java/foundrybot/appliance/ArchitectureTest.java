// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
  private static final List<String> GROUND_FLOOR =
      List.of("bootserver", "ipxe", "answerfiles", "redfish", "images");

  /** What a decoder takes first. Files are read elsewhere, and their bytes given to one. */
  private static final Set<String> FROM_OUTSIDE =
      Set.of("byte[]", "ByteBuf", "ByteBuffer", "String", "Octets");

  /** Where this class lies, and with it all tests: not every build calls it test-classes. */
  private static final String TESTS =
      ArchitectureTest.class.getProtectionDomain().getCodeSource().getLocation().getPath();

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .withImportOption(location -> !location.contains(TESTS))
          .importPackages("foundrybot");

  @Test
  void theModulesOfTheGroundFloorDoNotKnowEachOther() {
    for (String module : GROUND_FLOOR) {
      String[] others =
          GROUND_FLOOR.stream()
              .filter(other -> !other.equals(module))
              .map(other -> "foundrybot." + other + "..")
              .toArray(String[]::new);
      noClasses()
          .that()
          .resideInAPackage("foundrybot." + module + "..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(others)
          .check(CLASSES);
    }
  }

  @Test
  void nothingOnTheGroundFloorKnowsTheProduct() {
    noClasses()
        .that()
        .resideInAnyPackage(
            GROUND_FLOOR.stream().map(m -> "foundrybot." + m + "..").toArray(String[]::new))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("foundrybot.appliance..", "foundrybot.rig..")
        .check(CLASSES);
  }

  @Test
  void theServicesOfTheWireDoNotKnowEachOther() {
    slices().matching("foundrybot.bootserver.(*)..").should().notDependOnEachOther().check(CLASSES);
  }

  @Test
  void packagesFormNoCircle() {
    slices().matching("foundrybot.(**)").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void theLifecycleIsPure() {
    noClasses()
        .that()
        .resideInAPackage("foundrybot.appliance.lifecycle..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("java.io..", "java.sql..", "java.net..", "io.netty..", "org.slf4j..")
        .check(CLASSES);
  }

  /** Where a secret is compared with what somebody brings, or a digest of one. */
  @Test
  void secretsAreComparedInATimeThatTellsNothingOfThem() {
    Set<String> comparing = new TreeSet<>();
    for (JavaClass type : CLASSES) {
      boolean constant =
          type.getMethodCallsFromSelf().stream()
              .anyMatch(
                  call ->
                      call.getTargetOwner().getName().equals("java.security.MessageDigest")
                          && call.getName().equals("isEqual"));
      if (constant) {
        comparing.add(type.getSimpleName());
      }
    }
    List<String> expected =
        List.of(
            "DigestAnswer",
            "MediumDoor",
            "OperatorTokens",
            "RunTokens",
            "Session",
            "Tokens",
            "TpmSecret");
    assertTrue(comparing.containsAll(expected), comparing::toString);
  }

  /** CVE-2022-3874: a command that a setting names. These run programs of fixed names, no shell. */
  @Test
  void fewClassesStartProgramsAndNoneOfTheServer() {
    List<String> starting =
        CLASSES.stream()
            .filter(type -> !type.getPackageName().startsWith("foundrybot.rig"))
            .filter(
                type ->
                    type.getDirectDependenciesFromSelf().stream()
                        .map(dependency -> dependency.getTargetClass().getFullName())
                        .anyMatch("java.lang.ProcessBuilder"::equals))
            .map(JavaClass::getSimpleName)
            .sorted()
            .toList();
    assertEquals(List.of("TerminalWidth", "Tool", "Virsh"), starting);
    noClasses()
        .that()
        .resideInAPackage("foundrybot..")
        .should()
        .callMethod(Runtime.class, "exec", String.class)
        .orShould()
        .callMethod(Runtime.class, "exec", String[].class)
        .check(CLASSES);
  }

  /**
   * CVE-2026-43003: a program of a deployed image that is run with the server's rights. And
   * CVE-2026-44917: an image that is taken apart by what believes its paths. Programs are the
   * system's, each of them named here; none enters another system, none opens an ISO image.
   */
  @Test
  void programsAreCalledByTheNamesOfAShortListAlone() throws IOException {
    Set<String> called = new TreeSet<>();
    for (Path source : sources()) {
      String text = Files.readString(source);
      Matcher tool = Pattern.compile("Tool\\s*\\.named\\(\\s*([^,]+),").matcher(text);
      while (tool.find()) {
        called.add(tool.group(1).strip().replace("\"", ""));
      }
      Matcher apt = Pattern.compile("\\bapt\\(\"([^\"]+)\"\\)").matcher(text);
      while (apt.find()) {
        called.add(apt.group(1));
      }
      Matcher entering = ENTERING.matcher(text);
      assertFalse(entering.find(), source::toString);
    }
    called.removeAll(Set.of("program", "XORRISO"));
    assertEquals(
        Set.of(
            "apt-cache",
            "apt-config",
            "apt-get",
            "debugfs",
            "depmod",
            "dpkg-deb",
            "dumpe2fs",
            "e2fsck",
            "find",
            "mke2fs",
            "mmdebstrap",
            "rm",
            "xz",
            "zstd"),
        called);
  }

  /** Words of a command that would run another system's code, or read a foreign file system. */
  private static final Pattern ENTERING =
      Pattern.compile(
          "\"(chroot|nsenter|unshare|systemd-nspawn|bwrap|grub-install|qemu-img|qemu-nbd|mount"
              + "|losetup|kpartx|guestmount|-osirrox|isoinfo|bsdtar|7z|unsquashfs|sh|bash|dash)\"[,)]");

  private static List<Path> sources() throws IOException {
    List<Path> sources = new ArrayList<>();
    for (String module : List.of("images", "redfish", "appliance")) {
      try (Stream<Path> files = Files.walk(Path.of("..", module, "src/main/java"))) {
        sources.addAll(files.filter(file -> file.toString().endsWith(".java")).toList());
      }
    }
    assertTrue(sources.size() > 200, "too few sources: " + sources.size());
    return sources;
  }

  /**
   * What turns bytes or text from outside into values is called so, and is fuzzed in its package.
   */
  @Test
  void everyDecoderHasAFuzzTarget() throws IOException {
    List<String> decoders = new ArrayList<>();
    List<String> missing = new ArrayList<>();
    for (JavaClass type : CLASSES) {
      for (JavaMethod method : type.getMethods()) {
        if (isDecoder(method)) {
          String call = type.getSimpleName() + "." + method.getName() + "(";
          decoders.add(call);
          if (!fuzzTargets(type).contains(call)) {
            missing.add(type.getName() + "." + method.getName());
          }
        }
      }
    }
    assertTrue(decoders.contains("DhcpCodec.decode(") && decoders.size() >= 8, decoders::toString);
    assertEquals(List.of(), missing, "decoders that no *FuzzTest of their package calls");
  }

  private static boolean isDecoder(JavaMethod method) {
    return method.getModifiers().contains(JavaModifier.STATIC)
        && !method.getModifiers().contains(JavaModifier.PRIVATE)
        && !method.getModifiers().contains(JavaModifier.SYNTHETIC)
        && Set.of("decode", "read", "parseAll").contains(method.getName())
        && !method.getRawParameterTypes().isEmpty()
        && FROM_OUTSIDE.contains(method.getRawParameterTypes().getFirst().getSimpleName())
        && GROUND_FLOOR.contains(module(method.getOwner()));
  }

  private static String module(JavaClass type) {
    return type.getPackageName().split("\\.", -1)[1];
  }

  private static String fuzzTargets(JavaClass type) throws IOException {
    Path folder =
        Path.of("..", module(type), "src/test/java", type.getPackageName().replace('.', '/'));
    StringBuilder sources = new StringBuilder();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(f -> f.toString().endsWith("FuzzTest.java")).toList()) {
        sources.append(Files.readString(file));
      }
    }
    return sources.toString();
  }
}
