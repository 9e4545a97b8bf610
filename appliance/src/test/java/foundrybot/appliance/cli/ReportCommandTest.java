// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.appliance.LoopbackAppliance;
import foundrybot.appliance.Machine;
import foundrybot.appliance.OperatorAccess;
import foundrybot.appliance.mesh.ClusterKey;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** The record of a cluster on a running appliance, and afterwards without one. */
@Isolated("takes System.out")
@Timeout(60)
class ReportCommandTest {
  private static final String W1 = "52:54:00:aa:00:01";
  private static final String W2 = "52:54:00:aa:00:02";
  private static final String PEM =
      "-----BEGIN PUBLIC KEY-----\n%s\n-----END PUBLIC KEY-----\n"
          .formatted("MCowBQYDK2VwAyEA" + "A".repeat(43) + "=");

  @TempDir Path folder = Path.of("");
  @RegisterExtension final Printed printed = new Printed();
  private final List<String> tokens = new ArrayList<>();

  private LoopbackAppliance served() {
    return new LoopbackAppliance(folder)
        .node(W1, "w1", "debian-12")
        .node(W2, "w2", "debian-12")
        .start();
  }

  private void installs(LoopbackAppliance appliance, String mac) {
    Machine machine = new Machine(appliance, mac);
    tokens.add(machine.fetchToken());
    assertEquals(200, machine.get("preseed.cfg").status());
    assertEquals(200, machine.report("installed").status());
    assertEquals(200, machine.report("first-boot").status());
    assertEquals(200, machine.enroll().status());
  }

  private int report(LoopbackAppliance appliance, Object... more) {
    List<Object> all = new ArrayList<>(List.of("report", "--data", appliance.data()));
    all.addAll(List.of(more));
    return printed.run(all.toArray());
  }

  /** Of a complete cluster, in the folder that it returns. */
  private Path kept() {
    Path out = folder.resolve("kept");
    try (LoopbackAppliance appliance = served()) {
      installs(appliance, W1);
      installs(appliance, W2);
      assertEquals(0, report(appliance, "--out", out), printed::err);
      assertTrue(printed.out().startsWith("cluster alpha is complete: 2 of 2"), printed::out);
    }
    return out;
  }

  private Path key() {
    return ClusterKey.publicFile(folder.resolve("data"));
  }

  private int verify(Path file) {
    return printed.run("report", "--verify", file, "--signer", key());
  }

  @Test
  void theRecordOfACompleteClusterVerifiesWithoutTheAppliance() throws Exception {
    Path out = kept();
    for (String name : List.of("report.json", "report.html")) {
      Path file = out.resolve(name);
      assertEquals(0, verify(file), printed::err);
      assertTrue(printed.out().startsWith(file + ": good, signed by the key of cluster alpha"));
      assertTrue(printed.out().contains("cluster alpha is complete"), printed::out);
    }
    assertEquals(
        0,
        printed.run(
            "report", "--verify", out.resolve("report.json"), "--data", folder.resolve("data")));
    assertEquals(64, Files.size(out.resolve("report.json.sig")));
    String json = Files.readString(out.resolve("report.json"));
    assertTrue(json.contains("\"product\":\"FoundryBot "), json);
    assertTrue(json.contains("\"name\":\"linux\",\"sha256\":\""), json);
    assertTrue(json.contains("\"given\":true"), json);
  }

  @Test
  void aChangedByteIsFoundWhereverItIs() throws Exception {
    Path out = kept();
    for (String name : List.of("report.json", "report.json.sig", "report.html")) {
      Path file = out.resolve(name);
      byte[] good = Files.readAllBytes(file);
      Path looked = name.endsWith(".sig") ? out.resolve("report.json") : file;
      for (int at = 3; at < good.length; at += 1 + good.length / 40) {
        byte[] bad = good.clone();
        bad[at] ^= 1;
        Files.write(file, bad);
        int place = at;
        assertEquals(1, verify(looked), () -> name + " at " + place + ": " + printed.out());
        assertEquals(1, printed.err().lines().count(), printed::err);
      }
      Files.write(file, good);
      assertEquals(0, verify(looked), printed::err);
    }
  }

  @Test
  void whatIsWrongIsNamed() throws Exception {
    Path out = kept();
    Path json = out.resolve("report.json");
    Path html = out.resolve("report.html");
    Path other = Files.writeString(folder.resolve("other.pem"), PEM);
    assertEquals(1, printed.run("report", "--verify", json, "--signer", other));
    assertTrue(printed.err().contains("another cluster's key signed it"), printed::err);
    String page = Files.readString(html);
    Files.writeString(html, page.replace("<td>worker</td>", "<td>etcd</td>"));
    assertEquals(1, verify(html));
    assertTrue(printed.err().contains("not the one of this JSON"), printed::err);
    Files.writeString(html, page.replace("id=\"record\"", "id=\"no\""));
    assertEquals(1, verify(html));
    assertTrue(printed.err().contains("no report in it"), printed::err);
    Files.writeString(json, Files.readString(json) + "\n");
    assertEquals(1, verify(json));
    assertTrue(printed.err().contains("it was changed"), printed::err);
    Files.delete(out.resolve("report.json.sig"));
    assertEquals(1, verify(json));
    assertTrue(printed.err().contains("report.json.sig is missing"), printed::err);
    assertEquals(1, verify(out.resolve("none.json")));
    assertTrue(printed.err().contains("none.json: no such file"), printed::err);
    assertEquals(1, printed.run("report", "--verify", html, "--data", folder.resolve("nowhere")));
    assertTrue(printed.err().contains("bundles.pem: no such file"), printed::err);
    assertTrue(printed.err().contains("give --signer FILE"), printed::err);
  }

