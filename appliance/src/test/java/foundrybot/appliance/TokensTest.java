// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.answerfiles.Mac;
import foundrybot.appliance.lifecycle.RunToken;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokensTest {
  private static final String MAC = "52:54:00:bb:00:01";
  private static final Mac MACHINE = Mac.parse(MAC).orElseThrow();

  private LoopbackAppliance appliance;
  private Machine machine;

  @BeforeEach
  void prepare(@TempDir Path folder) {
    appliance = new LoopbackAppliance(folder).node(MAC, "w1", "debian-12");
    machine = new Machine(appliance, MAC);
  }

  @AfterEach
  void stop() {
    appliance.close();
  }

  private Path key() {
    return appliance.data().resolve("tokens.key");
  }

  private static Tokens under(char digit) {
    return new Tokens(String.valueOf(digit).repeat(64), new SecureRandom());
  }

  @Test
  void aTokenIsMadeAgainFromItsSaltUnderItsKeyForItsMachineAlone() {
    RunToken token = under('1').mint(MACHINE);
    String text = under('1').text(MACHINE, token).orElseThrow();
    assertTrue(Tokens.isToken(text), text);
    assertEquals(token.hash(), Tokens.hash(text));
    assertEquals(Optional.empty(), under('2').text(MACHINE, token));
    assertEquals(Optional.empty(), under('1').text(new Mac(7), token));
    assertNotEquals(text, token.salt());
    assertFalse(token.toString().contains(token.salt()), token.toString());
  }

  @Test
  void noTwoTokensAreAlike() {
    Tokens tokens = under('1');
    Set<String> hashes = new HashSet<>();
    for (int i = 0; i < 1000; i++) {
      assertTrue(hashes.add(tokens.mint(MACHINE).hash()));
    }
  }

  @Test
  void theTokenThatWaitsIsTheSameAfterARestart() {
    appliance.start();
    String token = machine.fetchToken();
    appliance.stop();
    appliance.startAgain();
    assertEquals(token, machine.fetchToken());
    assertEquals(200, machine.get("artifact/linux").status());
  }

  @Test
  void whoReadsTheJournalOrABackupOfItFindsNoToken() throws IOException {
    appliance.start();
    String waiting = machine.fetchToken();
    appliance.stop();
    try (Stream<Path> files = Files.walk(appliance.data())) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String bytes = Files.readString(file, StandardCharsets.ISO_8859_1);
        assertFalse(bytes.contains(waiting), file.toString());
      }
    }
  }

  @Test
  void theKeyIsForItsOwnerAlone() throws IOException {
    appliance.start();
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(key())));
  }

  @Test
  void aLostKeyCostsANewTokenAndBurnsNone() throws IOException {
    appliance.start();
    String before = machine.fetchToken();
    appliance.stop();
    Files.delete(key());
    appliance.startAgain();
    assertEquals(200, appliance.get("/node/" + before + "/artifact/linux").status());
    assertNotEquals(before, machine.fetchToken());
    assertEquals(200, machine.get("preseed.cfg").status());
  }

  @Test
  void aBrokenKeyStopsTheStart() throws IOException {
    Files.createDirectories(appliance.data());
    for (String broken : List.of("", "0".repeat(63), "x".repeat(64))) {
      Files.writeString(key(), broken);
      StartException fault = assertThrows(StartException.class, appliance::start);
      assertTrue(fault.toString().contains("tokens.key"), fault.toString());
    }
  }

  @Test
  void manyRequestsAtOnceGetOneToken() {
    appliance.start();
    try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      List<CompletableFuture<String>> all =
          IntStream.range(0, 40)
              .mapToObj(
                  _ ->
                      CompletableFuture.supplyAsync(
                          () -> new Machine(appliance, MAC).fetchToken(), clients))
              .toList();
      assertEquals(1, all.stream().map(CompletableFuture::join).distinct().count());
    }
    assertEquals(1, appliance.events("w1").stream().filter("token.minted "::equals).count());
  }
}
