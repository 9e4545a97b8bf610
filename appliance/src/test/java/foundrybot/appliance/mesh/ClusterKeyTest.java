// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.mesh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.appliance.store.StoreException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClusterKeyTest {
  @TempDir Path data = Path.of("");

  @Test
  void theKeyIsMadeOnceForItsOwnerAlone() throws Exception {
    ClusterKey made = ClusterKey.open(data, false);
    assertEquals(made.id(), ClusterKey.open(data, true).id());
    Path file = data.resolve("bundles.key");
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    assertEquals(made.signer().publicPart().pem(), Files.readString(ClusterKey.publicFile(data)));
    assertFalse(made.toString().contains(Files.readString(file).strip()));
  }

  @Test
  void anotherClusterHasAnotherId() {
    assertNotEquals(ClusterKey.of("ab".repeat(32)).id(), ClusterKey.of("cd".repeat(32)).id());
  }

  @Test
  void aKeyThatIsGoneOrBrokenIsNeverMadeAnewInSilence() throws Exception {
    Path file = data.resolve("bundles.key");
    String missing = refusal(true);
    assertTrue(missing.startsWith(file + ": missing, and nodes have bundles"), missing);
    assertFalse(Files.exists(file));
    Files.writeString(file, "abc\n");
    String broken = refusal(false);
    assertTrue(broken.startsWith(file + ": not a key for bundles (expected: 64 hex"), broken);
    assertTrue(broken.lines().count() == 1 && !broken.contains("abc"), broken);
  }

  private String refusal(boolean issued) {
    return String.valueOf(
        assertThrows(StoreException.class, () -> ClusterKey.open(data, issued)).getMessage());
  }
}
