// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import foundrybot.rig.bmc.Personality.Oddity;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a BMC declines for a reason of its own, although the request is right: the oddities of a
 * {@link Personality} that have to do with the time, or with how a request is put.
 */
final class Oddities {
  /** A power supply drains, or so says the BMC. */
  private static final Duration DRAINS = Duration.ofSeconds(12);

  private static final Duration POST = Duration.ofSeconds(25);
  private static final int NOT_READY = 2;

  private final Set<Oddity> own;
  private final InstantSource clock;
  private final Map<Oddity, Integer> played = new EnumMap<>(Oddity.class);
  private Instant off = Instant.EPOCH;
  private Instant post = Instant.EPOCH;

  Oddities(Set<Oddity> own, InstantSource clock) {
    this.own = own;
    this.clock = clock;
  }

  /** How often each was. */
  Map<Oddity, Integer> played() {
    return Map.copyOf(played);
  }

  /** Of a log-in by session with the right password. */
  Optional<Reply> login() {
    return own.contains(Oddity.BASIC_ONLY)
        ? play(Oddity.BASIC_ONLY, Errors.unauthorized())
        : Optional.empty();
  }

  /** Of any other request of one that may ask. */
  Optional<Reply> of(Request request) {
    if (own.contains(Oddity.NOT_READY)
        && !request.reads()
        && played.getOrDefault(Oddity.NOT_READY, 0) < NOT_READY) {
      return play(
          Oddity.NOT_READY, Errors.of(503, "SYS518", "The data functionality is not ready."));
    }
    if (own.contains(Oddity.NOT_IDENTITY)
        && request.reads()
        && request.header("accept-encoding").filter("identity"::equals).isPresent()) {
      return play(
          Oddity.NOT_IDENTITY,
          Errors.of(406, "HeaderInvalid", "Accept-Encoding is not acceptable."));
    }
    if (own.contains(Oddity.EJECT_WANTS_BODY)
        && request.path().endsWith("VirtualMedia.EjectMedia")
        && request.body().isEmpty()) {
      return play(
          Oddity.EJECT_WANTS_BODY, Errors.of(415, "UnsupportedMediaType", "There is no body."));
    }
    boolean patch = request.method().equals("PATCH");
    if (own.contains(Oddity.POST_HINDERS) && patch && clock.instant().isBefore(post)) {
      return play(
          Oddity.POST_HINDERS,
          Errors.of(400, "UnableToModifyDuringSystemPOST", "The system is in POST."));
    }
    if (own.contains(Oddity.LIMIT_IS_403)
        && isReset(request)
        && !played.containsKey(Oddity.LIMIT_IS_403)) {
      return play(
          Oddity.LIMIT_IS_403,
          Errors.of(
              403,
              "EventSubscriptionLimitExceeded",
              "There are as many of these as there can be."));
    }
    boolean on = isReset(request) && request.body().contains("\"On\"");
    if (own.contains(Oddity.BUSY_AFTER_OFF) && on && clock.instant().isBefore(off.plus(DRAINS))) {
      return play(
          Oddity.BUSY_AFTER_OFF,
          Errors.of(409, "ActionParameterValueConflict", "The machine is still being switched."));
    }
    return Optional.empty();
  }

  /** A request was carried out. */
  void done(Request request) {
    if (own.contains(Oddity.MODE_IS_A_JOB)
        && request.method().equals("PATCH")
        && request.body().contains("BootSourceOverrideMode")) {
      played.merge(Oddity.MODE_IS_A_JOB, 1, Integer::sum);
    }
    if (!isReset(request)) {
      return;
    }
    if (request.body().contains("\"ForceOff\"")) {
      off = clock.instant();
    } else {
      post = clock.instant().plus(POST);
    }
  }

  private static boolean isReset(Request request) {
    return request.path().endsWith("ComputerSystem.Reset");
  }

  private Optional<Reply> play(Oddity oddity, Reply reply) {
    played.merge(oddity, 1, Integer::sum);
    return Optional.of(reply);
  }
}
