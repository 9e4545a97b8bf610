// SPDX-License-Identifier: Apache-2.0
package foundrybot.ipxe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** CVE-2023-40547: firmware with Secure Boot takes an old shim as willingly as a mended one. */
class SbatTest {
  private static final String MENDED =
      """
      sbat,1,SBAT Version,sbat,1,https://github.com/rhboot/shim/blob/main/SBAT.md
      shim,4,UEFI shim,shim,1,https://github.com/rhboot/shim
      shim.debian,1,Debian,shim,15.8,https://tracker.debian.org/pkg/shim
      """;

  /** The least that is a PE image with two sections, the second of which is called so. */
  static byte[] program(String section, String text) {
    byte[] content = text.getBytes(StandardCharsets.US_ASCII);
    ByteBuffer image = ByteBuffer.allocate(0x200 + content.length).order(ByteOrder.LITTLE_ENDIAN);
    image.put(0, new byte[] {'M', 'Z'}).putInt(0x3c, 0x80);
    image.put(0x80, new byte[] {'P', 'E', 0, 0}).putShort(0x86, (short) 2);
    image.putShort(0x94, (short) 0x10);
    int table = 0x84 + 20 + 0x10;
    image.put(table, ".text".getBytes(StandardCharsets.US_ASCII));
    int second = table + 40;
    image.put(second, section.getBytes(StandardCharsets.US_ASCII));
    image.putInt(second + 8, content.length).putInt(second + 16, content.length);
    image.putInt(second + 20, 0x200).put(0x200, content);
    return image.array();
  }

  private static Optional<String> fault(byte[] shim) {
    return SignedPrograms.fault(Map.of(SignedPrograms.SHIM, shim, SignedPrograms.GRUB, shim));
  }

  @Test
  void theGenerationsOfAProgramAreReadFromItsSection() {
    Sbat sbat = Sbat.read(program(".sbat", MENDED)).orElseThrow();
    assertEquals(Map.of("sbat", 1, "shim", 4, "shim.debian", 1), sbat.generations());
    assertEquals(0, sbat.generation("grub"));
    assertEquals(
        3, Sbat.read(program(".sbat", MENDED + "shim,3,again\n")).orElseThrow().generation("shim"));
  }

  @Test
  void aShimBefore158IsNotOffered() {
    assertEquals(Optional.empty(), fault(program(".sbat", MENDED)));
    assertEquals(Optional.empty(), fault(program(".sbat", MENDED.replace("shim,4", "shim,5"))));
    String old = fault(program(".sbat", MENDED.replace("shim,4", "shim,3"))).orElseThrow();
    assertTrue(old.startsWith("shimx64.efi: SBAT shim,3 (expected: shim,4 or more"), old);
    assertTrue(old.endsWith("apt install shim-signed grub-efi-amd64-signed"), old);
  }

  @Test
  void whatSaysNothingOfItsAgeIsOld() {
    for (byte[] silent :
        new byte[][] {
          program(".sbat", ""),
          program(".sbat", "shim.debian,9,x\n shim,9\nSHIM,9\nshim,-9\nshim,9999999999\n"),
          program(".data", MENDED),
          program(".sbatx", MENDED),
          {},
          "MZ".getBytes(StandardCharsets.US_ASCII),
        }) {
      assertTrue(fault(silent).orElseThrow().contains("without a generation of shim"));
    }
    assertFalse(SignedPrograms.fault(Map.of()).isPresent(), "none is no fault");
  }

  @Test
  void aSectionThatIsNotThereIsNotRead() {
    byte[] whole = program(".sbat", MENDED);
    int second = 0x84 + 20 + 0x10 + 40;
    for (int wrong : new int[] {-1, Integer.MIN_VALUE, whole.length, Integer.MAX_VALUE}) {
      for (int field : new int[] {0x3c, second + 20}) {
        byte[] broken = whole.clone();
        ByteBuffer.wrap(broken).order(ByteOrder.LITTLE_ENDIAN).putInt(field, wrong);
        assertEquals(Optional.empty(), Sbat.read(broken), field + ": " + wrong);
      }
    }
    byte[] huge = whole.clone();
    ByteBuffer.wrap(huge).order(ByteOrder.LITTLE_ENDIAN).putInt(second + 8, 1 << 30);
    ByteBuffer.wrap(huge).order(ByteOrder.LITTLE_ENDIAN).putInt(second + 16, 1 << 30);
    assertEquals(Optional.empty(), Sbat.read(huge));
  }

  /** Needs the package shim-signed. */
  @Test
  @Tag("slow")
  void debiansOwnShimIsOffered() throws Exception {
    Map<String, byte[]> installed = SignedPrograms.installed();
    assertEquals(2, installed.size());
    assertEquals(Optional.empty(), SignedPrograms.fault(installed));
    byte[] shim = Objects.requireNonNull(installed.get(SignedPrograms.SHIM)).clone();
    int at = new String(shim, StandardCharsets.ISO_8859_1).indexOf("shim,4,UEFI shim,");
    shim[at + 5] = '3';
    assertTrue(fault(shim).orElseThrow().contains("SBAT shim,3"));
  }
}
