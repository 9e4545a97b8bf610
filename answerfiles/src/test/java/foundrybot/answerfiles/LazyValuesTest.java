// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class LazyValuesTest {
  private final List<String> made = new ArrayList<>();
  private final LazyValues values =
      new LazyValues(List.of(group("first", "a"), group("second", "b"), group("third", "c")));

  @Test
  void aGroupIsMadeWhenNoneBeforeItHasTheName() {
    assertEquals("of a", values.get("a"));
    assertEquals(List.of("first"), made);
    assertEquals("of b", values.get("b"));
    assertEquals(List.of("first", "second"), made);
  }

  @Test
  void eachGroupIsMadeOnce() {
    assertNull(values.get("nobody"));
    assertFalse(values.containsKey("nobody"));
    assertEquals("of c", values.get("c"));
    assertEquals(List.of("first", "second", "third"), made);
  }

  @Test
  void allNamesAreThereInOrder() {
    assertEquals(List.of("a", "b", "c"), List.copyOf(values.keySet()));
    assertEquals(Map.of("a", "of a", "b", "of b", "c", "of c"), values);
  }

  @Test
  void anArgumentOfAKernelDoesWithoutTheFilesOfANetworkCard() {
    RackFile rack = Samples.withNodes("  52-54-00-12-34-56: worker\n");
    LazyValues lazy = new AnswerValues(rack, rack.nodes().getFirst(), Samples.run()).map();
    assertEquals(rack.nodes().getFirst().name(), lazy.get("node"));
    assertEquals(1, lazy.groupsMade());
  }

  private Supplier<Map<String, Object>> group(String group, String name) {
    return () -> {
      made.add(group);
      return Map.of(name, "of " + name);
    };
  }
}
