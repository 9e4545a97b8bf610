// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.answerfiles.ApplianceSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whom the appliance asks for names that are not the cluster's. */
final class Resolvers {
  static final Path SYSTEM = Path.of("/etc/resolv.conf");

  private static final Logger LOG = LoggerFactory.getLogger(Resolvers.class);
  private static final Pattern NAMESERVER = Pattern.compile("\\s*nameserver\\s+(\\S+)");
  private static final int PORT = 53;

  /** As many as the C library takes from that file. */
  private static final int MOST = 3;

  private static final int LONGEST = 64 << 10;

  private Resolvers() {}

  /** The rack file's, or else the system's; never the appliance itself, which would ask itself. */
  static List<InetSocketAddress> of(ApplianceSettings settings, Path system) {
    List<InetAddress> own =
        settings.networks().stream()
            .flatMap(network -> network.address().stream())
            .<InetAddress>map(address -> address)
            .toList();
    List<InetAddress> named = List.copyOf(settings.dns());
    return (named.isEmpty() ? nameservers(system) : named)
        .stream()
            .filter(address -> !own.contains(address))
            .map(address -> new InetSocketAddress(address, PORT))
            .toList();
  }

  private static List<InetAddress> nameservers(Path file) {
    try {
      if (!Files.exists(file) || Files.size(file) > LONGEST) {
        return List.of();
      }
      return Files.readString(file, StandardCharsets.ISO_8859_1)
          .lines()
          .flatMap(Resolvers::nameserver)
          .limit(MOST)
          .toList();
    } catch (IOException e) {
      LOG.warn("{}: not readable, no other names are known: {}", file, e.getMessage());
      return List.of();
    }
  }

  private static Stream<InetAddress> nameserver(String line) {
    Matcher matcher = NAMESERVER.matcher(line);
    return matcher.lookingAt() ? literal(matcher.group(1)).stream() : Stream.empty();
  }

  private static Optional<InetAddress> literal(String text) {
    try {
      return Optional.of(InetAddress.ofLiteral(text));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
