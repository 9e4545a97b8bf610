// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.simulate;

import foundrybot.answerfiles.Mac;
import foundrybot.appliance.lifecycle.Fact;
import foundrybot.appliance.lifecycle.FactKind;
import foundrybot.appliance.lifecycle.PowerRun;
import foundrybot.rig.simulate.Invariant.Violated;
import foundrybot.rig.simulate.World.Exchange;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Looks at each answer that leaves the appliance: what in it is secret, whether this machine is to
 * have it, and whether now.
 *
 * <p>Secret are tokens (in scripts), answer files, and the bundles of the mesh, by the keys in them
 * that two nodes share. Scripts and answer files are given within a node's window; a bundle when
 * its disk is finished, whenever that first starts.
 */
final class SecretWatch {
  private static final Pattern TOKEN = Pattern.compile("/node/([0-9a-f]{32})");
  private static final Pattern SECRET = Pattern.compile("/node/([0-9a-f]{32})/([^/]+)");
  private static final Pattern MEDIUM = Pattern.compile("/media/([0-9a-f]{64})/boot/[^/]+");
  private static final Pattern ACKNOWLEDGED = Pattern.compile("/node/[^/]+/(report/.*|enroll)");

  /** What is answered to who enrols: nothing that anybody could use. */
  private static final Set<String> TAKEN = Set.of("enrolled\n", "already enrolled\n");

  private static final String ENROLL = "enroll";
  private static final String BUNDLE = "mesh";

  private final Map<Mac, Duration> moved = new HashMap<>();
  private final Set<Mac> scripted = new HashSet<>();
  private final Map<String, Mac> owners = new HashMap<>();

  /** Who has started from the medium of a token, by its SHA-256. */
  private final Map<String, Mac> media = new HashMap<>();

  private final Map<String, Mac> holders = new HashMap<>();
  private final Set<String> enrolled = new HashSet<>();

  private final SharedKeys shared = new SharedKeys();

  /** A fact has become durable. */
  void heard(World world, Fact fact) {
    if (fact.kind().equals(FactKind.POWER_ASKED.text())
        || fact.kind().equals(FactKind.WINDOW_ARMED.text())) {
      Mac.parse(fact.mac())
          .ifPresent(
              mac -> {
                moved.put(mac, world.time().passed());
                scripted.remove(mac);
              });
    }
  }

  /** An answer left the appliance. */
  void saw(World world, Exchange exchange) {
    if (exchange.status() != 200) {
      return;
    }
    Mac mac = exchange.machine().node().mac();
    if (world.isFailing() && ACKNOWLEDGED.matcher(exchange.path()).matches()) {
      throw new Violated(
          Invariant.ACKNOWLEDGED_KEPT,
          exchange.machine().node().name()
              + " was told that its "
              + exchange.path().replaceFirst("/node/[^/]+/", "")
              + " was taken, when nothing could be written");
    }
    if (exchange.path().startsWith("/boot/")) {
      Matcher token = TOKEN.matcher(new String(exchange.body(), StandardCharsets.UTF_8));
      while (token.find()) {
        owners.put(token.group(1), mac);
        inWindow(world, exchange.machine(), "a script with its token");
        if (scripted.add(mac)) {
          // It has come to that stage; who asks again has not moved.
          moved.put(mac, world.time().passed());
        }
      }
      return;
    }
    Matcher medium = MEDIUM.matcher(exchange.path());
    if (medium.matches()) {
      media.putIfAbsent(medium.group(1), mac);
    }
    Matcher path = SECRET.matcher(exchange.path());
    if (!path.matches()) {
      progressed(world, exchange, mac);
      return;
    }
    switch (path.group(2)) {
      case ENROLL -> enrolled(exchange, path.group(1));
      case BUNDLE -> bundle(exchange, path.group(1));
      default -> inWindow(world, exchange.machine(), path.group(2));
    }
    if (!path.group(2).equals(ENROLL)) {
      toOne(exchange, mac, path);
    }
    moved.put(mac, world.time().passed());
  }

  /** Its token opens nothing more. */
  private void enrolled(Exchange exchange, String token) {
    String said = new String(exchange.body(), StandardCharsets.UTF_8);
    if (!TAKEN.contains(said)) {
      throw new Violated(
          Invariant.SECRET_TO_ONE,
          exchange.machine().node().name()
              + " was answered "
              + said.length()
              + " characters when it enrolled (expected: one of "
              + TAKEN
              + ")");
    }
    enrolled.add(token);
  }

  /**
   * A bundle has the keys that two nodes share. It comes when a machine first starts from its disk,
   * at whatever time that is; but only with the token of that disk, and until that is of no use.
   */
  private void bundle(Exchange exchange, String token) {
    VirtualMachine machine = exchange.machine();
    if (!machine.isInstalledWith(token) || enrolled.contains(token)) {
      throw new Violated(
          Invariant.BUNDLE_IN_TIME,
          machine.node().name()
              + " got its bundle, "
              + (enrolled.contains(token)
                  ? "and that token has enrolled"
                  : "and no disk was finished with that token"));
    }
    shared.given(machine.node().mac(), new String(exchange.body(), StandardCharsets.ISO_8859_1));
  }

  private void toOne(Exchange exchange, Mac mac, Matcher path) {
    Optional<Mac> owner = owner(path.group(1));
    if (!owner.equals(Optional.of(mac))) {
      throw new Violated(
          Invariant.SECRET_TO_ONE,
          path.group(2)
              + " of "
              + owner.map(Mac::toString).orElse("nobody")
              + " was given to "
              + exchange.machine().node().name());
    }
    Mac holder = holders.putIfAbsent(path.group(1) + path.group(2), mac);
    if (holder != null && !holder.equals(mac)) {
      throw new Violated(
          Invariant.SECRET_TO_ONE,
          path.group(2)
              + " was given to "
              + holder
              + " and to "
              + exchange.machine().node().name());
    }
  }

  /** Who fetches and reports under its token moves. */
  private void progressed(World world, Exchange exchange, Mac mac) {
    if (exchange.path().startsWith("/node/") || exchange.path().startsWith("/media/")) {
      moved.put(mac, world.time().passed());
    }
  }

  /** Who had that token first; one of a medium was never said, so it is known by its digest. */
  private Optional<Mac> owner(String token) {
    return Optional.ofNullable(owners.get(token))
        .or(() -> Optional.ofNullable(media.get(digest(token))));
  }

  private static String digest(String token) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256")
                  .digest(token.getBytes(StandardCharsets.US_ASCII)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private void inWindow(World world, VirtualMachine machine, String what) {
    if (!world.hasBmc(machine.node())) {
      return;
    }
    Duration last = moved.get(machine.node().mac());
    if (last == null) {
      throw new Violated(
          Invariant.SECRET_IN_WINDOW,
          machine.node().name() + " got " + what + ", and nobody has deployed it");
    }
    Duration counted = world.counted(last, PowerRun.WINDOW);
    if (world.time().passed().minus(counted).compareTo(PowerRun.WINDOW) > 0) {
      throw new Violated(
          Invariant.SECRET_IN_WINDOW,
          machine.node().name()
              + " got "
              + what
              + " "
              + world.time().passed().minus(last)
              + " after it last moved");
    }
  }
}
