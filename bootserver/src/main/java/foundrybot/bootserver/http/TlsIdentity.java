// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.http;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * What an HTTPS server shows and proves to be its own.
 *
 * @param proofs a client is shown the first that it can verify, by its cipher suites (RFC 5246
 *     section 7.4.2) and signature algorithms (RFC 8446 section 4.2.3); so the one that every
 *     client can verify comes last. Where BoringSSL is missing that one is shown to all
 */
public record TlsIdentity(List<Proof> proofs) {
  public TlsIdentity {
    proofs = List.copyOf(proofs);
    if (proofs.isEmpty()) {
      throw new IllegalArgumentException("proofs: none (expected: at least one)");
    }
  }

  /** The same proof for every client. */
  public static TlsIdentity of(List<X509Certificate> chain, PrivateKey key) {
    return new TlsIdentity(List.of(new Proof(chain, key)));
  }

  /** The server's own certificates, one for each proof. */
  public List<X509Certificate> certificates() {
    return proofs.stream().map(Proof::certificate).toList();
  }

  /**
   * One certificate and its key.
   *
   * @param chain the server's certificate first, then those that vouch for it; the root may be left
   *     out (RFC 8446 section 4.4.2)
   * @param key of the first certificate
   */
  public record Proof(List<X509Certificate> chain, PrivateKey key) {
    public Proof {
      chain = List.copyOf(chain);
      if (chain.isEmpty()) {
        throw new IllegalArgumentException("certificates: none (expected: at least one)");
      }
    }

    /** The server's own. */
    public X509Certificate certificate() {
      return chain.getFirst();
    }

    /** Without the key. */
    @Override
    public String toString() {
      return certificate().getPublicKey().getAlgorithm()
          + ":"
          + certificate().getSubjectX500Principal();
    }
  }
}
