// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nodes in namespaces, with the program that real ones have, at a real appliance. */
@Tag("slow")
class MeshNodesTest {
  private static final String PHASES =
      """
      phases:
        workers:
          roles: [worker]
          checks:
            exporter: { port: 9100 on wg1, timeout: 20 }
            peers: { handshake: wg1, timeout: 20 }
            words: { command: [/bin/echo, "it's $(id) `id` *"], timeout: 20 }
            status: { command: [/bin/sh, -c, "echo no >&2; exit 3"], expect: 3, timeout: 20 }
            endless: { command: [/bin/sleep, "600"], timeout: 1 }
            unit: { service: none.service }
        watching: { roles: [monitor] }
      """;

  @TempDir Path folder = Path.of("");
  private MeshRack rack;
  private LoopbackAppliance appliance;

  @BeforeEach
  void start() {
    rack =
        new MeshRack(
            folder,
            231,
            "{ planes: { control: { subnet: 10.80.1.0/24,"
                + " subnet6: 'fd4a:6e1f:20c8:1::/64' } }, preshared: on }\n"
                + PHASES,
            List.of("worker", "worker", "monitor"));
    appliance = rack.appliance;
  }

  @AfterEach
  void stop() {
    rack.close();
  }

  private MeshNode plugged(int number, String shell) throws IOException {
    return rack.plugged(number, shell);
  }

  private MeshNode.Ran polled(MeshNode node) {
    return rack.polled(node);
  }

  private static void assertRefused(String why, MeshNode.Ran ran) {
    assertEquals("foundrybot-mesh: refused: " + why + "\n", ran.said());
    assertNotEquals(0, ran.status());
  }

  private static void ping(MeshNode from, String to) {
    from.in("ping -q -c 1 -w 10 " + to);
  }

  private static boolean reaches(MeshNode from, int port, String to) {
    return from.run("timeout 2 bash -c '</dev/tcp/%s/%d' 2>/dev/null".formatted(to, port)).status()
        == 0;
  }

