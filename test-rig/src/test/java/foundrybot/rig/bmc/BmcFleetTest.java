// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

final class BmcFleetTest {
  private static final int COUNT = 200;

  private static BmcFleet.Plan plan(long seed) {
    // Without TLS, so that the client of this test needs no trust.
    return BmcFleet.Plan.of(COUNT, seed).withHttp();
  }

  @Test
  void twoHundredBmcsServeWithFewThreadsAndLeaveNoneBehind()
      throws IOException, InterruptedException {
    Set<Thread> before = Thread.getAllStackTraces().keySet();
    try (HttpClient client = client();
        BmcFleet fleet = BmcFleet.start(plan(7))) {
      assertEquals(COUNT, fleet.members().size());
      assertEquals(140, fleet.members().stream().filter(BmcFleet.Member::isHealthy).count());
      for (BmcFleet.Member member : fleet.members()) {
        if (member.isHealthy()) {
          switchOn(client, member);
        }
      }
      for (BmcFleet.Member member : fleet.members()) {
        assertEquals(
            member.isHealthy() ? 1 : 0, member.machine().account().powerOns(), member.toString());
      }
      long more =
          Thread.getAllStackTraces().keySet().stream()
              .filter(thread -> !before.contains(thread))
              .filter(thread -> !thread.getName().startsWith("HttpClient"))
              .count();
      // The pollers and carriers of virtual threads; their number does not grow with that of BMCs.
      assertTrue(more < 3L * Runtime.getRuntime().availableProcessors() + 8, more + " threads");
    }
    assertEquals(
        List.of(),
        Thread.getAllStackTraces().keySet().stream()
            .map(Thread::getName)
            .filter(name -> name.startsWith("bmc-"))
            .toList());
  }

  private static HttpClient client() {
    return HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .followRedirects(HttpClient.Redirect.ALWAYS)
        .build();
  }

  private static void switchOn(HttpClient client, BmcFleet.Member member)
      throws IOException, InterruptedException {
    JsonNode systems = get(client, member, "/redfish/v1/Systems/").get("Members");
    String system = systems.get(systems.size() - 1).get("@odata.id").asString();
    String target =
        get(client, member, system).at("/Actions/#ComputerSystem.Reset/target").asString();
    int status =
        client
            .send(
                request(member, target)
                    .POST(HttpRequest.BodyPublishers.ofString("{\"ResetType\":\"On\"}"))
                    .build(),
                HttpResponse.BodyHandlers.ofString())
            .statusCode();
    assertTrue(status == 204 || status == 202, member + ": " + status);
  }

  private static JsonNode get(HttpClient client, BmcFleet.Member member, String path)
      throws IOException, InterruptedException {
    HttpResponse<String> response =
        client.send(request(member, path).build(), HttpResponse.BodyHandlers.ofString());
    assertEquals(200, response.statusCode(), member + " " + path);
    return JsonMapper.shared().readTree(response.body());
  }

  private static HttpRequest.Builder request(BmcFleet.Member member, String path) {
    String pair = member.credentials().user() + ":" + member.credentials().password().reveal();
    return HttpRequest.newBuilder(URI.create(member.bmc().url() + path))
        .header(
            "Authorization",
            "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void theSeedDecidesWhoIsFaultyAndEveryFaultIsDealtOut() {
    try (BmcFleet one = BmcFleet.start(plan(1));
        BmcFleet same = BmcFleet.start(plan(1));
        BmcFleet other = BmcFleet.start(plan(2))) {
      assertEquals(health(one), health(same));
      assertNotEquals(health(one), health(other));
      Set<Fault> dealt =
          one.members().stream()
              .flatMap(member -> member.faults().rules().stream())
              .map(Faults.Rule::fault)
              .collect(Collectors.toSet());
      // The machines behind a fleet read no media.
      assertEquals(
          Arrays.stream(Fault.values())
              .filter(fault -> fault.when() != Fault.When.MEDIA)
              .collect(Collectors.toSet()),
          dealt);
    }
  }

  private static List<String> health(BmcFleet fleet) {
    return fleet.members().stream()
        .map(member -> member.personality().name() + " " + member.faults())
        .toList();
  }
}
