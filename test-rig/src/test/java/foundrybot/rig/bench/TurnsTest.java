// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.rig.bench.Bench.Turn;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Which servers run at the same time. */
class TurnsTest {
  private static final List<Case> CASES = Cases.all(Cases.StormSize.USUAL);
  private static final List<Turn> TURNS =
      new Bench.Plan(
              Run.now(),
              CASES,
              Stream.concat(Product.subjects(5000).stream(), Peers.ALL.stream()).toList(),
              1,
              1,
              1)
          .turns();

  @Test
  void whatACaseComparesRunsAtTheSameTime() {
    assertEquals(
        List.of("foundrybot", "dnsmasq", "tftpd-hpa", "atftpd"),
        namesOf(turnOf("300 KB x128 as EDK2")));
    assertEquals(List.of("foundrybot", "dnsmasq", "Kea"), namesOf(turnOf(Cases.DORA_20000)));
  }

  @Test
  void theTwoRacksThatDifferInTheirSizeRunAtTheSameTime() {
    Turn turn = turnOf(Cases.TEN_MACHINES + ", rack of 10");
    assertEquals(2, turn.subjects().size());
    assertTrue(
        turn.cases().stream()
            .anyMatch(one -> one.name().equals(Cases.TEN_MACHINES + ", rack of 10000")));
  }

  @Test
  void aStormHasServersOfItsOwnAndNothingBesideThem() {
    List<Turn> storms =
        TURNS.stream().filter(turn -> turn.subjects().getFirst().role().isStorm()).toList();
    assertEquals(2 * 6, storms.size());
    assertTrue(
        storms.stream().allMatch(turn -> turn.cases().size() == 1 && turn.subjects().size() == 1));
  }

  @Test
  void eachCaseIsTakenByEachOfItsServersOnce() {
    long planned =
        CASES.stream()
            .mapToLong(
                one ->
                    Stream.concat(Product.subjects(5000).stream(), Peers.ALL.stream())
                        .filter(subject -> one.roles().contains(subject.role()))
                        .count())
            .sum();
    long taken =
        TURNS.stream()
            .flatMap(
                turn ->
                    turn.cases().stream()
                        .flatMap(
                            one ->
                                turn.subjects().stream()
                                    .filter(subject -> one.roles().contains(subject.role()))))
            .count();
    assertEquals(planned, taken);
  }

  private static Turn turnOf(String name) {
    return TURNS.stream()
        .filter(turn -> turn.cases().stream().anyMatch(one -> one.name().equals(name)))
        .findFirst()
        .orElseThrow();
  }

  private static List<String> namesOf(Turn turn) {
    return turn.subjects().stream().map(Subject::name).toList();
  }
}
