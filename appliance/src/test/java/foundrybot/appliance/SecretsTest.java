// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.read.ListAppender;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import foundrybot.appliance.cli.Main;
import foundrybot.appliance.mesh.ClusterKey;
import foundrybot.appliance.mesh.NodeKeys;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;

/**
 * A run from the first script to the mesh, with what goes wrong on the way: none of its secrets is
 * in a log, an event, an answer to somebody who has no right to it, the journal, or the text of a
 * value in memory.
 */
class SecretsTest {
  private static final String MAC = "52:54:00:bb:00:01";
  private static final String OTHER = "52:54:00:bb:00:02";
  private static final String THIRD = "52:54:00:bb:00:03";
  private static final String PASSWORD = "recognisable-password-of-a-bmc";
  private static final Pattern PRESHARED = Pattern.compile("PresharedKey ?= ?(\\S{44})");

  private static final Set<Class<?>> BARE =
      Set.of(String.class, byte[].class, char[].class, Optional.class);

  private static final Pattern NAMES =
      Pattern.compile("(?i).*(password|passphrase|secret|token|privatekey|salt|psk)");

  private static final int MOST_OBJECTS = 500_000;

  /** By what they are, so that a failure can say which one it found and print none. */
  private final Map<String, String> secrets = new LinkedHashMap<>();

  private final Map<String, String> outputs = new LinkedHashMap<>();

  private final ListAppender<ILoggingEvent> log = new ListAppender<>();

  /** What has no text of its own for a secret that it holds. */
  private record Careless(String held) {}

  @Test
  void noSecretOfARunIsInAnythingThatIsWrittenShownOrPrinted(@TempDir Path folder)
      throws Exception {
    Logger logger = (Logger) LoggerFactory.getLogger("foundrybot");
    Level before = logger.getLevel();
    log.start();
    logger.addAppender(log);
    logger.setLevel(Level.TRACE);
    Files.writeString(folder.resolve("bmc.pw"), PASSWORD + "\n");
    try (LoopbackAppliance rack =
        new LoopbackAppliance(folder)
            .secure()
            .mesh("{ preshared: on, planes: { control: 10.80.1.0/24 } }")
            .entry(MAC, "{ role: worker, name: w1, endpoint: 127.0.0.9 }")
            .entry(OTHER, "{ role: worker, name: w2, endpoint: 127.0.0.9 }")
            .entry(THIRD, "{ role: worker, name: w3, endpoint: 127.0.0.9 }")
            .start()) {
      happens(rack, folder);
      collect(rack);
      assertNowhere();
      assertInNoText(rack.appliance());
      assertEquals(1, finds(new Object[] {List.of(new Careless(PASSWORD))}).size());
      String encoded = Base64.getEncoder().encodeToString(("root:" + PASSWORD).getBytes(UTF_8));
      assertEquals(1, finds(new Object[] {List.of(new Careless(encoded))}).size());
    } finally {
      logger.setLevel(before);
      logger.detachAppender(log);
    }
  }

  /**
   * The same of racks that are drawn, and of what machines, operators and strangers then do in an
   * order that is drawn: each seed is another cluster. {@code -Dfoundrybot.seeds=1,2,3} tries
   * others.
   */
  @ParameterizedTest
  @MethodSource("seeds")
  void noSecretIsInAnythingWhateverHappens(long seed, @TempDir Path folder) throws Exception {
    Logger logger = (Logger) LoggerFactory.getLogger("foundrybot");
    Level before = logger.getLevel();
    log.start();
    logger.addAppender(log);
    logger.setLevel(Level.TRACE);
    Random random = new Random(seed);
    try (LoopbackAppliance rack = drawn(random, folder).start()) {
      RandomDeeds deeds = new RandomDeeds(rack, random, secrets::put, outputs::put);
      deeds.happen(80);
      command("bmc add", folder, rack, "bmc-" + seed + "/p@ss wörd+\"&<" + random.nextLong());
      keysOfTheCluster(rack);
      Heard bundle = rack.send(rack.asOperator("nodes/w1/bundle"));
      Matcher preshared = PRESHARED.matcher(bundle.text());
      while (preshared.find()) {
        secrets.put("a preshared key " + preshared.start(), preshared.group(1));
      }
      collect(rack);
      assertNowhere();
      assertInNoText(rack.appliance());
      assertTrue(deeds.answered() > 40, "so much was answered: " + deeds.answered());
      assertEquals(List.of(), rack.fatal);
    } catch (AssertionError e) {
      throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
    } finally {
      logger.setLevel(before);
      logger.detachAppender(log);
    }
  }

