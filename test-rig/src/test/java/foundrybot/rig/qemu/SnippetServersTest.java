// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.qemu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The real DHCP servers with {@code bootserver snippet} in their configuration, asked as firmware
 * of each kind; no appliance answers beside them.
 */
@Tag("qemu")
@ExtendWith(QemuFolders.class)
@Timeout(value = 5, unit = TimeUnit.MINUTES)
final class SnippetServersTest {
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final Path FOLDER = QemuFolders.logs("snippet");
  private static final String MAC = "52:54:00:aa:00:01";
  private static final String NODE = "52-54-00-aa-00-01/";
  private static final String URL = "http://10.77.0.1/";

  /** What each kind of client is told: the file, and option 60. */
  private static final Map<String, String> OF_NODE =
      Map.of(
          "a client that does not boot", " ",
          "x86 BIOS", NODE + "undionly.kpxe ",
          "x64 UEFI", NODE + "snponly.efi ",
          "x64 UEFI, HTTP", URL + "program/" + NODE + "snponly.efi HTTPClient",
          "iPXE on x64 UEFI", URL + "boot/" + NODE + "uefi.ipxe ");

  private static final Map<String, String> OF_ANYONE =
      Map.of(
          "a client that does not boot", " ",
          "x86 BIOS", "undionly.kpxe ",
          "x64 UEFI", "snponly.efi ",
          "x64 UEFI, HTTP", URL + "program/02-00-00-00-00-01/snponly.efi HTTPClient",
          "iPXE on x64 UEFI", "autoexec.ipxe ");

  private interface Server {
    /** The command that runs it with a snippet, and the one that only checks the configuration. */
    List<List<String>> commands(String snippet) throws IOException;
  }

  @BeforeAll
  static void toolsAreThere() throws IOException {
    QemuFolders.require(Prerequisites.missingForInstaller());
    Folders.empty(FOLDER);
    Files.writeString(
        FOLDER.resolve("rack.yaml"),
        """
        cluster: alpha
        domain: alpha.rack
        appliance: { interface: br0, address: 10.77.0.1/24 }
        admin: { user: ops, ssh-keys: ["%s"] }
        nodes: { "%s": worker }
        """
            .formatted(Racks.SSH_KEY, MAC));
    Racks.buildProduct();
  }

  @Test
  void dnsmasqAnswersWithExactlyTheseFields() throws Exception {
    check("dnsmasq", SnippetServersTest::dnsmasq);
  }

  @Test
  void keaAnswersWithExactlyTheseFields() throws Exception {
    check("kea", SnippetServersTest::kea);
  }

  @Test
  void iscDhcpdAnswersWithExactlyTheseFields() throws Exception {
    check("isc", SnippetServersTest::isc);
  }

  private static List<List<String>> dnsmasq(String snippet) throws IOException {
    Path file =
        Files.writeString(
            FOLDER.resolve("dnsmasq.conf"),
            String.join(
                    "\n",
                    "port=0",
                    "interface=eth0",
                    "bind-interfaces",
                    "user=root",
                    "pid-file=",
                    "no-ping",
                    "log-facility=-",
                    "dhcp-leasefile=" + FOLDER.resolve("dnsmasq.leases"),
                    "dhcp-range=10.77.0.100,10.77.0.200,1h",
                    "")
                + snippet);
    return List.of(
        List.of("dnsmasq", "--keep-in-foreground", "-C", file.toString()),
        List.of("dnsmasq", "--test", "-C", file.toString()));
  }

  private static List<List<String>> kea(String snippet) throws IOException {
    String base =
        """
        { "Dhcp4": {
            "interfaces-config": { "interfaces": [ "eth0" ] },
            "lease-database": { "type": "memfile", "persist": false },
            "subnet4": [ { "id": 1, "subnet": "10.77.0.0/24",
                           "pools": [ { "pool": "10.77.0.100 - 10.77.0.200" } ] } ] } }
        """;
    ObjectNode all = (ObjectNode) JsonMapper.shared().readTree(base);
    ((ObjectNode) all.get("Dhcp4")).setAll((ObjectNode) JsonMapper.shared().readTree(snippet));
    Path file = Files.writeString(FOLDER.resolve("kea.json"), all.toString());
    List<String> command =
        List.of("env", "KEA_LOCKFILE_DIR=" + FOLDER, "KEA_PIDFILE_DIR=" + FOLDER, "kea-dhcp4");
    return List.of(with(command, "-c", file.toString()), with(command, "-t", file.toString()));
  }

