// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.snippet;

import java.net.Inet4Address;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What one kind of client is to be told.
 *
 * @param ipxe an iPXE that runs already; else firmware
 * @param codes of option 93; empty: any
 * @param name for people
 * @param nextServer the appliance
 * @param file a TFTP name or a URL, of characters that mean nothing in any format
 * @param http UEFI HTTP Boot: option 60 must come back as {@code HTTPClient}
 */
record BootRow(
    boolean ipxe,
    List<Integer> codes,
    String name,
    Inet4Address nextServer,
    String file,
    boolean http) {
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9._:/-]{1,127}");

  BootRow {
    codes = List.copyOf(codes);
    if (!PLAIN.matcher(file).matches()) {
      throw new IllegalArgumentException(
          "boot file: " + file + " (expected: 1..127 letters, digits and ._:/-)");
    }
  }

  String server() {
    return nextServer.getHostAddress();
  }

  /** Short, unique, of letters and digits: {@code ipxe}, {@code ipxe7}, {@code arch7}. */
  String tag() {
    return (ipxe ? "ipxe" : "arch") + (codes.isEmpty() ? "" : codes.getFirst());
  }

  String codesText() {
    return codes.stream().map(String::valueOf).collect(Collectors.joining(", "));
  }
}
