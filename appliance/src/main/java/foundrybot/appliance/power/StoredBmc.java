// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.power;

import foundrybot.redfish.Credentials;
import foundrybot.redfish.Secret;
import foundrybot.redfish.Trust;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Optional;

/**
 * A BMC that an operator has entered.
 *
 * @param url of scheme https, http, ipmi, wol or proxmox
 * @param credentials absent with wol alone
 * @param trust a fingerprint, or any; of https and proxmox, {@code any} with the others
 * @param system which machine, where a BMC has several
 */
public record StoredBmc(
    URI url, Optional<Credentials> credentials, Trust trust, Optional<String> system) {
  private static final List<String> SCHEMES = List.of("https", "http", "ipmi", "wol", "proxmox");
  private static final int VERSION = 1;
  private static final String ANY = "any";

  public StoredBmc {
    boolean none = url.getScheme().equals("wol");
    if (none == credentials.isPresent()) {
      throw new IllegalArgumentException(
          none
              ? "user: given (expected: none, as a magic packet asks for nobody)"
              : "user: missing (expected: a user and a password)");
    }
    if (!(trust instanceof Trust.Fingerprint) && !(trust instanceof Trust.Any)) {
      throw new IllegalArgumentException("trust: (expected: a fingerprint, or any)");
    }
  }

  /** An address as it is typed; {@code wol} alone is a broadcast. */
  public static URI url(String text) {
    String expected =
        " (expected: a URL of "
            + String.join(", ", SCHEMES)
            + " without user, password and query, such as https://10.0.0.11, or wol)";
    if (text.equals("wol")) {
      return URI.create("wol://255.255.255.255");
    }
    try {
      URI url = new URI(text);
      boolean good =
          SCHEMES.contains(String.valueOf(url.getScheme()))
              && url.getPort() != 0
              && url.getPort() <= 65535;
      // What somebody took for the place of a password is not shown again.
      if (text.contains("@")) {
        throw new IllegalArgumentException("url: with a user" + expected);
      }
      if (url.getRawQuery() != null || url.getRawFragment() != null) {
        throw new IllegalArgumentException("url: with ? or #" + expected);
      }
      if (url.getHost() == null) {
        throw new IllegalArgumentException("url: " + text + ": no host" + expected);
      }
      if (!good) {
        throw new IllegalArgumentException("url: " + text + expected);
      }
      return url;
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("url: not one" + expected, e);
    }
  }

  /** {@code sha256:...}, {@code any}, or nothing where there is no certificate. */
  public String trustText() {
    return trust instanceof Trust.Fingerprint(String sha256)
        ? "sha256:" + sha256
        : showsCertificate(url) ? ANY : "";
  }

  /** Whether who is there shows one before anything secret is sent. */
  public static boolean showsCertificate(URI url) {
    return url.getScheme().equals("https") || url.getScheme().equals("proxmox");
  }

  byte[] encode() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeByte(VERSION);
      out.writeUTF(url.toString());
      out.writeUTF(credentials.map(Credentials::user).orElse(""));
      out.writeUTF(credentials.map(who -> who.password().reveal()).orElse(""));
      out.writeUTF(trust instanceof Trust.Fingerprint(String sha256) ? sha256 : ANY);
      out.writeUTF(system.orElse(""));
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "user, password or system: too long (expected: at most 65,535 bytes)", e);
    }
    return bytes.toByteArray();
  }

  /** Of bytes that this program has written and sealed. */
  static StoredBmc of(byte[] bytes) throws IOException {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      int version = in.readByte();
      if (version != VERSION) {
        throw new IOException("version " + version + " (expected: " + VERSION + ")");
      }
      URI url = URI.create(in.readUTF());
      String user = in.readUTF();
      Secret password = new Secret(in.readUTF());
      String trust = in.readUTF();
      String system = in.readUTF();
      return new StoredBmc(
          url,
          user.isEmpty() ? Optional.empty() : Optional.of(new Credentials(user, password)),
          trust.equals(ANY) ? new Trust.Any() : new Trust.Fingerprint(trust),
          Optional.of(system).filter(text -> !text.isEmpty()));
    }
  }
}
