// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.tpm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.MGF1ParameterSpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Random;
import javax.crypto.Cipher;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import org.junit.jupiter.api.Test;

class TpmKeysTest {
  private static final HexFormat HEX = HexFormat.of();

  /** What {@code tpm2_createak -n} has written for the keys. */
  private static final String AK_NAME =
      "000b8e8c2fb9a060b2ebd0de56bd329eb6f744a66d1a3e194be13515e1cc39d4d62b";

  private static final String RSA_AK_NAME =
      "000b9c644ad7d1a8c814d3a72acc745b4f66b4c7529f9267737913ef23ee6888d5de";

  private static byte[] bytes(String base64) {
    return Base64.getDecoder().decode(base64);
  }

  private static TpmKeys keys(String ak) {
    return switch (TpmKeys.decode(bytes(Vectors.EK), bytes(ak))) {
      case TpmKeys.Reading.Read(TpmKeys keys) -> keys;
      case TpmKeys.Reading.Malformed(String why) -> fail(why);
    };
  }

  private static String why(byte[] ek, byte[] ak) {
    return switch (TpmKeys.decode(ek, ak)) {
      case TpmKeys.Reading.Read(TpmKeys keys) -> fail("taken: " + keys.hash());
      case TpmKeys.Reading.Malformed(String why) -> why;
    };
  }

  @Test
  void theHashIsOpensslsAndTheNamesAreThoseOfTheTools() {
    assertEquals(Vectors.EK_HASH, keys(Vectors.AK).hash().toString());
    assertEquals(Optional.of(keys(Vectors.AK).hash()), EkHash.parse(Vectors.EK_HASH));
    assertEquals(AK_NAME, keys(Vectors.AK).akName());
    assertEquals(RSA_AK_NAME, keys(Vectors.RSA_AK).akName());
  }

