// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.net.Inet4Address;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** What all answer files of one node say, in the form that they say it. */
final class NodeValues {
  static final List<String> CONSOLES = List.of("console=tty0", "console=ttyS0,115200n8");
  private static final Pattern URL =
      Pattern.compile("http://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~-]+)*");

  private NodeValues() {}

  /** The URL without its last slash; all that the network and the caller's token may hold. */
  static String url(String what, URI uri) {
    String trimmed = trimmed(uri.toString());
    if (!URL.matcher(trimmed).matches()) {
      // The URL holds the run's token, so it stays out of the message.
      throw new RenderException(what + ": malformed (expected: http://HOST[:PORT]/PATH)");
    }
    return trimmed;
  }

  private static String trimmed(String url) {
    return url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
  }

  /** The site's gateway is one of the appliance's own network. */
  static Optional<Inet4Address> gateway(RackFile rack, Node node) {
    Optional<RackNetwork> other = otherNetwork(rack, node);
    return other.isPresent()
        ? other.get().router()
        : rack.site().gateway().or(() -> rack.appliance().router());
  }

  private static Optional<RackNetwork> otherNetwork(RackFile rack, Node node) {
    return node.address()
        .flatMap(cidr -> NetworkBuilder.of(rack.appliance().others(), cidr.address()));
  }

  /** A node without an address of its own is where it reached the appliance. */
  private static Optional<RackNetwork> otherNetwork(RackFile rack, Node node, RunContext run) {
    return node.address().isPresent()
        ? otherNetwork(rack, node)
        : rack.appliance().others().stream()
            .filter(
                network ->
                    network
                        .address()
                        .map(Inet4Address::getHostAddress)
                        .filter(own -> own.equals(run.applianceUrl().getHost()))
                        .isPresent())
            .findFirst();
  }

  static List<String> ntp(RackFile rack, Node node, RunContext run) {
    return otherNetwork(rack, node, run).map(rack::timeServersIn).orElseGet(rack::timeServers);
  }

  static List<String> dns(RackFile rack, Node node, RunContext run) {
    List<Inet4Address> servers =
        otherNetwork(rack, node, run).map(rack::nameServersIn).orElseGet(rack::nameServers);
    return servers.stream().map(Inet4Address::getHostAddress).toList();
  }

  /** Where logs go to: where this node has reached the appliance, with the port. */
  static String logTarget(RackFile rack, RunContext run) {
    return run.applianceUrl().getHost() + ":" + rack.appliance().ports().syslog();
  }

  /** What takes the time from the site's servers. */
  static final String TIME_PACKAGE = "systemd-timesyncd";

  /** What the program needs that keeps a node in the mesh. */
  private static final List<String> MESH_PACKAGES =
      List.of("wireguard-tools", "nftables", "openssl", "iproute2");

  /** What the same program needs to speak to a TPM. */
  private static final String TPM_PACKAGE = "tpm2-tools";

  static List<String> packages(RackFile rack, Node node) {
    List<String> ofDebian = new ArrayList<>(node.packages());
    if (!rack.timeServers().isEmpty()) {
      ofDebian.add(TIME_PACKAGE);
    }
    if (rack.mesh().filter(mesh -> mesh.has(node)).isPresent()) {
      ofDebian.addAll(MESH_PACKAGES);
    }
    if (rack.tpmOf(node).use() == TpmRule.Use.REQUIRED) {
      ofDebian.add(TPM_PACKAGE);
    }
    Set<String> packages = new LinkedHashSet<>(node.profile().packages());
    ofDebian.forEach(name -> packages.add(node.profile().packageNames().getOrDefault(name, name)));
    return List.copyOf(packages);
  }

  /** Where the tunnels of the planes end that the node is in: ports of UDP. */
  static List<String> meshPorts(RackFile rack, Node node) {
    return rack.mesh().stream()
        .flatMap(mesh -> mesh.planes().stream())
        .filter(plane -> plane.has(node))
        .map(plane -> Integer.toString(plane.port()))
        .toList();
  }

  /** Where the node's packages come from: its profile's own source, or the mirror. */
  static Mirror mirror(RackFile rack, Node node, RunContext run) {
    String url =
        node.profile()
            .packageSource()
            .map(source -> trimmed(source.toString()))
            .orElseGet(() -> debianMirror(rack, run));
    URI uri = URI.create(url);
    String port = uri.getPort() < 0 || uri.getPort() == 80 ? "" : ":" + uri.getPort();
    String path = uri.getPath().isEmpty() ? "/" : uri.getPath();
    return new Mirror(url, uri.getHost() + port, path);
  }

  private static String debianMirror(RackFile rack, RunContext run) {
    return rack.site()
        .mirror()
        .map(mirror -> url("site.mirror", mirror))
        .orElseGet(() -> url("applianceUrl", run.applianceUrl()) + "/debian");
  }

  /**
   * A source of packages.
   *
   * @param host with its port, if that is another than 80
   * @param directory its path, at least a slash
   */
  record Mirror(String url, String host, String directory) {}
}
