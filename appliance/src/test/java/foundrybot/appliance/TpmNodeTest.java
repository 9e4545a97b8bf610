// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import foundrybot.appliance.tpm.TpmKeys;
import foundrybot.appliance.tpm.TpmSecret;
import foundrybot.images.cast.MeshClient;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** The nodes' own program with tpm2-tools and TPMs of swtpm, at a real appliance. */
@Tag("slow")
class TpmNodeTest {
  private static final String MACS = "52:54:00:bb:02:0";
  private static final Pattern CONF = Pattern.compile("(?m)^MESH_CONF_B64='([^']*)'$");

  private final List<Process> tpms = new ArrayList<>();

  @TempDir Path folder = Path.of("");
  private LoopbackAppliance appliance;

  /** What a command said, and its status. */
  private record Ran(int status, String said) {}

  @BeforeEach
  void start() {
    appliance =
        new LoopbackAppliance(folder)
            .castArtifacts()
            .secure()
            .mesh("{ planes: { control: 10.80.1.0/24 } }");
    for (int i = 1; i <= 4; i++) {
      appliance.entry(
          MACS + i,
          "{ role: worker, name: n%d, profile: debian-12-cast, endpoint: 127.0.0.%d%s }"
              .formatted(i, i, i >= 3 ? ", tpm: required" : ""));
    }
    appliance.start();
    now();
  }

  @AfterEach
  void stop() {
    appliance.close();
    tpms.forEach(Process::destroy);
    assertEquals(List.of(), appliance.fatal);
  }

  /** The nodes' clock is real. */
  private void now() {
    appliance.clock.pass(Duration.between(appliance.clock.instant(), Instant.now()));
  }

  /** A TPM that was never used; what the tools are told to find it. */
  private String tpm(String name) throws IOException {
    Path home = Files.createDirectories(folder.resolve(name));
    Path socket = home.resolve("s");
    Process swtpm =
        new ProcessBuilder(
                "swtpm",
                "socket",
                "--tpm2",
                "--tpmstate",
                "dir=" + home,
                "--server",
                "type=unixio,path=" + socket,
                "--ctrl",
                "type=unixio,path=" + socket + ".ctrl",
                "--flags",
                "not-need-init,startup-clear")
            .redirectErrorStream(true)
            .redirectOutput(home.resolve("log").toFile())
            .start();
    tpms.add(swtpm);
    LoopbackAppliance.eventually(
        "swtpm listens", () -> Files.exists(socket) && Files.exists(home.resolve("s.ctrl")));
    return "swtpm:path=" + socket;
  }

  /** As the installer leaves it: what it will trust, and its token. */
  private Machine installed(String node) throws IOException {
    Machine machine = new Machine(appliance, MACS + node.substring(1));
    machine.fetchToken();
    Matcher conf = CONF.matcher(machine.get("deploy.conf").text());
    assertTrue(conf.find());
    assertEquals(200, machine.report("installed").status());
    Path home = Files.createDirectories(folder.resolve(node));
    Files.write(home.resolve("mesh.conf"), Base64.getDecoder().decode(conf.group(1)));
    String url = appliance.uri(machine.path("")).toString();
    Files.writeString(home.resolve("run.conf"), "URL='" + url.replaceFirst("/$", "") + "'\n");
    Files.writeString(home.resolve("mesh"), MeshClient.script());
    return machine;
  }

  private Ran join(String node, String shell, String tcti) {
    now();
    return ran(
        tcti,
        ("cd %s; exec env FOUNDRYBOT_STATE=$PWD/state FOUNDRYBOT_CONF=$PWD/run.conf"
                + " FOUNDRYBOT_RUN=$PWD FOUNDRYBOT_MESH_CONF=$PWD/mesh.conf %s mesh join")
            .formatted(folder.resolve(node), shell));
  }

