// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.appliance.OperatorAccess;
import foundrybot.appliance.StartException;
import foundrybot.redfish.LeafTrust;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
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

  private final OperatorAccess access;
  private final HttpClient http;

  ApiClient(Path data) {
    try {
      this.access = OperatorAccess.of(data);
    } catch (StartException e) {
      throw new UserException(UNREACHABLE, String.valueOf(e.getMessage()));
    }
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5));
    access
        .certificate()
        .map(appliance -> LeafTrust.only(appliance).context())
        .ifPresent(builder::sslContext);
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

  /** Tells something, or nothing but the path; the answer is text. */
  String post(String path, String body) {
    HttpRequest request = request(path).POST(HttpRequest.BodyPublishers.ofString(body)).build();
    return new String(send(request, path), StandardCharsets.UTF_8);
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(access.url() + "/api/v1/" + path))
        .header("Authorization", "Bearer " + access.token())
        .timeout(Duration.ofSeconds(20));
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
                + " first column of 'bootserver status'); nothing was changed");
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
          access.url()
              + ": no appliance answers ("
              + e.getClass().getSimpleName()
              + "); is 'bootserver serve' running?");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UserException(UNREACHABLE, "interrupted");
    }
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
