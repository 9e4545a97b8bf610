// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.snippet;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Windows, RouterOS, and forms to be filled in by hand: these texts were never run. */
final class ClosedServers {
  private ClosedServers() {}

  /** Policies on vendor class, user class and MAC; options 60, 66 and 67. */
  static String windows(List<String> macs, List<BootRow> rows) {
    StringBuilder text = new StringBuilder();
    text.append("# FoundryBot: run in PowerShell on the DHCP server; set the scope first.\n");
    text.append("$Scope = 'FILL-IN'   # such as 10.77.0.0\n");
    text.append("Add-DhcpServerv4OptionDefinition -OptionId 60 -Name 'Vendor class' -Type String");
    text.append(" -ErrorAction SilentlyContinue\n");
    String mac = macs.isEmpty() ? "" : " -MacAddress EQ," + machines(macs);
    int order = 1;
    for (BootRow row : rows) {
      String name = "FoundryBot " + row.tag();
      String policy = " -ScopeId $Scope -PolicyName '" + name + "'";
      text.append("\n# ").append(row.name()).append('\n');
      StringBuilder condition = new StringBuilder();
      if (row.ipxe()) {
        text.append("Add-DhcpServerv4Class -Type User -Name '")
            .append(name)
            .append("' -Data 'iPXE'\n");
        condition.append(" -UserClass EQ,'").append(name).append("'");
      } else {
        StringBuilder classes = new StringBuilder();
        for (int code : row.codes()) {
          String one = "FoundryBot arch" + code;
          text.append("Add-DhcpServerv4Class -Type Vendor -Name '")
              .append(one)
              .append("' -Data '")
              .append(vendorClass(row, code))
              .append("'\n");
          classes.append(",'").append(one).append("*'");
        }
        condition.append(" -VendorClass EQ").append(classes);
      }
      text.append("Add-DhcpServerv4Policy -ScopeId $Scope -Name '").append(name).append("'");
      text.append(" -ProcessingOrder ").append(order++).append(" -Condition AND");
      text.append(condition).append(mac).append('\n');
      if (row.http()) {
        text.append(option(policy, 60, "HTTPClient"));
      }
      text.append(option(policy, 66, row.server())).append(option(policy, 67, row.file()));
    }
    return text.toString();
  }

  private static String option(String policy, int code, String value) {
    return "Set-DhcpServerv4OptionValue"
        + policy
        + " -OptionId "
        + code
        + " -Value '"
        + value
        + "'\n";
  }

  private static String machines(List<String> macs) {
    return macs.stream()
        .map(mac -> "'" + mac.replace(":", "").toUpperCase(Locale.ROOT) + "'")
        .collect(Collectors.joining(","));
  }

  private static String vendorClass(BootRow row, int code) {
    return "%s:Arch:%05d".formatted(row.http() ? "HTTPClient" : "PXEClient", code);
  }

  /** Options in sets, and matchers of option 93 and 77 that choose the set (RouterOS 7.4 on). */
  static String mikrotik(List<String> none, List<BootRow> rows) {
    StringBuilder text = new StringBuilder();
    text.append(
        """
        # FoundryBot: for RouterOS 7.4 or newer. Set the server's name, its pool and its network
        # (such as 10.77.0.0/24) below, save this as foundrybot.rsc on the router, and
        # '/import foundrybot.rsc'.
        :local server "FILL-IN"
        :local pool "FILL-IN"
        :local network "FILL-IN"

        # Firmware takes the next-server of the header, and without one the router itself.
        """);
    text.append(
        "/ip/dhcp-server/network set [find address=$network] next-server=%s%n"
            .formatted(rows.getFirst().server()));
    for (BootRow row : rows) {
      String name = "foundrybot-" + row.tag();
      text.append("\n# ").append(row.name()).append('\n');
      StringBuilder set = new StringBuilder();
      if (row.http()) {
        set.append(value(text, name + "-60", 60, "HTTPClient")).append(',');
      }
      set.append(value(text, name + "-66", 66, row.server())).append(',');
      set.append(value(text, name + "-67", 67, row.file()));
      text.append("/ip/dhcp-server/option/sets add name=%s options=%s%n".formatted(name, set));
      if (row.ipxe()) {
        text.append(matcher(name, 77, "\"iPXE\""));
      }
      row.codes().forEach(code -> text.append(matcher(name, 93, "0x%04x".formatted(code))));
    }
    return text.toString();
  }

  private static String value(StringBuilder text, String name, int code, String value) {
    text.append(
        "/ip/dhcp-server/option add name=%s code=%d value=\"s'%s'\"%n"
            .formatted(name, code, value));
    return name;
  }

  private static String matcher(String set, int code, String value) {
    return ("/ip/dhcp-server/matcher add name=%s-%s server=$server address-pool=$pool code=%d"
            + " value=%s option-set=%s%n")
        .formatted(set, value.replaceAll("[^0-9A-Za-z]", ""), code, value, set);
  }

  static String generic(List<String> macs, List<BootRow> rows) {
    StringBuilder text = new StringBuilder();
    text.append("FoundryBot: what the DHCP server has to say, by option 93 of the request.\n");
    text.append(
        macs.isEmpty()
            ? "For all machines.\n"
            : "For these machines only: " + String.join(", ", macs) + "\n");
    for (BootRow row : rows) {
      text.append("\n%s%s%n".formatted(row.name(), codes(row)));
      if (row.ipxe()) {
        text.append("  asks with user class (option 77) iPXE, and with option 175\n");
      }
      text.append("  next-server (siaddr, option 66)  %s%n".formatted(row.server()));
      text.append("  boot file (file, option 67)      %s%n".formatted(row.file()));
      if (row.http()) {
        text.append("  vendor class (option 60)         HTTPClient\n");
      }
    }
    return text
        + """

        Where only one file can be named, as in UniFi's 'Network Boot', take that of the machines'
        own architecture. An iPXE that is given a boot program again, and not its script, may load
        itself in a circle: a server that can tell iPXE apart is better.
        """;
  }

  private static String codes(BootRow row) {
    return row.codes().isEmpty() ? "" : " (option 93: " + row.codesText() + ")";
  }
}
