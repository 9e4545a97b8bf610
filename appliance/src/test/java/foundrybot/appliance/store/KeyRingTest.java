// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.appliance.store.KeyRing.Form;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeyRingTest {
  /** For tests that derive often. */
  private static final KeyProtection.Cost CHEAP = new KeyProtection.Cost(16, 8, 1);

  private static final byte[] RIGHT = bytes("correct horse battery");
  private static final byte[] OTHER = bytes("another passphrase");
  private static final String WHAT = "a key";

  @TempDir Path data = Path.of("");
  private final Map<String, String> keys = new LinkedHashMap<>();

  @BeforeEach
  void makeKeys() throws IOException {
    Files.createDirectory(data.resolve("tls"));
    for (String name : KeyRing.FILES) {
      keys.put(name, KeyRing.plain(data).secret(name, WHAT));
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static KeyRing ring(Path data, byte[] passphrase) {
    return KeyRing.of(data, _ -> passphrase.clone());
  }

  private KeyRing ring(byte[] passphrase) {
    return ring(data, passphrase);
  }

  private void assertReadable(KeyRing ring) throws IOException {
    for (Map.Entry<String, String> key : keys.entrySet()) {
      assertEquals(key.getValue(), ring.existing(key.getKey(), WHAT), key.getKey());
    }
  }

  private void assertAll(Form form) {
    for (String name : KeyRing.FILES) {
      assertEquals(form, ring(RIGHT).form(name), name);
    }
  }

  private static String refusal(org.junit.jupiter.api.function.Executable attempt) {
    String said = String.valueOf(assertThrows(StoreException.class, attempt).getMessage());
    assertEquals(1, said.lines().count(), said);
    return said;
  }

  @Test
  void encryptedKeysAreOutOfReachWithoutThePassphrase() throws IOException {
    ring(RIGHT).protect(RIGHT, Optional.empty(), CHEAP);
    assertAll(Form.ENCRYPTED);
    for (String name : KeyRing.FILES) {
      assertFalse(Files.readString(data.resolve(name)).contains(keys.get(name)), name);
      assertEquals("rw-------", ring(RIGHT).rights(name).orElseThrow());
    }
    assertReadable(ring(RIGHT));
    String none = refusal(() -> KeyRing.plain(data).existing("bundles.key", WHAT));
    assertTrue(none.contains("encrypted by a passphrase"), none);
    String made = ring(RIGHT).secret("tokens.key", WHAT);
    assertEquals(keys.get("tokens.key"), made);
  }

  @Test
  void aWrongPassphraseIsOneLineThatSaysNoMore() throws IOException {
    ring(RIGHT).protect(RIGHT, Optional.empty(), CHEAP);
    String wrong = refusal(() -> ring(OTHER).unlock());
    assertTrue(wrong.startsWith("passphrase: wrong"), wrong);
    assertEquals(wrong, refusal(() -> ring(bytes("c")).unlock()), "however wrong it is");
    assertEquals(wrong, refusal(() -> ring(OTHER).existing("tls/ca.key", WHAT)));
    assertEquals(wrong, refusal(() -> ring(OTHER).protect(OTHER, Optional.empty(), CHEAP)));
    assertEquals(wrong, refusal(() -> ring(OTHER).expose()));
    assertReadable(ring(RIGHT));
  }

  @Test
  void aKeyThatIsMadeLaterIsEncryptedToo() throws IOException {
    ring(RIGHT).protect(RIGHT, Optional.empty(), CHEAP);
    Files.delete(data.resolve("bmcs.key"));
    String made = ring(RIGHT).secret("bmcs.key", WHAT);
    assertEquals(Form.ENCRYPTED, ring(RIGHT).form("bmcs.key"));
    assertEquals(made, ring(RIGHT).existing("bmcs.key", WHAT));
  }

  @Test
  void anotherPassphraseRewritesOneFile() throws IOException {
    ring(RIGHT).protect(RIGHT, Optional.empty(), CHEAP);
    String before = Files.readString(data.resolve("tls/ca.key"));
    assertEquals(List.of(), ring(RIGHT).protect(OTHER, Optional.of("foundrybot-keys"), CHEAP));
    assertEquals(before, Files.readString(data.resolve("tls/ca.key")));
    assertReadable(ring(OTHER));
    refusal(() -> ring(RIGHT).unlock());
    assertEquals("credential foundrybot-keys", ring(OTHER).protection().orElseThrow().from());
    ring(OTHER).expose();
    assertAll(Form.PLAIN);
    assertReadable(KeyRing.plain(data));
  }

  /** Each write of both directions fails once; what cannot be written is as good as a kill. */
  @Test
  void whereverItIsInterruptedEachKeyCanBeReadAndItCanBeFinished() throws IOException {
    List<String> files = new ArrayList<>(KeyRing.FILES);
    for (String name : files) {
      Path inTheWay = data.resolve(name + ".new").resolve("x");
      Files.createDirectories(inTheWay);
      assertThrows(IOException.class, () -> ring(RIGHT).protect(RIGHT, Optional.empty(), CHEAP));
      assertReadable(ring(RIGHT));
      Files.delete(inTheWay);
      ring(RIGHT).protect(RIGHT, Optional.empty(), CHEAP);
      assertAll(Form.ENCRYPTED);
      assertReadable(ring(RIGHT));
      Files.createDirectories(inTheWay);
      assertThrows(IOException.class, () -> ring(RIGHT).expose());
      assertReadable(ring(RIGHT));
      Files.delete(inTheWay);
      ring(RIGHT).expose();
      assertAll(Form.PLAIN);
      assertReadable(KeyRing.plain(data));
    }
  }

  @Test
  void aPlainKeyAmongEncryptedOnesIsNoKeyToStartWith() throws IOException {
    KeyRing.plain(data).requireWhole();
    ring(RIGHT).protect(RIGHT, Optional.empty(), CHEAP);
    ring(RIGHT).requireWhole();
    SecretFile.write(data.resolve("tokens.key"), bytes("ab".repeat(32) + "\n"));
    String said = refusal(() -> ring(RIGHT).requireWhole());
    assertTrue(said.contains("not encrypted are: tokens.key;"), said);
    assertTrue(said.contains("'bootserver keys protect'"), said);
    assertEquals(List.of("tokens.key"), ring(RIGHT).protect(RIGHT, Optional.empty(), CHEAP));
    ring(RIGHT).requireWhole();
  }

  /**
   * Wherever a kill falls, the same command run again leads to keys that an appliance starts with.
   */
  @Test
  void whatWasInterruptedIsRefusedUntilItIsFinished() throws IOException {
    String second = KeyRing.FILES.get(1);
    Path inTheWay = data.resolve(second + ".new").resolve("x");
    Files.createDirectories(inTheWay);
    assertThrows(IOException.class, () -> ring(RIGHT).protect(RIGHT, Optional.empty(), CHEAP));
    assertTrue(refusal(() -> ring(RIGHT).requireWhole()).contains(second));
    Files.delete(inTheWay);
    ring(RIGHT).protect(RIGHT, Optional.empty(), CHEAP);
    ring(RIGHT).requireWhole();
    Files.createDirectories(inTheWay);
    assertThrows(IOException.class, () -> ring(RIGHT).expose());
    assertTrue(refusal(() -> ring(RIGHT).requireWhole()).contains(KeyRing.FILES.getFirst()));
    Files.delete(inTheWay);
    ring(RIGHT).expose();
    KeyRing.plain(data).requireWhole();
  }

  @Test
  void filesThatWereChangedOrSwappedAreRefused() throws IOException {
    ring(RIGHT).protect(RIGHT, Optional.empty(), CHEAP);
    Path ours = data.resolve("tokens.key");
    String sealed = Files.readString(ours);
    SecretFile.write(data.resolve("preshared.key"), bytes(sealed));
    String swapped = refusal(() -> ring(RIGHT).existing("preshared.key", WHAT));
    assertTrue(swapped.contains("another file's"), swapped);
    SecretFile.write(ours, bytes(sealed.substring(0, 40) + "A".repeat(8) + sealed.substring(48)));
    refusal(() -> ring(RIGHT).existing("tokens.key", WHAT));
    SecretFile.write(ours, bytes(sealed.substring(0, 30)));
    refusal(() -> ring(RIGHT).existing("tokens.key", WHAT));
  }

  @Test
  void withoutItsParametersNothingIsOpenAndNothingMadeAnew() throws IOException {
    ring(RIGHT).protect(RIGHT, Optional.empty(), CHEAP);
    Path file = data.resolve(KeyRing.PROTECTION);
    String text = Files.readString(file);
    for (String bad :
        List.of(
            "",
            text + "x",
            text.replace(" 16 8 1 ", " 2097152 8 1 "),
            text.replace(" 16 8 1 ", " 17 8 1 "),
            text.replace(" 16 8 1 ", " 16 99 1 "),
            text.replace("from passphrase", "from credential ../x"))) {
      Files.writeString(file, bad);
      String damaged = refusal(() -> ring(RIGHT).unlock());
      assertTrue(damaged.contains("damaged"), damaged);
    }
    Files.writeString(file, text.replace("from passphrase", "from credential x"));
    assertTrue(refusal(() -> ring(RIGHT).unlock()).startsWith("passphrase: wrong"), "is sealed in");
    Files.delete(file);
    String missing = refusal(() -> ring(RIGHT).existing("tokens.key", WHAT));
    assertTrue(missing.contains(KeyRing.PROTECTION + " is missing"), missing);
    refusal(() -> ring(RIGHT).protect(OTHER, Optional.empty(), CHEAP));
    assertAll(Form.ENCRYPTED);
  }

  @Test
  void aKeyThatOthersCanReadIsRefused() throws IOException {
    for (String rights : List.of("rw-r--r--", "rw-r-----", "rw--w----")) {
      Path file = data.resolve("bundles.key");
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(rights));
      String wide = refusal(() -> KeyRing.plain(data).existing("bundles.key", WHAT));
      assertTrue(wide.contains(rights) && wide.contains("chmod 600"), wide);
    }
  }

  @Test
  void aDeviceWithoutAnEndIsRefused() throws IOException {
    Path file = data.resolve("bmcs.key");
    Files.delete(file);
    Files.createSymbolicLink(file, Path.of("/dev/zero"));
    String said = refusal(() -> KeyRing.plain(data).existing("bmcs.key", WHAT));
    assertTrue(said.contains("more than 1048576 bytes"), said);
  }

  /** A process that encrypts and decrypts the same keys again and again. */
  static final class Changer {
    private Changer() {}

    public static void main(String[] args) throws IOException {
      Path data = Path.of(args[0]);
      for (int i = 0; true; i++) {
        ring(data, RIGHT).protect(RIGHT, Optional.empty(), CHEAP);
        ring(data, RIGHT).expose();
        if (i == 0) {
          System.out.println("begun");
          System.out.flush();
        }
      }
    }
  }

  @Test
  @Tag("slow")
  void whoIsKilledMeanwhileLeavesKeysThatCanBeRead() throws Exception {
    SplittableRandom random = new SplittableRandom(11);
    for (int i = 0; i < 4; i++) {
      Process changer =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-cp",
                  System.getProperty("java.class.path"),
                  Changer.class.getName(),
                  data.toString())
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      assertEquals('b', changer.getInputStream().read());
      Thread.sleep(random.nextInt(1, 60));
      changer.destroyForcibly().waitFor();
      assertReadable(ring(RIGHT));
    }
    ring(RIGHT).expose();
    assertReadable(KeyRing.plain(data));
  }
}
