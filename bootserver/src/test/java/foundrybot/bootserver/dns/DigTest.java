// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** BIND's dig as the client; package bind9-dnsutils. */
@Tag("slow")
@Timeout(120)
class DigTest {
  private static String dig(DnsRig rig, String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of("dig", "@127.0.0.1", "-p", "" + rig.server.port(), "+time=20", "+tries=2"));
    command.addAll(List.of(arguments));
    Process dig = new ProcessBuilder(command).redirectErrorStream(true).start();
    String out = new String(dig.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, dig.waitFor(), out);
    String faults = out.replace(";; WARNING: recursion requested but not available", "");
    assertFalse(faults.contains("malformed") || faults.contains("WARNING"), out);
    return out;
  }

  private static String brief(DnsRig rig, String... arguments) throws Exception {
    List<String> all = new ArrayList<>(List.of("+short"));
    all.addAll(List.of(arguments));
    return dig(rig, all.toArray(String[]::new)).strip();
  }

  @Test
  void digReadsEveryKindOfRecord() throws Exception {
    try (DnsRig rig = new DnsRig()) {
      assertEquals("10.77.0.11", brief(rig, "etcd-1.alpha.rack", "A"));
      assertEquals("fd00::11", brief(rig, "+tcp", "etcd-1.alpha.rack", "AAAA"));
      assertEquals("etcd-1.alpha.rack.", brief(rig, "-x", "10.77.0.11"));
      assertEquals("etcd-1.alpha.rack.", brief(rig, "-x", "fd00::11"));
      assertEquals("appliance.alpha.rack.", brief(rig, "alpha.rack", "NS"));
      assertEquals(
          "appliance.alpha.rack. hostmaster.alpha.rack. 7 3600 600 86400 60",
          brief(rig, "alpha.rack", "SOA"));
      assertEquals("\"RFC8482\" \"\"", brief(rig, "+notcp", "etcd-1.alpha.rack", "ANY"));
      assertEquals(
          List.of("0 100 2380 etcd-1.alpha.rack.", "0 100 2380 etcd-2.alpha.rack."),
          brief(rig, "_etcd-server-ssl._tcp.alpha.rack", "SRV").lines().sorted().toList());
    }
  }

  @Test
  void digSeesCodesAndFlags() throws Exception {
    try (DnsRig rig = new DnsRig()) {
      String noName = dig(rig, "nobody.alpha.rack");
      assertTrue(
          noName.contains("status: NXDOMAIN") && noName.contains("flags: qr aa rd;"), noName);
      assertTrue(noName.contains("AUTHORITY: 1") && noName.contains("udp: 1232"), noName);
      String newer = dig(rig, "+edns=1", "+noednsnegotiation", "etcd-1.alpha.rack");
      assertTrue(newer.contains("status: BADVERS"), newer);
      assertTrue(dig(rig, "+noedns", "+opcode=NOTIFY", "alpha.rack").contains("status: NOTIMP"));
      assertTrue(dig(rig, "alpha.rack", "AXFR").contains("Transfer failed"));
      assertTrue(dig(rig, "example.org").contains("status: REFUSED"));
    }
  }

  @Test
  void digGoesOnByTcpWhereAnAnswerWasCut() throws Exception {
    List<ZoneData.Host> hosts =
        IntStream.range(0, 200).mapToObj(i -> ZoneTest.host("m" + i, "10.77.1." + i)).toList();
    List<ZoneData.Service> services =
        hosts.stream().map(h -> new ZoneData.Service("_x._tcp", 1, h.label())).toList();
    try (DnsRig rig = new DnsRig()) {
      rig.zone = Zone.of(new ZoneData("alpha.rack", "ns", List.of(), 1, 60, hosts, services));
      assertEquals(200, brief(rig, "_x._tcp.alpha.rack", "SRV").lines().count());
      assertEquals(1, rig.count("queries.udp"));
      assertEquals(1, rig.count("queries.tcp"));
    }
  }

  @Test
  void digIsGivenWhatAResolverSaid() throws Exception {
    try (StubResolver resolver =
            new StubResolver((query, _) -> List.of(StubResolver.address(query, 300, 7)));
        DnsRig rig = new DnsRig(resolver.address())) {
      String answer = dig(rig, "+nocookie", "www.example.org");
      assertTrue(answer.contains("192.0.2.7") && answer.contains("flags: qr rd ra;"), answer);
    }
  }
}
