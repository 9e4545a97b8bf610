// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dns;

import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponseCode;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A domain and the reverse names of its addresses, as one immutable snapshot (RFC 1034 section
 * 4.3.2). A changed rack is a new zone.
 *
 * <p>Each reverse name is a zone of its own: the rest of the subnet may belong to the site, whose
 * resolvers know it.
 */
public final class Zone {
  private static final int REFRESH = 3600;
  private static final int RETRY = 600;
  private static final int EXPIRE = 86_400;
  private static final int WEIGHT = 100;
  private static final int FIRST_META_TYPE = 128;
  private static final int MAILB = 253;
  private static final int MAILA = 254;

  private final Map<Name, List<Rr>> records;
  private final Set<Name> apexes;

  private Zone(Map<Name, List<Rr>> records, Set<Name> apexes) {
    this.records = records;
    this.apexes = apexes;
  }

  /**
   * Builds the snapshot.
   *
   * @throws IllegalArgumentException if a name is none, or two hosts share one
   */
  public static Zone of(ZoneData data) {
    return new Builder(data).build();
  }

  /** How many names there are, those without records of their own included. */
  public int size() {
    return records.size();
  }

  /** Decides on a question; needs nothing but this snapshot. */
  Decision answer(Question question) {
    Optional<Decision> odd = odd(question);
    if (odd.isPresent()) {
      return odd.get();
    }
    Optional<Name> apex = apexOf(question.name());
    if (apex.isEmpty()) {
      return question.type().equals(DnsRecordType.ANY)
          // Whether the name exists is not known here, and all its records are what reflectors
          // want.
          ? new Decision.Refuse(DnsResponseCode.NOTIMP, "any")
          : new Decision.NotOurs();
    }
    List<Rr> here = records.get(question.name());
    if (here == null) {
      return negative(DnsResponseCode.NXDOMAIN, apex.get());
    }
    if (question.type().equals(DnsRecordType.ANY)) {
      int ttl = authority(apex.get()).ttl();
      return answer(List.of(new Rr(question.name(), ttl, new Rdata.Minimal())));
    }
    List<Rr> found = ofType(here, question.type());
    return found.isEmpty() ? negative(DnsResponseCode.NOERROR, apex.get()) : answer(found);
  }

  private static Optional<Decision> odd(Question question) {
    DnsRecordType type = question.type();
    if (type.equals(DnsRecordType.AXFR) || type.equals(DnsRecordType.IXFR)) {
      return Optional.of(new Decision.Refuse(DnsResponseCode.REFUSED, "transfer"));
    }
    if (question.dnsClass() != Question.CLASS_IN && question.dnsClass() != Question.CLASS_ANY) {
      return Optional.of(new Decision.Refuse(DnsResponseCode.REFUSED, "class"));
    }
    int number = type.intValue();
    boolean transaction = number >= FIRST_META_TYPE && number < DnsRecordType.IXFR.intValue();
    if (number == 0 || number == MAILA || number == MAILB || transaction) {
      return Optional.of(new Decision.Refuse(DnsResponseCode.NOTIMP, "type"));
    }
    return Optional.empty();
  }

  private Decision answer(List<Rr> found) {
    Set<Rr> additional = new LinkedHashSet<>();
    for (Rr record : found) {
      switch (record.data()) {
        case Rdata.Service service -> additional.addAll(addresses(service.target()));
        case Rdata.Target(DnsRecordType type, Name name) when type.equals(DnsRecordType.NS) ->
            additional.addAll(addresses(name));
        default -> {}
      }
    }
    return new Decision.Answer(DnsResponseCode.NOERROR, found, List.of(), List.copyOf(additional));
  }

  /** With the SOA record, so that it can be cached (RFC 2308 sections 2 and 3). */
  private Decision negative(DnsResponseCode code, Name apex) {
    return new Decision.Answer(code, List.of(), List.of(authority(apex)), List.of());
  }

  private Rr authority(Name apex) {
    return ofType(records.getOrDefault(apex, List.of()), DnsRecordType.SOA).getFirst();
  }

  private List<Rr> addresses(Name name) {
    return records.getOrDefault(name, List.of()).stream()
        .filter(record -> record.data() instanceof Rdata.Address)
        .toList();
  }

  private static List<Rr> ofType(List<Rr> records, DnsRecordType type) {
    return records.stream().filter(record -> record.data().type().equals(type)).toList();
  }

  private Optional<Name> apexOf(Name name) {
    for (Name at = name; !at.isRoot(); at = at.parent()) {
      if (apexes.contains(at)) {
        return Optional.of(at);
      }
    }
    return Optional.empty();
  }

  private static final class Builder {
    private final ZoneData data;
    private final Name domain;
    private final Name server;
    private final Rdata.Authority soa;
    private final Map<Name, List<Rr>> records = new HashMap<>();
    private final Set<Name> apexes = new HashSet<>();
    private final Set<Name> hosts = new HashSet<>();

    Builder(ZoneData data) {
      this.data = data;
      this.domain = Name.of(data.domain());
      this.server = below(data.serverName());
      Name mailbox = below("hostmaster");
      this.soa =
          new Rdata.Authority(
              server, mailbox, data.serial() & 0xffff_ffffL, REFRESH, RETRY, EXPIRE, data.ttl());
    }

    Zone build() {
      apex(domain);
      host(new ZoneData.Host(data.serverName(), data.serverAddresses()));
      data.hosts().forEach(this::host);
      for (ZoneData.Service service : data.services()) {
        Name name = below(service.name());
        add(name, new Rdata.Service(0, WEIGHT, service.port(), below(service.host())));
        // What lies between exists, though it has no records (RFC 4592 section 2.2.2).
        for (Name at = name.parent(); !at.equals(domain); at = at.parent()) {
          records.computeIfAbsent(at, _ -> new ArrayList<>());
        }
      }
      records.replaceAll((_, list) -> List.copyOf(list));
      return new Zone(Map.copyOf(records), Set.copyOf(apexes));
    }

    private Name below(String label) {
      return Name.of(label + "." + data.domain());
    }

    private void apex(Name name) {
      if (apexes.add(name)) {
        add(name, soa);
        add(name, new Rdata.Target(DnsRecordType.NS, server));
      }
    }

    private void host(ZoneData.Host host) {
      Name name = below(host.label());
      if (!hosts.add(name)) {
        throw new IllegalArgumentException("zone: two hosts are called " + name);
      }
      records.computeIfAbsent(name, _ -> new ArrayList<>());
      for (InetAddress address : host.addresses()) {
        add(name, new Rdata.Address(address));
        Name reverse = Name.reverse(address);
        apex(reverse);
        add(reverse, new Rdata.Target(DnsRecordType.PTR, name));
      }
    }

    private void add(Name owner, Rdata rdata) {
      records.computeIfAbsent(owner, _ -> new ArrayList<>()).add(new Rr(owner, data.ttl(), rdata));
    }
  }
}
