// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.redfish.BootDevice;
import foundrybot.redfish.PowerState;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateEncodingException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** OpenStack's sushy and DMTF's redfishtool, as Debian has them, use the emulator. */
@Tag("slow")
final class ForeignClientsTest {
  private static final String PYTHON = "/usr/bin/python3";

  @TempDir private Path folder = Path.of("");

  @Test
  void sushySwitchesAndBootsAndInsertsMedia() throws Exception {
    for (String name :
        List.of("plain", "dell-idrac9", "hpe-ilo5", "supermicro", "sushy-tools", "slashed")) {
      String said = sushy(name, "media");
      assertTrue(said.contains("inserted True http://127.0.0.1/boot.iso"), name + ": " + said);
      assertTrue(said.strip().endsWith("inserted False\npower Off"), name + ": " + said);
    }
  }

  @Test
  void sushySwitchesThoseWhoseMediaItDoesNotKnow() throws Exception {
    for (String name : List.of("dell-idrac10", "lenovo-xcc", "openbmc", "nvidia-hgx")) {
      assertTrue(sushy(name).contains("power Off"), name);
    }
    assertTrue(sushy("ami", "mode").contains("power Off"));
  }

  private String sushy(String personality, String... parts) throws Exception {
    PoweredMachine machine = RedfishEmulatorTest.machine(1);
    try (RedfishEmulator bmc =
        RedfishEmulator.start(RedfishEmulator.Setup.of(Personalities.of(personality), machine))) {
      List<String> command =
          new ArrayList<>(
              List.of(PYTHON, script().toString(), bmc.url().toString(), "admin", "emulated"));
      command.addAll(List.of(parts));
      String said = run(bmc, command);
      assertEquals(1, machine.account().powerOns(), personality + ": " + said);
      assertEquals(1, machine.account().powerOffs(), personality + ": " + said);
      assertEquals(PowerState.OFF, machine.powerState());
      assertEquals(
          BootDevice.PXE, machine.account().lastStart().orElseThrow().boot().device(), said);
      return said;
    }
  }

  @Test
  void redfishtoolReadsAndSwitches() throws Exception {
    for (String name : List.of("plain", "dell-idrac9", "hpe-ilo5", "openbmc", "sushy-tools")) {
      PoweredMachine machine = RedfishEmulatorTest.machine(1);
      try (RedfishEmulator bmc =
          RedfishEmulator.start(
              RedfishEmulator.Setup.of(Personalities.of(name), machine).withHttp())) {
        String listed = redfishtool(bmc, "-P", "PowerState");
        assertTrue(listed.contains("Off"), name + ": " + listed);
        redfishtool(bmc, "reset", "On");
        assertEquals(1, machine.account().powerOns(), name);
      }
    }
  }

  private String redfishtool(RedfishEmulator bmc, String... rest) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                "/usr/bin/redfishtool",
                "-S",
                "Never",
                "-r",
                bmc.url().getAuthority(),
                "-u",
                "admin",
                "-p",
                "emulated",
                "Systems",
                "-F"));
    command.addAll(List.of(rest));
    return run(bmc, command);
  }

  private Path script() throws IOException {
    Path script = folder.resolve("sushy_client.py");
    try (InputStream in =
        Objects.requireNonNull(ForeignClientsTest.class.getResourceAsStream("sushy_client.py"))) {
      Files.write(script, in.readAllBytes());
    }
    return script;
  }

  /** Runs a command that must succeed; it trusts the BMC's certificate and no other. */
  private String run(RedfishEmulator bmc, List<String> command) throws Exception {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    Path output = folder.resolve("output");
    builder.redirectOutput(output.toFile());
    if (bmc.certificate().isPresent()) {
      Path trusted = folder.resolve("trusted.pem");
      Files.writeString(trusted, pem(bmc));
      builder.environment().put("REQUESTS_CA_BUNDLE", trusted.toString());
    }
    Process process = builder.start();
    boolean ended = process.waitFor(60, TimeUnit.SECONDS);
    process.destroyForcibly();
    String said = Files.readString(output);
    assertTrue(ended && process.exitValue() == 0, command + ": " + said);
    return said;
  }

  private static String pem(RedfishEmulator bmc) throws CertificateEncodingException {
    return "-----BEGIN CERTIFICATE-----\n"
        + Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
            .encodeToString(bmc.certificate().orElseThrow().getEncoded())
        + "\n-----END CERTIFICATE-----\n";
  }
}
