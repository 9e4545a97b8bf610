// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dhcp;

import foundrybot.bootserver.Architecture.Firmware;
import foundrybot.bootserver.BootClient;
import foundrybot.bootserver.BootClient.Program;
import foundrybot.bootserver.BootClient.Transport;
import foundrybot.bootserver.BootDecision;
import foundrybot.bootserver.dhcp.Outcome.Cause;
import foundrybot.bootserver.dhcp.Outcome.Ignored;
import java.net.Inet4Address;
import java.util.ArrayList;
import java.util.List;

/**
 * The part of an answer that says what to boot.
 *
 * @param siaddr the boot server, also where the file is an absolute URL: iPXE uses no offer without
 * @param file the boot file, at most 127 bytes
 * @param options more about it
 */
record BootFields(Inet4Address siaddr, String file, List<DhcpOption> options) {
  static final BootFields NONE = new BootFields(Ipv4.ANY, "", List.of());

  private static final int LONGEST_FILE = DhcpMessage.FILE_LENGTH - 1;

  /** Sub-option 71 of option 43: the boot item that a client asks a boot server for. */
  private static final int BOOT_ITEM = 71;

  private static final Octets SKIP_DISCOVERY = Octets.of((byte) 6, (byte) 1, (byte) 8);
  private static final Octets END = Octets.of((byte) 255);

  BootFields {
    options = List.copyOf(options);
  }

  /** Either the fields or why there are none. */
  sealed interface Made {
    record Fields(BootFields fields, String reason) implements Made {}

    record None(Ignored why) implements Made {}
  }

  /** How the answer is meant. */
  enum Kind {
    /** Beside another server's lease. */
    PROXY,
    /** Together with our own lease. */
    LEASE
  }

  static Made of(
      BootDecision decision, BootClient client, DhcpMessage request, Inet4Address self, Kind kind) {
    return switch (decision) {
      case BootDecision.Ignore(String reason) -> none(Cause.POLICY, reason);
      case BootDecision.Program(String file, String reason)
          when client.transport() == Transport.HTTP ->
          none(Cause.UNSUITABLE, "HTTP Boot needs a URL, not " + file + "; " + reason);
      case BootDecision.Program(String file, String reason) ->
          // Some ROMs take option 67 for NUL-terminated and read on past its end, and some read
          // only the header: a name that fits the header stands only there.
          new Made.Fields(new BootFields(self, file, pxeOptions(client, request, kind)), reason);
      case BootDecision.Url(var url, String reason)
          when client.transport() == Transport.PXE && client.program() == Program.FIRMWARE ->
          none(Cause.UNSUITABLE, "PXE firmware reads no URL such as " + url + "; " + reason);
      case BootDecision.Url(var url, String reason) -> {
        String text = url.toASCIIString();
        boolean fits = text.length() <= LONGEST_FILE;
        List<DhcpOption> options = new ArrayList<>();
        if (client.transport() == Transport.HTTP) {
          options.add(DhcpOption.text(DhcpOption.VENDOR_CLASS, "HTTPClient"));
          options.add(DhcpOption.text(DhcpOption.BOOT_FILE, text));
        } else {
          options.addAll(pxeOptions(client, request, kind));
          if (!fits) {
            options.add(DhcpOption.text(DhcpOption.BOOT_FILE, text));
          }
        }
        yield new Made.Fields(new BootFields(self, fits ? text : "", options), reason);
      }
    };
  }

  private static Made none(Cause cause, String reason) {
    return new Made.None(new Ignored(cause, reason));
  }

  /**
   * A proxy offer is only seen with class {@code PXEClient}. Together with a lease the class is
   * left out: the answer is complete, and the class would send UEFI firmware to port 4011 again.
   *
   * <p>BIOS ROMs are told by option 43 to skip the discovery of boot servers and use the file of
   * the offer. UEFI firmware is not: some of it ignores a proxy offer with that option, and without
   * it all of it comes to port 4011, which is served. An iPXE needs neither.
   */
  private static List<DhcpOption> pxeOptions(BootClient client, DhcpMessage request, Kind kind) {
    if (kind == Kind.LEASE) {
      return List.of();
    }
    Octets vendor = bootItem(request);
    if (client.program() == Program.FIRMWARE
        && client.architecture().firmware() == Firmware.BIOS_X86) {
      vendor = SKIP_DISCOVERY.plus(vendor);
    }
    DhcpOption pxe = DhcpOption.text(DhcpOption.VENDOR_CLASS, "PXEClient");
    return vendor.length() == 0
        ? List.of(pxe)
        : List.of(pxe, new DhcpOption(DhcpOption.VENDOR_SPECIFIC, vendor.plus(END)));
  }

  /** The boot item a client on port 4011 asks for must be in the answer (PXE 2.1 table 2-1). */
  private static Octets bootItem(DhcpMessage request) {
    Octets vendor = request.option(DhcpOption.VENDOR_SPECIFIC).orElse(Octets.EMPTY);
    int at = 0;
    while (at + 1 < vendor.length() && vendor.at(at) != 255) {
      if (vendor.at(at) == 0) {
        at++;
        continue;
      }
      int end = at + 2 + vendor.at(at + 1);
      if (vendor.at(at) == BOOT_ITEM && end <= vendor.length() && end - at == 6) {
        return vendor.slice(at, end);
      }
      at = end;
    }
    return Octets.EMPTY;
  }
}
