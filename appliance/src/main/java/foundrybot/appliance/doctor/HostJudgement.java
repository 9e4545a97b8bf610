// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.doctor;

import static foundrybot.appliance.doctor.Finding.fault;
import static foundrybot.appliance.doctor.Finding.warning;

import foundrybot.answerfiles.ApplianceSettings;
import foundrybot.answerfiles.Cidr;
import foundrybot.answerfiles.DhcpMode;
import foundrybot.answerfiles.Ports;
import foundrybot.answerfiles.TimeServer;
import foundrybot.appliance.doctor.Evidence.ClockState;
import foundrybot.appliance.doctor.Evidence.Desk;
import foundrybot.appliance.doctor.Evidence.Folder;
import foundrybot.appliance.doctor.Evidence.Host;
import foundrybot.appliance.doctor.Evidence.Link;
import foundrybot.appliance.doctor.Evidence.Listener;
import foundrybot.appliance.lifecycle.Diagnosis;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** What the machine of the appliance looks like: interface, ports, clock. */
final class HostJudgement {
  private static final int FULL_MTU = 1500;

  /** What the services ask for; a burst of a rack that is switched on at once must fit. */
  private static final long RECEIVE_BUFFER = 4 << 20;

  /** Below this a rack's logs and journal may not fit. */
  private static final long ROOM = 1L << 30;

  private record Service(String name, String protocol, int port) {}

  private final ApplianceSettings settings;
  private final Desk desk;
  private final Host host;
  private final List<Finding> found = new ArrayList<>();

  private HostJudgement(Evidence evidence, Host host) {
    this.settings = evidence.settings();
    this.desk = evidence.desk();
    this.host = host;
  }

  static List<Finding> of(Evidence evidence, Host host) {
    HostJudgement judgement = new HostJudgement(evidence, host);
    judgement.link();
    judgement.ports();
    judgement.system();
    host.folder().ifPresent(judgement::folder);
    return judgement.found;
  }

  private void link() {
    String address = settings.address().getHostAddress();
    Optional<Link> carrying =
        host.links().stream().filter(link -> prefix(link).isPresent()).findFirst();
    Optional<Link> named =
        settings
            .interfaceName()
            .flatMap(name -> host.links().stream().filter(l -> l.name().equals(name)).findFirst());
    if (settings.interfaceName().isPresent() && named.isEmpty()) {
      found.add(
          fault(
              "the interface is missing",
              "appliance.interface: " + settings.interfaceName().get() + "; there are " + names(),
              "correct it in the rack file"));
    }
    if (carrying.isEmpty()) {
      found.add(
          fault(
              "no interface has the appliance's address",
              address + "; there are " + names(),
              "'ip address add "
                  + settings.subnet()
                  + " dev "
                  + settings.interfaceName().orElse("INTERFACE")
                  + "', and for good in the system's network settings; or correct"
                  + " appliance.address"));
    }
    if (carrying.isPresent() && named.isPresent() && !carrying.equals(named)) {
      found.add(
          fault(
              "the address is on another interface",
              address + " is on " + carrying.get().name() + ", not on " + named.get().name(),
              "correct appliance.interface or the address"));
    }
    named.or(() -> carrying).ifPresent(this::link);
    carrying.ifPresent(link -> prefixLength(link));
  }

  private void link(Link link) {
    if (!link.up()) {
      found.add(
          fault("the interface is down", link.name(), "'ip link set " + link.name() + " up'"));
    } else if (!link.carrier()) {
      found.add(
          fault(
              "the interface has no carrier",
              link.name(),
              "plug in the cable; see the switch's port"));
    }
    if (link.mtu() < FULL_MTU) {
      found.add(
          warning(
              "the interface's MTU is small",
              link.name() + ": " + link.mtu() + " (expected: " + FULL_MTU + " or more)",
              "'ip link set "
                  + link.name()
                  + " mtu 1500', if the network carries it: firmware asks"
                  + " for TFTP blocks of 1468 bytes"));
    }
  }

  private void prefixLength(Link link) {
    prefix(link)
        .filter(own -> own.prefixLength() != settings.prefixLength())
        .ifPresent(
            own ->
                found.add(
                    fault(
                        "the subnet's size is another one than the rack file says",
                        link.name() + ": " + own + " (expected: " + settings.subnet() + ")",
                        "correct appliance.address, or the interface's prefix length")));
  }

  private Optional<Cidr> prefix(Link link) {
    return link.addresses().stream()
        .filter(own -> own.address().equals(settings.address()))
        .findFirst();
  }

  private String names() {
    return host.links().stream()
        .map(
            link ->
                link.name()
                    + link.addresses().stream().map(c -> " " + c).collect(Collectors.joining()))
        .collect(Collectors.joining(", "));
  }