  @Test
  void anUnfinishedClusterIsSaidToBeOneInTheFirstLine() throws Exception {
    try (LoopbackAppliance appliance = served()) {
      installs(appliance, W1);
      assertEquals(0, report(appliance), printed::err);
      assertTrue(printed.out().startsWith("UNFINISHED: cluster alpha, 1 of 2 nodes"), printed::out);
      Path html = folder.resolve("one.html");
      assertEquals(0, report(appliance, "--html", html), printed::err);
      String page = Files.readString(html);
      assertTrue(page.contains("<h1 class=\"unfinished\">UNFINISHED: cluster alpha"), page);
      assertFalse(page.contains("<script") || page.contains("href=") || page.contains("src="));
    }
  }

  @Test
  void anApplianceThatWasStartedAgainTellsTheSameAtTheSameMoment() throws Exception {
    try (LoopbackAppliance appliance = served()) {
      installs(appliance, W1);
      new Machine(appliance, W2).fetchToken();
      assertEquals(0, printed.run("hold", "w2", "--reason", "disk", "--data", appliance.data()));
      appliance.clock.pass(Duration.ofMinutes(40));
      assertEquals(0, report(appliance, "--json"), printed::err);
      String before = printed.out();
      assertTrue(before.contains("\"what\":\"hold w2\""), before);
      assertTrue(before.matches("(?s).*\"commandId\":\"[0-9a-f-]{36}\".*"), before);
      appliance.stop();
      appliance.startAgain();
      assertEquals(0, report(appliance, "--json"), printed::err);
      assertEquals(before, printed.out());
    }
  }

  @Test
  void noSecretIsInIt() throws Exception {
    Path out = kept();
    Path data = folder.resolve("data");
    List<String> secrets = new ArrayList<>(tokens);
    secrets.add(OperatorAccess.of(data).token());
    for (String name : List.of("tokens.key", "bundles.key")) {
      secrets.add(Files.readString(data.resolve(name)).strip());
    }
    try (Stream<Path> files = Files.list(data.resolve("tls"))) {
      for (Path file : files.filter(it -> it.toString().endsWith(".key")).toList()) {
        Files.readAllLines(file).stream().filter(line -> line.length() > 40).forEach(secrets::add);
      }
    } catch (NoSuchFileException e) {
      assertTrue(Files.notExists(data.resolve("tls")));
    }
    assertTrue(secrets.size() >= 5, "secrets looked for: " + secrets.size());
    for (String name : List.of("report.json", "report.html")) {
      String text = Files.readString(out.resolve(name));
      for (int i = 0; i < secrets.size(); i++) {
        assertFalse(text.contains(secrets.get(i)), name + " has the secret number " + i);
      }
      for (String token : tokens) {
        assertFalse(text.contains(sha256(token)), name + " has the hash of a token");
      }
    }
  }

  private static String sha256(String text) throws Exception {
    return HexFormat.of()
        .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8)));
  }

  @Test
  void wrongUseIsOneLineWithTheCure() throws Exception {
    assertEquals(64, printed.run("report", "--json", "--out", folder));
    assertTrue(printed.err().contains("--out and --json: together (expected: one"), printed::err);
    assertEquals(64, printed.run("report", "--signer", folder));
    assertTrue(printed.err().contains("--signer: alone"), printed::err);
    assertEquals(4, printed.run("report", "--data", folder.resolve("nowhere")));
    assertEquals(1, printed.err().lines().count(), printed::err);
    try (LoopbackAppliance appliance = served()) {
      Path file = Files.writeString(folder.resolve("a-file"), "");
      assertEquals(1, report(appliance, "--out", file), printed::out);
      assertTrue(printed.err().contains("a-file"), printed::err);
      assertEquals(1, report(appliance, "--html", folder.resolve("none/x.html")), printed::out);
      assertTrue(printed.err().contains("no such folder"), printed::err);
    }
  }

  /** The very command of docs/report.md, in the folder where the files are. */
  @Test
  @Tag("slow")
  void opensslVerifiesItAsTheManualSays() throws Exception {
    Path out = kept();
    Files.copy(key(), out.resolve("bundles.pem"));
    List<String> lines =
        Files.readAllLines(Path.of("..", "docs", "report.md")).stream()
            .filter(line -> line.startsWith("openssl "))
            .toList();
    assertEquals(1, lines.size());
    assertEquals("Signature Verified Successfully", said(out, lines.getFirst(), 0));
    byte[] bytes = Files.readAllBytes(out.resolve("report.json"));
    bytes[bytes.length / 2] ^= 1;
    Files.write(out.resolve("report.json"), bytes);
    assertEquals("Signature Verification Failure", said(out, lines.getFirst(), 1));
  }

  private static String said(Path folder, String command, int status) throws Exception {
    Process process =
        new ProcessBuilder("sh", "-c", command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertEquals(status, process.waitFor(), said);
    return said.strip();
  }
}
