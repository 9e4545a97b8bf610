// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** The names that the templates of all profiles may use; docs/answer-files.md explains them. */
record AnswerValues(RackFile rack, Node node, RunContext run) {
  /** All of them; a profile's own must be others. */
  static final Set<String> NAMES =
      Set.of(
          ("node fqdn mac macDigits bootif role cluster domain profile system version nodeUrl"
               + " applianceUrl artifactUrl instanceId suite installerSuite packageSource"
               + " mirrorHost mirrorDirectory packages packageList adminUser sshKeys sshKeyList"
               + " sshKeysBase64 timezone hasNtp ntpServer ntp ntpServers ntpLine autoDisk disk"
               + " hasAddress address cidr prefixLength netmask hasGateway gateway hasDns dns"
               + " dnsServer dnsServers hasStaticDns resolvConf hasKernelArguments kernelArguments"
               + " kernelArgumentList hasImage imageUrl imageSha256 imageSize urlLine nodeLine"
               + " fqdnLine macLine roleLine clusterLine runConf nodeConf firstBootScript"
               + " firstBootUnit hasMesh meshPorts meshConf meshConfBase64 meshScript meshService"
               + " meshTimer diskProperties layout isSingle isRaid1 isLvm isEncrypted isZfs"
               + " hasRaidDisks raidDisks raidDisk1 raidDisk2 hasDataDisks dataDisks"
               + " dataDisksScript hasNetwork networkdFiles tpmBindScript hasLog logHost logPort"
               + " logTarget isControlPlane talosEndpoint talosEndpointHost talosInterfaces"
               + " talosClusterId talosClusterSecret talosBootstrapToken talosSecretbox talosToken"
               + " talosEtcdCrt talosEtcdKey talosK8sCrt talosK8sKey talosAggregatorCrt"
               + " talosAggregatorKey talosServiceAccountKey talosOsCrt talosOsKey netplan"
               + " nmKeyfiles ifupdown2Script ifupdownNgScript bootMirrorScript raidNames text"
               + " shell base64 word hasSettings settingsScript settingsScriptBase64 hasHostFiles"
               + " hostFiles allHostFiles enabledUnits disabledUnits hasSysctls sysctls hasLabels"
               + " labels labelLines hasAuthority authorityPem secureNodeUrl")
              .split(" "));

  /** Those that arguments of kernels are made of come first. */
  LazyValues map() {
    return new LazyValues(
        List.of(
            this::basics,
            this::log,
            () -> DiskValues.map(node),
            this::image,
            this::people,
            this::packages,
            this::network,
            () -> new LateValues(rack, node, run).map(),
            () -> new NetworkValues(rack, node, run).map(),
            () -> HostValues.map(node),
            () -> new SecureValues(run).map(),
            () -> new TalosValues(rack, node, run).map()));
  }

  private Map<String, Object> basics() {
    String nodeUrl = NodeValues.url("nodeUrl", run.nodeUrl());
    Profile profile = node.profile();
    Map<String, Object> map = new LinkedHashMap<>(profile.values());
    map.put("node", node.name());
    map.put("fqdn", rack.fqdn(node));
    map.put("mac", node.mac().toString());
    map.put("macDigits", node.mac().toString().replace(":", ""));
    map.put("bootif", node.mac().bootif());
    map.put("role", node.role().name());
    map.put("cluster", rack.cluster());
    map.put("domain", rack.domain());
    map.put("profile", profile.name());
    map.put("system", profile.system());
    map.put("version", profile.version());
    map.put("nodeUrl", nodeUrl);
    map.put("applianceUrl", NodeValues.url("applianceUrl", run.applianceUrl()));
    map.put("artifactUrl", nodeUrl + "/artifact");
    map.put("suite", profile.suite());
    map.put("installerSuite", run.installerSuite().orElse(profile.suite()));
    map.put("hasKernelArguments", !node.kernelArguments().isEmpty());
    map.put("kernelArguments", String.join(" ", node.kernelArguments()));
    map.put("kernelArgumentList", node.kernelArguments());
    return map;
  }

  /** Another one for each run, so that a system does not take an earlier one's for its own. */
  private static String instanceId(String nodeUrl) {
    return UUID.nameUUIDFromBytes(nodeUrl.getBytes(StandardCharsets.UTF_8)).toString();
  }

  private Map<String, Object> packages() {
    Map<String, Object> map = new LinkedHashMap<>();
    NodeValues.Mirror mirror = NodeValues.mirror(rack, node, run);
    map.put("packageSource", mirror.url());
    map.put("mirrorHost", mirror.host());
    map.put("mirrorDirectory", mirror.directory());
    List<String> packages = NodeValues.packages(rack, node);
    map.put("packages", String.join(" ", packages));
    map.put("packageList", packages);
    map.put("instanceId", instanceId(NodeValues.url("nodeUrl", run.nodeUrl())));
    return map;
  }

  private Map<String, Object> people() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("adminUser", rack.admin().user());
    map.put("sshKeyList", rack.admin().sshKeys());
    map.put("sshKeysBase64", DeployConf.sshKeys(rack));
    map.put("timezone", rack.site().timezone());
    List<String> ntp = NodeValues.ntp(rack, node, run);
    map.put("ntpServer", first(ntp));
    map.put("ntp", String.join(" ", ntp));
    map.put("ntpServers", ntp);
    return map;
  }

  private Map<String, Object> network() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("hasAddress", node.address().isPresent());
    map.put("cidr", node.address().map(Cidr::toString).orElse(""));
    map.put("address", node.address().map(cidr -> cidr.address().getHostAddress()).orElse(""));
    map.put("netmask", node.address().map(cidr -> cidr.mask().getHostAddress()).orElse(""));
    map.put(
        "prefixLength",
        node.address().map(cidr -> Integer.toString(cidr.prefixLength())).orElse(""));
    // Who has a lease has its gateway from there.
    String gateway =
        node.address()
            .flatMap(_ -> NodeValues.gateway(rack, node))
            .map(address -> address.getHostAddress())
            .orElse("");
    map.put("hasGateway", !gateway.isEmpty());
    map.put("gateway", gateway);
    List<String> dns = NodeValues.dns(rack, node, run);
    map.put("hasDns", !dns.isEmpty());
    map.put("dnsServer", first(dns));
    map.put("dns", String.join(" ", dns));
    map.put("dnsServers", dns);
    return map;
  }

  /** Where the installer's log goes to: where this node has reached the appliance. */
  private Map<String, Object> log() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("hasLog", rack.appliance().syslog());
    map.put("logHost", run.applianceUrl().getHost());
    map.put("logPort", Integer.toString(rack.appliance().ports().syslog()));
    map.put("logTarget", NodeValues.logTarget(rack, run));
    return map;
  }

  private Map<String, Object> image() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("hasImage", run.image().isPresent());
    run.image()
        .ifPresent(
            image -> {
              map.put("imageUrl", NodeValues.url("image", image.url()));
              map.put("imageSha256", image.sha256());
              map.put("imageSize", Long.toString(image.size()));
            });
    return map;
  }

  private static String first(List<String> texts) {
    return texts.isEmpty() ? "" : texts.getFirst();
  }
}