  static LongStream seeds() {
    return Arrays.stream(System.getProperty("foundrybot.seeds", "1,2").split(",", -1))
        .mapToLong(Long::parseLong);
  }

  private LoopbackAppliance drawn(Random random, Path folder) throws IOException {
    LoopbackAppliance rack =
        new LoopbackAppliance(folder)
            .secure()
            .with("accept", random.nextBoolean() ? "armed" : "auto")
            .mesh(
                "{ preshared: %s, planes: { control: 10.80.1.0/24 } }"
                    .formatted(random.nextBoolean() ? "on" : "off"))
            .castArtifacts();
    byte[] key = new byte[32];
    random.nextBytes(key);
    String ofUrl = "in-a-url-" + Long.toHexString(random.nextLong()) + "-of-a-receiver";
    secrets.put("a webhook's key", Base64.getEncoder().encodeToString(key));
    secrets.put("what is secret in a webhook's URL", ofUrl);
    Files.writeString(
        rack.data().resolve("chat.key"), "whsec_" + Base64.getEncoder().encodeToString(key) + "\n");
    // Nobody is there, so that each delivery fails and is spoken of.
    rack.webhook(
        "chat",
        "{ url: \"http://127.0.0.1:9/hook?t=%s\", secret-file: chat.key }".formatted(ofUrl));
    int nodes = 2 + random.nextInt(3);
    for (int i = 1; i <= nodes; i++) {
      String profile = random.nextInt(3) == 0 ? "debian-12-cast" : "debian-12";
      rack.entry(
          RandomDeeds.mac(i),
          "{ role: worker, name: w%d, endpoint: 127.0.0.%d, profile: %s }"
              .formatted(i, i, profile));
    }
    return rack;
  }

  /** A BMC's password by the command line. */
  private void command(String what, Path folder, LoopbackAppliance rack, String password)
      throws IOException {
    secrets.put("the BMC's password", password);
    Files.writeString(folder.resolve("bmc.pw"), password + "\n");
    said(
        what,
        List.of(
            "bmc",
            "add",
            RandomDeeds.mac(1),
            "http://127.0.0.1:1",
            "--user",
            "root",
            "--no-check",
            "--password-file",
            folder.resolve("bmc.pw").toString(),
            "--data",
            rack.data().toString()));
  }

  /** Those of a record are printed by its text, unless it has one of its own. */
  @Test
  void eachRecordThatHasASecretSaysItselfWhatItsTextIs() {
    String tests = SecretsTest.class.getProtectionDomain().getCodeSource().getLocation().getPath();
    List<String> careless = new ArrayList<>();
    int careful = 0;
    for (JavaClass each :
        new ClassFileImporter()
            .withImportOption(location -> !location.contains(tests) && !location.contains("/rig/"))
            .importPackages("foundrybot")) {
      Class<?> type = each.reflect();
      boolean holds =
          type.isRecord()
              && Arrays.stream(type.getRecordComponents())
                  .anyMatch(
                      part ->
                          BARE.contains(part.getType()) && NAMES.matcher(part.getName()).matches());
      // The compiler's own is final.
      if (holds && Modifier.isFinal(text(type))) {
        careless.add(type.getName());
      } else if (holds) {
        careful++;
      }
    }
    assertEquals(List.of(), careless);
    assertTrue(careful > 2, "records with a secret: " + careful);
  }

  private static int text(Class<?> type) {
    try {
      return type.getMethod("toString").getModifiers();
    } catch (NoSuchMethodException e) {
      throw new AssertionError(e);
    }
  }

