// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bench;

import foundrybot.rig.bench.Contender.Ready;
import foundrybot.rig.bench.Subject.Role;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The servers that Debian brings, each set up as its own documentation advises for this use. Their
 * lease files are in memory, as is the appliance's state.
 */
final class Peers {
  /** dnsmasq's usual limits are 50 transfers and 1,000 leases. */
  private static final String DNSMASQ_LIMITS = "tftp-max=5000\ndhcp-lease-max=60000\n";

  private static final String KEA_LOGGERS =
      "\"loggers\": [{\"name\": \"kea-dhcp4\", \"severity\": \"ERROR\","
          + " \"output_options\": [{\"output\": \"stderr\"}]}]";

  private static final Contender DNSMASQ =
      new Contender(
          "dnsmasq", "dnsmasq", "dnsmasq-base", new Ready("udp", 67), bay -> dnsmasq(bay, false));
  private static final Contender DNSMASQ_PROXY =
      new Contender(
          "dnsmasq proxy",
          "dnsmasq",
          "dnsmasq-base",
          new Ready("udp", 4011),
          bay -> dnsmasq(bay, true));
  private static final Contender KEA =
      new Contender("Kea", "kea-dhcp4", "kea-dhcp4-server", new Ready("udp", 67), Peers::kea);
  private static final Contender HPA =
      new Contender("tftpd-hpa", "in.tftpd", "tftpd-hpa", new Ready("udp", 69), Peers::hpa);
  private static final Contender ATFTPD =
      new Contender("atftpd", "atftpd", "atftpd", new Ready("udp", 69), Peers::atftpd);
  private static final Contender NGINX =
      new Contender("nginx", "nginx", "nginx-light", new Ready("tcp", 80), Peers::nginx);

  static final List<Subject> ALL =
      List.of(
          new Subject("dnsmasq", Role.DHCP_SERVER, List.of(DNSMASQ)),
          new Subject("Kea", Role.DHCP_SERVER, List.of(KEA)),
          new Subject("dnsmasq proxy", Role.DHCP_PROXY, List.of(DNSMASQ_PROXY)),
          new Subject("dnsmasq", Role.TFTP, List.of(DNSMASQ)),
          new Subject("tftpd-hpa", Role.TFTP, List.of(HPA)),
          new Subject("atftpd", Role.TFTP, List.of(ATFTPD)),
          new Subject("nginx", Role.HTTP, List.of(NGINX)),
          new Subject("dnsmasq + nginx", Role.STORM_SERVER, List.of(DNSMASQ, NGINX)),
          new Subject("dnsmasq proxy + nginx", Role.STORM_PROXY, List.of(DNSMASQ_PROXY, NGINX)),
          new Subject("Kea + atftpd + nginx", Role.STORM_SERVER, List.of(KEA, ATFTPD, NGINX)),
          new Subject("Kea + tftpd-hpa + nginx", Role.STORM_SERVER, List.of(KEA, HPA, NGINX)));

  private Peers() {}

  /** What is not installed: program to the line that brings it. */
  static Map<String, String> missing() {
    Map<String, String> missing = new TreeMap<>();
    for (Subject subject : ALL) {
      for (Contender peer : subject.servers()) {
        if (program(peer.program()).isEmpty()) {
          missing.put(peer.program(), "apt install " + peer.debianPackage());
        }
      }
    }
    return missing;
  }

  private static java.util.Optional<Path> program(String name) {
    return Shell.find(name)
        .or(() -> name.equals("atftpd") ? Unpacked.atftpd() : java.util.Optional.empty());
  }

  private static String path(String name) {
    return program(name)
        .map(Path::toString)
        .orElseThrow(() -> new BenchException(name + ": not installed"));
  }