  private List<Service> services() {
    Ports ports = settings.ports();
    List<Service> services = new ArrayList<>();
    if (settings.dhcp() != DhcpMode.OFF) {
      services.add(new Service("DHCP", "udp", ports.dhcp()));
      services.add(new Service("ProxyDHCP", "udp", ports.proxyDhcp()));
    }
    services.add(new Service("TFTP", "udp", ports.tftp()));
    services.add(new Service("HTTP", "tcp", ports.http()));
    if (settings.dnsServer()) {
      services.add(new Service("DNS", "udp", ports.dns()));
      services.add(new Service("DNS", "tcp", ports.dns()));
    }
    if (settings.timeServer() != TimeServer.OFF) {
      services.add(new Service("SNTP", "udp", ports.ntp()));
    }
    if (settings.syslog()) {
      services.add(new Service("syslog", "udp", ports.syslog()));
    }
    return services;
  }

  /** Whoever has the HTTP port of an appliance that answers there is the appliance. */
  private void ports() {
    boolean running = desk.state() == Desk.State.RUNNING;
    Optional<Long> self =
        running
            ? at(new Service("HTTP", "tcp", settings.ports().http())).stream()
                .map(Listener::process)
                .filter(process -> process != 0)
                .findFirst()
            : Optional.empty();
    for (Service service : services()) {
      List<Listener> holders = at(service);
      String port = service.protocol().toUpperCase(Locale.ROOT) + " " + service.port();
      List<String> others =
          holders.stream()
              .filter(l -> !running || (self.isPresent() && l.process() != self.get()))
              .map(HostJudgement::who)
              .distinct()
              .toList();
      if (!others.isEmpty()) {
        String evidence =
            port + " of " + settings.address().getHostAddress() + ": " + Judgement.some(others);
        found.add(
            others.size() < holders.size() && running
                // As libvirt's dnsmasq does on its own bridge: which one, /proc does not tell.
                ? warning(
                    "another program has the port of " + service.name() + ", too",
                    evidence,
                    "harmless if it is bound to another interface")
                : fault(
                    "another program has the port of " + service.name(),
                    evidence,
                    "stop it, or give one of the two another port or address" + off(service)));
      } else if (running && holders.isEmpty()) {
        found.add(
            fault(
                "the appliance does not listen for " + service.name(),
                port + " is not open",
                "stop it and start it again with this rack file; was the file changed since?"));
      }
    }
  }

  private static String off(Service service) {
    return switch (service.name()) {
      case "DNS" -> "; or 'dns-server: off'";
      case "SNTP" -> "; or 'time-server: off'";
      case "syslog" -> "; or 'syslog: off'";
      default -> "";
    };
  }

  private List<Listener> at(Service service) {
    return host.listeners().stream()
        .filter(l -> l.protocol().equals(service.protocol()) && l.port() == service.port())
        .filter(
            l ->
                l.address().equals("0.0.0.0")
                    || l.address().equals(settings.address().getHostAddress()))
        .toList();
  }

  private static String who(Listener listener) {
    return listener.process() == 0
        ? "unknown (root is told which)"
        : listener.program() + " (process " + listener.process() + ")";
  }

  private void folder(Folder folder) {
    if (!folder.writable()) {
      found.add(
          fault(
              "the appliance's disk is read-only",
              folder.path(),
              "see 'dmesg': the kernel does that at an error of the disk or of its file system"));
    }
    String left = (folder.usable() >> 20) + " MB left for " + folder.path();
    if (folder.usable() < Diagnosis.LEAST_ROOM) {
      found.add(
          fault(
              "the appliance's disk is full",
              left + " (expected: 256 or more)",
              "delete what is not the appliance's, or give the folder a disk of its own; nothing is"
                  + " acknowledged that cannot be written"));
    } else if (folder.usable() < ROOM) {
      found.add(
          warning(
              "the appliance's disk is nearly full",
              left + " (expected: 1024 or more)",
              "kernels and mirrors of packages lie there, too; make room before a rack is"
                  + " installed"));
    }
  }

  private void system() {
    host.receiveBuffer()
        .filter(bytes -> bytes < RECEIVE_BUFFER)
        .ifPresent(
            bytes ->
                found.add(
                    warning(
                        "sockets get small receive buffers",
                        "net.core.rmem_max: " + bytes + " (expected: 4194304 or more)",
                        "'sysctl -w net.core.rmem_max=4194304', and for good in /etc/sysctl.d:"
                            + " requests of many machines at once get lost")));
    if (host.clock() == ClockState.NOT_SET && settings.timeServer() == TimeServer.ON) {
      found.add(
          warning(
              "no time server sets this machine's clock",
              "neither systemd-timesyncd's mark of the last two hours, nor chronyd or ntpd",
              "'apt install systemd-timesyncd', or in a rack without a way out compare the clock"
                  + " by hand: all nodes take this time"));
    }
  }
}