  @Test
  void keysWithOtherAttributesAreRefused() {
    byte[] ek = bytes(Vectors.EK);
    byte[] ak = bytes(Vectors.AK);
    assertTrue(why(ek, bytes(Vectors.UNRESTRICTED)).startsWith("ak: attributes of another key"));
    assertTrue(why(ek, ek).startsWith("ak: attributes of another key"));
    assertTrue(why(ak, ak).startsWith("ek: attributes, policy or cipher"));
    assertTrue(why(bytes(Vectors.RSA_AK), ak).startsWith("ek: attributes, policy or cipher"));
    // Each attribute that an AK must have, taken away; and decrypt, added.
    for (int bit : new int[] {1, 4, 5, 16, 17, 18}) {
      byte[] changed = ak.clone();
      changed[9 - bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
      assertTrue(why(ek, changed).startsWith("ak: attributes of another key"), "bit " + bit);
    }
  }

  @Test
  void anEkOfEccIsOneTooIfItsPointLiesOnTheCurve() {
    byte[] ek = bytes(Vectors.ECC_EK);
    byte[] ak = bytes(Vectors.AK);
    assertEquals(
        Vectors.ECC_EK_HASH,
        TpmKeys.decode(ek, ak) instanceof TpmKeys.Reading.Read(TpmKeys keys)
            ? keys.hash().toString()
            : why(ek, ak));
    byte[] beside = ek.clone();
    beside[beside.length - 1] ^= 1;
    assertTrue(why(beside, ak).startsWith("ek: a point beside the curve"));
    byte[] other = ek.clone();
    Arrays.fill(other, other.length - 66, other.length - 34, (byte) 0);
    Arrays.fill(other, other.length - 32, other.length, (byte) 0);
    assertTrue(why(other, ak).startsWith("ek: a point beside the curve"));
    byte[] large = ek.clone();
    Arrays.fill(large, large.length - 66, large.length - 34, (byte) 0xff);
    assertTrue(why(large, ak).startsWith("ek: a point beside the curve"));
  }

  @Test
  void whatIsNotExactlyOnePublicAreaIsRefused() {
    byte[] ek = bytes(Vectors.EK);
    byte[] ak = bytes(Vectors.AK);
    for (int length = 0; length < ek.length; length++) {
      assertTrue(why(Arrays.copyOf(ek, length), ak).startsWith("ek: "));
    }
    assertEquals(
        "ek: 1 bytes too many (expected: one TPM2B_PUBLIC)",
        why(Arrays.copyOf(ek, ek.length + 1), ak));
    assertEquals("ek: 513 bytes (expected: at most 512)", why(new byte[513], ak));
    byte[] even = ek.clone();
    even[even.length - 1] &= (byte) 0xfe;
    assertTrue(why(even, ak).startsWith("ek: modulus of another size"));
    Random random = new Random(5);
    for (int i = 0; i < 2000; i++) {
      byte[] any = new byte[random.nextInt(520)];
      random.nextBytes(any);
      assertTrue(why(any, any).length() < 200);
    }
  }

  /** The tool was given a key of openssl's, so that the seed could be had back. */
  @Test
  void aCredentialIsThatOfTpm2Makecredential() throws GeneralSecurityException {
    byte[] seed = HEX.parseHex("41a0f41671fb79ab9ea12c640ff07e4c010038f2b6533355fa05ff4f17df78b5");
    byte[] secret = "secret-of-thirty-two-bytes-here!".getBytes(StandardCharsets.US_ASCII);
    assertEquals(
        "0020242b8656b064e2101c2ad07567ef4696986ea03c558ed07e32854d21cfa62f3a"
            + "30c256eafd5155dc6fc7009bd2faf852cb39e18c8f881d8f7693ec227e13aa95d834",
        HEX.formatHex(Credential.identity(seed, HEX.parseHex(AK_NAME), secret)));
  }

  @Test
  void aChallengeIsAFileOfTheToolsWhoseSeedOnlyTheEkCanRead() throws GeneralSecurityException {
    KeyPairGenerator maker = KeyPairGenerator.getInstance("RSA");
    maker.initialize(2048);
    KeyPair pair = maker.generateKeyPair();
    byte[] secret = new byte[32];
    byte[] file =
        Credential.make(
            (RSAPublicKey) pair.getPublic(), HEX.parseHex(AK_NAME), secret, new SecureRandom());
    assertEquals(8 + 2 + 68 + 2 + 256, file.length);
    assertEquals("badcc0de000000010044", HEX.formatHex(file, 0, 10));
    Cipher cipher = Cipher.getInstance("RSA/ECB/OAEPPadding");
    cipher.init(
        Cipher.DECRYPT_MODE,
        pair.getPrivate(),
        new OAEPParameterSpec(
            "SHA-256",
            "MGF1",
            MGF1ParameterSpec.SHA256,
            new PSource.PSpecified("IDENTITY\0".getBytes(StandardCharsets.US_ASCII))));
    byte[] seed = cipher.doFinal(Arrays.copyOfRange(file, 80, file.length));
    assertArrayEquals(
        Credential.identity(seed, HEX.parseHex(AK_NAME), secret), Arrays.copyOfRange(file, 10, 78));
  }

  /** By {@code openssl kdf SSKDF}, which is the same derivation. */
  @Test
  void aSeedThatIsAgreedUponIsTheOneThatOpensslDerives() throws GeneralSecurityException {
    byte[] z = new byte[32];
    for (int i = 0; i < z.length; i++) {
      z[i] = (byte) (i + 1);
    }
    byte[] from = new byte[32];
    Arrays.fill(from, (byte) 'A');
    byte[] to = new byte[32];
    Arrays.fill(to, (byte) 'B');
    assertEquals(
        "f732037e236a96abf6b13e49d76f48b8edc9a25444fe61c26dd6ef878faaabca",
        HEX.formatHex(Credential.agreed(z, from, to)));
  }

  @Test
  void aChallengeForAnEkOfEccIsOpenedByThatOneAlone() {
    TpmSecret secret = new TpmSecret(new byte[32]);
    SoftTpm own = SoftTpm.elliptic();
    byte[] file =
        TpmKeys.decode(shown(own, "ek"), shown(own, "ak"))
                instanceof TpmKeys.Reading.Read(TpmKeys keys)
            ? keys.challenge(secret, new SecureRandom())
            : fail("its keys are refused");
    assertEquals(8 + 2 + 68 + 2 + 68, file.length);
    // The point that is told is two sized coordinates, all of them 32 bytes.
    assertEquals("00440020", HEX.formatHex(file, 78, 82));
    assertEquals("0020", HEX.formatHex(file, 114, 116));
    String sent = Base64.getEncoder().encodeToString(file);
    assertTrue(own.activate(sent).orElseThrow().isProvedBy(secret.proof()));
    assertTrue(SoftTpm.elliptic().activate(sent).isEmpty());
    file[50] ^= 1;
    assertTrue(own.activate(Base64.getEncoder().encodeToString(file)).isEmpty());
  }

  private static byte[] shown(SoftTpm tpm, String key) {
    for (String line : tpm.shown()) {
      if (line.startsWith(key + "=")) {
        return bytes(line.substring(key.length() + 1));
      }
    }
    return fail(key + ": not shown");
  }

  @Test
  void coordinatesHaveTheirLeadingZeros() {
    assertEquals("0".repeat(63) + "7", HEX.formatHex(P256.bytes(BigInteger.valueOf(7))));
    assertEquals("ff".repeat(32), HEX.formatHex(P256.bytes(new BigInteger("ff".repeat(32), 16))));
  }

  @Test
  void aProofIsOfOneSecretAndTheSealOpensWithAnother() {
    TpmSecret one = new TpmSecret(new byte[32]);
    byte[] other = new byte[32];
    other[31] = 1;
    assertTrue(one.isProvedBy(one.proof()));
    assertFalse(one.isProvedBy(new TpmSecret(other).proof()));
    assertFalse(one.isProvedBy(""));
    assertEquals("TpmSecret", one.toString());
    byte[] plain = "a bundle".getBytes(StandardCharsets.US_ASCII);
    String sealed = new String(one.seal(plain, new SecureRandom()), StandardCharsets.US_ASCII);
    assertTrue(sealed.startsWith("U2FsdGVkX1"), sealed);
    assertFalse(
        sealed.equals(new String(one.seal(plain, new SecureRandom()), StandardCharsets.US_ASCII)));
  }
}
