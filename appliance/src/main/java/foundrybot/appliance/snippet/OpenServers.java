// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.snippet;

import foundrybot.appliance.snippet.Snippet.Target;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** dnsmasq, Kea and ISC dhcpd. */
final class OpenServers {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private OpenServers() {}

  /** Tags: which machine, which architecture, whether iPXE runs; a line each for their product. */
  static String dnsmasq(List<Target> targets) {
    StringBuilder text = new StringBuilder();
    text.append("# FoundryBot: put this into a file below /etc/dnsmasq.d, and restart dnsmasq.\n");
    text.append("dhcp-match=set:fb-ipxe,175\n");
    text.append("dhcp-userclass=set:fb-ipxe,iPXE\n");
    Set<String> matches = new LinkedHashSet<>();
    targets.stream()
        .flatMap(target -> target.rows().stream())
        .forEach(
            row ->
                row.codes()
                    .forEach(
                        code ->
                            matches.add(
                                "dhcp-match=set:fb-%s,option:client-arch,%d%n"
                                    .formatted(row.tag(), code))));
    matches.forEach(text::append);
    for (Target target : targets) {
      String who = target.mac().isEmpty() ? "" : "tag:fb-node-" + target.name() + ",";
      text.append('\n');
      if (!target.mac().isEmpty()) {
        text.append("dhcp-mac=set:fb-node-%s,%s%n".formatted(target.name(), target.mac()));
      }
      for (BootRow row : target.rows()) {
        String when =
            who
                + (row.codes().isEmpty() ? "" : "tag:fb-" + row.tag() + ",")
                + (row.ipxe() ? "tag:fb-ipxe," : "tag:!fb-ipxe,");
        text.append("dhcp-boot=%s%s,,%s%n".formatted(when, row.file(), row.server()));
        if (row.http()) {
          text.append("dhcp-option-force=%s60,HTTPClient%n".formatted(when));
        }
      }
    }
    return text.toString();
  }

  /** Classes that exclude each other, to be put into {@code client-classes} of {@code Dhcp4}. */
  static String kea(List<Target> targets) {
    List<Map<String, Object>> classes = new ArrayList<>();
    for (Target target : targets) {
      for (BootRow row : target.rows()) {
        List<String> test = new ArrayList<>();
        if (!target.mac().isEmpty()) {
          test.add("pkt4.mac == 0x" + target.mac().replace(":", ""));
        }
        String ipxe = "(option[175].exists or option[77].hex == 'iPXE')";
        test.add(row.ipxe() ? ipxe : "not " + ipxe);
        if (!row.codes().isEmpty()) {
          test.add(
              row.codes().stream()
                  .map("substring(option[93].hex, 0, 2) == 0x%04x"::formatted)
                  .collect(Collectors.joining(" or ", "(", ")")));
        }
        Map<String, Object> one = new LinkedHashMap<>();
        one.put("name", "foundrybot-" + target.name() + "-" + row.tag());
        one.put("test", String.join(" and ", test));
        one.put("next-server", row.server());
        one.put("boot-file-name", row.file());
        if (row.http()) {
          Map<String, Object> option = new LinkedHashMap<>();
          option.put("name", "vendor-class-identifier");
          option.put("data", "HTTPClient");
          option.put("always-send", true);
          one.put("option-data", List.of(option));
        }
        classes.add(one);
      }
    }
    return JSON.writeValueAsString(Map.of("client-classes", classes)) + "\n";
  }

  /** Conditions at the top of {@code dhcpd.conf}: a host declaration may be there already. */
  static String isc(List<Target> targets) {
    StringBuilder text = new StringBuilder();
    text.append("# FoundryBot: include this at the top of dhcpd.conf, outside of all braces.\n");
    text.append("option foundrybot-arch code 93 = unsigned integer 16;\n");
    text.append("option foundrybot-ipxe code 175 = string;\n");
    for (Target target : targets) {
      boolean all = target.mac().isEmpty();
      text.append("\n# ").append(target.name()).append('\n');
      if (!all) {
        text.append("if substring (hardware, 1, 6) = ").append(target.mac()).append(" {\n");
      }
      String indent = all ? "" : "  ";
      String word = "if";
      for (BootRow row : target.rows()) {
        text.append(indent).append(word).append(' ').append(condition(row)).append(" {\n");
        line(text, indent, "next-server " + row.server());
        line(text, indent, "filename \"" + row.file() + "\"");
        if (row.http()) {
          line(text, indent, "option vendor-class-identifier \"HTTPClient\"");
        }
        text.append(indent).append("}\n");
        word = "elsif";
      }
      text.append(all ? "" : "}\n");
    }
    return text.toString();
  }

  private static void line(StringBuilder text, String indent, String statement) {
    text.append(indent).append("  ").append(statement).append(";\n");
  }

  private static String condition(BootRow row) {
    String ipxe = "(exists foundrybot-ipxe or option user-class = \"iPXE\")";
    String codes =
        row.codes().stream()
            .map(c -> String.format(Locale.ROOT, "%02x:%02x", c >> 8, c & 0xff))
            .map("substring (option foundrybot-arch, 0, 2) = %s"::formatted)
            .collect(Collectors.joining(" or "));
    // Parentheses around all: else those of the first term are taken for those of 'if'.
    return "("
        + (row.ipxe() ? ipxe : "not " + ipxe)
        + (codes.isEmpty() ? "" : " and (" + codes + ")")
        + ")";
  }
}
