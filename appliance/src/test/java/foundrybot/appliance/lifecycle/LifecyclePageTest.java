// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.lifecycle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class LifecyclePageTest {
  private static String page(String name) throws IOException {
    return Files.readString(Path.of("../docs/" + name + ".md"));
  }

  @Test
  void thePageOfTheLifecycleIsWhatTheTablesSay() throws IOException {
    assertEquals(
        LifecyclePage.lifecycle(),
        page("lifecycle"),
        "bootserver docs lifecycle > docs/lifecycle.md makes it anew");
  }

  @Test
  void thePageOfDiagnosesIsWhatTheTablesSay() throws IOException {
    assertEquals(
        LifecyclePage.diagnoses(),
        page("diagnosis"),
        "bootserver docs diagnosis > docs/diagnosis.md makes it anew");
  }

  @Test
  void everyStageAndEveryKindOfFactIsInBothDrawings() {
    for (Stage stage : Stage.values()) {
      assertTrue(LifecyclePage.lifecycle().contains(stage.toString()), stage::toString);
      assertTrue(LifecyclePage.mermaid().contains(" : " + stage), stage::toString);
    }
    for (FactKind kind : FactKind.values()) {
      assertTrue(LifecyclePage.lifecycle().contains("| `" + kind.text() + "` |"), kind.text());
    }
  }

  @Test
  void theDrawingHasAWayFromEachStageToTheNext() {
    String drawing = LifecyclePage.mermaid();
    assertTrue(drawing.startsWith("stateDiagram-v2\n"), drawing);
    assertTrue(drawing.contains("  powered_on --> dhcp : dhcp.offer"), drawing);
    assertTrue(drawing.contains("  first_boot --> enrolled : enrolled\n"), drawing);
  }
}
