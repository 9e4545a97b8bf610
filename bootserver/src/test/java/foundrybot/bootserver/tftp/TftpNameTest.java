// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.tftp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TftpNameTest {

  @ParameterizedTest
  @CsvSource({
    "ipxe.efi, ipxe.efi",
    "/ipxe.efi, ipxe.efi",
    "\\ipxe.efi, ipxe.efi",
    "//ipxe.efi, ipxe.efi",
    "Boot\\x64\\wdsnbp.com, Boot/x64/wdsnbp.com",
    "./a//b/./c, a/b/c",
    "a..b, a..b",
    "with space, with space",
    "tftp://10.77.0.1/ipxe.efi, ipxe.efi",
    "/TFTP://[2001:db8::1]:69//52-54-00-aa-00-01/snponly.efi, 52-54-00-aa-00-01/snponly.efi",
    "tftp:\\\\10.77.0.1\\ipxe.efi, ipxe.efi",
    "a/tftp://b/c, a/tftp:/b/c",
  })
  void aNameIsMadePlain(String wire, String name) {
    assertEquals(new TftpName.Plain(name), TftpName.of(wire.getBytes(ISO_8859_1)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"\u00ff", "\u00ff\u00ff", "\r\n", "\u0001", "\u0080", "\0\u00ff"})
  void whatFirmwareGluesToTheEndIsCutOff(String tail) {
    assertEquals(
        new TftpName.Plain("undionly.kpxe"),
        TftpName.of(("undionly.kpxe" + tail).getBytes(ISO_8859_1)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/",
        "\u00ff",
        "..",
        "../etc/passwd",
        "a/../b",
        "a\\..\\b",
        "/..",
        "a/..",
        "C:\\windows",
        "c:/x",
        "tftp://host/",
        "tftp://host/../x",
        "tftp:///../x",
        "tftp://host/c:/x",
        "a\0b",
        "a\nb",
        "a\u00ffb",
        "a\u007fb"
      })
  void aNameThatLeadsAstrayIsRefused(String wire) {
    assertInstanceOf(TftpName.Refused.class, TftpName.of(wire.getBytes(ISO_8859_1)));
  }

  @Test
  void aNameHasAtMost255Characters() {
    assertInstanceOf(TftpName.Plain.class, TftpName.of("a".repeat(255).getBytes(ISO_8859_1)));
    assertInstanceOf(TftpName.Refused.class, TftpName.of("a".repeat(256).getBytes(ISO_8859_1)));
  }

  @Test
  void noBytesMakeANameThatLeavesItsFolder() {
    Random random = new Random(3);
    String alphabet = "./\\..a:\0\u00ff";
    for (int i = 0; i < 100_000; i++) {
      byte[] wire = new byte[random.nextInt(12)];
      for (int n = 0; n < wire.length; n++) {
        wire[n] = (byte) alphabet.charAt(random.nextInt(alphabet.length()));
      }
      if (TftpName.of(wire) instanceof TftpName.Plain(String name)) {
        assertTrue(name.matches("[.a:]+(/[.a:]+)*"), name);
        assertTrue(("/" + name + "/").matches("(?!.*/\\.{1,2}/).*"), name);
      }
    }
  }
}
