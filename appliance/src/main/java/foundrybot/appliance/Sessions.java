// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.appliance.LogIns.Way;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Browsers that an operator has logged in. They are in memory alone, under the hash of what the
 * browser shows; so a restart ends all of them, and nothing that is kept opens one.
 */
final class Sessions {
  /** At one time; who came longest ago makes room. */
  private static final int MOST = 1000;

  /** Of them with the same token, so that who has one does not end those of all others. */
  static final int MOST_OF_TOKEN = 50;

  private static final int BYTES = 32;

  /** Without a request in that time it is over. A page that is open asks every two seconds. */
  static final Duration IDLE = Duration.ofHours(2);

  /** It is over then, whatever the browser does. */
  static final Duration LONGEST = Duration.ofHours(24);

  /**
   * One of them.
   *
   * @param tokenHash of the operator's token, by which each request finds whether it still counts
   * @param proof what each form of its pages has in it
   * @param way by which it came, and by which alone it is heard
   */
  record Session(String tokenHash, String proof, Way way, Instant begun) {
    /** Whether a form came from a page of this session. */
    boolean isProvedBy(String given) {
      return MessageDigest.isEqual(
          proof.getBytes(StandardCharsets.US_ASCII), given.getBytes(StandardCharsets.UTF_8));
    }

    /** Without what is secret. */
    @Override
    public String toString() {
      return "Session[" + begun + "]";
    }
  }

  private static final class Kept {
    private final Session session;
    private Instant heard;
    private String said = "";

    private Kept(Session session) {
      this.session = session;
      this.heard = session.begun();
    }
  }

  private final SecureRandom random = new SecureRandom();
  private final InstantSource clock;
  private final Map<String, Kept> byHash = new LinkedHashMap<>();

  Sessions(InstantSource clock) {
    this.clock = clock;
  }

  /** Begins one; the answer is what the browser is to show, and nobody else is told. */
  synchronized String begin(String token, Way way) {
    String ofToken = Tokens.hash(token);
    List<String> same =
        byHash.entrySet().stream()
            .filter(one -> one.getValue().session.tokenHash().equals(ofToken))
            .map(Map.Entry::getKey)
            .toList();
    if (same.size() >= MOST_OF_TOKEN) {
      byHash.remove(same.getFirst());
    }
    if (byHash.size() >= MOST) {
      byHash.remove(byHash.keySet().iterator().next());
    }
    String id = secret();
    Session session = new Session(ofToken, secret(), way, clock.instant());
    byHash.put(Tokens.hash(id), new Kept(session));
    return id;
  }

  private String secret() {
    byte[] bytes = new byte[BYTES];
    random.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  /** The one that a browser shows, if it is not over. */
  synchronized Optional<Session> find(String id, Way way) {
    String hash = Tokens.hash(id);
    Kept kept = byHash.get(hash);
    if (kept == null || !kept.session.way().equals(way)) {
      return Optional.empty();
    }
    Instant now = clock.instant();
    if (now.isAfter(kept.heard.plus(IDLE)) || now.isAfter(kept.session.begun().plus(LONGEST))) {
      byHash.remove(hash);
      return Optional.empty();
    }
    kept.heard = now;
    return Optional.of(kept.session);
  }

  synchronized void end(String id) {
    byHash.remove(Tokens.hash(id));
  }

  /** Leaves words for the next page of that browser. */
  synchronized void say(String id, String words) {
    Kept kept = byHash.get(Tokens.hash(id));
    if (kept != null) {
      kept.said = words;
    }
  }

  /** What was left for it; once. */
  synchronized String said(String id) {
    Kept kept = byHash.get(Tokens.hash(id));
    if (kept == null) {
      return "";
    }
    String words = kept.said;
    kept.said = "";
    return words;
  }
}
