// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponseCode;
import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ZoneTest {
  static final ZoneData DATA =
      new ZoneData(
          "alpha.rack",
          "appliance",
          List.of(InetAddress.ofLiteral("10.77.0.1")),
          7,
          60,
          List.of(
              host("etcd-1", "10.77.0.11", "fd00::11"),
              host("etcd-2", "10.77.0.12"),
              host("worker-1")),
          List.of(
              new ZoneData.Service("_etcd-server-ssl._tcp", 2380, "etcd-1"),
              new ZoneData.Service("_etcd-server-ssl._tcp", 2380, "etcd-2"),
              new ZoneData.Service("_etcd-client-ssl._tcp", 2379, "etcd-1")));
  private final Zone zone = Zone.of(DATA);

  static ZoneData.Host host(String label, String... addresses) {
    return new ZoneData.Host(
        label, java.util.Arrays.stream(addresses).map(InetAddress::ofLiteral).toList());
  }

  private Decision ask(String name, DnsRecordType type) {
    return zone.answer(new Question(Name.of(name), type, Question.CLASS_IN));
  }

  private Decision.Answer answer(String name, DnsRecordType type) {
    return assertInstanceOf(Decision.Answer.class, ask(name, type));
  }

  @Test
  void aHostHasItsAddressesByFamily() {
    assertEquals(
        List.of(new Rdata.Address(InetAddress.ofLiteral("10.77.0.11"))),
        answer("etcd-1.alpha.rack", DnsRecordType.A).answers().stream().map(Rr::data).toList());
    assertEquals(
        List.of(new Rdata.Address(InetAddress.ofLiteral("fd00::11"))),
        answer("etcd-1.alpha.rack", DnsRecordType.AAAA).answers().stream().map(Rr::data).toList());
  }

  @Test
  void theCaseOfANameDoesNotMatter() {
    assertEquals(1, answer("ETCD-1.Alpha.RACK", DnsRecordType.A).answers().size());
  }

  @Test
  void addressesLeadBackToTheirHost() {
    for (String reverse :
        List.of(
            "11.0.77.10.in-addr.arpa",
            "1.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa")) {
      assertEquals(
          List.of(new Rdata.Target(DnsRecordType.PTR, Name.of("etcd-1.alpha.rack"))),
          answer(reverse, DnsRecordType.PTR).answers().stream().map(Rr::data).toList());
    }
  }

  @Test
  void etcdFindsItsMembersAndTheirAddresses() {
    Decision.Answer answer = answer("_etcd-server-ssl._tcp.alpha.rack", DnsRecordType.SRV);
    assertEquals(
        List.of(
            new Rdata.Service(0, 100, 2380, Name.of("etcd-1.alpha.rack")),
            new Rdata.Service(0, 100, 2380, Name.of("etcd-2.alpha.rack"))),
        answer.answers().stream().map(Rr::data).toList());
    assertEquals(3, answer.additional().size());
  }

  @Test
  void theApexHasItsAuthorityAndServer() {
    assertEquals(1, answer("alpha.rack", DnsRecordType.SOA).answers().size());
    Decision.Answer servers = answer("alpha.rack", DnsRecordType.NS);
    assertEquals(
        new Rdata.Target(DnsRecordType.NS, Name.of("appliance.alpha.rack")),
        servers.answers().getFirst().data());
    assertEquals(1, servers.additional().size());
  }

  @ParameterizedTest
  @CsvSource({
    "nobody.alpha.rack, A, NXDOMAIN, alpha.rack",
    "x.etcd-1.alpha.rack, A, NXDOMAIN, alpha.rack",
    "etcd-2.alpha.rack, AAAA, NOERROR, alpha.rack",
    "worker-1.alpha.rack, A, NOERROR, alpha.rack",
    "_tcp.alpha.rack, SRV, NOERROR, alpha.rack",
    "alpha.rack, A, NOERROR, alpha.rack",
    "11.0.77.10.in-addr.arpa, A, NOERROR, 11.0.77.10.in-addr.arpa",
    "x.11.0.77.10.in-addr.arpa, PTR, NXDOMAIN, 11.0.77.10.in-addr.arpa",
  })
  void noSuchNameAndNoSuchTypeAreToldApartWithTheAuthority(
      String name, String type, String code, String apex) {
    Decision.Answer answer = answer(name, DnsRecordType.valueOf(type));
    assertEquals(
        code, answer.code().toString().toUpperCase(java.util.Locale.ROOT).replaceAll("\\(.*", ""));
    assertEquals(List.of(), answer.answers());
    assertEquals(1, answer.authority().size());
    Rr authority = answer.authority().getFirst();
    assertEquals(Name.of(apex), authority.owner());
    assertEquals(60, assertInstanceOf(Rdata.Authority.class, authority.data()).minimum());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"example.org", "rack", "xalpha.rack", "13.0.77.10.in-addr.arpa", "in-addr.arpa"})
  void namesOfOthersAreNotOurs(String name) {
    assertInstanceOf(Decision.NotOurs.class, ask(name, DnsRecordType.A));
  }

  @Test
  void theRootIsNotOurs() {
    assertInstanceOf(
        Decision.NotOurs.class,
        zone.answer(new Question(Name.ROOT, DnsRecordType.NS, Question.CLASS_IN)));
  }

  @Test
  void anyIsAnsweredByOneSmallRecord() {
    Decision.Answer answer = answer("etcd-1.alpha.rack", DnsRecordType.ANY);
    assertEquals(List.of(new Rdata.Minimal()), answer.answers().stream().map(Rr::data).toList());
    assertEquals(DnsResponseCode.NXDOMAIN, answer("nobody.alpha.rack", DnsRecordType.ANY).code());
    assertEquals(
        new Decision.Refuse(DnsResponseCode.NOTIMP, "any"), ask("example.org", DnsRecordType.ANY));
  }

  @Test
  void transfersOtherClassesAndMetaTypesAreRefused() {
    Decision transfer = new Decision.Refuse(DnsResponseCode.REFUSED, "transfer");
    assertEquals(transfer, ask("alpha.rack", DnsRecordType.AXFR));
    assertEquals(transfer, ask("example.org", DnsRecordType.IXFR));
    assertEquals(
        new Decision.Refuse(DnsResponseCode.NOTIMP, "type"), ask("alpha.rack", DnsRecordType.TSIG));
    assertEquals(
        new Decision.Refuse(DnsResponseCode.REFUSED, "class"),
        zone.answer(new Question(Name.of("version.bind"), DnsRecordType.TXT, 3)));
  }

  @Test
  void twoHostsOfOneNameAndNamesThatAreNoneAreRefused() {
    for (String label : List.of("appliance", "ETCD-1", "", "a..b", "x".repeat(64))) {
      assertThrows(
          IllegalArgumentException.class,
          () ->
              Zone.of(
                  new ZoneData(
                      "alpha.rack",
                      "appliance",
                      List.of(),
                      1,
                      60,
                      List.of(host("etcd-1"), host(label)),
                      List.of())),
          label);
    }
  }

  @Test
  void aHundredThousandHostsAreOneSnapshot() {
    List<ZoneData.Host> hosts =
        java.util.stream.IntStream.range(0, 100_000)
            .mapToObj(
                i -> host("n" + i, "10." + (i >> 16) + "." + (i >> 8 & 255) + "." + (i & 255)))
            .toList();
    Zone large = Zone.of(new ZoneData("b.rack", "ns", List.of(), 1, 60, hosts, List.of()));
    assertEquals(200_002, large.size());
    Decision found =
        large.answer(new Question(Name.of("n99999.b.rack"), DnsRecordType.A, Question.CLASS_IN));
    assertTrue(found instanceof Decision.Answer answer && answer.answers().size() == 1);
  }
}
