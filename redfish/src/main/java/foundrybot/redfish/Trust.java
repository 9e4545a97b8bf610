// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish;

import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** Whether the certificate that a BMC shows is its own. */
public sealed interface Trust {

  /**
   * Exactly this certificate, whoever signed it and whatever name is in it.
   *
   * @param sha256 of the leaf's DER, 64 lower-case hexadecimal digits
   */
  record Fingerprint(String sha256) implements Trust {
    private static final Pattern FORM = Pattern.compile("[0-9a-f]{64}");

    public Fingerprint {
      sha256 = sha256.toLowerCase(Locale.ROOT).replace(":", "");
      if (!FORM.matcher(sha256).matches()) {
        throw new IllegalArgumentException(
            "fingerprint: " + sha256 + " (expected: the certificate's SHA-256, 64 hex digits)");
      }
    }
  }

  /** One that these have signed, for the name or address in the URL. */
  record Authority(List<X509Certificate> certificates) implements Trust {
    public Authority {
      certificates = List.copyOf(certificates);
    }
  }

  /**
   * The first one that is seen, from then on only that one.
   *
   * @param memory remembers it, durably before it returns; throws to refuse
   */
  record FirstUse(Memory memory) implements Trust {}

  /** Any certificate: whoever sits between can read the password. */
  record Any() implements Trust {}

  /** Where first uses are recorded. */
  @FunctionalInterface
  interface Memory {
    /**
     * The fingerprint that is to be trusted.
     *
     * @param seen SHA-256 of the certificate that the BMC shows now, lower-case hexadecimal
     * @return the one remembered from earlier, or {@code seen} after it was made durable
     */
    String trusted(String seen);
  }
}
