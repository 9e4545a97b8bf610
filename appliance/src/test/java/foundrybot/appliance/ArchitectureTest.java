// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
  private static final List<String> GROUND_FLOOR =
      List.of("bootserver", "ipxe", "answerfiles", "redfish", "images");

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
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
}
