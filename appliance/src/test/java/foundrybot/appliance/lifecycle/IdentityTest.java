// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.lifecycle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IdentityTest {
  private static final String MAC = "52:54:00:aa:00:01";
  private static final String OTHER_MAC = "52:54:00:aa:00:02";
  private static final String UUID = "4c4c4544-0042-3510-8052-b7c04f503732";
  private static final String SWAPPED = "44454c4c-4200-1035-8052-b7c04f503732";
  private static final String OTHER_UUID = "4c4c4544-0042-3510-8052-b7c04f503733";

  private NodeState state = NodeState.planned(Instant.EPOCH);

  private void happens(String kind, String detail) {
    state = state.after(new Fact(Instant.EPOCH, MAC, kind, detail));
  }

  private void bmc(String uuid, String... macs) {
    happens("bmc.identity", Identity.reported(MAC, uuid, List.of(macs)));
  }

  private void boots(String uuid) {
    happens("dhcp.identity", uuid);
  }

  private boolean agree() {
    return state.mismatch().isEmpty();
  }

  private String why() {
    return state.mismatch().orElseThrow().why();
  }

  @Test
  void theSameUuidOnBothSidesIsOneMachine() {
    bmc(UUID, MAC);
    boots(UUID);
    assertTrue(agree());
  }

  @Test
  void aUuidInTheOtherOrderOfBytesIsTheSame() {
    bmc(UUID, MAC);
    boots(SWAPPED);
    assertTrue(agree());
  }

  @Test
  void aUuidThatIpmiGaveInAnotherOrderOfBytesIsTheSame() {
    // Sent from its last byte to its first, and taken for a random UUID as it is written.
    bmc("180d3226-f900-43a4-9d36-d5414749ae81", MAC);
    boots("81ae4947-41d5-369d-a443-00f926320d18");
    assertTrue(agree());
    boots("4749ae81-d541-9d36-a443-00f926320d18");
    assertTrue(agree(), "by a firmware with SMBIOS's order");
    boots("81ae4947-41d5-369d-a443-00f926320d19");
    assertFalse(agree());
  }

  @Test
  void anotherUuidIsNamedOnBothSidesWithTheCure() {
    bmc(UUID, MAC);
    boots(OTHER_UUID);
    assertTrue(why().contains(UUID) && why().contains(OTHER_UUID), why());
    assertEquals(Condition.STUCK, state.condition(Instant.EPOCH));
    Diagnosis shown = Diagnosis.of("w1", state, Instant.EPOCH).orElseThrow();
    assertEquals(why(), shown.why());
    assertTrue(shown.tryNext().contains("bmc --accept-identity w1"), shown::tryNext);
  }

  @Test
  void aRackFileMacThatTheBmcDoesNotKnowIsAnotherMachine() {
    bmc("", OTHER_MAC, "52:54:00:AA:00:03");
    assertTrue(why().contains(OTHER_MAC) && why().contains(MAC), why());
  }

  @Test
  void theSameUuidIsStrongerThanAListOfCardsThatLacksOne() {
    bmc(UUID, OTHER_MAC);
    boots(UUID);
    assertTrue(agree());
  }

  @Test
  void aMacInTheListIsNoProofAgainstAnotherUuid() {
    bmc(UUID, MAC);
    boots(OTHER_UUID);
    assertFalse(agree());
  }

  @Test
  void whatOneSideDoesNotTellIsNoContradiction() {
    assertTrue(agree());
    boots(OTHER_UUID);
    assertTrue(agree());
    bmc("");
    assertTrue(agree());
    bmc("not told", "garbage");
    assertTrue(agree());
    bmc(UUID);
    assertFalse(agree());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "00000000-0000-0000-0000-000000000000",
        "ffffffff-ffff-ffff-ffff-ffffffffffff",
        "fefefefe-fefe-fefe-fefe-fefefefefefe",
        "03000200-0400-0500-0006-000700080009",
        "00020003-0004-0005-0006-000700080009",
        "12345678-1234-5678-90ab-cddeefaabbcc",
        "00000000-0000-0000-0000-7cc2554c8a10"
      })
  void aUuidThatManyMachinesShareTellsNothing(String shared) {
    bmc(shared, MAC);
    boots(UUID);
    assertTrue(agree());
    bmc(UUID, MAC);
    boots(shared);
    assertTrue(agree());
    bmc(shared, OTHER_MAC);
    boots(shared);
    assertFalse(agree(), "the cards are what is left to compare");
  }

  @Test
  void aContradictionIsAcceptedAsItIsAndNoOther() {
    bmc(UUID, MAC);
    boots(OTHER_UUID);
    happens("identity.accepted", state.identity().acceptance().orElseThrow());
    assertTrue(agree());
    boots("4c4c4544-0042-3510-8052-b7c04f503734");
    assertFalse(agree());
    boots(OTHER_UUID);
    assertTrue(agree());
    happens("run.started", "reinstallation");
    assertTrue(agree());
  }

  @Test
  void whoAsksLastIsCompared() {
    bmc(UUID, MAC);
    boots(OTHER_UUID);
    boots(UUID);
    assertTrue(agree());
  }

  @Test
  void anInstalledMemberIsLeftInPeace() {
    happens("enrolled", "");
    bmc(UUID, MAC);
    boots(OTHER_UUID);
    assertEquals(Condition.OK, state.condition(Instant.EPOCH));
  }

  @Test
  void theCardOfTheRackFileIsKeptHoweverManyThereAre() {
    List<String> many =
        IntStream.range(0, 60).mapToObj(i -> String.format("02:00:00:00:01:%02x", i)).toList();
    String detail =
        Identity.reported(
            MAC,
            UUID,
            java.util.stream.Stream.concat(many.stream(), List.of(MAC).stream()).toList());
    assertTrue(detail.length() < Fact.MAX_DETAIL);
    happens("bmc.identity", detail);
    assertTrue(agree());
  }

  @Test
  void aBrokenFactIsNoIdentity() {
    happens("bmc.identity", "anything else");
    happens("dhcp.identity", "no uuid");
    assertTrue(agree());
  }

  @Test
  void whoseMachineItIsIsKnownWhereItIsAnotherNodes() {
    bmc(OTHER_UUID, OTHER_MAC);
    boots(UUID);
    Identity swapped = state.identity();
    Identity other = Identity.UNKNOWN.booting(OTHER_MAC, java.util.UUID.fromString(OTHER_UUID));
    assertEquals(
        Optional.of("its BMC's UUID is the one with which w2 boots"),
        swapped.mixedUpWith("w2", OTHER_MAC, other));
    assertEquals(
        Optional.of("it boots with the UUID of the machine that the BMC of w1 holds"),
        other.mixedUpWith("w1", MAC, swapped));
    assertEquals(
        Optional.of("its BMC holds the card " + OTHER_MAC + " of w2"),
        swapped.mixedUpWith("w2", OTHER_MAC, Identity.UNKNOWN));
    assertEquals(Optional.empty(), swapped.mixedUpWith("w3", MAC, Identity.UNKNOWN));
  }
}
