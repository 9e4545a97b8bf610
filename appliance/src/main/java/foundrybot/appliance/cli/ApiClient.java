// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.appliance.OperatorAccess;
import foundrybot.appliance.StartException;
import foundrybot.appliance.lifecycle.Diagnosis;
import foundrybot.appliance.report.SignedReport;
import foundrybot.redfish.LeafTrust;
import foundrybot.redfish.WakeOnLan;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Talks to the running appliance of a data folder, as its operator. */
final class ApiClient implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** Exit status when the appliance cannot be asked. */
  static final int UNREACHABLE = 4;

  private static final String ROOT = "/api/v1/";
  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final Duration ANSWER = Duration.ofSeconds(20);

  /** How often a command is sent whose answer is lost. */
  private static final int TRIES = 3;

  private static final Duration AGAIN = Duration.ofMillis(500);

  /** For how long a command lets itself be put off by an appliance that is asked too much. */
  private static final Duration PUT_OFF = Duration.ofMinutes(2);

  private static final int TOO_MANY = 429;

  private static final Pattern SECONDS = Pattern.compile("\\d{1,6}");

  private final OperatorAccess access;
  private final HttpClient http;
  private final Path socket;
  private final Path data;
  private final WakeOnLan.Pause pause;

  ApiClient(Path data) {
    this(data, Thread::sleep);
  }

  /**
   * Of a data folder.
   *
   * @param pause how it waits
   */
  ApiClient(Path data, WakeOnLan.Pause pause) {
    this.pause = pause;
    try {
      this.access = OperatorAccess.of(data);
    } catch (StartException e) {
      throw new UserException(UNREACHABLE, String.valueOf(e.getMessage()));
    }
    this.data = data;
    this.socket = OperatorAccess.socket(data);
    HttpClient.Builder builder =
        HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(CONNECT);
    if (!access.certificates().isEmpty()) {
      builder.sslContext(LeafTrust.anyOf(access.certificates()).context());
    }
    this.http = builder.build();
  }

  /** JSON; whatever else answers on the appliance's port is not taken for it. */
  JsonNode get(String path) {
    byte[] answer = send("GET", path, "");
    try {
      return JSON.readTree(answer);
    } catch (JacksonException e) {
      throw new UserException(
          UNREACHABLE,
          access.url()
              + ": not an answer of an appliance, another program has its port; is 'bootserver"
              + " serve' running?");
    }
  }

  /** The same of what there may not be: empty where the appliance says that there is none. */
  Optional<JsonNode> find(String path) {
    try {
      return Optional.of(get(path));
    } catch (UserException e) {
      if (e.exitStatus() == Main.FAILED) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** What is no JSON, byte for byte. */
  byte[] bytes(String path) {
    return send("GET", path, "");
  }

  /** The signed record of the cluster. */
  SignedReport report() {
    SocketHttp.Answer answer = send("GET", "report", "", Optional.empty());
    return new SignedReport(
        new String(answer.body(), StandardCharsets.UTF_8),
        answer.field().apply("report-signature").orElse(""));
  }

  /** Tells something, or nothing but the path; the answer is text. */
  String post(String path, String body) {
    return new String(send("POST", path, body), StandardCharsets.UTF_8);
  }

  /**
   * Has something done, once: it has an id of its own, by which the appliance knows it when it is
   * sent again because its answer was lost.
   */
  String command(String path, String body) {
    return new String(
        send("POST", path, body, Optional.of(UUID.randomUUID().toString())).body(),
        StandardCharsets.UTF_8);
  }

  private byte[] send(String method, String path, String body) {
    return send(method, path, body, Optional.empty()).body();
  }

  private SocketHttp.Answer send(
      String method, String path, String body, Optional<String> command) {
    try {
      SocketHttp.Answer answer = patiently(method, path, body, command);
      if (answer.status() == 404 && path.startsWith("nodes/")) {
        throw NodeNames.unknown(
            path.substring("nodes/".length(), path.lastIndexOf('/')),
            method.equals("GET") ? "" : "; nothing was changed");
      }
      String said = new String(answer.body(), StandardCharsets.UTF_8).strip();
      if (answer.status() == 422 || answer.status() == 403) {
        // What was asked makes no sense, or is not this operator's; the appliance says why.
        throw new UserException(Main.FAILED, said);
      }
      if (answer.status() == TOO_MANY) {
        throw new UserException(
            UNREACHABLE,
            path
                + ": the appliance is asked too much: "
                + said
                + " (a command waits "
                + PUT_OFF.toSeconds()
                + " s at most)");
      }
      if (answer.status() != 200) {
        throw new UserException(
            UNREACHABLE, path + ": the appliance answered " + answer.status() + ": " + said);
      }
      return answer;
    } catch (SSLException e) {
      throw new UserException(
          UNREACHABLE,
          access.url()
              + ": who answers there is not the appliance of this data folder ("
              + e.getMessage()
              + "); is 'bootserver serve' running, with this --data?");
    } catch (IOException e) {
      // Who is interrupted while it waits for an answer sees a broken connection.
      int status = Thread.currentThread().isInterrupted() ? Main.INTERRUPTED : UNREACHABLE;
      throw new UserException(
          status,
          access.url()
              + ": no appliance answers ("
              + why(e)
              + "); is 'bootserver serve' running?"
              + wantOfRoom());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UserException(Main.INTERRUPTED, "interrupted");
    }
  }

  /** Who asks too much is told when to come again: nothing was done, and it waits and says so. */
  private SocketHttp.Answer patiently(
      String method, String path, String body, Optional<String> command)
      throws IOException, InterruptedException {
    Duration left = PUT_OFF;
    while (true) {
      SocketHttp.Answer answer = exchange(method, path, body, command);
      Optional<Duration> wait = putOff(answer);
      if (wait.isEmpty() || wait.get().compareTo(left) > 0) {
        return answer;
      }
      System.err.println(
          "bootserver: "
              + new String(answer.body(), StandardCharsets.UTF_8).strip()
              + "; waiting "
              + wait.get().toSeconds()
              + " s");
      pause.pause(wait.get());
      left = left.minus(wait.get());
    }
  }

  /** {@code Retry-After} (RFC 9110, section 10.2.3) in seconds, one at least; no date is read. */
  private static Optional<Duration> putOff(SocketHttp.Answer answer) {
    return answer.status() == TOO_MANY
        ? answer
            .field()
            .apply("retry-after")
            .filter(SECONDS.asMatchPredicate())
            .map(seconds -> Duration.ofSeconds(Math.max(1, Long.parseLong(seconds))))
        : Optional.empty();
  }

  /** A command whose answer does not come is sent again; who refuses the connection heard none. */
  private SocketHttp.Answer exchange(
      String method, String path, String body, Optional<String> command)
      throws IOException, InterruptedException {
    Map<String, String> headers = command.map(id -> Map.of("Command-Id", id)).orElseGet(Map::of);
    for (int left = command.isPresent() ? TRIES : 1; ; left--) {
      try {
        return exchange(method, path, body, headers);
      } catch (ConnectException | SSLException e) {
        throw e;
      } catch (IOException e) {
        if (left <= 1) {
          throw e;
        }
        pause.pause(AGAIN);
      }
    }
  }

  /** By the socket file where there is one and somebody listens, else by the network. */
  private SocketHttp.Answer exchange(
      String method, String path, String body, Map<String, String> headers)
      throws IOException, InterruptedException {
    if (Files.exists(socket)) {
      try {
        return SocketHttp.send(socket, method, ROOT + path, body, headers, ANSWER);
      } catch (ConnectException _) {
        // A file that an appliance left which was killed; the network tells more.
      }
    }
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(access.url() + ROOT + path))
            .header("Authorization", "Bearer " + access.token())
            .timeout(ANSWER)
            .method(method, HttpRequest.BodyPublishers.ofString(body));
    headers.forEach(request::header);
    HttpResponse<byte[]> answer =
        http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    return new SocketHttp.Answer(
        answer.statusCode(), answer.body(), name -> answer.headers().firstValue(name));
  }

  private String wantOfRoom() {
    try {
      return wantOfRoom(data, Files.getFileStore(data).getUsableSpace());
    } catch (IOException e) {
      // That nobody answers is said all the same.
      return "";
    }
  }

  /**
   * That it may have ended because it could not write; empty where there is room.
   *
   * @param usable bytes that are left on the disk of that folder
   */
  static String wantOfRoom(Path data, long usable) {
    return Diagnosis.ofRoom(usable, data.toString(), Instant.now())
        .map(full -> " " + full.why() + "; " + full.tryNext())
        .orElse("");
  }

  /** The JDK's client has no words for most of it. */
  private static String why(IOException e) {
    return switch (e) {
      case HttpConnectTimeoutException _ -> "no connection in " + CONNECT.toSeconds() + " s";
      case HttpTimeoutException _ -> "no answer in " + ANSWER.toSeconds() + " s";
      case ConnectException _ -> "nothing listens there";
      default -> e.getMessage() == null ? "the connection broke" : e.getMessage();
    };
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
