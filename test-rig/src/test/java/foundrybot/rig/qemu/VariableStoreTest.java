// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.qemu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.rig.qemu.VariableStore.Variable;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** With the variables that Debian's OVMF comes with: none, and those of Secure Boot. */
@Tag("slow")
final class VariableStoreTest {
  private static final URI URL = URI.create("http://10.77.0.1/program/snponly.efi");

  @BeforeAll
  static void firmwareIsThere() {
    QemuFolders.require(Prerequisites.missingForBmcs());
  }

  private static Variable find(VariableStore store, String name) {
    List<Variable> found =
        store.variables().stream()
            .filter(variable -> variable.isNamed(name, VariableStore.GLOBAL))
            .toList();
    assertEquals(1, found.size(), name);
    return found.getFirst();
  }

  @Test
  void whatFirmwareHasWrittenIsRead() {
    assertEquals(List.of(), VariableStore.read(MachineSpec.OVMF_VARS).variables());
    VariableStore secure = VariableStore.read(MachineSpec.SECURE_VARS);
    assertTrue(find(secure, "PK").data().length > 500);
    // This one was written twice, and counts once.
    assertEquals(VariableStore.NON_VOLATILE_BOOT_RUNTIME, find(secure, "ConOut").attributes());
  }

  @Test
  void aVariableTakesThePlaceOfTheOneOfItsNameAndOfNoOther() {
    VariableStore secure = VariableStore.read(MachineSpec.SECURE_VARS);
    VariableStore told = BootNext.http(secure, URI.create("http://10.0.0.9/other.efi"));
    VariableStore again = BootNext.http(told, URL);
    assertEquals(secure.variables().size() + 2, again.variables().size());
    assertArrayEquals(new byte[] {0, (byte) 0xfb}, find(again, "BootNext").data());
    String option = new String(find(again, "BootFB00").data(), StandardCharsets.ISO_8859_1);
    assertTrue(option.contains(URL.toString()), option);
    assertArrayEquals(find(secure, "PK").data(), find(again, "PK").data());
  }

  @Test
  void behindTheStoreNothingIsChangedAndWhatHasNoRoomIsRefused() throws IOException {
    byte[] fresh = Files.readAllBytes(MachineSpec.OVMF_VARS);
    byte[] image = fresh.clone();
    VariableStore store = VariableStore.of(image);
    for (int i = 0; i < 100; i++) {
      store = BootNext.http(store, URL);
    }
    assertArrayEquals(fresh, image);
    VariableStore full = store;
    byte[] large = new byte[1 << 18];
    assertThrows(
        RigException.class, () -> full.with(new Variable("Large", VariableStore.GLOBAL, 7, large)));
    assertEquals(2, full.variables().size());
  }

  @Test
  void whatIsNoStoreIsNamed() throws IOException {
    byte[] image = Files.readAllBytes(MachineSpec.OVMF_VARS);
    image[72 + 20] = 0;
    RigException raw = assertThrows(RigException.class, () -> VariableStore.of(image));
    assertTrue(raw.toString().contains("format: 0 (expected: 90)"), raw::toString);
  }
}
