// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The rules of all scalars of the rack file. */
final class Rules {
  private static final String LABEL = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?";
  private static final String DOMAIN = LABEL + "(\\." + LABEL + ")*";

  /** RFC 1035 allows 255 octets on the wire, 253 as text; a label and its dot are kept free. */
  private static final int LONGEST_DOMAIN = 253 - 64;

  private static final String OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";
  private static final String IPV4 = OCTET + "(\\." + OCTET + "){3}";
  private static final String LENGTH = "/([0-9]|[12][0-9]|3[0-2])";

  /** Accounts that Debian's base system has of its own, or that its packages commonly make. */
  private static final Set<String> SYSTEM_USERS =
      Set.of(
          "root daemon bin sys sync games man lp mail news uucp proxy www-data backup list irc"
              .concat(" gnats nobody _apt sshd messagebus admin sudo adm tty disk systemd-network")
              .concat(" systemd-resolve systemd-timesync polkitd haproxy keepalived_script etcd")
              .split(" "));

  private static final String ARGUMENT_NAMES =
      "(auto|priority|url|preseed/url|preseed|interface|hostname|domain|BOOTIF|foundrybot\\..*"
          + "|netcfg/.*)(=.*)?";

  static final Rule MAC =
      Rule.matching(
          "the MAC of one machine, such as 52:54:00:aa:00:01",
          "[0-9A-Fa-f]{2}([:-][0-9A-Fa-f]{2}){5}|[0-9A-Fa-f]{4}(\\.[0-9A-Fa-f]{4}){2}"
              + "|[0-9A-Fa-f]{12}",
          text -> Mac.parse(text).filter(mac -> !mac.isMulticast() && mac.bits() != 0).isPresent());
  static final Rule LABEL_NAME =
      Rule.pattern(
          "1..63 lower-case letters, digits and inner hyphens (RFC 1123), such as rack-1", LABEL);
  static final Rule DOMAIN_NAME =
      Rule.matching(
          "a domain in lower case of at most " + LONGEST_DOMAIN + " characters, such as alpha.rack",
          DOMAIN,
          text ->
              text.length() <= LONGEST_DOMAIN
                  && text.matches(DOMAIN)
                  && !text.matches("(.*\\.)?\\d+"));
  static final Rule INTERFACE =
      Rule.pattern(
          "a network interface of at most 15 characters, such as eth0 or eth0.20",
          "[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}(@[A-Za-z0-9_][A-Za-z0-9_.-]{0,14})?");
  static final Rule ADDRESS = Rule.pattern("an IPv4 address, such as 10.77.0.1", IPV4);
  static final Rule ADDRESS_OR_CIDR =
      Rule.pattern(
          "an IPv4 address with or without its prefix length, such as 10.77.0.12/24",
          IPV4 + "(" + LENGTH + ")?");
  static final Rule SUBNET =
      Rule.matching(
          "a subnet by its first address and prefix length (1..30), such as 10.78.0.0/24",
          IPV4 + LENGTH,
          text ->
              Cidr.parse(text)
                  .filter(c -> c.network().equals(c.address()))
                  .filter(c -> c.prefixLength() >= 1 && c.prefixLength() <= 30)
                  .filter(c -> RackBuilder.isHost(c, Ipv4.of(Ipv4.bits(c.address()) + 1)))
                  .isPresent());
  static final Rule ROUTE =
      Rule.matching(
          "a subnet by its first address and prefix length, such as 10.90.0.0/16",
          IPV4 + LENGTH,
          text -> Cidr.parse(text).filter(c -> c.network().equals(c.address())).isPresent());
  static final Rule OPTION_CODE =
      Rule.matching(
          "the code of a DHCP option, 1..254",
          "[1-9][0-9]{0,2}",
          text -> text.matches("[1-9][0-9]{0,2}") && Integer.parseInt(text) <= 254);
  static final Rule OPTION_VALUE =
      Rule.pattern("1..800 printable ASCII characters", "[ -~]{1,800}");
  static final Rule RANGE =
      Rule.matching(
          "the first and the last IPv4 address, such as 10.77.0.100-10.77.0.199",
          IPV4 + " ?- ?" + IPV4,
          text -> Values.range(text).isPresent());
  static final Rule PORT = Rule.number(1, 65535);
  static final Rule PORT_OR_OFF =
      new Rule(
          "1..65535, or off",
          text -> text.equals("off") || PORT.accepts().test(text),
          Map.of("anyOf", List.of(PORT.schema(), Map.of("const", "off"))),
          List.of());
  static final Rule PER_SECOND =
      new Rule(
          "0.1..100",
          text -> text.matches("\\d{1,3}(\\.\\d{1,3})?") && isRate(Double.parseDouble(text)),
          Map.of(
              "type",
              "number",
              "minimum",
              PowerLimits.LEAST_PER_SECOND,
              "maximum",
              PowerLimits.MOST_PER_SECOND),
          List.of());
  static final Rule CYCLE_EVERY =
      Rule.matching(
          "1m to 24h, such as 15m", RetryLimits.FORM, text -> RetryLimits.span(text).isPresent());
  static final Rule ABSOLUTE_FILE =
      Rule.matching(
          "the absolute path of a file, such as /etc/foundrybot/tls.pem",
          "/[^\\x00-\\x1f]{1,1023}",
          text -> text.startsWith("/") && text.length() <= 1024 && !text.endsWith("/"));
  static final Rule DHCP = Rule.oneOf(List.of("proxy", "server", "off"));
  static final Rule SWITCH = Rule.oneOf(List.of("on", "off"));
  static final Rule TIME_SERVER = Rule.oneOf(List.of("on", "synchronised", "off"));
  static final Rule ETCD_DISCOVERY = Rule.oneOf(List.of("tls", "plain", "off"));
  static final Rule ANY_ADDRESS =
      Rule.matching(
          "an IPv4 or IPv6 address, such as 10.77.0.100 or fd77::100",
          IPV4 + "|[0-9A-Fa-f:]{2,39}",
          Rules::isAddress);
  static final Rule ACCEPT = Rule.oneOf(List.of("auto", "armed"));
  static final Rule UNKNOWN = Rule.oneOf(List.of("ignore", "discover"));
  static final Rule USER =
      Rule.matching(
          "an account of 1..31 lower-case letters, digits, _ and -, not one of the system's own"
              + " such as root",
          "[a-z_][a-z0-9_-]{0,30}",
          text -> text.matches("[a-z_][a-z0-9_-]{0,30}") && !SYSTEM_USERS.contains(text));
  static final Rule SSH_KEY =
      Rule.matching(
          "one line of an OpenSSH public key file (*.pub), such as: ssh-ed25519 AAAAC3Nz... me",
          "(ssh-|ecdsa-|sk-)[a-z0-9@.-]+ [A-Za-z0-9+/]+={0,2}( .*)?",
          SshKey::isPublicKey);
  static final Rule TIMEZONE =
      Rule.matching(
          "a time zone of the tz database, such as Europe/Berlin or UTC",
          "UTC|[A-Z][A-Za-z_]+(/[A-Za-z0-9_+-]+){1,2}",
          text -> zones().contains(text));
  static final Rule MIRROR =
      Rule.matching(
          "the http:// URL of a Debian mirror, such as http://mirror.example/debian",
          "http://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~+-]+)*/?",
          Rules::isMirror);
  static final Rule HOST = Rule.pattern("a host name or an IPv4 address", DOMAIN);
  static final Rule PACKAGE =
      Rule.pattern("the name of a Debian package, such as haproxy", "[a-z0-9][a-z0-9+.-]{1,127}");

