// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import foundrybot.answerfiles.FirmwareFiles;
import foundrybot.answerfiles.FirmwareReading;
import foundrybot.answerfiles.Profile;
import foundrybot.answerfiles.ProfileFiles;
import foundrybot.answerfiles.ProfileReading;
import foundrybot.answerfiles.RackFile;
import foundrybot.answerfiles.RackFiles;
import foundrybot.answerfiles.RackReading;
import foundrybot.appliance.power.PowerSetup;
import foundrybot.bootserver.BindException;
import foundrybot.images.ArtifactManifest;
import foundrybot.images.ArtifactManifest.Artifact;
import foundrybot.redfish.LeafTrust;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A real appliance on loopback, and what is needed to talk to it: its boot programs and artifacts
 * are files of noise, right in name and digest.
 */
public final class LoopbackAppliance implements AutoCloseable {
  /** Where it serves: an address that no client of 127.0.0.1 takes a port of. */
  public static final String ADDRESS = "127.99.0.1";

  static final String KERNEL = "kernel of the tests";
  static final String IMAGE = "root image of the tests";

  static final String SSH_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI" + "A".repeat(43) + " tests";
  private static final List<String> PORTS =
      List.of(
          "dhcp",
          "dhcp-client",
          "relay",
          "proxy-dhcp",
          "tftp",
          "http",
          "https",
          "dns",
          "ntp",
          "syslog");
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  public final TickingClock clock = new TickingClock();
  final Path data;
  final List<String> fatal = new CopyOnWriteArrayList<>();
  final Path programs;
  private final Map<String, String> settings =
      new TreeMap<>(Map.of("dhcp", "off", "accept", "auto"));
  private final Map<String, String> site = new TreeMap<>();
  private final Map<String, Integer> fixedPorts = new TreeMap<>();
  private final Map<String, String> nodes = new TreeMap<>();
  private final Map<String, Profile> profiles = new TreeMap<>();
  private final String address;
  private String mesh = "";
  private final Map<String, String> webhooks = new TreeMap<>();
  private final HttpClient http = clientAt(InetAddress.getLoopbackAddress());
  private Map<String, Integer> ports = Map.of();
  private boolean secure;
  private FirmwareTable firmware = FirmwareTable.builtIn();
  private Optional<PowerSetup> power = Optional.empty();
  private Optional<Appliance> running = Optional.empty();

  /** Not started yet; {@code folder} gets all its files. */
  public LoopbackAppliance(Path folder) {
    this(folder, ADDRESS + "/16");
  }

  /**
   * On an address that others reach.
   *
   * @param address with its prefix length
   */
  public LoopbackAppliance(Path folder, String address) {
    this.address = address;
    this.data = folder.resolve("data");
    this.programs = folder.resolve("programs");
    for (String name : List.of("undionly.kpxe", "snponly.efi", "ipxe.efi")) {
      write(programs.resolve(name), "boot program " + name);
    }
    artifacts("debian-12", Map.of("linux", KERNEL, "initrd.gz", "initrd"));
  }

  /** Another boot program by that name. */
  LoopbackAppliance program(String name, String content) {
    write(programs.resolve(name), content);
    return this;
  }

  /** Puts a profile's files in place, with their manifest. */
  LoopbackAppliance artifacts(String profile, Map<String, String> files) {
    return artifacts(profile, Map.of(), files);
  }

  private LoopbackAppliance artifacts(
      String profile, Map<String, String> facts, Map<String, String> files) {
    Path folder = data.resolve("artifacts").resolve(profile);
    List<Artifact> artifacts = new ArrayList<>();
    new TreeMap<>(files)
        .forEach(
            (name, content) -> {
              write(folder.resolve(name), content);
              artifacts.add(Artifact.of(folder.resolve(name)));
            });
    new ArtifactManifest(profile, "2026-01-01T00:00:00Z", facts, artifacts).write(folder);
    return this;
  }

  /** A profile of Debian's installer has another kernel from now on. */
  public void anotherKernel(String profile) {
    artifacts(profile, Map.of("linux", "another kernel", "initrd.gz", "initrd"));
  }