  @Test
  void nodesJoinAndLearnOfTheThirdWhileTheFirstTwoTalk() throws Exception {
    MeshNode one = plugged(1, "dash");
    MeshNode two = plugged(2, "busybox sh");
    Files.copy(one.bundle(), one.file("old"), StandardCopyOption.REPLACE_EXISTING);
    MeshRack.assertRan(polled(one));
    ping(one, "10.80.1.2");
    ping(two, "fd4a:6e1f:20c8:1::1");

    Process talk = one.begin("exec ping -i 0.2 -W 2 10.80.1.2");
    MeshNode three = plugged(3, "dash");
    MeshRack.assertRan(polled(one));
    MeshRack.assertRan(polled(two));
    ping(three, "10.80.1.1");
    ping(three, "10.80.1.2");
    // As an operator would end it: by SIGINT it tells what it saw.
    MeshNode.host("kill -INT " + talk.pid());
    String said = new String(talk.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertNoneIsMissing(said);

    admitsWhatTheRolesNeed(one, two, three);
    refusesWhatIsNotItsOwn(one, two);
    makesNewKeys(one, two);
    hasACertificateThatOthersVerify(one);
  }

  /** But the answer to the last one, which may have been on its way. */
  private static void assertNoneIsMissing(String said) {
    List<Integer> answered =
        Pattern.compile("icmp_seq=(\\d+)")
            .matcher(said)
            .results()
            .map(found -> Integer.valueOf(found.group(1)))
            .toList();
    assertEquals(
        IntStream.rangeClosed(1, answered.size()).boxed().toList(), answered, () -> "of " + said);
    Matcher sent = Pattern.compile("(\\d+) packets transmitted").matcher(said);
    assertTrue(sent.find() && Integer.parseInt(sent.group(1)) <= answered.size() + 1, said);
  }

  @Test
  void nodesProveTheirRolesAndHearWhenTheirPhaseIsOpen() throws Exception {
    MeshNode one = plugged(1, "dash");
    MeshNode two = plugged(2, "busybox sh");
    MeshNode three = plugged(3, "busybox sh");
    String open = "test -e /run/foundrybot-phase-open";
    for (MeshNode node : List.of(one, two)) {
      MeshRack.assertRan(polled(node));
      List<String> events = appliance.events(node.name);
      for (String expected :
          List.of(
              "gate.failed exporter refused",
              "gate.passed peers",
              "gate.passed words it's $(id) `id` *",
              "gate.passed status no",
              "gate.failed endless no end in 1 s:",
              "gate.failed unit neither systemd nor OpenRC here")) {
        assertTrue(events.contains(expected), () -> expected + " in " + events);
      }
      node.in(open);
    }
    MeshRack.assertRan(polled(three));
    assertNotEquals(0, three.run(open).status());

    Process server = one.begin("exec busybox nc -ll -p 9100 -e true");
    try {
      one.in("i=0; until ss -Htln | grep -q :9100; do i=$((i+1)); [ $i -lt 50 ]; sleep 0.1; done");
      MeshRack.assertRan(polled(one));
    } finally {
      server.destroy();
    }
    assertTrue(appliance.events("n1").contains("gate.passed exporter"));
    MeshNode.Ran shown = two.mesh("gates");
    assertTrue(shown.said().contains("failed exporter refused\n"), shown::said);
    assertTrue(shown.said().contains("passed peers \n"), shown::said);
    saysThatNoPeerIsReached(two);
  }

  /** As if it had never met them, behind a firewall that lets no UDP out. */
  private void saysThatNoPeerIsReached(MeshNode node) {
    Path conf = node.file("wg1.conf");
    node.in(
        """
        nft add table inet cut
        nft add chain inet cut out '{ type filter hook output priority 0; }'
        nft add rule inet cut out meta l4proto udp drop
        wg showconf wg1 >%1$s
        for peer in $(wg show wg1 peers); do wg set wg1 peer "$peer" remove; done
        wg addconf wg1 %1$s
        """
            .formatted(conf));
    MeshNode.Ran shown = node.mesh("gates");
    String why = "failed peers no handshake with any of 2 peers on wg1, such as 10.80.1.";
    assertTrue(shown.said().contains(why), shown::said);
    node.in("nft delete table inet cut");
    assertTrue(node.mesh("gates").said().contains("passed peers \n"));
  }

  /** A monitor may ask the node exporter, and nobody else may, nor the monitor anything else. */
  private static void admitsWhatTheRolesNeed(MeshNode one, MeshNode two, MeshNode three)
      throws Exception {
    List<Process> servers = new ArrayList<>();
    for (int port : new int[] {9100, 9101}) {
      servers.add(one.begin("exec busybox nc -ll -p " + port + " -e true"));
    }
    try {
      one.in("i=0; until [ $(ss -Htln | grep -c :910) = 2 ]; do i=$((i+1)); [ $i -lt 50 ]; done");
      assertTrue(reaches(three, 9100, "10.80.1.1"));
      assertFalse(reaches(three, 9101, "10.80.1.1"));
      assertFalse(reaches(two, 9100, "10.80.1.1"));
    } finally {
      servers.forEach(Process::destroy);
    }
  }

  private void refusesWhatIsNotItsOwn(MeshNode one, MeshNode two) throws Exception {
    String text = Files.readString(one.bundle());
    String serial = serial(text);
    String old = serial(Files.readString(one.file("old")));
    assertRefused(
        "serial " + old + ", and " + serial + " is here already",
        one.mesh("take " + one.file("old")));
    assertRefused("for another node", one.mesh("take " + two.bundle()));

    Path changed = one.file("changed");
    Files.writeString(changed, text.replace("tcp dport 9100", "tcp dport 9101"));
    assertNotEquals(text, Files.readString(changed));
    assertRefused("not signed by this cluster's key", one.mesh("take " + changed));
    Files.writeString(changed, text.substring(0, text.length() / 2));
    assertRefused("not signed by this cluster's key", one.mesh("take " + changed));

    // The bundle of another cluster that has a node of this name.
    MeshNode.host(
        """
        cd %s; openssl genpkey -algorithm ED25519 -out other.pem
        sed '$d; s/^cluster-id=.*/cluster-id=%s/' %s >body
        openssl pkeyutl -sign -inkey other.pem -rawin -in body -out signature
        { cat body; printf 'signature='; openssl base64 -A -in signature; echo; } >changed
        """
            .formatted(one.file(""), "0".repeat(32), one.bundle()));
    assertRefused("not signed by this cluster's key", one.mesh("take " + changed));
    // Also where somebody has made the node trust that cluster's key, it has another id.
    String conf = Files.readString(one.file("mesh.conf"));
    String other =
        MeshNode.host(
            "openssl pkey -in %s -pubout -outform DER | openssl base64 -A"
                .formatted(one.file("other.pem")));
    Files.writeString(
        one.file("mesh.conf"), conf.replaceFirst("SIGNER='[^']*'", "SIGNER='" + other + "'"));
    assertRefused("of another cluster", one.mesh("take " + changed));
    Files.writeString(one.file("mesh.conf"), conf);

    assertEquals(text, Files.readString(one.bundle()));
    MeshRack.assertRan(polled(one));
    ping(one, "10.80.1.2");
  }

  private static String serial(String bundle) {
    return bundle
        .lines()
        .filter(line -> line.startsWith("serial="))
        .findFirst()
        .orElseThrow()
        .substring(7);
  }

  /** It got one at its first poll; openssl takes it until it stands on the list. */
  private void hasACertificateThatOthersVerify(MeshNode one) {
    String tls = one.file("state/tls").toString();
    String subject = one.in("openssl x509 -in %s/node.crt -noout -subject".formatted(tls));
    assertEquals("subject=O = worker, CN = n1", subject.strip());
    one.in(
        "openssl verify -x509_strict -verify_ip 10.80.1.1 -verify_hostname n1.alpha.rack"
            + " -CAfile %1$s/ca.crt %1$s/node.crt".formatted(tls));
    String revoked =
        ("busybox wget -q -O %1$s/list $(openssl x509 -in %1$s/node.crt -noout -ext"
                + " crlDistributionPoints | sed -n 's/.*URI://p')"
                + " && openssl crl -in %1$s/list -inform DER -out %1$s/list.pem"
                + " && openssl verify -crl_check -CRLfile %1$s/list.pem"
                + " -CAfile %1$s/ca.crt %1$s/node.crt")
            .formatted(tls);
    one.in(revoked);
    appliance.send(appliance.asOperator("nodes/n1/revoke").POST(BodyPublishers.noBody()));
    MeshNode.Ran ran = one.run(revoked);
    assertNotEquals(0, ran.status());
    assertTrue(ran.said().contains("certificate revoked"), ran::said);
  }

  private void makesNewKeys(MeshNode one, MeshNode two) {
    String before = two.in("wg show wg1 public-key");
    appliance.send(appliance.asOperator("nodes/n2/rotate").POST(BodyPublishers.noBody()));
    MeshRack.assertRan(polled(two));
    String after = two.in("wg show wg1 public-key");
    assertNotEquals(before, after);
    MeshRack.assertRan(polled(one));
    String peers = one.in("wg show wg1 peers");
    assertTrue(peers.contains(after) && !peers.contains(before), peers);
    ping(one, "10.80.1.2");
    List<String> events = appliance.events("n2");
    assertTrue(
        events.stream().anyMatch(line -> line.startsWith("mesh.keys run=1 rotation=1")),
        () -> String.format(Locale.ROOT, "%s", events));
  }
}