  private void happens(LoopbackAppliance rack, Path folder) throws IOException {
    String data = rack.data().toString();
    secrets.put("the BMC's password", PASSWORD);
    said(
        "bmc add",
        List.of(
            "bmc",
            "add",
            OTHER,
            "http://127.0.0.1:1",
            "--user",
            "root",
            "--no-check",
            "--password-file",
            folder.resolve("bmc.pw").toString(),
            "--data",
            data));
    secrets.put(
        "an operator's token",
        rack.send(rack.asOperator("operators/desk/add?scope=operate").POST(BodyPublishers.noBody()))
            .text()
            .strip());
    rack.send(rack.asOperator("deploy").POST(BodyPublishers.ofString("w2")));

    joins(rack, MAC, "w1");
    joins(rack, THIRD, "w3");
    Heard bundle = rack.send(rack.asOperator("nodes/w1/bundle"));
    Matcher preshared = PRESHARED.matcher(bundle.text());
    assertTrue(preshared.find(), "a preshared key");
    secrets.put("a preshared key", preshared.group(1));
    keysOfTheCluster(rack);
  }

  private void keysOfTheCluster(LoopbackAppliance rack) throws IOException {
    for (String file : List.of("tokens.key", "bundles.key", "preshared.key", "operator.token")) {
      Path key = rack.data().resolve(file);
      if (Files.exists(key)) {
        secrets.put(file, Files.readString(key).strip());
      }
    }
    try (Stream<Path> files = Files.walk(rack.data().resolve("tls"))) {
      for (Path key : files.filter(file -> file.toString().endsWith(".key")).toList()) {
        List<String> lines = Files.readAllLines(key);
        secrets.put(key.toString(), lines.get(lines.size() / 2));
      }
    }
  }

  private void joins(LoopbackAppliance rack, String mac, String name) {
    NodeKeys keys = NodeKeys.made();
    Machine machine = new Machine(rack, mac);
    secrets.put("the burnt token of " + name, machine.fetchToken());
    assertEquals(200, machine.get("preseed.cfg").status());
    secrets.put("the token of " + name, machine.fetchToken());
    assertEquals(200, machine.get("preseed.cfg").status());
    outputs.put("refused second use " + name, rack.getFrom("127.0.0.9", "/node/x/y").text());
    outputs.put("refused file " + name, machine.get("deploy.conf").text());
    outputs.put("refused report " + name, machine.report("reboot").text());
    outputs.put("refused enrollment " + name, machine.enroll().text());
    assertEquals(200, machine.report("failed").status());
    assertEquals(200, machine.report("installed").status());
    String cluster = ClusterKey.open(rack.data(), true).id();
    long now = rack.clock.instant().getEpochSecond();
    assertEquals(
        200, rack.postSecurely(machine.path("mesh"), keys.request(cluster, name, 0, now)).status());
    outputs.put(
        "refused keys " + name,
        rack.postSecurely(
                machine.path("mesh"), NodeKeys.made().request("f".repeat(32), name, 0, now))
            .text());
    assertEquals(200, machine.enroll().status());
    outputs.put("refused after it " + name, machine.get("preseed.cfg").text());
  }

