// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.appliance.OperatorAccess;
import foundrybot.appliance.StartException;
import foundrybot.redfish.LeafTrust;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import javax.net.ssl.SSLException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Talks to the running appliance of a data folder, as its operator. */
final class ApiClient implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** Exit status when the appliance cannot be asked. */
  static final int UNREACHABLE = 4;

  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final Duration ANSWER = Duration.ofSeconds(20);

  private final OperatorAccess access;
  private final HttpClient http;

  ApiClient(Path data) {
    try {
      this.access = OperatorAccess.of(data);
    } catch (StartException e) {
      throw new UserException(UNREACHABLE, String.valueOf(e.getMessage()));
    }
    HttpClient.Builder builder =
        HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(CONNECT);
    if (!access.certificates().isEmpty()) {
      builder.sslContext(LeafTrust.anyOf(access.certificates()).context());
    }
    this.http = builder.build();
  }

  /** JSON; whatever else answers on the appliance's port is not taken for it. */
  JsonNode get(String path) {
    byte[] answer = send(request(path).GET().build(), path);
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

  /** What is no JSON, byte for byte. */
  byte[] bytes(String path) {
    return send(request(path).GET().build(), path);
  }

  /** Tells something, or nothing but the path; the answer is text. */
  String post(String path, String body) {
    HttpRequest request = request(path).POST(HttpRequest.BodyPublishers.ofString(body)).build();
    return new String(send(request, path), StandardCharsets.UTF_8);
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(access.url() + "/api/v1/" + path))
        .header("Authorization", "Bearer " + access.token())
        .timeout(ANSWER);
  }

  private byte[] send(HttpRequest request, String path) {
    try {
      HttpResponse<byte[]> response = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
      if (response.statusCode() == 404 && path.startsWith("nodes/")) {
        throw new UserException(
            Main.FAILED,
            "node: "
                + path.substring("nodes/".length(), path.lastIndexOf('/'))
                + " is not in the rack file that the appliance serves (expected: a name in the"
                + " first column of 'bootserver status')"
                + (request.method().equals("GET") ? "" : "; nothing was changed"));
      }
      if (response.statusCode() == 422) {
        // What was asked makes no sense; the appliance says why.
        throw new UserException(
            Main.FAILED, new String(response.body(), StandardCharsets.UTF_8).strip());
      }
      if (response.statusCode() != 200) {
        String said = new String(response.body(), StandardCharsets.UTF_8).strip();
        throw new UserException(
            UNREACHABLE, path + ": the appliance answered " + response.statusCode() + ": " + said);
      }
      return response.body();
    } catch (SSLException e) {
      throw new UserException(
          UNREACHABLE,
          access.url()
              + ": who answers there is not the appliance of this data folder ("
              + e.getMessage()
              + "); is 'bootserver serve' running, with this --data?");
    } catch (IOException e) {
      throw new UserException(
          UNREACHABLE,
          access.url() + ": no appliance answers (" + why(e) + "); is 'bootserver serve' running?");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UserException(UNREACHABLE, "interrupted");
    }
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
