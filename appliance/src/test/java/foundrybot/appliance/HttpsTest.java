// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.appliance.tls.Certificates;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HttpsTest {
  private static final String MAC = "52:54:00:bb:00:01";

  @TempDir Path folder;
  private LoopbackAppliance appliance;

  @BeforeEach
  void start() {
    appliance = new LoopbackAppliance(folder).secure().node(MAC, "w1", "debian-12").start();
  }

  @AfterEach
  void stop() {
    appliance.close();
  }

  @Test
  void theOperatorIsSentToHttpsAndFirmwareToHttp() {
    OperatorAccess access = OperatorAccess.of(appliance.data());
    assertEquals(
        "https://" + LoopbackAppliance.ADDRESS + ":" + appliance.port("https"),
        access.url().toString());
    assertEquals(2, access.certificates().size());
    assertTrue(new Machine(appliance, MAC).script().text().contains("http://"));
  }

  @Test
  void whoCameByHttpsGoesOnByHttps() {
    String secure = "https://" + LoopbackAppliance.ADDRESS + ":" + appliance.port("https");
    String folder = "52-54-00-bb-00-01/";
    String program = appliance.getSecurely("/program/" + folder + "autoexec.ipxe").text();
    assertTrue(program.contains(secure + "/boot/" + folder), program);
    assertTrue(appliance.getSecurely("/program/autoexec.ipxe").text().contains(secure + "/boot/"));

    String script = appliance.getSecurely("/boot/" + folder + "uefi.ipxe").text();
    assertTrue(script.contains(secure + "/node/"), script);
    assertTrue(script.contains("/artifact/linux"), script);
    // An installer does not know the CA: what it fetches itself, it fetches by HTTP.
    assertTrue(script.contains("url=http://"), script);
  }

  @Test
  void aRestartKeepsTheCertificates() {
    var before = OperatorAccess.of(appliance.data()).certificates();
    appliance.stop();
    appliance.startAgain();
    assertEquals(before, OperatorAccess.of(appliance.data()).certificates());
  }

  @Test
  @Tag("slow")
  void curlVerifiesTheCaAndFetchesWithRangesAndHead() throws Exception {
    Machine machine = new Machine(appliance, MAC);
    machine.fetchToken();
    Path ca = folder.resolve("ca.pem");
    Files.writeString(ca, Certificates.pem(Certificates.authority(appliance.data())));
    String url =
        "https://"
            + LoopbackAppliance.ADDRESS
            + ":"
            + appliance.port("https")
            + machine.path("artifact/linux");

    assertEquals(LoopbackAppliance.KERNEL, curl("--cacert", ca.toString(), url));
    assertEquals(
        LoopbackAppliance.KERNEL.substring(3, 7),
        curl("--cacert", ca.toString(), "-r", "3-6", url));
    String head = curl("--cacert", ca.toString(), "-I", "--tls-max", "1.2", url);
    assertTrue(head.contains("Content-Length: " + LoopbackAppliance.KERNEL.length()), head);
    assertEquals("curl: 60", curl(url));
    for (String old : List.of("ECDHE-RSA-AES128-GCM-SHA256", "AES128-SHA:@SECLEVEL=0")) {
      assertEquals(
          LoopbackAppliance.KERNEL,
          curl("--cacert", ca.toString(), "--tls-max", "1.2", "--ciphers", old, url));
    }
  }

  private static String curl(String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("curl", "-sS", "-m", "30"));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    int status = process.waitFor();
    return status == 0 ? said : "curl: " + status;
  }
}
