// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.net.Inet4Address;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The user's one input, read and checked: every name resolved, every default filled in.
 *
 * @param profile name of the default profile
 * @param roles built-in and the user's own, by name
 * @param nodes in the order of the file
 * @param bootProgramDigests SHA-256 in hex by file name, for boot programs the user pins
 * @param power what its wiring bears
 * @param retries how often a stuck machine is power-cycled
 * @param mesh the networks that nodes join when they are installed
 * @param phases in which the cluster comes together, in their order
 * @param webhooks who is told of what happens
 * @param talos the cluster of its nodes with Talos Linux
 * @param sha256 of its text in UTF-8, in hex: which of its versions it is
 * @param takenIn SHA-256 in hex of each file that it names and takes the content of, by its path
 *     below the rack file's folder
 */
public record RackFile(
    String cluster,
    String domain,
    String profile,
    ApplianceSettings appliance,
    Admin admin,
    Site site,
    Map<String, Role> roles,
    List<Node> nodes,
    Map<String, String> bootProgramDigests,
    PowerLimits power,
    RetryLimits retries,
    Optional<MeshSettings> mesh,
    List<Phase> phases,
    List<WebhookSettings> webhooks,
    Optional<TalosSettings> talos,
    String sha256,
    SortedMap<String, String> takenIn) {
  public RackFile {
    takenIn = Collections.unmodifiableSortedMap(new TreeMap<>(takenIn));
    roles = Collections.unmodifiableMap(new LinkedHashMap<>(roles));
    nodes = List.copyOf(nodes);
    phases = List.copyOf(phases);
    webhooks = List.copyOf(webhooks);
    bootProgramDigests = Collections.unmodifiableMap(new LinkedHashMap<>(bootProgramDigests));
  }

  /** The node with this address; a walk through the list, so not for the hot path. */
  public Optional<Node> node(Mac mac) {
    return nodes.stream().filter(node -> node.mac().equals(mac)).findFirst();
  }

  /** The node with this host name. */
  public Optional<Node> node(String name) {
    return nodes.stream().filter(node -> node.name().equals(name)).findFirst();
  }

  /**
   * The name servers of nodes and leases: the user's, or the appliance where it is one that a
   * resolver can ask.
   */
  public List<Inet4Address> nameServersIn(RackNetwork network) {
    boolean own = appliance.dnsServer() && appliance.ports().dns() == Ports.DNS;
    return network.dns().isEmpty() && own ? List.of(ownAddress(network)) : network.dns();
  }

  /** Those of the appliance's own network. */
  public List<Inet4Address> nameServers() {
    return nameServersIn(appliance.networks().getFirst());
  }

  /** The time servers of nodes and leases: the user's, or the appliance where it can be one. */
  public List<String> timeServersIn(RackNetwork network) {
    boolean own = appliance.timeServer() != TimeServer.OFF && appliance.ports().ntp() == Ports.NTP;
    return site.ntp().isEmpty() && own ? List.of(ownAddress(network).getHostAddress()) : site.ntp();
  }

  /** Those of the appliance's own network. */
  public List<String> timeServers() {
    return timeServersIn(appliance.networks().getFirst());
  }

  /** Where the appliance is reached from there: behind a relay, at its first address. */
  private Inet4Address ownAddress(RackNetwork network) {
    return network.address().orElse(appliance.address());
  }

  /** The phase of that node; empty if its role is in none. */
  public Optional<Phase> phaseOf(Node node) {
    return phases.stream().filter(phase -> phase.roles().contains(node.role().name())).findFirst();
  }

  /** What that node has to prove: the checks of its phase, its role's and its own. */
  public List<NodeCheck> checksOf(Node node) {
    return phaseOf(node).map(phase -> phase.checksOf(node)).orElse(List.of());
  }

  /** How often that node is power-cycled when it is stuck: the rack's, its role's, its own. */
  public RetryLimits retriesOf(Node node) {
    return retries.with(node.attempts());
  }

  /** What is asked of that node's TPM: nothing of who is not in the mesh. */
  public TpmRule tpmOf(Node node) {
    return mesh.filter(it -> it.has(node)).isPresent() ? node.tpm() : TpmRule.OFF;
  }

  /** The node's full name, such as {@code etcd-1.alpha.rack}. */
  public String fqdn(Node node) {
    return node.name() + "." + domain;
  }
}
