// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.tls;

import foundrybot.answerfiles.Mac;
import foundrybot.appliance.store.KeyRing;
import foundrybot.appliance.store.SecretFile;
import java.io.IOException;
import java.math.BigInteger;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x500.style.IETFUtils;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCSException;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Signs the nodes' certificates with the CA of the data folder, and says which are good no more. A
 * file for each machine under {@code DATA/certificates} knows what it was given; it is durable
 * before anybody has the certificate.
 */
public final class NodeCertificates {
  /** Nodes ask anew when a third of it is left. */
  private static final Duration LIFE = Duration.ofDays(365);

  /** Whoever has an old list asks again after that. */
  private static final Duration LIST_LIFE = Duration.ofDays(7);

  /** A changed rack file shows in the list after that. */
  private static final Duration LIST_PAUSE = Duration.ofMinutes(1);

  /** Certificates of one machine that have not expired; each is a line of the list one day. */
  static final int MOST = 32;

  private static final int LEAST_RSA_BITS = 2048;
  private static final int MOST_RSA_BITS = 4096;
  private static final Set<Integer> CURVES = Set.of(256, 384);
  private static final long MAX_BYTES = 1 << 20;
  private static final String SUFFIX = ".json";
  private static final int HEX = 16;
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** What a node gets for its certification request. */
  public sealed interface Answer {
    /**
     * A certificate.
     *
     * @param pem it, and the CA behind it
     * @param serial hexadecimal
     */
    record Issued(String pem, String serial, Instant until) implements Answer {}

    /**
     * None.
     *
     * @param why no secret, and nothing of what stood there
     */
    record Refused(String why) implements Answer {}
  }

  /** The list as it was signed. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Signed(Instant at, byte[] list) {}

  private final Path folder;
  private final Issuer issuer = new Issuer();
  private final Issuer.Issued authority;
  private final URI revocations;
  private final InstantSource clock;
  private final Map<Mac, IssuedCard> cards = new HashMap<>();

  /** Anybody may ask for it, and each signature costs. */
  private Optional<Signed> latest = Optional.empty();

  private NodeCertificates(
      Path folder, Issuer.Issued authority, URI revocations, InstantSource clock) {
    this.folder = folder;
    this.authority = authority;
    this.revocations = revocations;
    this.clock = clock;
  }

  /**
   * Those of a data folder, whose CA is there.
   *
   * @param revocations where the list of the revoked ones is served; stands in each certificate
   * @throws TlsException if what is there cannot be read
   */
  public static NodeCertificates open(KeyRing keys, URI revocations, InstantSource clock) {
    NodeCertificates opened =
        new NodeCertificates(
            keys.data().resolve("certificates"),
            Certificates.authorityWithKey(keys),
            revocations,
            clock);
    opened.readAll();
    return opened;
  }

