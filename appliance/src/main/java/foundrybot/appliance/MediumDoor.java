// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.answerfiles.Mac;
import foundrybot.appliance.Audit.Attempt;
import foundrybot.appliance.Fleet.Bearer;
import foundrybot.bootserver.http.DigestAnswer;
import foundrybot.bootserver.http.HttpAnswer;
import foundrybot.bootserver.http.HttpRequestView;
import foundrybot.ipxe.Autoexec;
import java.net.InetAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import javax.crypto.spec.SecretKeySpec;

/**
 * Decides who has booted from a node's medium. The token on it is the password of HTTP Digest, so
 * that it is proved and never said: who listens on the provisioning network learns the token's
 * SHA-256, by which the paths of the medium are called, and nothing that opens them.
 *
 * <p>What is needed to check a proof is made anew from {@code tokens.key} and the journal, as the
 * medium itself was; without that key nobody is let in. A nonce is good for one answer, for the
 * address that was given it, and for a minute. It holds its own time and a code by a key of this
 * process, so that giving one away costs no memory; only those that were used are remembered, and
 * who uses one has proved that he knows the token.
 */
final class MediumDoor {
  static final String REALM = "FoundryBot";

  /** From the question to its repetition: iPXE takes milliseconds. */
  private static final Duration LIFE = Duration.ofMinutes(1);

  /** Nonces that were used within the last minute. */
  private static final int MOST_USED = 8192;

  private static final String ALGORITHM = "HmacSHA256";

  /** Hexadecimal digits of a nonce: milliseconds since 1970, 128 random bits, 128 of the code. */
  private static final int TIME = 12;

  private static final int SALT = 32;
  private static final int CODE = 32;

  private static final String ONCE_MORE = "say who you are, by the medium that you booted from\n";
  private static final String LOST =
      "the key of this medium's token is lost; 'bootserver reinstall' and 'deploy' make another\n";

  /** What became of a request for what a medium opens. */
  sealed interface Asked {
    /** It comes from who has the medium. */
    record Proved(Bearer bearer) implements Asked {}

    /** It does not, or not yet. */
    record Turned(HttpAnswer answer) implements Asked {}
  }

  private final Fleet fleet;
  private final Tokens tokens;
  private final TokenDoor door;
  private final Audit audit;
  private final InstantSource clock;
  private final SecretKeySpec key;

  /** Until when each would be good. */
  private final Map<String, Long> used = new HashMap<>();

  MediumDoor(Fleet fleet, Tokens tokens, TokenDoor door, Audit audit, InstantSource clock) {
    this.fleet = fleet;
    this.tokens = tokens;
    this.door = door;
    this.audit = audit;
    this.clock = clock;
    this.key =
        new SecretKeySpec(HexFormat.of().parseHex(tokens.random() + tokens.random()), ALGORITHM);
  }

  /**
   * The folder of the scripts for who boots from the medium with that token.
   *
   * @param hash its SHA-256
   */
  static URI scripts(URI appliance, String hash) {
    return appliance.resolve("/" + BootMedia.ROOT + "/" + hash + "/boot/");
  }

  /**
   * Who asks for {@code /media/HASH/...}.
   *
   * @param what is asked for, in words of the program
   */
  Asked asked(String hash, String what, HttpRequestView request) {
    InetAddress from = request.peer().getAddress();
    Optional<Bearer> found = fleet.bearerOf(hash);
    if (found.isEmpty()) {
      Optional<Mac> former = fleet.formerBearerOf(hash);
      audit.refused(
          former.isPresent() ? Attempt.TOKEN_BURNT : Attempt.TOKEN_UNKNOWN, former, from, what);
      return new Asked.Turned(Answers.notFound("medium: of no run"));
    }
    Bearer bearer = found.get();
    Mac mac = bearer.node().mac();
    Optional<String> token = tokens.text(mac, bearer.token());
    if (token.isEmpty()) {
      return new Asked.Turned(
          Answers.text(410, LOST, "medium: its key is lost").of(Answers.mac(mac)));
    }
    Optional<DigestAnswer> said = request.header("Authorization").flatMap(DigestAnswer::read);
    if (said.isEmpty()) {
      return new Asked.Turned(challenge(hash, mac, from, false));
    }
    if (!isRight(said.get(), token.get(), request)) {
      audit.refused(Attempt.TOKEN_UNKNOWN, Optional.of(mac), from, what);
      return new Asked.Turned(challenge(hash, mac, from, false));
    }
    if (!takes(said.get().nonce(), hash, from)) {
      return new Asked.Turned(challenge(hash, mac, from, true));
    }
    door.gave(mac, from.getHostAddress());
    return new Asked.Proved(bearer);
  }

  private static boolean isRight(DigestAnswer said, String token, HttpRequestView request) {
    return said.user().equals(Autoexec.USER)
        && said.realm().equals(REALM)
        && said.uri().equals(request.path())
        && said.proves(request.method(), token);
  }

  private HttpAnswer challenge(String hash, Mac mac, InetAddress from, boolean stale) {
    String begin = HexFormat.of().toHexDigits(clock.millis(), TIME) + tokens.random();
    String nonce = begin + code(begin, hash, from);
    return HttpAnswer.Body.text(401, ONCE_MORE, "medium: asked for its proof")
        .with(Map.of("WWW-Authenticate", DigestAnswer.challenge(REALM, nonce, stale)))
        .of(Answers.mac(mac));
  }

  /** Whether the nonce is one of ours for that address, and used for the first time. */
  private boolean takes(String nonce, String hash, InetAddress from) {
    if (nonce.length() != TIME + SALT + CODE) {
      return false;
    }
    String begin = nonce.substring(0, TIME + SALT);
    byte[] code = nonce.substring(TIME + SALT).getBytes(StandardCharsets.US_ASCII);
    if (!MessageDigest.isEqual(code, code(begin, hash, from).getBytes(StandardCharsets.US_ASCII))) {
      return false;
    }
    // It is ours, so this is a number.
    long end = HexFormat.fromHexDigitsToLong(begin, 0, TIME) + LIFE.toMillis();
    long now = clock.millis();
    synchronized (used) {
      used.values().removeIf(until -> until <= now);
      return now < end && used.size() < MOST_USED && used.putIfAbsent(nonce, end) == null;
    }
  }

  private String code(String begin, String hash, InetAddress from) {
    try {
      javax.crypto.Mac mac = javax.crypto.Mac.getInstance(ALGORITHM);
      mac.init(key);
      String message = begin + " " + hash + " " + from.getHostAddress();
      byte[] whole = mac.doFinal(message.getBytes(StandardCharsets.US_ASCII));
      return HexFormat.of().formatHex(whole, 0, CODE / 2);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has " + ALGORITHM, e);
    }
  }
}