  LoopbackAppliance castArtifacts() {
    return artifacts(
        "debian-12-cast",
        Map.of(ArtifactManifest.RESCUE, "ssh", ArtifactManifest.TASKS, "inspect, erase"),
        Map.of("vmlinuz", KERNEL, "deploy.img", "x", "root.img.zst", IMAGE));
  }

  /** A key of the rack file's part {@code appliance}. */
  public LoopbackAppliance with(String key, String value) {
    settings.put(key, value);
    return this;
  }

  /** A machine of the rack file: a name and a profile. */
  public LoopbackAppliance node(String mac, String name, String profile) {
    nodes.put(mac, "{ role: worker, name: " + name + ", profile: " + profile + " }");
    return this;
  }

  /**
   * A profile as it lies beside a rack file: its {@code profile.yaml}, and its templates by name.
   */
  LoopbackAppliance profile(String name, String yaml, Map<String, String> templates) {
    ProfileReading read =
        ProfileFiles.read(
            name,
            name,
            file -> Optional.ofNullable(file.equals("profile.yaml") ? yaml : templates.get(file)));
    switch (read) {
      case ProfileReading.Valid valid -> profiles.put(name, valid.profile());
      case ProfileReading.Invalid invalid -> fail(RackFiles.report(invalid.faults()));
    }
    return this;
  }

  /** A machine of the rack file in the rack file's own words. */
  public LoopbackAppliance entry(String mac, String value) {
    nodes.put(mac, value);
    return this;
  }

  /** The rack file's part {@code mesh}, in its own words. */
  public LoopbackAppliance mesh(String value) {
    mesh = "mesh: " + value;
    return this;
  }

  /** A receiver of the rack file, in its own words; files that it names lie in the data folder. */
  public LoopbackAppliance webhook(String name, String value) {
    webhooks.put(name, value);
    return this;
  }

  /** A key of the rack file's part {@code site}. */
  LoopbackAppliance siteKey(String key, String value) {
    site.put(key, value);
    return this;
  }

  /** The port that the protocol prescribes, for clients that know no other; needs root. */
  LoopbackAppliance withPort(String service, int port) {
    fixedPorts.put(service, port);
    return this;
  }

  /** Without a start, only to be read. */
  public LoopbackAppliance withAnyPorts() {
    ports = freePorts();
    ports.putAll(fixedPorts);
    return this;
  }

  LoopbackAppliance without(String mac) {
    nodes.remove(mac);
    return this;
  }

  /** The rack file's text as it stands now. */
  public String yaml() {
    return """
    cluster: alpha
    domain: alpha.rack
    appliance:
      address: %s
    %s
      ports: { %s }
    admin: { user: ops, ssh-keys: ["%s"] }
    site:
    %s
    boot-programs:
    %s
    %s
    %s
    nodes:
    %s
    """
        .formatted(
            address,
            lines(settings),
            PORTS.stream().map(this::portText).collect(Collectors.joining(", ")),
            SSH_KEY,
            site.isEmpty() ? "  timezone: UTC" : lines(site),
            lines(digests()),
            mesh,
            webhooks.isEmpty() ? "" : "webhooks:\n" + lines(webhooks),
            lines(nodes));
  }

  private String portText(String name) {
    boolean off = name.equals("https") && !secure;
    return name + ": " + (off ? "off" : ports.getOrDefault(name, 0).toString());
  }

  /** Serves HTTPS too; making a CA takes a moment. */
  public LoopbackAppliance secure() {
    secure = true;
    return this;
  }

  /** The text of firmware.yaml. */
  LoopbackAppliance firmware(String yaml) {
    firmware =
        switch (FirmwareFiles.read(yaml, "firmware.yaml")) {
          case FirmwareReading.Valid valid -> FirmwareTable.with(valid.rules());
          case FirmwareReading.Invalid invalid -> fail(RackFiles.report(invalid.faults()));
        };
    return this;
  }

  FirmwareTable firmware() {
    return firmware;
  }

  private static String lines(Map<String, String> entries) {
    return entries.entrySet().stream()
        .map(entry -> "  " + entry.getKey() + ": " + entry.getValue())
        .collect(Collectors.joining("\n"));
  }

