// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.simulate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.appliance.store.SecretFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BegunSecretsTest {
  private static final String WHAT = "a key";

  @TempDir Path folder;

  @Test
  void whatWasBegunIsAPartAndTheSecretIsTheOneOfBefore() throws IOException {
    Path key = folder.resolve("mesh.key");
    String secret = SecretFile.open(key, WHAT);
    Path begun = folder.resolve("mesh.key" + BegunSecrets.BEGUN);
    Files.writeString(folder.resolve("state.outage"), "none of them");
    Random random = new Random(1);
    Set<Long> sizes = new HashSet<>();
    for (int i = 0; i < 60; i++) {
      new BegunSecrets(folder).cut(random);
      if (Files.exists(begun)) {
        sizes.add(Files.size(begun));
      }
      assertEquals(secret, SecretFile.open(key, WHAT));
    }
    assertTrue(sizes.size() > 5, sizes::toString);
    SecretFile.write(key, secret);
    assertTrue(Files.notExists(begun), "it took its place");
    try (var files = Files.list(folder)) {
      assertEquals(2, files.count());
    }
  }
}
