// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dhcp;

import foundrybot.bootserver.BootClient;
import foundrybot.bootserver.BootClient.Program;
import foundrybot.bootserver.BootClient.Transport;
import foundrybot.bootserver.BootDecision;
import foundrybot.bootserver.BootStyle;
import foundrybot.bootserver.dhcp.Outcome.Cause;
import foundrybot.bootserver.dhcp.Outcome.Ignored;
import java.net.Inet4Address;
import java.nio.charset.StandardCharsets;
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
  private static final Octets PROMPT = subOption(10, "\0PXE");

  /**
   * Discovery control 3, a prompt, and a menu whose one item the boot ROM compares by its text; the
   * oldest ROMs want three spaces behind it.
   */
  private static final Octets RASPBERRY_PI_MENU =
      Octets.of((byte) 6, (byte) 1, (byte) 3)
          .plus(PROMPT)
          .plus(subOption(9, "\0\0\24Raspberry Pi Boot   "));

  private static final Octets END = Octets.of((byte) 255);

  BootFields {
    options = List.copyOf(options);
  }

  private static Octets subOption(int code, String value) {
    byte[] bytes = value.getBytes(StandardCharsets.ISO_8859_1);
    return Octets.of((byte) code, (byte) bytes.length).plus(Octets.of(bytes));
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
      case BootDecision.Program(String file, var _, String reason)
          when client.transport() == Transport.HTTP ->
          none(Cause.UNSUITABLE, "HTTP Boot needs a URL, not " + file + "; " + reason);
      case BootDecision.Program(String file, var style, String reason) ->
          new Made.Fields(
              inHeader(file, style.orElseGet(() -> BootStyle.usual(client)), request, self, kind),
              reason);
      case BootDecision.Url(var url, var _, String reason)
          when client.transport() == Transport.PXE && client.program() == Program.FIRMWARE ->
          none(Cause.UNSUITABLE, "PXE firmware reads no URL such as " + url + "; " + reason);
      case BootDecision.Url(var url, var _, String reason)
          when client.transport() == Transport.HTTP ->
          new Made.Fields(httpBoot(url.toASCIIString(), self), reason);
      case BootDecision.Url(var url, var style, String reason) ->
          new Made.Fields(
              inHeader(
                  url.toASCIIString(),
                  style.orElseGet(() -> BootStyle.usual(client)),
                  request,
                  self,
                  kind),
              reason);
    };
  }

  /**
   * Some ROMs take option 67 for NUL-terminated and read on past its end, and some read only the
   * header: a name that fits the header stands only there, unless the style wants it twice.
   */
  private static BootFields inHeader(
      String file, BootStyle style, DhcpMessage request, Inet4Address self, Kind kind) {
    boolean fits = file.length() <= LONGEST_FILE;
    List<DhcpOption> options = new ArrayList<>(pxeOptions(style, request, kind));
    if (style.serverNameOption()) {
      options.add(DhcpOption.text(DhcpOption.TFTP_SERVER_NAME, self.getHostAddress()));
    }
    if (!fits) {
      options.add(DhcpOption.text(DhcpOption.BOOT_FILE, file));
    } else if (style.bootFileOption()) {
      options.add(DhcpOption.text(DhcpOption.BOOT_FILE, file + "\0"));
    }
    return new BootFields(self, fits ? file : "", options);
  }

  private static BootFields httpBoot(String url, Inet4Address self) {
    return new BootFields(
        self,
        url.length() <= LONGEST_FILE ? url : "",
        List.of(
            DhcpOption.text(DhcpOption.VENDOR_CLASS, "HTTPClient"),
            DhcpOption.text(DhcpOption.BOOT_FILE, url)));
  }

  private static Made none(Cause cause, String reason) {
    return new Made.None(new Ignored(cause, reason));
  }

  /**
   * A proxy offer is only seen with class {@code PXEClient}. Together with a lease the class is
   * left out: the answer is complete, and the class would send UEFI firmware to port 4011 again.
   *
   * <p>What option 43 holds is a matter of style. Left out it brings all UEFI firmware to port
   * 4011, which is served; some of it ignores a proxy offer that has it.
   */
  private static List<DhcpOption> pxeOptions(BootStyle style, DhcpMessage request, Kind kind) {
    DhcpOption pxe = DhcpOption.text(DhcpOption.VENDOR_CLASS, "PXEClient");
    if (kind == Kind.LEASE && !style.classWithLease()) {
      return List.of();
    }
    Octets vendor = vendorOptions(style.vendorOptions()).plus(bootItem(request));
    return vendor.length() == 0
        ? List.of(pxe)
        : List.of(pxe, new DhcpOption(DhcpOption.VENDOR_SPECIFIC, vendor.plus(END)));
  }

  private static Octets vendorOptions(BootStyle.VendorOptions form) {
    return switch (form) {
      case NONE -> Octets.EMPTY;
      case SKIP_DISCOVERY -> SKIP_DISCOVERY;
      case SKIP_DISCOVERY_PROMPT -> SKIP_DISCOVERY.plus(PROMPT);
      case RASPBERRY_PI -> RASPBERRY_PI_MENU;
    };
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