  private Map<String, String> digests() {
    Map<String, String> digests = new TreeMap<>();
    try (var files = Files.list(programs)) {
      files.forEach(f -> digests.put(f.toFile().getName(), ArtifactManifest.digestOf(f)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return digests;
  }

  RackFile rack() {
    return switch (RackFiles.read(yaml(), "rack.yaml", profiles)) {
      case RackReading.Valid valid -> valid.rack();
      case RackReading.Invalid invalid -> fail(RackFiles.report(invalid.faults()));
    };
  }

  /** Starts on ports that nobody has; somebody may take one in the very moment, so it tries. */
  public LoopbackAppliance start() {
    for (int attempt = 0; ; attempt++) {
      ports = freePorts();
      ports.putAll(fixedPorts);
      try {
        return startAgain();
      } catch (BindException e) {
        if (attempt == 5) {
          throw e;
        }
      }
    }
  }

  /** Starts on the same data and the same ports. */
  public LoopbackAppliance startAgain() {
    Appliance.Setup setup =
        new Appliance.Setup(rack(), firmware, data, Optional.of(programs), clock, fatal::add);
    running = Optional.of(Appliance.start(power.map(setup::with).orElse(setup)));
    return this;
  }

  /** With these hands on the power of its machines. */
  public LoopbackAppliance with(PowerSetup hands) {
    power = Optional.of(hands);
    return this;
  }

  public Appliance appliance() {
    return running.orElseThrow();
  }

  /** The folder of its durable state, as the command line's {@code --data} takes it. */
  public Path data() {
    return data;
  }

  public int port(String name) {
    return ports.getOrDefault(name, 0);
  }

  /** Without its prefix length. */
  private String host() {
    return address.substring(0, address.indexOf('/'));
  }

  URI uri(String path) {
    return URI.create("http://" + host() + ":" + port("http") + path);
  }

  public Heard get(String path) {
    return send(http, HttpRequest.newBuilder(uri(path)));
  }

  Heard post(String path, String form) {
    return send(
        http,
        HttpRequest.newBuilder(uri(path))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(BodyPublishers.ofString(form)));
  }

  /** Over HTTPS, with no other trust than in the appliance's own certificate. */
  Heard getSecurely(String path) {
    return securely(path, HttpRequest.newBuilder());
  }

  Heard postSecurely(String path, String body) {
    return securely(path, HttpRequest.newBuilder().POST(BodyPublishers.ofString(body)));
  }

  /** The same by a client that has an address of its own. */
  Heard postSecurelyFrom(String from, String path, String body) {
    return securely(from, path, HttpRequest.newBuilder().POST(BodyPublishers.ofString(body)));
  }

  private Heard securely(String path, HttpRequest.Builder request) {
    return securely("127.0.0.1", path, request);
  }

  private Heard securely(String from, String path, HttpRequest.Builder request) {
    SSLContext trust = LeafTrust.anyOf(OperatorAccess.of(data).certificates()).context();
    try (HttpClient client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .localAddress(InetAddress.ofLiteral(from))
            .sslContext(trust)
            .build()) {
      URI uri = URI.create("https://" + host() + ":" + port("https") + path);
      return send(client, request.uri(uri));
    }
  }

  Heard send(HttpRequest.Builder request) {
    return send(http, request);
  }

  /** How an answer begins: some have no end. */
  int status(HttpRequest.Builder request) {
    try {
      HttpResponse<InputStream> response =
          http.send(request.timeout(PATIENCE).build(), BodyHandlers.ofInputStream());
      response.body().close();
      return response.statusCode();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** A GET by a client that has an address of its own. */
  Heard getFrom(String address, String path) {
    try (HttpClient client = clientAt(InetAddress.ofLiteral(address))) {
      return send(client, HttpRequest.newBuilder(uri(path)));
    }
  }

  /** Any request of that client. */
  Heard sendFrom(String address, HttpRequest.Builder request) {
    try (HttpClient client = clientAt(InetAddress.ofLiteral(address))) {
      return send(client, request);
    }
  }

  /** A POST of that client. */
  Heard postFrom(String address, String path, String form) {
    try (HttpClient client = clientAt(InetAddress.ofLiteral(address))) {
      return send(client, HttpRequest.newBuilder(uri(path)).POST(BodyPublishers.ofString(form)));
    }
  }

  /** What a log-in to the page sets; nothing where it is refused. */
  String cookie(String form) {
    HttpRequest login =
        HttpRequest.newBuilder(uri("/ui/login"))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .timeout(PATIENCE)
            .POST(BodyPublishers.ofString(form))
            .build();
    try {
      return http.send(login, BodyHandlers.discarding())
          .headers()
          .firstValue("set-cookie")
          .orElse("");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static HttpClient clientAt(InetAddress address) {
    return HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .localAddress(address)
        .build();
  }

  private static Heard send(HttpClient client, HttpRequest.Builder request) {
    try {
      HttpResponse<String> response =
          client.send(request.timeout(PATIENCE).build(), BodyHandlers.ofString());
      return Heard.of(response);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** The length that the answer to a HEAD tells. */
  long length(HttpRequest.Builder head) throws IOException, InterruptedException {
    HttpResponse<Void> answer = http.send(head.build(), BodyHandlers.discarding());
    assertEquals(200, answer.statusCode());
    return answer.headers().firstValueAsLong("content-length").orElseThrow();
  }

  /** The status of the answer to a header whose body is never sent. */
  String rawHeadOf(String header) throws IOException {
    try (Socket socket = new Socket(ADDRESS, port("http"))) {
      socket.setSoTimeout((int) PATIENCE.toMillis());
      socket.getOutputStream().write(header.getBytes(ISO_8859_1));
      return new String(socket.getInputStream().readNBytes(12), ISO_8859_1).substring(9);
    }
  }

  /** The status of the answer to a request line that no decent client sends. */
  int rawStatus(String target) {
    try (Socket socket = new Socket(ADDRESS, port("http"))) {
      socket.setSoTimeout((int) PATIENCE.toMillis());
      String request = "GET " + target + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(ISO_8859_1));
      String answer = new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
      return Integer.parseInt(answer.substring(9, 12));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  HttpRequest.Builder asOperator(String path) {
    return HttpRequest.newBuilder(uri("/api/v1/" + path))
        .header("Authorization", "Bearer " + OperatorAccess.of(data).token());
  }

  JsonNode statusJson() {
    Heard answer = send(asOperator("status"));
    assertEquals(200, answer.status());
    return JSON.readTree(answer.text());
  }

  JsonNode statusJson(String mac) {
    for (JsonNode node : statusJson().get("nodes")) {
      if (node.get("mac").asString().equals(mac)) {
        return node;
      }
    }
    return fail(mac + " is not in the status");
  }

  /** A node's events as lines of kind and detail. */
  List<String> events(String name) {
    Heard answer = send(asOperator("nodes/" + name + "/events"));
    assertEquals(200, answer.status());
    List<String> lines = new ArrayList<>();
    for (JsonNode event : JSON.readTree(answer.text())) {
      lines.add(event.get("kind").asString() + " " + event.get("detail").asString());
    }
    return lines;
  }

  /** Waits, with a limit that only a bug or a dead machine reaches. */
  public static void eventually(String what, BooleanSupplier holds) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!holds.getAsBoolean()) {
      if (System.nanoTime() > end) {
        fail("not within " + PATIENCE + ": " + what);
      }
      try {
        Thread.sleep(5);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        fail("interrupted: " + what);
      }
    }
  }

  static void write(Path file, String content) {
    try {
      Files.createDirectories(file.getParent());
      Files.writeString(file, content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Map<String, Integer> freePorts() {
    Map<String, Integer> found = new TreeMap<>();
    InetAddress own = InetAddress.ofLiteral(host());
    List<AutoCloseable> held = new ArrayList<>();
    try {
      while (found.size() < PORTS.size()) {
        DatagramSocket udp = new DatagramSocket(0, own);
        held.add(udp);
        try {
          held.add(new ServerSocket(udp.getLocalPort(), 1, own));
          found.put(PORTS.get(found.size()), udp.getLocalPort());
        } catch (IOException e) {
          // Taken for TCP; held for UDP, so that it does not come back.
        }
      }
      for (AutoCloseable socket : held) {
        socket.close();
      }
      return found;
    } catch (Exception e) {
      throw new IllegalStateException("no free ports", e);
    }
  }

  /** Ends it; its data and its ports stay. */
  public void stop() {
    running.ifPresent(Appliance::close);
    running = Optional.empty();
  }

  @Override
  public void close() {
    stop();
    http.shutdownNow();
  }
}
