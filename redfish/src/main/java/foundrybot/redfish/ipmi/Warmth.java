// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.ipmi;

import java.security.SecureRandom;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The JVM loads its ciphers when they are first used, which takes longer than some BMCs wait in a
 * key exchange. So that is done beside, once, by a thread that ends.
 */
final class Warmth {
  private static final AtomicBoolean DONE = new AtomicBoolean();

  private Warmth() {}

  static void spread() {
    if (DONE.compareAndSet(false, true)) {
      Thread.ofVirtual().name("ipmi-warm-up").start(Warmth::useAll);
    }
  }

  private static void useAll() {
    byte[] iv = new byte[16];
    new SecureRandom().nextBytes(iv);
    for (CipherSuite suite : CipherSuite.values()) {
      SessionKeys keys = new SessionKeys(suite, iv);
      keys.open(RmcpPacket.decode(keys.seal(RmcpPacket.IPMI, 1, 1, iv, iv)));
    }
  }
}