  private void readAll() {
    if (!Files.isDirectory(folder)) {
      return;
    }
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : (Iterable<Path>) files.sorted()::iterator) {
        String name = String.valueOf(file.getFileName());
        if (name.endsWith(SUFFIX)) {
          Mac.parse(name.substring(0, name.length() - SUFFIX.length()).replace('-', ':'))
              .ifPresent(mac -> cards.put(mac, read(file)));
        }
      }
    } catch (IOException e) {
      throw new TlsException(folder + ": cannot be read: " + e.getMessage(), e);
    }
  }

  /** One that is lost would make good again what was revoked. */
  private static IssuedCard read(Path file) {
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw new TlsException(file + ": more than " + MAX_BYTES + " bytes; bring it back");
      }
      IssuedCard card = JSON.readValue(Files.readAllBytes(file), IssuedCard.class);
      card.entries().forEach(entry -> new BigInteger(entry.serial(), HEX));
      return card.at(Instant.EPOCH);
    } catch (IOException | JacksonException | IllegalArgumentException | DateTimeException e) {
      throw new TlsException(
          file
              + ": not a list of a machine's certificates; bring it back from a backup, or delete"
              + " it, and what was revoked of that machine is good again",
          e);
    }
  }

  /**
   * Signs a node's certification request (RFC 2986). Only its key is taken over: who the node is
   * says the rack file, and a request that says something else is refused.
   *
   * @param identity whose request it is
   * @param csr DER
   */
  public synchronized Answer sign(Mac node, String identity, NodeSubject subject, byte[] csr) {
    Instant now = clock.instant();
    IssuedCard card =
        cards.getOrDefault(node, IssuedCard.blank(identity)).at(now).of(identity, now);
    if (card.closed()) {
      return new Answer.Refused(
          "revoked: this installation gets no certificate any more; reinstall the node");
    }
    if (card.entries().size() >= MOST) {
      return new Answer.Refused(
          "certificates: " + card.entries().size() + " that have not expired (expected: fewer)");
    }
    PublicKey key;
    try {
      key = key(subject, csr);
    } catch (Unsound e) {
      return new Answer.Refused(String.valueOf(e.getMessage()));
    }
    X509Certificate made = issuer.node(authority, key, subject, revocations, LIFE, now);
    String serial = made.getSerialNumber().toString(HEX);
    Instant until = made.getNotAfter().toInstant();
    keep(node, card.with(IssuedCard.Entry.good(serial, until)));
    String pem = PemFiles.text(made) + PemFiles.text(authority.certificate());
    return new Answer.Issued(pem, serial, until);
  }

  /**
   * Makes all certificates of a machine bad, and gives its present installation no more.
   *
   * @return how many were good
   */
  public synchronized long revoke(Mac node) {
    Instant now = clock.instant();
    IssuedCard card = cards.get(node);
    if (card == null) {
      return 0;
    }
    long good = card.at(now).good();
    keep(node, card.at(now).revoked(IssuedCard.PRIVILEGE_WITHDRAWN, now));
    return good;
  }

  /**
   * The list of what is good no more, as DER.
   *
   * @param known the machines of the rack file: what others have is not good either
   */
  public synchronized byte[] revoked(Predicate<Mac> known) {
    Instant now = clock.instant();
    Signed signed =
        latest
            .filter(last -> !last.at().plus(LIST_PAUSE).isBefore(now))
            .orElseGet(() -> new Signed(now, list(known, now)));
    latest = Optional.of(signed);
    return signed.list().clone();
  }

  private byte[] list(Predicate<Mac> known, Instant now) {
    List<Issuer.Revoked> revoked = new ArrayList<>();
    cards.forEach(
        (mac, card) -> {
          IssuedCard seen =
              known.test(mac)
                  ? card.at(now)
                  : card.at(now).revoked(IssuedCard.PRIVILEGE_WITHDRAWN, now);
          seen.entries().stream()
              .filter(entry -> !entry.isGood())
              .map(
                  entry ->
                      new Issuer.Revoked(
                          new BigInteger(entry.serial(), HEX),
                          Instant.parse(entry.revoked()),
                          entry.reason()))
              .forEach(revoked::add);
        });
    return issuer.revocations(authority, revoked, now, LIST_LIFE);
  }

  private void keep(Mac node, IssuedCard card) {
    try {
      Files.createDirectories(
          folder,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      SecretFile.write(
          folder.resolve(node.toString().replace(':', '-') + SUFFIX), JSON.writeValueAsBytes(card));
    } catch (IOException e) {
      throw new TlsException(folder + ": cannot be written: " + e, e);
    }
    cards.put(node, card);
    latest = Optional.empty();
  }

  private static final class Unsound extends Exception {
    private static final long serialVersionUID = 1;

    Unsound(String why) {
      super(why);
    }
  }

  private static PublicKey key(NodeSubject subject, byte[] csr) throws Unsound {
    try {
      JcaPKCS10CertificationRequest request = new JcaPKCS10CertificationRequest(csr);
      requireOwn(request, BCStyle.CN, "common name", subject.name());
      requireOwn(request, BCStyle.O, "organization", subject.role());
      PublicKey key = request.getPublicKey();
      if (!isStrong(key)) {
        throw new Unsound(
            "csr: key of another kind (expected: EC on P-256 or P-384, or RSA of "
                + LEAST_RSA_BITS
                + " to "
                + MOST_RSA_BITS
                + " bits)");
      }
      if (!request.isSignatureValid(new JcaContentVerifierProviderBuilder().build(key))) {
        throw new Unsound("csr: not signed by its own key (expected: RFC 2986)");
      }
      return key;
    } catch (IOException
        | GeneralSecurityException
        | PKCSException
        | OperatorCreationException
        | RuntimeException e) {
      // What a parser says of a stranger's bytes helps nobody.
      throw new Unsound("csr: cannot be read (expected: PKCS#10 of RFC 2986, in DER)");
    }
  }

  /** A part of the subject that is there must be the node's own; the role may be left out. */
  private static void requireOwn(
      JcaPKCS10CertificationRequest request, ASN1ObjectIdentifier part, String what, String own)
      throws Unsound {
    Optional<String> other =
        Arrays.stream(request.getSubject().getRDNs(part))
            .map(RDN::getFirst)
            .map(first -> IETFUtils.valueToString(first.getValue()))
            .filter(value -> !value.equals(own))
            .findFirst();
    if (other.isPresent()) {
      throw new Unsound("csr: " + what + " of another one (expected: " + own + ")");
    }
  }

  private static boolean isStrong(PublicKey key) {
    return switch (key) {
      case RSAPublicKey rsa ->
          rsa.getModulus().bitLength() >= LEAST_RSA_BITS
              && rsa.getModulus().bitLength() <= MOST_RSA_BITS;
      case ECPublicKey ec -> CURVES.contains(ec.getParams().getCurve().getField().getFieldSize());
      default -> false;
    };
  }
}