  private static List<List<String>> isc(String snippet) throws IOException {
    Path leases = FOLDER.resolve("dhcpd.leases");
    Files.writeString(leases, "");
    Path file =
        Files.writeString(
            FOLDER.resolve("dhcpd.conf"),
            snippet
                + "subnet 10.77.0.0 netmask 255.255.255.0 { range 10.77.0.100 10.77.0.200; }\n");
    List<String> command = List.of("dhcpd", "-4", "-cf", file.toString(), "-lf", leases.toString());
    return List.of(
        with(command, "-f", "-d", "-pf", FOLDER.resolve("dhcpd.pid").toString(), "eth0"),
        with(command, "-t"));
  }

  private static List<String> with(List<String> command, String... more) {
    List<String> whole = new ArrayList<>(command);
    whole.addAll(List.of(more));
    return whole;
  }

  private static void check(String name, Server server) throws Exception {
    try (RackNetwork network = RackNetwork.create(Wiring.PROXY_BESIDE_DNSMASQ, 0)) {
      String ofNodes = snippet(name);
      assertTold(OF_NODE, told(network, name, server.commands(ofNodes), Optional.of(MAC)));
      Map<String, String> nobody = told(network, name, server.commands(ofNodes), Optional.empty());
      assertEquals(OF_NODE.size(), nobody.size() - 1, "strangers still get addresses: " + nobody);
      nobody.values().forEach(said -> assertEquals(" ", said));
      List<List<String>> ofAll = server.commands(snippet(name, "--all-machines"));
      assertTold(OF_ANYONE, told(network, name, ofAll, Optional.empty()));
    }
  }

  private static void assertTold(Map<String, String> expected, Map<String, String> told) {
    // Whether there is a program for ARM depends on the packages of this machine.
    Map<String, String> known = new TreeMap<>(told);
    known.remove("ARM 64-bit UEFI");
    assertEquals(new TreeMap<>(expected), known);
  }

  private static String snippet(String... arguments) {
    List<String> line = with(List.of(QemuFolders.bootserver().toString(), "snippet"), arguments);
    Child.Outcome outcome =
        Child.run(
            FOLDER.resolve("errors.log"),
            LIMIT,
            with(line, "--rack", FOLDER.resolve("rack.yaml").toString()));
    assertEquals(0, outcome.status());
    return outcome.output();
  }

  /** File and option 60 by kind of client. */
  private static Map<String, String> told(
      RackNetwork network, String name, List<List<String>> commands, Optional<String> mac)
      throws Exception {
    Child.must(network.inSite(commands.getLast()));
    Path log = FOLDER.resolve(name + ".log");
    try (Child serving = Child.start(name, log, network.inSite(commands.getFirst()))) {
      // The doctor's two rounds, and its own start, leave the server time.
      List<String> line =
          new ArrayList<>(
              List.of(
                  QemuFolders.bootserver().toString(),
                  "doctor",
                  "--json",
                  "--rack",
                  FOLDER.resolve("rack.yaml").toString(),
                  "--data",
                  FOLDER.resolve("nothing").toString()));
      mac.ifPresent(one -> line.addAll(List.of("--mac", one)));
      Child.Outcome outcome = Child.run(FOLDER.resolve("errors.log"), LIMIT, network.inRack(line));
      assertTrue(serving.isAlive(), () -> name + " has ended: see " + log);
      Map<String, String> told = new TreeMap<>();
      for (JsonNode offer : JsonMapper.shared().readTree(outcome.output()).get("offers")) {
        assertEquals(RackNetwork.SITE, offer.get("server").asString());
        String file = offer.get("file").asString();
        if (!file.isEmpty()) {
          assertEquals(RackNetwork.APPLIANCE, offer.get("nextServer").asString());
        }
        told.put(offer.get("asked").asString(), file + " " + offer.get("vendorClass").asString());
      }
      return told;
    }
  }
}
