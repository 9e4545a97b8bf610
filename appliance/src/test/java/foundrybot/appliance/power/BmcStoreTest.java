// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.power;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.answerfiles.HookSettings;
import foundrybot.answerfiles.Mac;
import foundrybot.redfish.Credentials;
import foundrybot.redfish.Secret;
import foundrybot.redfish.Trust;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BmcStoreTest {
  private static final Mac ONE = Mac.parse("52:54:00:aa:00:01").orElseThrow();
  private static final Mac TWO = Mac.parse("52:54:00:aa:00:02").orElseThrow();
  private static final String PASSWORD = "a pass\"word: é";

  @TempDir private Path data = Path.of("");

  private static StoredBmc bmc(String password) {
    return new StoredBmc(
        URI.create("https://10.0.0.11"),
        Optional.of(new Credentials("admin", new Secret(password))),
        new Trust.Fingerprint("ab".repeat(32)),
        Optional.of("node2"));
  }

  private Path file(Mac machine) {
    return data.resolve("bmcs").resolve(machine.toString().replace(":", "") + ".bmc");
  }

  private static String mode(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }

  @Test
  void aLookOfLatelySeesWithinSecondsWhatWasEnteredAndRemoved() throws Exception {
    BmcStore asked = new BmcStore(data);
    assertFalse(asked.hadLately(ONE), "nothing is entered");

    BmcStore another = new BmcStore(data);
    another.put(ONE, bmc(PASSWORD));
    assertTrue(becomes(asked, true), "entered by another program");
    assertFalse(asked.hadLately(TWO));

    another.remove(ONE);
    assertTrue(becomes(asked, false), "removed");
  }

  private static boolean becomes(BmcStore asked, boolean there) throws InterruptedException {
    for (int i = 0; i < 200 && asked.hadLately(ONE) != there; i++) {
      Thread.sleep(20);
    }
    return asked.hadLately(ONE) == there;
  }

  @Test
  void whatWasEnteredIsFoundByAnotherStoreOfTheFolderAtOnce() {
    BmcStore reader = new BmcStore(data);
    assertEquals(Optional.empty(), reader.find(ONE));
    new BmcStore(data).put(ONE, bmc(PASSWORD));
    StoredBmc found = reader.find(ONE).orElseThrow();
    assertEquals(URI.create("https://10.0.0.11"), found.url());
    assertEquals("admin", found.credentials().orElseThrow().user());
    assertEquals(PASSWORD, found.credentials().orElseThrow().password().reveal());
    assertEquals("sha256:" + "ab".repeat(32), found.trustText());
    assertEquals(Optional.of("node2"), found.system());
    assertEquals(List.of(ONE), reader.machines());
    assertTrue(reader.has(ONE) && !reader.has(TWO));
    assertTrue(new BmcStore(data).remove(ONE));
    assertFalse(reader.has(ONE));
    assertFalse(reader.remove(ONE));
  }

  @Test
  void filesAreTheirOwnersAloneAndShowNeitherUserNorPasswordNorTwiceTheSame() throws IOException {
    BmcStore store = new BmcStore(data);
    store.put(ONE, bmc(PASSWORD));
    byte[] first = Files.readAllBytes(file(ONE));
    store.put(ONE, bmc(PASSWORD));
    String text = new String(first, StandardCharsets.UTF_8);
    assertFalse(text.contains("admin") || text.contains("pass") || text.contains("10.0.0.11"));
    assertFalse(java.util.Arrays.equals(first, Files.readAllBytes(file(ONE))));
    assertEquals("rw-------", mode(file(ONE)));
    assertEquals("rw-------", mode(data.resolve("bmcs.key")));
    assertEquals("rwx------", mode(data.resolve("bmcs")));
  }

  @Test
  void aFileThatIsChangedOrAnotherMachinesOrOfAnotherKeyIsRefusedWithTheCure() throws IOException {
    BmcStore store = new BmcStore(data);
    store.put(ONE, bmc(PASSWORD));
    Files.copy(file(ONE), file(TWO));
    refused(store, TWO, "changed, another machine's");
    byte[] bytes = Files.readAllBytes(file(ONE));
    for (int at : List.of(0, 5, 20, bytes.length - 1)) {
      byte[] changed = bytes.clone();
      changed[at] ^= 1;
      Files.write(file(ONE), changed);
      refused(store, ONE, "");
    }
    Files.write(file(ONE), new byte[] {1, 2});
    refused(store, ONE, "no file of this program");
    Files.write(file(ONE), bytes);
    assertTrue(store.find(ONE).isPresent());
    Path key = data.resolve("bmcs.key");
    Files.move(key, data.resolve("kept"));
    refused(store, ONE, "bmcs.key is missing");
    Files.writeString(key, "0".repeat(64) + "\n");
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
    refused(store, ONE, "of another bmcs.key");
    Files.move(data.resolve("kept"), key, StandardCopyOption.REPLACE_EXISTING);
    assertTrue(store.find(ONE).isPresent());
  }

  private static void refused(BmcStore store, Mac machine, String why) {
    PowerException refused = assertThrows(PowerException.class, () -> store.find(machine));
    String text = String.valueOf(refused.getMessage());
    assertTrue(text.contains(why) && text.contains("bmc remove " + machine), text);
    assertFalse(text.contains("pass"), text);
  }

  @Test
  void aBmcThatHasNoSenseIsNotMade() {
    assertThrows(
        IllegalArgumentException.class,
        () ->
            new StoredBmc(
                URI.create("https://10.0.0.11"),
                Optional.empty(),
                new Trust.Any(),
                Optional.empty()));
    for (String url :
        List.of("ftp://x", "https://u:p@h", "https://", "https://h?x", "h", "https://h:0", " ")) {
      IllegalArgumentException refused =
          assertThrows(IllegalArgumentException.class, () -> StoredBmc.url(url), url);
      assertFalse(String.valueOf(refused.getMessage()).contains("u:p"));
    }
  }

  @Test
  void allThatTheRackFileTakesOfABmcIsKept() throws Exception {
    TrustManagerFactory own = TrustManagerFactory.getInstance("PKIX");
    own.init((KeyStore) null);
    List<X509Certificate> signers =
        List.of(((X509TrustManager) own.getTrustManagers()[0]).getAcceptedIssuers()).subList(0, 2);
    Optional<Credentials> who = Optional.of(new Credentials("admin", new Secret(PASSWORD)));
    StoredBmc redfish =
        new StoredBmc(
            URI.create("https://10.0.0.11"),
            who,
            new Trust.Authority(signers),
            Optional.empty(),
            List.of(),
            Set.of("basic-only", "no-dell-http-once"));
    StoredBmc ipmi =
        new StoredBmc(
            URI.create("ipmi://10.0.0.12"),
            who,
            new Trust.Any(),
            Optional.empty(),
            List.of(3, 17),
            Set.of("no-keep-boot-flags"));
    StoredBmc host =
        new StoredBmc(
            StoredBmc.url("libvirt+ssh://ops@host1/system"),
            Optional.empty(),
            new Trust.Any(),
            Optional.of("w1"));
    HookSettings.Hook on = HookSettings.request("POST /k3y/on");
    StoredBmc plug =
        new StoredBmc(
            StoredBmc.url("webhook+https://10.0.0.40"),
            Optional.of(new Credentials("", new Secret(PASSWORD))),
            new Trust.Any(),
            Optional.of("7"),
            List.of(),
            Set.of(),
            Optional.of(
                new HookSettings(
                    Map.of(
                        HookSettings.Action.ON,
                        on,
                        HookSettings.Action.OFF,
                        new HookSettings.Hook(
                            "PUT", "/off", Optional.of("{}"), "text/plain", List.of(200, 202))),
                    Optional.of(HookSettings.status(on, Optional.of("/a"), "1", "0")),
                    Optional.of("X-Key"),
                    Duration.ofSeconds(9))));
    assertFalse(plug.toString().contains("k3y"), plug::toString);
    assertEquals(plug.hooks(), StoredBmc.of(plug.encode()).hooks());
    assertEquals(
        PASSWORD,
        StoredBmc.of(plug.encode()).credentials().orElseThrow().password().reveal(),
        "also without a user");
    for (StoredBmc each : List.of(redfish, ipmi, host, plug)) {
      StoredBmc read = StoredBmc.of(each.encode());
      assertEquals(each.url(), read.url());
      assertEquals(each.trust(), read.trust());
      assertEquals(each.suites(), read.suites());
      assertEquals(each.quirks(), read.quirks());
      assertEquals(each.system(), read.system());
    }
    assertEquals("ca", redfish.trustText());
  }

  @Test
  void whatAnEarlierVersionHasWrittenIsReadOn() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeByte(1);
    for (String text : List.of("https://10.0.0.11", "admin", "pw", "ab".repeat(32), "node2")) {
      out.writeUTF(text);
    }
    StoredBmc read = StoredBmc.of(bytes.toByteArray());
    assertEquals("sha256:" + "ab".repeat(32), read.trustText());
    assertEquals(Optional.of("node2"), read.system());
    assertTrue(read.suites().isEmpty() && read.quirks().isEmpty());
  }

  @Test
  void whatItsKindHasNotIsRefused() {
    Optional<Credentials> who = Optional.of(new Credentials("admin", new Secret(PASSWORD)));
    URI ipmi = URI.create("ipmi://10.0.0.12");
    URI web = URI.create("https://10.0.0.11");
    refused("no other one protects", ipmi, who, List.of(0), Set.of());
    refused("none, but with ipmi", web, who, List.of(3), Set.of());
    refused("dell-htp (expected: some of ", web, who, List.of(), Set.of("dell-htp"));
    refused("quirks: ", web, who, List.of(), Set.of("basic-only", "no-basic-only"));
    refused("requests: missing", StoredBmc.url("webhook+https://h"), who, List.of(), Set.of());
    refused("user: given", StoredBmc.url("libvirt+unix:///system"), who, List.of(), Set.of());
    IllegalArgumentException password =
        assertThrows(
            IllegalArgumentException.class, () -> StoredBmc.url("libvirt+ssh://u:p@h/system"));
    assertFalse(String.valueOf(password.getMessage()).contains("u:p"));
  }

  private static void refused(
      String why, URI url, Optional<Credentials> who, List<Integer> suites, Set<String> quirks) {
    IllegalArgumentException refused =
        assertThrows(
            IllegalArgumentException.class,
            () -> new StoredBmc(url, who, new Trust.Any(), Optional.empty(), suites, quirks));
    assertTrue(String.valueOf(refused.getMessage()).contains(why), refused::getMessage);
  }

  /** A process that enters the same machine again and again. */
  static final class Writer {
    private Writer() {}

    public static void main(String[] args) {
      BmcStore store = new BmcStore(Path.of(args[0]));
      for (int i = 0; true; i++) {
        store.put(ONE, bmc("password " + i));
        if (i == 0) {
          System.out.println("begun");
          System.out.flush();
        }
      }
    }
  }

  @Test
  @Tag("slow")
  void whoIsKilledWhileWritingLeavesAWholeOne() throws Exception {
    SplittableRandom random = new SplittableRandom(7);
    BmcStore store = new BmcStore(data);
    for (int i = 0; i < 5; i++) {
      List<String> command =
          new ArrayList<>(
              List.of(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-cp",
                  System.getProperty("java.class.path"),
                  Writer.class.getName(),
                  data.toString()));
      Process writer =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      assertEquals('b', writer.getInputStream().read());
      Thread.sleep(random.nextInt(1, 60));
      writer.destroyForcibly().waitFor();
      String password =
          store.find(ONE).orElseThrow().credentials().orElseThrow().password().reveal();
      assertTrue(password.startsWith("password "), "torn");
      assertEquals("rw-------", mode(file(ONE)));
    }
    store.put(ONE, bmc("after"));
    assertEquals(
        "after", store.find(ONE).orElseThrow().credentials().orElseThrow().password().reveal());
    assertEquals(List.of(ONE), store.machines());
  }
}
