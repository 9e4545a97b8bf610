// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.power;

import foundrybot.answerfiles.HookSettings;
import foundrybot.redfish.Credentials;
import foundrybot.redfish.Secret;
import foundrybot.redfish.Trust;
import foundrybot.redfish.client.RedfishBmc;
import foundrybot.redfish.ipmi.Ipmi;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * A BMC that an operator has entered.
 *
 * @param url of scheme https, http, ipmi, wol, proxmox, libvirt+unix, libvirt+ssh, webhook+https or
 *     webhook+http
 * @param credentials absent with wol and libvirt, and with a switch that wants none; of a switch
 *     the user may be empty
 * @param trust a fingerprint, who signed it, or any; of https, proxmox and webhook+https, {@code
 *     any} with the others
 * @param system which machine, where a BMC has several
 * @param suites of IPMI, the best one first; empty for the usual ones
 * @param quirks as in {@link foundrybot.redfish.BmcEndpoint}
 * @param hooks what a switch is asked, which may hold a key and is not shown; absent with the
 *     others
 */
public record StoredBmc(
    URI url,
    Optional<Credentials> credentials,
    Trust trust,
    Optional<String> system,
    List<Integer> suites,
    Set<String> quirks,
    Optional<HookSettings> hooks) {
  private static final List<String> SCHEMES =
      List.of(
          "https",
          "http",
          "ipmi",
          "wol",
          "proxmox",
          "libvirt+unix",
          "libvirt+ssh",
          "webhook+https",
          "webhook+http");

  /** It had neither suites nor quirks nor authorities. */
  private static final int FIRST_VERSION = 1;

  /** It had no requests of switches. */
  private static final int SECOND_VERSION = 2;

  private static final int VERSION = 3;
  private static final String ANY = "any";
  private static final String AUTHORITY = "ca";
  private static final String NOT = "no-";

  /** Of suites, quirks and certificates: more than there are. */
  private static final int MOST = 200;

  private static final int MOST_BYTES = 1 << 16;

  public StoredBmc {
    suites = List.copyOf(suites);
    quirks = Set.copyOf(quirks);
    if (isWebhook(url) != hooks.isPresent()) {
      throw new IllegalArgumentException(
          "requests: "
              + (hooks.isPresent() ? "given" : "missing")
              + " (expected: with webhook+https and webhook+http, and with no others)");
    }
    if (hooks.filter(HookSettings::wantsPassword).isPresent() && credentials.isEmpty()) {
      throw new IllegalArgumentException(
          "password: missing (expected: one, for the header or {secret} of the requests)");
    }
    if (!isWebhook(url) && asksNobody(url) == credentials.isPresent()) {
      throw new IllegalArgumentException(
          asksNobody(url)
              ? "user: given (expected: none, as nobody asks for one there)"
              : "user: missing (expected: a user and a password)");
    }
    if (trust instanceof Trust.FirstUse) {
      throw new IllegalArgumentException("trust: (expected: a fingerprint, a CA, or any)");
    }
    if (!suites.isEmpty() && !url.getScheme().equals("ipmi")) {
      throw new IllegalArgumentException("cipher suites: (expected: none, but with ipmi)");
    }
    if (suites.stream().anyMatch(suite -> suite != 17 && suite != 3)) {
      throw new IllegalArgumentException(
          "cipher suites: " + suites + " (expected: 17, 3, or both; no other one protects)");
    }
    List<String> known = new ArrayList<>(RedfishBmc.quirks());
    known.add(Ipmi.KEEP_BOOT_FLAGS);
    for (String quirk : quirks) {
      String name = quirk.startsWith(NOT) ? quirk.substring(NOT.length()) : quirk;
      if (!known.contains(name) || quirks.contains(NOT + quirk)) {
        throw new IllegalArgumentException(
            "quirks: "
                + quirk
                + " (expected: some of "
                + String.join(", ", known)
                + ", each as it is or behind no-)");
      }
    }
  }

  /** One that is no switch. */
  public StoredBmc(
      URI url,
      Optional<Credentials> credentials,
      Trust trust,
      Optional<String> system,
      List<Integer> suites,
      Set<String> quirks) {
    this(url, credentials, trust, system, suites, quirks, Optional.empty());
  }

  /** With what is usual of such ones. */
  public StoredBmc(
      URI url, Optional<Credentials> credentials, Trust trust, Optional<String> system) {
    this(url, credentials, trust, system, List.of(), Set.of());
  }

  /** Whether no account is asked for: what arrives is obeyed, or a user of this machine asks. */
  public static boolean asksNobody(URI url) {
    return url.getScheme().equals("wol") || isLibvirt(url);
  }

  /** Whether a switch is meant that is told by requests of the user's. */
  public static boolean isWebhook(URI url) {
    return url.getScheme().startsWith("webhook+");
  }

  /** Whether a host of virtual machines is meant whose own tools are used. */
  public static boolean isLibvirt(URI url) {
    return url.getScheme().startsWith("libvirt+");
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
      if (SCHEMES.contains(String.valueOf(url.getScheme())) && isLibvirt(url)) {
        // The user in it is that of SSH, and whoever opens it knows what else there may be.
        if (text.contains("@") && String.valueOf(url.getRawUserInfo()).contains(":")) {
          throw new IllegalArgumentException("url: with a password" + expected);
        }
        return url;
      }
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

  /** Without what a switch is asked. */
  @Override
  public String toString() {
    return "StoredBmc[" + url + "]";
  }

  /** {@code sha256:...}, {@code ca}, {@code any}, or nothing where there is no certificate. */
  public String trustText() {
    return switch (trust) {
      case Trust.Fingerprint(String sha256) -> "sha256:" + sha256;
      case Trust.Authority _ -> AUTHORITY;
      default -> showsCertificate(url) ? ANY : "";
    };
  }

  /** Whether who is there shows one before anything secret is sent. */
  public static boolean showsCertificate(URI url) {
    return Set.of("https", "proxmox", "webhook+https").contains(url.getScheme());
  }

  byte[] encode() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeByte(VERSION);
      out.writeUTF(url.toString());
      out.writeUTF(credentials.map(Credentials::user).orElse(""));
      out.writeUTF(credentials.map(who -> who.password().reveal()).orElse(""));
      out.writeUTF(
          switch (trust) {
            case Trust.Fingerprint(String sha256) -> sha256;
            case Trust.Authority _ -> AUTHORITY;
            default -> ANY;
          });
      out.writeUTF(system.orElse(""));
      out.writeInt(suites.size());
      for (int suite : suites) {
        out.writeInt(suite);
      }
      out.writeInt(quirks.size());
      for (String quirk : new TreeSet<>(quirks)) {
        out.writeUTF(quirk);
      }
      List<X509Certificate> signers =
          trust instanceof Trust.Authority(List<X509Certificate> all) ? all : List.of();
      out.writeInt(signers.size());
      for (X509Certificate signer : signers) {
        byte[] der = signer.getEncoded();
        out.writeInt(der.length);
        out.write(der);
      }
      StoredHooks.write(hooks, out);
    } catch (CertificateEncodingException e) {
      throw new IllegalArgumentException("ca: a certificate that cannot be written", e);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "user, password, system or a request: too long (expected: at most 65,535 bytes)", e);
    }
    return bytes.toByteArray();
  }

  /** Of bytes that this program has written and sealed. */
  static StoredBmc of(byte[] bytes) throws IOException {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      int version = in.readByte();
      if (version < FIRST_VERSION || version > VERSION) {
        throw new IOException("version " + version + " (expected: 1.." + VERSION + ")");
      }
      URI url = URI.create(in.readUTF());
      String user = in.readUTF();
      String password = in.readUTF();
      String trust = in.readUTF();
      String system = in.readUTF();
      List<Integer> suites = new ArrayList<>();
      Set<String> quirks = new HashSet<>();
      List<X509Certificate> signers = new ArrayList<>();
      if (version >= SECOND_VERSION) {
        for (int left = number(in, MOST); left > 0; left--) {
          suites.add(in.readInt());
        }
        for (int left = number(in, MOST); left > 0; left--) {
          quirks.add(in.readUTF());
        }
        for (int left = number(in, MOST); left > 0; left--) {
          signers.add(certificate(in.readNBytes(number(in, MOST_BYTES))));
        }
      }
      return new StoredBmc(
          url,
          user.isEmpty() && password.isEmpty()
              ? Optional.empty()
              : Optional.of(new Credentials(user, new Secret(password))),
          switch (trust) {
            case ANY -> new Trust.Any();
            case AUTHORITY -> new Trust.Authority(signers);
            default -> new Trust.Fingerprint(trust);
          },
          Optional.of(system).filter(text -> !text.isEmpty()),
          suites,
          quirks,
          version == VERSION ? StoredHooks.in(in) : Optional.empty());
    }
  }

  static int number(DataInputStream in, int most) throws IOException {
    int number = in.readInt();
    if (number < 0 || number > most) {
      throw new IOException("number " + number + " (expected: 0.." + most + ")");
    }
    return number;
  }

  private static X509Certificate certificate(byte[] der) throws IOException {
    try {
      return (X509Certificate)
          CertificateFactory.getInstance("X.509")
              .generateCertificate(new ByteArrayInputStream(der));
    } catch (CertificateException e) {
      throw new IOException("not a certificate", e);
    }
  }
}