  /** As the kernel and udev name them: an installer that is given one has no disk to divide. */
  private static final Pattern PARTITION =
      Pattern.compile(
          "/dev/((sd|vd|hd)[a-z]+[0-9]+|(nvme[0-9]+n|mmcblk)[0-9]+p[0-9]+|disk/.*-part[0-9]+"
              + "|disk/by-(uuid|label|partuuid|partlabel)/.*)");

  static final Rule DISK =
      Rule.matching(
          "auto, or a device such as /dev/vda or /dev/disk/by-id/..., and no partition of one",
          "auto|/dev/[A-Za-z0-9._:@+-]+(/[A-Za-z0-9._:@+-]+)*",
          text ->
              text.matches("auto|/dev/[A-Za-z0-9._:@+-]+(/[A-Za-z0-9._:@+-]+)*")
                  && !text.contains("..")
                  && !text.contains("/./")
                  && !PARTITION.matcher(text).matches());
  static final Rule ARGUMENT =
      Rule.matching(
          "one kernel argument without spaces and quotes, such as mitigations=off, and none of"
              + " FoundryBot's own (url, BOOTIF, ...)",
          "[A-Za-z][A-Za-z0-9_.,:=/@%+-]{0,255}",
          text ->
              text.matches("[A-Za-z][A-Za-z0-9_.,:=/@%+-]{0,255}")
                  && !text.matches(ARGUMENT_NAMES));
  static final Rule FILE_NAME =
      Rule.pattern("a file name, such as ipxe.efi", "[A-Za-z0-9][A-Za-z0-9._-]{0,127}");
  static final Rule SHA256 = Rule.pattern("a SHA-256 as 64 hex digits", "[0-9A-Fa-f]{64}");

  private Rules() {}

  private static boolean isRate(double rate) {
    return rate >= PowerLimits.LEAST_PER_SECOND && rate <= PowerLimits.MOST_PER_SECOND;
  }

  private static boolean isAddress(String text) {
    try {
      InetAddress address = InetAddress.ofLiteral(text);
      return text.matches(IPV4 + "|[0-9A-Fa-f:]+")
          && !address.isAnyLocalAddress()
          && !address.isMulticastAddress();
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  static Set<String> zones() {
    return ZoneId.getAvailableZoneIds().stream()
        .filter(id -> id.equals("UTC") || (id.contains("/") && !id.startsWith("SystemV/")))
        .collect(Collectors.toSet());
  }

  private static boolean isMirror(String text) {
    try {
      URI uri = new URI(text);
      return "http".equals(uri.getScheme())
          && uri.getHost() != null
          && uri.getUserInfo() == null
          && uri.getQuery() == null
          && uri.getFragment() == null
          && uri.getPort() != 0
          && uri.getPort() <= 65535
          && text.matches("http://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~+-]+)*/?")
          && !text.matches(".*/\\.{1,2}(/.*)?");
    } catch (URISyntaxException e) {
      return false;
    }
  }
}
