// SPDX-License-Identifier: Apache-2.0
package foundrybot.images.mirror;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class StanzaTest {
  private static final String TEXT =
      """
      # a comment
      Package: a
      Description: one
       two
       .
      Version: 1:2-3


      package: b
      Depends: c (>= 1) | d, e:any, f [amd64]
      """;

  @Test
  void emptyLinesSplitAndCommentsAreDropped() {
    List<Stanza> stanzas = Stanza.parseAll(TEXT);
    assertEquals(2, stanzas.size());
    assertEquals("a", stanzas.get(0).get("Package"));
    assertEquals("one\n two\n .", stanzas.get(0).get("Description"));
    assertEquals("b", stanzas.get(1).get("Package"));
    assertEquals("", stanzas.get(1).get("Version"));
  }

  @Test
  void aFieldIsReplacedTogetherWithItsContinuationLines() {
    Stanza changed = Stanza.parseAll(TEXT).get(0).with("Description", "short");
    assertEquals("Package: a\nVersion: 1:2-3\nDescription: short\n", changed.toString());
  }

  @Test
  void theFirstAlternativeWithoutVersionIsTheNeed() {
    assertEquals(
        List.of("c", "e", "f"), Closure.names(Stanza.parseAll(TEXT).get(1).get("Depends")));
  }

  @Test
  void anIndexEndsWithAnEmptyLine() {
    Stanza one = Stanza.of("Package: a\nVersion: 1\nArchitecture: all");
    assertTrue(MirrorTree.index(List.of(one)).endsWith("Architecture: all\n\n"));
  }

  @Test
  void aVersionWithASlashIsNoPackage() {
    assertThrows(IllegalArgumentException.class, () -> new PackageId("a", "../1", "amd64"));
  }

  @Test
  void aChoiceOfProvidersIsNotFollowedAndASingleOneIs() {
    Closure closure =
        new Closure(
            Stanza.parseAll(
                """
                Package: root
                Depends: single, choice, there, nowhere

                Package: p1
                Provides: single, choice

                Package: p2
                Provides: choice
                """),
            java.util.Set.of("there"));
    assertEquals(List.of("nowhere", "p1", "root"), List.copyOf(closure.of(List.of("root"))));
  }
}
