// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.qemu;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.UUID;

/**
 * CAs as UEFI firmware keeps them in its variable {@code TlsCaCertificate}: a list of signatures
 * (UEFI 2.10, section 32.4.1, EFI_SIGNATURE_LIST) of one certificate.
 */
final class Authorities {
  /** EFI_CERT_X509_GUID. */
  private static final UUID X509 = UUID.fromString("a5c059a1-94e4-4aa7-87b5-ab155c2bf072");

  /** Who put it there; firmware only shows it. */
  private static final UUID OWNER = UUID.fromString("5b7a4d6a-6f0c-4f3e-8f0b-3d4f0d2c9a11");

  private static final int GUID = 16;
  private static final int HEADER = GUID + 3 * Integer.BYTES;

  private Authorities() {}

  /**
   * A list with one CA.
   *
   * @param der the certificate
   */
  static byte[] of(byte[] der) {
    int signature = GUID + der.length;
    ByteBuffer list = ByteBuffer.allocate(HEADER + signature).order(ByteOrder.LITTLE_ENDIAN);
    put(list, X509);
    list.putInt(HEADER + signature).putInt(0).putInt(signature);
    put(list, OWNER);
    return list.put(der).array();
  }

  /** A GUID's first three parts are little-endian (UEFI 2.10, appendix A). */
  private static void put(ByteBuffer to, UUID guid) {
    long high = guid.getMostSignificantBits();
    to.putInt((int) (high >>> 32)).putShort((short) (high >>> 16)).putShort((short) high);
    to.putLong(Long.reverseBytes(guid.getLeastSignificantBits()));
  }
}
