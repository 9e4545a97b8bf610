// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Set;

/** Public keys as OpenSSH writes them: type, base64 of the RFC 4253 section 6.6 blob, comment. */
final class SshKey {
  private static final Set<String> TYPES =
      Set.of(
          "ssh-ed25519",
          "ssh-rsa",
          "ecdsa-sha2-nistp256",
          "ecdsa-sha2-nistp384",
          "ecdsa-sha2-nistp521",
          "sk-ssh-ed25519@openssh.com",
          "sk-ecdsa-sha2-nistp256@openssh.com");

  /** An RSA key of 16384 bits has about 2800 characters. */
  private static final int LONGEST_LINE = 4096;

  private static final int ED25519_BYTES = 32;

  private SshKey() {}

  /** Whether the blob is whole and says the same type as the line. */
  static boolean isPublicKey(String line) {
    String[] words = line.split(" +", 3);
    if (line.length() > LONGEST_LINE || words.length < 2 || !TYPES.contains(words[0])) {
      return false;
    }
    ByteBuffer blob;
    try {
      blob = ByteBuffer.wrap(Base64.getDecoder().decode(words[1]));
    } catch (IllegalArgumentException e) {
      return false;
    }
    return isBlob(blob, words[0]);
  }

  /** A blob is a row of strings, each with its length in four octets; the first is the type. */
  private static boolean isBlob(ByteBuffer blob, String type) {
    int fields = 0;
    int last = 0;
    while (blob.remaining() >= Integer.BYTES) {
      int length = blob.getInt();
      if (length < 0 || length > blob.remaining()) {
        return false;
      }
      byte[] field = new byte[length];
      blob.get(field);
      if (fields == 0 && !new String(field, StandardCharsets.US_ASCII).equals(type)) {
        return false;
      }
      fields++;
      last = length;
    }
    boolean whole = !blob.hasRemaining() && fields >= 2;
    return whole && (!type.equals("ssh-ed25519") || (fields == 2 && last == ED25519_BYTES));
  }
}