  private void collect(LoopbackAppliance rack) throws IOException {
    String data = rack.data().toString();
    HttpRequest.Builder guess = HttpRequest.newBuilder(rack.uri("/api/v1/status"));
    outputs.put("no operator", rack.send(guess.header("Authorization", "Bearer x")).text());
    for (ApiRoute route : ApiRoute.values()) {
      boolean shown = !route.changes() && route != ApiRoute.STREAM && route != ApiRoute.BUNDLE;
      if (shown) {
        for (String node : List.of("w1", "w2")) {
          String path = route.path().replace("{node}", node);
          outputs.put("api: " + path, rack.send(rack.asOperator(path)).text());
        }
      }
    }
    said("status", List.of("status", "--data", data));
    said("status --json", List.of("status", "--json", "--data", data));
    said("why", List.of("why", "w1", "--data", data));
    said("why --json", List.of("why", "w2", "--json", "--data", data));
    said("report", List.of("report", "--data", data));
    said("report --json", List.of("report", "--json", "--data", data));
    said("events", List.of("events", "w2", "--data", data));
    said("audit", List.of("audit", "--data", data));
    said("bmc list", List.of("bmc", "list", "--data", data));
    outputs.put("status as a value", rack.appliance().status().toString());
    try (Stream<Path> files = Files.walk(rack.data().resolve("state"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        outputs.put(file.toString(), Files.readString(file, StandardCharsets.ISO_8859_1));
      }
    }
    StringBuilder lines = new StringBuilder();
    for (ILoggingEvent event : List.copyOf(log.list)) {
      lines.append(event.getFormattedMessage()).append('\n');
      if (event.getThrowableProxy() != null) {
        lines.append(ThrowableProxyUtil.asString(event.getThrowableProxy()));
      }
    }
    outputs.put("log", lines.toString());
  }

  /** Both outputs of a command. */
  private void said(String what, List<String> words) {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    PrintStream both = new PrintStream(text, true, StandardCharsets.UTF_8);
    PrintStream out = System.out;
    PrintStream err = System.err;
    System.setOut(both);
    System.setErr(both);
    try {
      Main.run(words.toArray(String[]::new));
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
    outputs.put("command " + what, text.toString(StandardCharsets.UTF_8));
  }

  private void assertNowhere() {
    assertTrue(secrets.size() >= 11, secrets.keySet()::toString);
    for (Needle needle : needles()) {
      for (Map.Entry<String, String> output : outputs.entrySet()) {
        assertFalse(needle.isIn(output.getValue()), () -> needle + " is in: " + output.getKey());
      }
    }
    // None of these may be empty, or it would prove nothing.
    for (String shown : List.of("api: events", "api: audit", "log", "command events")) {
      assertTrue(outputs.getOrDefault(shown, "").length() > 100, shown);
    }
  }

  private List<Needle> needles() {
    return secrets.entrySet().stream()
        .map(secret -> new Needle(secret.getKey(), secret.getValue()))
        .toList();
  }

  /** The text of each value of ours that a running appliance holds, wherever it is. */
  private void assertInNoText(Appliance appliance) throws IllegalAccessException {
    Set<String> seen = new TreeSet<>();
    assertEquals(List.of(), finds(new Object[] {appliance}, seen));
    for (String type : List.of("Fleet", "TokenDesk", "NodeState", "RunToken", "Tokens")) {
      assertTrue(seen.contains(type), type + " was not looked at: " + seen);
    }
  }

  private List<String> finds(Object[] roots) throws IllegalAccessException {
    return finds(roots, new TreeSet<>());
  }

  private List<String> finds(Object[] roots, Set<String> seen) throws IllegalAccessException {
    Map<Needle, List<String>> spelled = new LinkedHashMap<>();
    needles().forEach(needle -> spelled.put(needle, needle.spellings()));
    // Many values have the same text: that of what they hold.
    Set<String> texts = new HashSet<>();
    Set<Object> known = Collections.newSetFromMap(new IdentityHashMap<>());
    Deque<Object> open = new ArrayDeque<>(Arrays.asList(roots));
    List<String> found = new ArrayList<>();
    while (!open.isEmpty()) {
      Object one = open.pop();
      if (!known.add(one) || known.size() > MOST_OBJECTS) {
        continue;
      }
      switch (one) {
        case Collection<?> many -> many.forEach(each -> push(open, each));
        case Map<?, ?> map ->
            map.forEach(
                (key, value) -> {
                  push(open, key);
                  push(open, value);
                });
        case Optional<?> maybe -> maybe.ifPresent(open::push);
        case AtomicReference<?> reference -> push(open, reference.get());
        case Object[] many -> Arrays.stream(many).forEach(each -> push(open, each));
        default -> {
          if (one.getClass().getName().startsWith("foundrybot.")) {
            seen.add(one.getClass().getSimpleName());
            String text = String.valueOf(one);
            if (texts.add(text)) {
              for (Map.Entry<Needle, List<String>> needle : spelled.entrySet()) {
                if (needle.getValue().stream().anyMatch(text::contains)) {
                  found.add(needle.getKey() + " is in the text of a " + one.getClass().getName());
                }
              }
            }
            fields(one, open);
          }
        }
      }
    }
    return found;
  }

  private static void fields(Object one, Deque<Object> open) throws IllegalAccessException {
    for (Class<?> type = one.getClass();
        type != null && type.getName().startsWith("foundrybot.");
        type = type.getSuperclass()) {
      for (Field field : type.getDeclaredFields()) {
        if (!Modifier.isStatic(field.getModifiers()) && !field.getType().isPrimitive()) {
          field.setAccessible(true);
          push(open, field.get(one));
        }
      }
    }
  }

  private static void push(Deque<Object> open, @Nullable Object one) {
    if (one != null) {
      open.push(one);
    }
  }
}
