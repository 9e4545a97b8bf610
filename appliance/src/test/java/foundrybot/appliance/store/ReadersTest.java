// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who can get at a secret on the disk: by its file's rights, and by what is sealed in it. */
class ReadersTest {
  @TempDir private Path folder;

  private Optional<String> said(Readers readers, String rights) throws IOException {
    Path file = folder.resolve("secret");
    if (!Files.exists(file)) {
      Files.createFile(file);
    }
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(rights));
    return readers.tooMany(file);
  }

  @Test
  void onlyWhoIsMeantToMayReadAndOnlyTheOwnerMayWrite() throws IOException {
    for (String narrow : List.of("rw-------", "r--------", "rwx------")) {
      assertEquals(Optional.empty(), said(Readers.OWNER, narrow), narrow);
      assertEquals(Optional.empty(), said(Readers.GROUP, narrow), narrow);
    }
    assertEquals(Optional.empty(), said(Readers.GROUP, "rw-r-----"));
    assertFalse(said(Readers.OWNER, "rw-r-----").isEmpty());
    for (String wide : List.of("rw--w----", "rw----r--", "rw-----w-", "rw-rw-rw-")) {
      assertFalse(said(Readers.OWNER, wide).isEmpty(), wide);
      assertFalse(said(Readers.GROUP, wide).isEmpty(), wide);
    }
  }

  @Test
  void whatIsWrongIsSaidWithTheCure() throws IOException {
    assertEquals(
        "rights rw-r--r-- (expected: rw-------), so others than its owner may get at it; run"
            + " 'chmod 600 "
            + folder.resolve("secret")
            + "'",
        said(Readers.OWNER, "rw-r--r--").orElseThrow());
    Path missing = folder.resolve("missing");
    assertThrows(NoSuchFileException.class, () -> Readers.OWNER.tooMany(missing));
  }

  @Test
  void whatIsSealedIsOpenedByItsKeyForItsPurposeAndUnchangedOnly() {
    byte[] key = new byte[AesGcm.KEY_BYTES];
    byte[] plain = "secret".getBytes(StandardCharsets.US_ASCII);
    byte[] sealed = AesGcm.sealed(key, "a door", plain, new SecureRandom());
    assertEquals(
        "secret",
        new String(AesGcm.opened(key, "a door", sealed).orElseThrow(), StandardCharsets.US_ASCII));
    assertEquals(Optional.empty(), AesGcm.opened(key, "another door", sealed));
    for (int i = 0; i < sealed.length; i++) {
      byte[] changed = sealed.clone();
      changed[i] ^= 1;
      assertEquals(Optional.empty(), AesGcm.opened(key, "a door", changed));
      assertEquals(Optional.empty(), AesGcm.opened(key, "a door", Arrays.copyOf(sealed, i)));
    }
    byte[] other = key.clone();
    other[0] = 1;
    assertEquals(Optional.empty(), AesGcm.opened(other, "a door", sealed));
  }
}
