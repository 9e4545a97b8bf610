// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.tpm;

import java.util.HexFormat;

/**
 * The public half of a key of a TPM: TPMT_PUBLIC (TPM 2.0 Library, Part 2, section 12.2.4), of the
 * few forms that endorsement and attestation keys have here.
 *
 * @param bytes all of it, in hexadecimal
 * @param attributes TPMA_OBJECT (Part 2, section 8.3)
 * @param policy authPolicy in hexadecimal; empty for none
 */
record PublicArea(
    String bytes, int attributes, String policy, Symmetric symmetric, Scheme scheme, Key key) {
  /** How it protects what lies below it. */
  enum Symmetric {
    NONE,
    AES_128_CFB
  }

  /** How it signs. */
  enum Scheme {
    NONE,
    RSASSA_SHA256,
    ECDSA_SHA256
  }

  /** The key itself. */
  sealed interface Key {
    /**
     * With the exponent 65537.
     *
     * @param modulus 2048 bits in hexadecimal
     */
    record Rsa(String modulus) implements Key {}

    /** A point on NIST P-256. */
    record Ecc(String x, String y) implements Key {}
  }

  /** Not a public area, and why; without anything that stood there. */
  static final class Unfit extends Exception {
    private static final long serialVersionUID = 1;

    Unfit(String why) {
      super(why);
    }
  }

  /** Bytes of the longest TPM2B_PUBLIC that is taken; an RSA key of 2048 bits makes 316. */
  static final int MOST_BYTES = 512;

  private static final int RSA = 0x0001;
  private static final int ECC = 0x0023;
  private static final int AES = 0x0006;
  private static final int NULL = 0x0010;
  private static final int SHA256 = 0x000b;
  private static final int RSASSA = 0x0014;
  private static final int ECDSA = 0x0018;
  private static final int CFB = 0x0043;
  private static final int NIST_P256 = 0x0003;
  private static final int RSA_BITS = 2048;
  private static final int AES_BITS = 128;
  private static final int DIGEST_BYTES = 32;
  private static final int POINT_BYTES = 32;

  /** Reads a TPM2B_PUBLIC: the length in two bytes, then exactly that. */
  static PublicArea read(byte[] sized) throws Unfit {
    if (sized.length > MOST_BYTES) {
      throw new Unfit(sized.length + " bytes (expected: at most " + MOST_BYTES + ")");
    }
    Cursor whole = new Cursor(sized);
    byte[] area = whole.sized(MOST_BYTES);
    whole.end();
    return area(area);
  }

  private static PublicArea area(byte[] bytes) throws Unfit {
    Cursor in = new Cursor(bytes);
    int type = in.oneOf("a type of RSA or ECC", RSA, ECC);
    var _ = in.oneOf("SHA-256 as nameAlg", SHA256);
    int attributes = in.four();
    byte[] policy = in.sized(DIGEST_BYTES);
    if (policy.length != 0 && policy.length != DIGEST_BYTES) {
      throw new Unfit("authPolicy of " + policy.length + " bytes (expected: none, or 32)");
    }
    Symmetric symmetric = symmetric(in);
    Scheme scheme = scheme(in, type);
    Key key = type == RSA ? rsa(in) : ecc(in);
    in.end();
    HexFormat hex = HexFormat.of();
    return new PublicArea(
        hex.formatHex(bytes), attributes, hex.formatHex(policy), symmetric, scheme, key);
  }

  private static Symmetric symmetric(Cursor in) throws Unfit {
    if (in.oneOf("AES or no symmetric cipher", AES, NULL) == NULL) {
      return Symmetric.NONE;
    }
    var _ = in.oneOf("AES of 128 bits", AES_BITS);
    var _ = in.oneOf("AES with CFB", CFB);
    return Symmetric.AES_128_CFB;
  }

  private static Scheme scheme(Cursor in, int type) throws Unfit {
    int usual = type == RSA ? RSASSA : ECDSA;
    String expected = type == RSA ? "RSASSA or no scheme" : "ECDSA or no scheme";
    if (in.oneOf(expected, usual, NULL) == NULL) {
      return Scheme.NONE;
    }
    var _ = in.oneOf("a scheme with SHA-256", SHA256);
    return type == RSA ? Scheme.RSASSA_SHA256 : Scheme.ECDSA_SHA256;
  }

  private static Key rsa(Cursor in) throws Unfit {
    var _ = in.oneOf("RSA of 2048 bits", RSA_BITS);
    // 0 stands for 65537.
    if (in.four() != 0) {
      throw new Unfit("another exponent (expected: 65537, written as 0)");
    }
    byte[] modulus = in.sized(RSA_BITS / Byte.SIZE);
    if (modulus.length != RSA_BITS / Byte.SIZE
        || modulus[0] >= 0
        || (modulus[modulus.length - 1] & 1) == 0) {
      throw new Unfit("modulus of another size (expected: an odd number of 2048 bits)");
    }
    return new Key.Rsa(HexFormat.of().formatHex(modulus));
  }

  private static Key ecc(Cursor in) throws Unfit {
    var _ = in.oneOf("the curve NIST P-256", NIST_P256);
    var _ = in.oneOf("no key derivation", NULL);
    byte[] x = in.sized(POINT_BYTES);
    byte[] y = in.sized(POINT_BYTES);
    if (x.length == 0 || y.length == 0) {
      throw new Unfit("a point without a coordinate (expected: x and y)");
    }
    return new Key.Ecc(HexFormat.of().formatHex(x), HexFormat.of().formatHex(y));
  }

  /** Big-endian fields, one after the other. */
  private static final class Cursor {
    private final byte[] bytes;
    private int at;

    Cursor(byte[] bytes) {
      this.bytes = bytes;
    }

    private int next(int count) throws Unfit {
      if (bytes.length - at < count) {
        throw new Unfit("ends at byte " + bytes.length + " (expected: a whole TPM2B_PUBLIC)");
      }
      int from = at;
      at += count;
      return from;
    }

    int two() throws Unfit {
      int from = next(2);
      return Byte.toUnsignedInt(bytes[from]) << 8 | Byte.toUnsignedInt(bytes[from + 1]);
    }

    int four() throws Unfit {
      return two() << 16 | two();
    }

    int oneOf(String expected, int... values) throws Unfit {
      int value = two();
      for (int known : values) {
        if (value == known) {
          return value;
        }
      }
      throw new Unfit("another value at byte " + (at - 2) + " (expected: " + expected + ")");
    }

    byte[] sized(int most) throws Unfit {
      int length = two();
      if (length > most) {
        throw new Unfit("a field of " + length + " bytes (expected: at most " + most + ")");
      }
      int from = next(length);
      return java.util.Arrays.copyOfRange(bytes, from, from + length);
    }

    void end() throws Unfit {
      if (at != bytes.length) {
        throw new Unfit((bytes.length - at) + " bytes too many (expected: one TPM2B_PUBLIC)");
      }
    }
  }
}
