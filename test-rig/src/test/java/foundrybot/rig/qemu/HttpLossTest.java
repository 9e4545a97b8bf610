// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.qemu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.images.ArtifactManifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Real HTTP clients on a network that loses packets, as many in each direction. Each end drops what
 * arrives: what a host drops while it sends, it knows of and sends again at once.
 */
@Tag("qemu")
@ExtendWith(QemuFolders.class)
final class HttpLossTest {
  private static final int KERNEL = 500_000;
  private static final int INITRD = 20_000_000;
  private static final String SERVER = "http://10.78.0.1";

  /** Of a machine that never comes with its token: who has, is given another one the next time. */
  private static final String SCRIPT_URL = SERVER + "/boot/52-54-00-dc-00-01/uefi.ipxe";

  private static final Duration LIMIT = Duration.ofMinutes(8);
  private static final Pattern FILE = Pattern.compile("http://[0-9.]+/node/[^ ]+");

  @TempDir static Path folder;
  private static DhcpLab lab;
  private static Path script;
  private static String kernelUrl = "";
  private static String initrdUrl = "";

  @BeforeAll
  static void start() throws IOException {
    Racks.buildProduct();
    lab = new DhcpLab(folder, noise(KERNEL), noise(INITRD));
    lab.address("vlan", "eth0", "10.78.0.50/24");
    // One packet each: else a whole 64 KiB that is to be segmented would be lost or kept as one.
    lab.in("app", "ip", "link", "set", "eth0.20", "gso_max_segs", "1");
    script = folder.resolve("script");
    lab.in("vlan", "curl", "-sSf", "-o", script.toString(), SCRIPT_URL);
    Path own = folder.resolve("own");
    lab.in(
        "vlan", "curl", "-sSf", "-o", own.toString(), SERVER + "/boot/52-54-00-dc-00-02/uefi.ipxe");
    List<String> urls =
        FILE.matcher(Files.readString(own)).results().map(found -> found.group()).toList();
    kernelUrl = urls.stream().filter(url -> url.endsWith("/linux")).findFirst().orElseThrow();
    initrdUrl = urls.stream().filter(url -> url.endsWith("/initrd.gz")).findFirst().orElseThrow();
    for (String end : List.of("app", "vlan")) {
      lab.in(end, "nft", "add table inet loss");
      lab.in(end, "nft", "add chain inet loss in { type filter hook input priority 0; }");
    }
  }

  @AfterAll
  static void stop() {
    if (lab != null) {
      lab.close();
    }
  }

  private static byte[] noise(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }

  private static Path artifact(String name) {
    return folder.resolve("data/artifacts/debian-12").resolve(name);
  }

  private static void lose(int percent) {
    for (String end : List.of("app", "vlan")) {
      lab.in(end, "nft", "flush chain inet loss in");
      lab.in(
          end,
          "nft",
          "add rule inet loss in iifname != lo meta l4proto tcp numgen random mod 100 < "
              + percent
              + " counter drop");
    }
  }

  /** How many packets that one end has dropped. */
  private static int lost(String end) {
    String rules = lab.ask(end, "nft", "list chain inet loss in").output();
    Matcher matcher = Pattern.compile("counter packets ([0-9]+)").matcher(rules);
    assertTrue(matcher.find(), rules);
    return Integer.parseInt(matcher.group(1));
  }

  /** What is fetched, from where. */
  private record Wanted(Path file, String url) {}

  /**
   * By each client, all at the same time: they wait for packets most of theirs, and each packet is
   * lost by itself.
   */
  private static void assertFetched(Wanted... files) throws Exception {
    Map<String, String> expected = new TreeMap<>();
    Map<String, String> found = new ConcurrentSkipListMap<>();
    List<Thread> clients = new ArrayList<>();
    for (Wanted wanted : files) {
      for (int client = 0; client < 2; client++) {
        Path target = folder.resolve("fetched-" + expected.size());
        Files.deleteIfExists(target);
        List<String> command =
            client == 0 ? curl(target, wanted.url()) : wget(target, wanted.url());
        String name = String.join(" ", command);
        expected.put(name, ArtifactManifest.digestOf(wanted.file()));
        clients.add(Thread.ofVirtual().start(() -> found.put(name, fetched(target, command))));
      }
    }
    for (Thread client : clients) {
      client.join();
    }
    assertEquals(expected, found);
  }

  /** The digest, or why there is none. */
  private static String fetched(Path target, List<String> command) {
    try {
      Child.Outcome outcome = lab.ask(LIMIT, "vlan", command.toArray(String[]::new));
      return outcome.status() == 0
          ? ArtifactManifest.digestOf(target)
          : outcome.status() + " " + outcome.output();
    } catch (RuntimeException e) {
      return e.toString();
    }
  }

  /** Gives up early and begins anew: the kernel alone would try one connection for two minutes. */
  private static List<String> curl(Path target, String url) {
    return client(
        "curl -sSf -C - --connect-timeout 8 --speed-limit 1 --speed-time 30"
            + " --retry 30 --retry-delay 1 --retry-all-errors -o",
        target,
        url);
  }

  private static List<String> wget(Path target, String url) {
    return client(
        "wget -nv -c --connect-timeout=8 --read-timeout=30 --tries=30 --waitretry=1 -O",
        target,
        url);
  }

  private static List<String> client(String command, Path target, String url) {
    List<String> whole = new ArrayList<>(List.of(command.split(" ")));
    whole.add(target.toString());
    whole.add(url);
    return whole;
  }

  private static void assertBothWaysLost() {
    assertTrue(lost("app") > 0 && lost("vlan") > 0, "packets were lost in both directions");
  }

  @Test
  void withFivePercentLostEveryFileArrivesWhole() throws Exception {
    lose(5);
    assertFetched(
        new Wanted(script, SCRIPT_URL),
        new Wanted(artifact("linux"), kernelUrl),
        new Wanted(artifact("initrd.gz"), initrdUrl));
    assertBothWaysLost();
  }

  @Test
  void withTwentyPercentLostAScriptAndAKernelArriveWhole() throws Exception {
    lose(20);
    assertFetched(new Wanted(script, SCRIPT_URL), new Wanted(artifact("linux"), kernelUrl));
    assertBothWaysLost();
  }

  @Test
  void withFortyPercentLostAScriptArrivesWhole() throws Exception {
    lose(40);
    Wanted one = new Wanted(script, SCRIPT_URL);
    assertFetched(one, one, one);
    assertBothWaysLost();
  }
}
