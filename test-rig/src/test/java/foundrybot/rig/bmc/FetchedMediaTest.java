// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.redfish.Bmc;
import foundrybot.redfish.BmcEndpoint;
import foundrybot.redfish.MediaSlot;
import foundrybot.redfish.Outcome;
import foundrybot.redfish.Trust;
import foundrybot.redfish.client.RedfishBmc;
import foundrybot.redfish.client.RedfishSettings;
import foundrybot.redfish.client.Timing;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Base64;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import javax.net.SocketFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A BMC that fetches what it plays, between our client, a web server, and one that reads. */
final class FetchedMediaTest {
  private static final String DRIVE = "/redfish/v1/Managers/1/VirtualMedia/Cd";

  private final byte[] image = new byte[3 * RemoteImage.PIECE + 2048];
  private final PoweredMachine machine = RedfishEmulatorTest.machine(1);
  private final Deque<AutoCloseable> open = new ArrayDeque<>();

  FetchedMediaTest() {
    new Random(1).nextBytes(image);
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable one : open) {
      one.close();
    }
  }

  private <T extends AutoCloseable> T later(T one) {
    open.push(one);
    return one;
  }

  private RedfishEmulator emulator(Personality personality, String faults) {
    return later(
        RedfishEmulator.start(
            RedfishEmulator.Setup.of(personality, machine)
                .withHttp()
                .with(Faults.parse(faults), 1)
                .fetchingBy(SocketFactory.getDefault())));
  }

  private Bmc client(RedfishEmulator emulator) {
    return later(
        RedfishBmc.at(
            new BmcEndpoint(
                emulator.url(),
                Optional.of(RedfishEmulator.CREDENTIALS),
                new Trust.Any(),
                Optional.empty()),
            RedfishSettings.USUAL,
            Timing.REAL));
  }

  private static void inserted(Outcome<MediaSlot> outcome) {
    assertInstanceOf(Outcome.Done.class, outcome, outcome::evidence);
  }

  private void refused(String faults, URI url, String reason) {
    refused(emulator(Personalities.plain(), faults), url, reason);
  }

  private void refused(RedfishEmulator emulator, URI url, String reason) {
    Outcome<MediaSlot> outcome = client(emulator).insertMedia(url);
    assertInstanceOf(Outcome.Failed.class, outcome, outcome::evidence);
    assertTrue(outcome.evidence().contains(reason), outcome::evidence);
    assertTrue(machine.image().isEmpty());
  }

  private NbdReader drive() throws IOException {
    return later(new NbdReader(machine.image().orElseThrow()));
  }

  @Test
  void theMachineReadsAnInsertedImageThroughItsBmcByRangesAndEachPieceOnce() throws IOException {
    ImageServer server = later(ImageServer.https(image));
    RedfishEmulator emulator = emulator(Personalities.plain(), "");
    Bmc bmc = client(emulator);
    inserted(bmc.insertMedia(server.url()));
    NbdReader drive = drive();
    assertEquals(image.length, drive.size());
    byte[] middle = drive.read(RemoteImage.PIECE - 10, 20).data();
    assertArrayEquals(
        Arrays.copyOfRange(image, RemoteImage.PIECE - 10, RemoteImage.PIECE + 10), middle);
    assertArrayEquals(image, drive.read(0, image.length).data());
    assertArrayEquals(image, drive.read(0, image.length).data());
    int end = 3 * RemoteImage.PIECE;
    assertEquals(
        List.of(
            "GET bytes=0-0",
            "GET bytes=0-" + (RemoteImage.PIECE - 1),
            "GET bytes=%d-%d".formatted(RemoteImage.PIECE, 2 * RemoteImage.PIECE - 1),
            "GET bytes=%d-%d".formatted(2 * RemoteImage.PIECE, end - 1),
            "GET bytes=%d-%d".formatted(end, image.length - 1)),
        server.asked());
    assertEquals(5, emulator.account().imageRequests());

    Path socket = Path.of(machine.image().orElseThrow().getQuery().substring("socket=".length()));
    assertTrue(Files.exists(socket));
    assertInstanceOf(Outcome.Done.class, bmc.ejectMedia());
    assertThrows(IOException.class, () -> drive.read(0, 1));
    assertFalse(Files.exists(socket.getParent()));
  }

  @Test
  void aDriveIsReadOnlyAndHasNothingBehindItsEnd() throws IOException {
    ImageServer server = later(ImageServer.http(image, ImageServer.Kind.WHOLE));
    inserted(client(emulator(Personalities.plain(), "")).insertMedia(server.url()));
    NbdReader drive = drive();
    assertEquals(1, drive.write(0, new byte[512]));
    assertEquals(22, drive.read(image.length - 1, 2).error());
    assertEquals(22, drive.read(-1, 2).error());
    assertEquals(22, drive.read(Long.MAX_VALUE, 2).error());
    assertEquals(22, drive.read(0, -2).error());
    assertEquals(0, drive.read(image.length - 1, 1).error());
    assertThrows(
        IOException.class,
        () ->
            new NbdReader(
                URI.create(machine.image().orElseThrow().toString().replace("medium", "other"))));
  }

  @Test
  void aCertificateThatIsNotTrustedIsRefusedByABmcThatLooksAtIt() throws Exception {
    ImageServer server = later(ImageServer.https(image));
    refused("media-certificate", server.url(), "certificate");
    RedfishEmulator looks = emulator(Personalities.differing("{\"verifyCertificate\":\"ON\"}"), "");
    refused(looks, server.url(), "certificate");
    assertEquals(204, patch(looks, "{\"VerifyCertificate\":false}"));
    inserted(client(looks).insertMedia(server.url()));
    RedfishEmulator none = emulator(Personalities.plain(), "");
    assertEquals(400, patch(none, "{\"VerifyCertificate\":false}"));
  }

  private static int patch(RedfishEmulator bmc, String body) throws Exception {
    String basic =
        Base64.getEncoder().encodeToString("admin:emulated".getBytes(StandardCharsets.UTF_8));
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create(bmc.url() + DRIVE))
                .header("Authorization", "Basic " + basic)
                .method("PATCH", HttpRequest.BodyPublishers.ofString(body))
                .build(),
            HttpResponse.BodyHandlers.discarding())
        .statusCode();
  }

  @Test
  void aBmcThatAsksByHeadFirstTakesNoImageWithoutLength() throws IOException {
    ImageServer whole = later(ImageServer.http(image, ImageServer.Kind.WHOLE));
    inserted(client(emulator(Personalities.plain(), "media-head")).insertMedia(whole.url()));
    assertEquals(List.of("HEAD all"), whole.asked());
    assertArrayEquals(image, drive().read(0, image.length).data());
    machine.media(Optional.empty());

    ImageServer without = later(ImageServer.http(image, ImageServer.Kind.WITHOUT_LENGTH));
    refused("media-head", without.url(), "no length");
  }

  @Test
  void whatCannotBePlayedIsNamed() throws IOException {
    ImageServer server = later(ImageServer.http(image, ImageServer.Kind.WHOLE));
    refused("", server.url().resolve("/other.iso"), "404");
    refused("media-no-query", URI.create(server.url() + "?a=b"), "format");
    ImageServer all = later(ImageServer.http(image, ImageServer.Kind.WITHOUT_RANGES));
    refused("", all.url(), "expected: 206");
    server.close();
    refused("", server.url(), "failed to establish a connection");
  }

  @Test
  void whatWasReadIsStillThereWhenTheServerGoesAway() throws IOException {
    ImageServer server = ImageServer.http(image, ImageServer.Kind.WHOLE);
    inserted(client(emulator(Personalities.plain(), "")).insertMedia(server.url()));
    NbdReader drive = drive();
    assertEquals(0, drive.read(0, 512).error());
    server.close();
    assertEquals(5, drive.read(RemoteImage.PIECE, 512).error());
    assertEquals(0, drive.read(512, 512).error());
  }

  @Test
  void aMediumThatIsLostInMidBootStaysLostAndCanBeEjected() throws IOException {
    ImageServer server = later(ImageServer.http(image, ImageServer.Kind.WHOLE));
    RedfishEmulator emulator = emulator(Personalities.plain(), "media-lost@n1.iso*1,media-slow*1");
    Bmc bmc = client(emulator);
    inserted(bmc.insertMedia(server.url()));
    NbdReader drive = drive();
    assertEquals(5, drive.read(0, 512).error());
    assertEquals(5, drive.read(0, 512).error());
    assertInstanceOf(Outcome.Done.class, bmc.ejectMedia());
    inserted(bmc.insertMedia(server.url()));
    NbdReader again = drive();
    assertEquals(0, again.read(0, 512).error());
    assertEquals(1, emulator.account().faults().get(Fault.MEDIA_SLOW));
  }
}