  static String write(Path file, String text) {
    try {
      Files.writeString(file, text);
      return file.toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path fresh(Path file) {
    try {
      Files.deleteIfExists(file);
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> dnsmasq(Bay bay, boolean proxy) {
    Path folder = bay.folder();
    String addresses =
        proxy
            ? "dhcp-range="
                + bay.network()
                + ",proxy,255.255.0.0\n"
                + "pxe-service=x86-64_EFI,\"Boot\",ipxe.efi\n"
            : "dhcp-range="
                + bay.poolFirst()
                + ","
                + bay.poolLast()
                + ",255.255.0.0,1h\n"
                + "dhcp-authoritative\n";
    String text =
        "port=0\ninterface="
            + Bay.INTERFACE
            + "\nexcept-interface=lo\nuser=root\nno-ping\n"
            + "quiet-dhcp\nquiet-tftp\ndhcp-boot=ipxe.efi\nenable-tftp\n"
            + DNSMASQ_LIMITS
            + addresses
            + "tftp-root="
            + bay.www()
            + "\n"
            + "log-facility="
            + folder.resolve("dnsmasq-own.log")
            + "\n"
            + "dhcp-leasefile="
            + fresh(folder.resolve("dnsmasq.leases"))
            + "\n"
            + "pid-file="
            + folder.resolve("dnsmasq.pid")
            + "\n";
    return List.of(path("dnsmasq"), "-k", "-C", write(folder.resolve("dnsmasq.conf"), text));
  }

  private static List<String> kea(Bay bay) {
    Path folder = bay.folder();
    Path leases = folder.resolve("kea-leases.csv");
    for (String suffix : List.of("", ".1", ".2", ".completed", ".output", ".pid")) {
      fresh(folder.resolve("kea-leases.csv" + suffix));
    }
    String text =
        "{\"Dhcp4\": {\"interfaces-config\": {\"interfaces\": [\""
            + Bay.INTERFACE
            + "\"], \"dhcp-socket-type\": \"udp\"},\n"
            + "\"lease-database\": {\"type\": \"memfile\", \"persist\": true, \"name\": \""
            + leases
            + "\", \"lfc-interval\": 0},\n"
            + "\"valid-lifetime\": 3600, \"next-server\": \""
            + bay.server()
            + "\", \"boot-file-name\": \"ipxe.efi\",\n"
            + "\"subnet4\": [{\"id\": 1, \"subnet\": \""
            + bay.network()
            + "/16\", \"pools\":"
            + " [{\"pool\": \""
            + bay.poolFirst()
            + " - "
            + bay.poolLast()
            + "\"}]}],\n"
            + KEA_LOGGERS
            + "}}\n";
    return List.of(
        "env",
        "KEA_PIDFILE_DIR=" + folder,
        "KEA_LOCKFILE_DIR=" + folder,
        path("kea-dhcp4"),
        "-c",
        write(folder.resolve("kea.conf"), text));
  }

  private static List<String> hpa(Bay bay) {
    return List.of(
        path("in.tftpd"),
        "-L",
        "-4",
        "-a",
        bay.server() + ":69",
        "-u",
        "root",
        "-s",
        bay.www().toString());
  }

  private static List<String> atftpd(Bay bay) {
    return List.of(
        path("atftpd"),
        "--daemon",
        "--no-fork",
        "--user",
        "root.root",
        "--maxthread",
        "6000",
        "--verbose=0",
        "--logfile",
        bay.folder().resolve("atftpd-own.log").toString(),
        "--bind-address",
        bay.server(),
        "--port",
        "69",
        bay.www().toString());
  }

  private static List<String> nginx(Bay bay) {
    Path folder = bay.folder();
    List<String> temporary = new ArrayList<>();
    for (String kind : List.of("client_body", "proxy", "fastcgi", "uwsgi", "scgi")) {
      temporary.add(kind + "_temp_path " + folder.resolve("nginx-" + kind) + ";");
    }
    String text =
        "user root; worker_processes 1; daemon off; worker_rlimit_nofile 65536;\n"
            + "pid "
            + folder.resolve("nginx.pid")
            + "; error_log "
            + folder.resolve("nginx-own.log")
            + ";\n"
            + "events { worker_connections 20000; }\n"
            + "http { access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000;\n"
            + "open_file_cache max=100; default_type application/octet-stream;\n"
            + String.join("\n", temporary)
            + "\nserver { listen 80 backlog=8192; root "
            + bay.www()
            + ";\n"
            + Certificate.nginx(folder, bay.server())
            + "location = /callback { return 204; } } }\n";
    return List.of(
        path("nginx"),
        "-c",
        write(folder.resolve("nginx.conf"), text),
        "-e",
        folder.resolve("nginx-own.log").toString());
  }
}
