// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.http;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * What an HTTPS server shows and proves to be its own.
 *
 * @param chain the server's certificate first, then those that vouch for it; the root may be left
 *     out (RFC 8446 section 4.4.2)
 * @param key of the first certificate
 */
public record TlsIdentity(List<X509Certificate> chain, PrivateKey key) {
  public TlsIdentity {
    chain = List.copyOf(chain);
    if (chain.isEmpty()) {
      throw new IllegalArgumentException("certificates: none (expected: at least one)");
    }
  }

  /** Without the key. */
  @Override
  public String toString() {
    return "TlsIdentity[" + chain.getFirst().getSubjectX500Principal() + "]";
  }
}
