// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.discover;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What a Redfish service answers to a search for such services (DSP0266, "Discovery"; UPnP Device
 * Architecture 1.1, 1.3.3): an HTTP answer in a datagram.
 *
 * <p>Its {@code AL} names the service root; who has it in {@code LOCATION} is read as well. It is a
 * hint and nothing more: anybody in the network can send one.
 *
 * @param url of the service root
 */
record SsdpAnswer(URI url) {
  static final String TARGET = "urn:dmtf-org:service:redfish-rest:1";
  static final int MAX_BYTES = 2048;

  private static final int MAX_LINES = 40;
  private static final Pattern STATUS = Pattern.compile("HTTP/1\\.\\d 200( .*)?");

  /** The search; an answer may come up to {@code seconds} later. */
  static byte[] search(String host, int seconds) {
    String text =
        "M-SEARCH * HTTP/1.1\r\n"
            + ("HOST: " + host + "\r\n")
            + "MAN: \"ssdp:discover\"\r\n"
            + ("MX: " + seconds + "\r\n")
            + ("ST: " + TARGET + "\r\n")
            + "\r\n";
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** Reads a datagram; empty for what is no answer of a Redfish service. */
  static Optional<SsdpAnswer> decode(byte[] datagram) {
    if (datagram.length > MAX_BYTES) {
      return Optional.empty();
    }
    List<String> lines =
        new String(datagram, StandardCharsets.ISO_8859_1).lines().limit(MAX_LINES).toList();
    if (lines.isEmpty() || !STATUS.matcher(lines.getFirst()).matches()) {
      return Optional.empty();
    }
    Map<String, String> headers = headers(lines.subList(1, lines.size()));
    String target = headers.getOrDefault("st", "").toLowerCase(Locale.ROOT);
    // A minor version may stand behind it.
    if (!target.equals(TARGET) && !target.matches(Pattern.quote(TARGET) + "[.:]\\d{1,4}")) {
      return Optional.empty();
    }
    String place = headers.getOrDefault("al", headers.getOrDefault("location", ""));
    return url(place).map(SsdpAnswer::new);
  }

  private static Map<String, String> headers(List<String> lines) {
    Map<String, String> headers = new HashMap<>();
    for (String line : lines) {
      int colon = line.indexOf(':');
      if (colon > 0) {
        String name = line.substring(0, colon).strip().toLowerCase(Locale.ROOT);
        headers.putIfAbsent(name, line.substring(colon + 1).strip());
      }
    }
    return headers;
  }

  private static Optional<URI> url(String text) {
    try {
      // Some put it in angle brackets, as in RFC 8288.
      URI url = new URI(text.replaceAll("^<|>$", ""));
      String scheme = String.valueOf(url.getScheme()).toLowerCase(Locale.ROOT);
      boolean usable =
          List.of("https", "http").contains(scheme)
              && url.getHost() != null
              && url.getRawUserInfo() == null
              && url.getPort() != 0
              && url.getPort() <= 65535;
      return usable ? Optional.of(url) : Optional.empty();
    } catch (URISyntaxException e) {
      return Optional.empty();
    }
  }
}
