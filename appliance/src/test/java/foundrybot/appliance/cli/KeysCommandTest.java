// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.appliance.store.KeyRing;
import foundrybot.appliance.store.Store;
import foundrybot.appliance.store.StoreException;
import foundrybot.appliance.tls.Certificates;
import foundrybot.appliance.tls.TlsException;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class KeysCommandTest {
  private static final String PASSPHRASE = "correct horse battery";
  private static final Instant NOW = Instant.parse("2026-11-01T00:00:00Z");

  @RegisterExtension final Printed printed = new Printed();

  @TempDir Path folder = Path.of("");
  private Path data = Path.of("");
  private Path passphrase = Path.of("");

  @BeforeEach
  void makeKeys() throws IOException {
    data = folder.resolve("data");
    Store.open(data).close();
    KeyRing.plain(data).secret("tokens.key", "a key");
    passphrase = file("passphrase", PASSPHRASE + "\n");
  }

  private Path file(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Files.writeString(file, text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    return file;
  }

  /** What became of a command. */
  private record Ran(int status, String out, String err) {}

  private Ran run(Object... arguments) {
    int status = printed.run(arguments);
    return new Ran(status, printed.out(), printed.err());
  }

  private Ran protect(String with, String... more) {
    List<String> all =
        new ArrayList<>(List.of("keys", "protect", "--data", data.toString(), "--with", with));
    all.addAll(List.of(more));
    return run(all.toArray());
  }

  private Ran status() {
    return run("keys", "status", "--data", data.toString());
  }

  private KeyRing ring(String text) {
    return KeyRing.of(data, _ -> text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void keysAreEncryptedAndTheCaWorksOnlyWithThePassphrase() throws IOException {
    String key = KeyRing.plain(data).existing("tokens.key", "a key");
    var addresses = List.<InetAddress>of(Inet4Address.ofLiteral("127.0.0.1"));
    var made = Certificates.own(data, "c", List.of("a.b"), addresses, NOW);
    assertTrue(status().out().contains("protection: file"), status()::out);

    Ran done = protect("passphrase", "--new-passphrase-file", passphrase.toString());
    assertEquals(0, done.status(), done::err);
    assertTrue(done.out().contains("tls/ca.key") && done.out().contains("tokens.key"), done::out);
    Ran after = status();
    assertEquals(0, after.status());
    assertTrue(after.out().matches("(?s).*tls/ca.key +encrypted +rw-------.*"), after::out);
    assertEquals(key, ring(PASSPHRASE).existing("tokens.key", "a key"));
    assertEquals(
        made.certificates(),
        Certificates.own(ring(PASSPHRASE), "c", List.of("a.b"), addresses, NOW).certificates());
    assertThrows(
        TlsException.class, () -> Certificates.own(data, "c", List.of("a.b"), addresses, NOW));

    Path wrong = file("wrong", "not the passphrase\n");
    Ran refused = protect("file", "--passphrase-file", wrong.toString());
    assertEquals(1, refused.status());
    assertEquals(1, refused.err().lines().count(), refused::err);
    assertTrue(refused.err().startsWith("bootserver: passphrase: wrong"), refused::err);
    assertFalse(refused.err().contains("not the passphrase"));

    assertEquals(0, protect("file", "--passphrase-file", passphrase.toString()).status());
    assertEquals(key, KeyRing.plain(data).existing("tokens.key", "a key"));
  }

  /** Nobody needs the passphrase to put a key of his own in place of an encrypted one. */
  @Test
  void aPlainKeyAmongEncryptedOnesIsUsedByNoCommand() throws IOException {
    assertEquals(0, protect("passphrase", "--new-passphrase-file", passphrase.toString()).status());
    Path foreign = data.resolve("bmcs.key");
    Files.writeString(foreign, "ab".repeat(32) + "\n");
    Files.setPosixFilePermissions(foreign, PosixFilePermissions.fromString("rw-------"));
    Ran list = run("bmc", "list", "--data", data);
    assertEquals(1, list.status(), list::out);
    assertTrue(list.err().contains("not encrypted are: bmcs.key;"), list::err);
    Files.delete(foreign);
    assertEquals(0, run("bmc", "list", "--data", data).status());
  }

  @Test
  void whatCannotProtectIsRefusedBeforeAnythingChanges() throws IOException {
    Path brief = file("brief", "eleven char\n");
    Ran tooShort = protect("passphrase", "--new-passphrase-file", brief.toString());
    assertEquals(1, tooShort.status());
    assertTrue(tooShort.err().contains("11 bytes (expected: at least 12)"), tooShort::err);
    Files.setPosixFilePermissions(passphrase, PosixFilePermissions.fromString("rw-r--r--"));
    Ran wide = protect("passphrase", "--new-passphrase-file", passphrase.toString());
    assertEquals(1, wide.status());
    assertTrue(wide.err().contains("rw-r--r-- (expected: rw-------"), wide::err);
    Ran empty = protect("passphrase", "--new-passphrase-file", file("e", "\n").toString());
    assertTrue(empty.err().contains("empty (expected: the passphrase in line 1)"), empty::err);
    Ran credential = protect("credential");
    assertEquals(1, credential.status());
    assertTrue(credential.err().contains("LoadCredential=foundrybot-keys"), credential::err);
    assertEquals(64, protect("credential", "--name", "../x").status());
    assertTrue(KeyRing.plain(data).protection().isEmpty());
    KeyRing.plain(data).existing("tokens.key", "a key");
  }

  @Test
  void nothingIsChangedUnderAnApplianceThatRuns() {
    try (Store _ = Store.open(data)) {
      Ran refused = protect("passphrase", "--new-passphrase-file", passphrase.toString());
      assertEquals(1, refused.status());
      assertEquals(1, refused.err().lines().count(), refused::err);
    }
    assertTrue(KeyRing.plain(data).protection().isEmpty());
  }

  @Test
  void aCredentialIsReadWhereSystemdPutsIt() throws IOException {
    file("foundrybot-keys", PASSPHRASE);
    assertEquals(
        PASSPHRASE,
        new String(Passphrase.ofCredential(folder, "foundrybot-keys"), StandardCharsets.UTF_8));
    String missing =
        String.valueOf(
            assertThrows(StoreException.class, () -> Passphrase.ofCredential(folder, "other"))
                .getMessage());
    assertTrue(missing.contains("no such credential (expected: LoadCredential=other"), missing);
    Path wide = file("wide", PASSPHRASE);
    Files.setPosixFilePermissions(wide, PosixFilePermissions.fromString("r--r--r--"));
    assertThrows(StoreException.class, () -> Passphrase.ofCredential(folder, "wide"));
  }

  @Test
  void keysThatAreNotAsTheOthersAreNamed() throws IOException {
    ring(PASSPHRASE).protect(PASSPHRASE.getBytes(StandardCharsets.UTF_8), Optional.empty());
    Path late = data.resolve("preshared.key");
    Files.writeString(late, "ab".repeat(32) + "\n");
    Files.setPosixFilePermissions(late, PosixFilePermissions.fromString("rw-------"));
    Ran mixed = status();
    assertEquals(1, mixed.status());
    assertTrue(mixed.out().contains("not encrypted yet"), mixed::out);
    Files.setPosixFilePermissions(late, PosixFilePermissions.fromString("rw-r-----"));
    assertTrue(status().out().contains("chmod 600"), () -> status().out());
  }
}