  private static Ran ran(String tcti, String command) {
    try {
      ProcessBuilder builder = new ProcessBuilder("sh", "-c", command).redirectErrorStream(true);
      builder.environment().remove("TPM2TOOLS_TCTI");
      if (!tcti.isEmpty()) {
        builder.environment().put("TPM2TOOLS_TCTI", tcti);
      }
      Process process = builder.start();
      process.getOutputStream().close();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return new Ran(process.waitFor(), said);
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  private String pinned(String node) {
    return JsonMapper.shared()
        .readTree(appliance.send(appliance.asOperator("nodes/" + node + "/tpm")).text())
        .get("ek")
        .asString();
  }

  private String hash(String tcti) {
    return hash(tcti, "rsa");
  }

  /** As docs/rack-file.md has it. */
  private String hash(String tcti, String kind) {
    Ran ran =
        ran(
            tcti,
            ("cd %s && tpm2_createek -Q -c ek.ctx -G %s -f pem -u ek.pem && tpm2_flushcontext -t"
                    + " && openssl pkey -pubin -in ek.pem -outform DER | sha256sum")
                .formatted(folder, kind));
    assertEquals(0, ran.status(), ran::said);
    return "sha256:" + ran.said().substring(0, 64);
  }

  @Test
  void aNodeGetsInByItsTpmAndByNoOther() throws IOException {
    String one = tpm("a");
    String two = tpm("b");
    Machine machine = installed("n1");
    Ran first = join("n1", "dash", one);
    assertEquals(0, first.status(), first::said);
    assertTrue(first.said().matches("foundrybot-mesh: serial \\d+ taken\n"), first::said);
    assertEquals(hash(one), pinned("n1"));
    assertEquals(200, machine.enroll().status());

    // Another TPM with the same disk, and then with the pin forgotten.
    appliance.send(appliance.asOperator("nodes/n1/reinstall").POST(BodyPublishers.noBody()));
    installed("n1");
    ran("", "rm -r " + folder.resolve("n1/state"));
    Ran swapped = join("n1", "dash", two);
    assertNotEquals(0, swapped.status());
    assertTrue(swapped.said().contains("403: ek: " + hash(two) + " is another"), swapped::said);
    Ran without = join("n1", "dash", "");
    assertTrue(without.said().contains("403: tpm: none, and n1 had the EK"), without::said);
    appliance.send(appliance.asOperator("nodes/n1/tpm-forget").POST(BodyPublishers.noBody()));
    assertEquals(0, join("n1", "dash", two).status());
    assertEquals(hash(two), pinned("n1"));

    // Busybox's shell, without a TPM where none is needed, and where one is.
    installed("n2");
    Ran plain = join("n2", "busybox sh", "");
    assertTrue(plain.said().startsWith("foundrybot-mesh: goes without a TPM: no "), plain::said);
    assertEquals(0, plain.status());
    assertEquals("", pinned("n2"));
    installed("n3");
    Ran required = join("n3", "busybox sh", "");
    assertTrue(required.said().contains("a TPM is required, and does not work"), required::said);
    assertNotEquals(0, required.status());
    assertEquals(0, join("n3", "busybox sh", one).status());
    assertEquals(hash(one), pinned("n3"));
    onlyTheTpmItIsForOpensAChallenge(one, two, "rsa");
    onlyTheTpmItIsForOpensAChallenge(one, two, "ecc");
  }

  @Test
  void whereATpmHasNoRsaItsKeyOfEccIsTaken() throws IOException {
    String tpm = tpm("a");
    installed("n4");
    withoutRsa("n4");
    Ran joined = join("n4", "dash", tpm);
    assertEquals(0, joined.status(), joined::said);
    assertEquals(hash(tpm, "ecc"), pinned("n4"));
  }

  /** There is no swtpm without RSA, so the tool that is asked says that there is none. */
  private void withoutRsa(String node) throws IOException {
    Path home = folder.resolve(node);
    Path tools = Files.createDirectories(home.resolve("tools"));
    String answer =
        """
        #!/bin/sh
        [ "$1" != rsa2048 ] || exit 1
        exec /usr/bin/tpm2_testparms "$@"
        """;
    assertTrue(
        Files.writeString(tools.resolve("tpm2_testparms"), answer).toFile().setExecutable(true));
    String changed = MeshClient.script().replace("\nPATH=/", "\nPATH=" + tools + ":/");
    assertNotEquals(MeshClient.script(), changed);
    Files.writeString(home.resolve("mesh"), changed);
  }

  /** A challenge for one TPM, at both; and the same with a bit of it changed. */
  private void onlyTheTpmItIsForOpensAChallenge(String own, String other, String kind)
      throws IOException {
    String[] areas = keys(own, kind, "own").split("\n", -1);
    keys(other, kind, "other");
    byte[] secret = "thirty-two bytes that are secret".getBytes(StandardCharsets.US_ASCII);
    Path challenge = folder.resolve("challenge");
    byte[] file =
        TpmKeys.decode(Base64.getDecoder().decode(areas[0]), Base64.getDecoder().decode(areas[1]))
                instanceof TpmKeys.Reading.Read(TpmKeys keys)
            ? keys.challenge(new TpmSecret(secret), new SecureRandom())
            : fail("swtpm's keys are refused");
    Files.write(challenge, file);
    Ran opened = activated(own, kind + "-own");
    assertEquals(0, opened.status(), opened::said);
    assertArrayEquals(secret, Files.readAllBytes(folder.resolve(kind + "-own/opened")));
    assertNotEquals(0, activated(other, kind + "-other").status());
    file[50] ^= 1;
    Files.write(challenge, file);
    assertNotEquals(0, activated(own, kind + "-own").status());
  }

  private String keys(String tcti, String kind, String name) {
    String command =
        """
        mkdir %1$s && cd %1$s &&
        tpm2_createek -Q -c ek.ctx -G %2$s -u ek.pub && tpm2_flushcontext -t &&
        tpm2_createak -Q -C ek.ctx -c ak.ctx -u ak.pub -n ak.name -G ecc -g sha256 -s ecdsa &&
        tpm2_flushcontext -t && base64 -w 0 ek.pub && echo && base64 -w 0 ak.pub
        """
            .formatted(folder.resolve(kind + "-" + name), kind);
    Ran ran = ran(tcti, command);
    assertEquals(0, ran.status(), ran::said);
    return ran.said();
  }

  private Ran activated(String tcti, String name) {
    String command =
        """
        cd %s && rm -f session opened && tpm2_startauthsession --policy-session -S session &&
        tpm2_policysecret -Q -S session -c e || exit 9
        tpm2_activatecredential -Q -c ak.ctx -C ek.ctx -i ../challenge -o opened -P session:session
        status=$?
        tpm2_flushcontext session; tpm2_flushcontext -t
        exit $status
        """
            .formatted(folder.resolve(name));
    Ran ran = ran(tcti, command);
    assertNotEquals(9, ran.status(), ran::said);
    return ran;
  }
}
