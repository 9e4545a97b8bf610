// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dhcp;

import foundrybot.bootserver.Architecture;
import foundrybot.bootserver.BootClient;
import foundrybot.bootserver.BootClient.Program;
import foundrybot.bootserver.BootClient.Transport;
import foundrybot.bootserver.IpxeFeatures;
import foundrybot.bootserver.MacAddress;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads out of a DHCP message who wants to boot, and how (PXE 2.1 section 2.2, RFC 4578). */
public final class BootClients {
  private static final int ETHERNET = 1;

  /** Such as a few old stacks say of Ethernet. */
  private static final int IEEE_802 = 6;

  private static final int UUID_LENGTH = 17;
  private static final int IPXE_VERSION = 0xeb;
  private static final int LONGEST_CLASS = 64;
  private static final Pattern CLASS_ARCHITECTURE = Pattern.compile(":Arch:(\\d{5})");

  private BootClients() {}

  /** What a message turned out to be. */
  public sealed interface Classified {
    /** A machine that boots. */
    record Boot(BootClient client) implements Classified {}

    /** Any other DHCP client. */
    record NotBooting(Reason reason) implements Classified {}

    /** It says that it boots, but breaks a rule in saying so. */
    record Malformed(String expected) implements Classified {}
  }

  /** Why a message is not a boot client's. */
  public enum Reason {
    NO_MAC("no Ethernet address"),
    NO_BOOT_CLASS("option 60 is neither PXEClient nor HTTPClient, and there is no option 93"),
    NO_ARCHITECTURE("no architecture, neither in option 93 nor in option 60");

    private final String text;

    Reason(String text) {
      this.text = text;
    }

    @Override
    public String toString() {
      return text;
    }
  }

  /** The address by which the machine is known, if it can be somebody's. */
  public static Optional<MacAddress> mac(DhcpMessage message) {
    return switch (message.htype()) {
      case ETHERNET, IEEE_802 -> ofOneMachine(message.chaddr());
      case InfiniBand.TYPE -> InfiniBand.mac(message);
      default -> Optional.empty();
    };
  }

  /** A multicast address (lowest bit of the first byte) or all zeros is nobody's. */
  static Optional<MacAddress> ofOneMachine(Octets address) {
    if (address.length() != MacAddress.LENGTH || (address.at(0) & 1) != 0) {
      return Optional.empty();
    }
    long bits = (long) address.u16(0) << 32 | address.u32(2);
    return bits == 0 ? Optional.empty() : Optional.of(new MacAddress(bits));
  }

  /** What stands in a message instead of a machine's address. */
  static String withoutMac(DhcpMessage message) {
    boolean infiniBand = message.htype() == InfiniBand.TYPE;
    return "%s: htype %d%s, chaddr %s (expected: %s)"
        .formatted(
            Reason.NO_MAC,
            message.htype(),
            infiniBand ? " (InfiniBand)" : "",
            message.chaddr().length() == 0 ? "empty" : message.chaddr(),
            infiniBand
                ? "the port's GUID there or at the end of option 61"
                : "htype 1, 6 bytes, those of one machine");
  }

  public static Classified of(DhcpMessage message) {
    return of(message, mac(message));
  }

  static Classified of(DhcpMessage message, Optional<MacAddress> mac) {
    if (mac.isEmpty()) {
      return new Classified.NotBooting(Reason.NO_MAC);
    }
    String vendorClass = message.option(DhcpOption.VENDOR_CLASS).map(Octets::untilNul).orElse("");
    Optional<Transport> said = transport(vendorClass);
    Octets codes = message.option(DhcpOption.ARCHITECTURE).orElse(Octets.EMPTY);
    List<Architecture> architectures = architectures(codes, said.isPresent() ? vendorClass : "");
    if (said.isEmpty() && architectures.isEmpty()) {
      return new Classified.NotBooting(Reason.NO_BOOT_CLASS);
    }
    Octets uuid = message.option(DhcpOption.CLIENT_UUID).orElse(Octets.EMPTY);
    if (uuid.length() != 0 && (uuid.length() != UUID_LENGTH || uuid.at(0) != 0)) {
      return new Classified.Malformed(
          "option 97: " + uuid.length() + " bytes (expected: 17, the first of them 0)");
    }
    if (architectures.isEmpty()) {
      return message.option(DhcpOption.ARCHITECTURE).isPresent()
          ? new Classified.Malformed(
              "option 93: " + codes.length() + " bytes (expected: a multiple of 2)")
          : new Classified.NotBooting(Reason.NO_ARCHITECTURE);
    }
    Architecture architecture = believed(architectures);
    return new Classified.Boot(
        new BootClient(
            mac.get(),
            uuid(uuid),
            architecture,
            isIpxe(message) ? Program.IPXE : Program.FIRMWARE,
            said.orElse(architecture.overHttp() ? Transport.HTTP : Transport.PXE),
            printable(vendorClass),
            features(message)));
  }

  /**
   * What option 60 says. U-Boot says only that it is U-Boot, and sends option 93 as all clients
   * that boot do (RFC 4578 section 2.1): with that any class will do.
   */
  private static Optional<Transport> transport(String vendorClass) {
    if (vendorClass.startsWith("PXEClient")) {
      return Optional.of(Transport.PXE);
    }
    return vendorClass.startsWith("HTTPClient") ? Optional.of(Transport.HTTP) : Optional.empty();
  }

  /**
   * For people: what is not printable ASCII shows as a question mark, and the length is bounded.
   */
  static String printable(String text) {
    String printable = text.length() > LONGEST_CLASS ? text.substring(0, LONGEST_CLASS) : text;
    for (int i = 0; i < printable.length(); i++) {
      char c = printable.charAt(i);
      if (c <= 31 || c >= 127) {
        printable = printable.replace(c, '?');
      }
    }
    return printable;
  }

  /**
   * All codes that a client names: those of option 93, then the one in the class, which counts
   * where option 93 is missing, of no use, or broken.
   */
  private static List<Architecture> architectures(Octets codes, String vendorClass) {
    List<Architecture> all = new ArrayList<>();
    for (int i = 0; codes.length() % 2 == 0 && i < codes.length(); i += 2) {
      all.add(new Architecture(codes.u16(i)));
    }
    Matcher matcher = CLASS_ARCHITECTURE.matcher(vendorClass);
    if (matcher.find() && Integer.parseInt(matcher.group(1)) <= 0xffff) {
      all.add(new Architecture(Integer.parseInt(matcher.group(1))));
    }
    return all;
  }

  /** The first one of a kind that is known; else the first at all. */
  private static Architecture believed(List<Architecture> architectures) {
    for (Architecture architecture : architectures) {
      if (architecture.firmware() != Architecture.Firmware.OTHER) {
        return architecture;
      }
    }
    return architectures.getFirst();
  }

  /**
   * By its user class, or by its own option 175. iPXE sends the class as bare text; RFC 3004 puts a
   * length before each entry. Other users of 77 exist, so anything else there says nothing.
   */
  private static boolean isIpxe(DhcpMessage message) {
    return message.option(DhcpOption.IPXE).isPresent()
        || message
            .option(DhcpOption.USER_CLASS)
            .filter(value -> value.untilNul().equals("iPXE") || hasEntry(value, "iPXE"))
            .isPresent();
  }

  /** Option 175 is a list of sub-options: each feature's number with a 1, and the version. */
  private static IpxeFeatures features(DhcpMessage message) {
    Octets encapsulated = message.option(DhcpOption.IPXE).orElse(Octets.EMPTY);
    if (encapsulated.length() == 0) {
      return IpxeFeatures.UNKNOWN;
    }
    Optional<String> version = Optional.empty();
    Set<IpxeFeatures.Feature> features = EnumSet.noneOf(IpxeFeatures.Feature.class);
    int at = 0;
    while (at + 2 <= encapsulated.length()) {
      int code = encapsulated.at(at);
      int end = at + 2 + encapsulated.at(at + 1);
      if (end > encapsulated.length()) {
        break;
      }
      if (code == IPXE_VERSION && end - at == 5) {
        version =
            Optional.of(
                "%d.%d.%d"
                    .formatted(
                        encapsulated.at(at + 2), encapsulated.at(at + 3), encapsulated.at(at + 4)));
      } else if (end - at == 3 && encapsulated.at(at + 2) != 0) {
        IpxeFeatures.Feature.of(code).ifPresent(features::add);
      }
      at = end;
    }
    return new IpxeFeatures(version, features);
  }

  private static boolean hasEntry(Octets classes, String name) {
    int at = 0;
    while (at < classes.length()) {
      int end = at + 1 + classes.at(at);
      if (end > classes.length()) {
        return false;
      }
      if (classes.slice(at + 1, end).untilNul().equals(name)) {
        return true;
      }
      at = end;
    }
    return false;
  }

  /**
   * The UUID is sent as it lies in SMBIOS, whose first three fields are little-endian (SMBIOS 3
   * section 7.2.1); seen so from OVMF and from iPXE alike. The value is the one that people read.
   */
  private static Optional<UUID> uuid(Octets option) {
    if (option.length() == 0) {
      return Optional.empty();
    }
    long high =
        (long) Integer.reverseBytes((int) option.u32(1)) << 32
            | (Short.reverseBytes((short) option.u16(5)) & 0xffffL) << 16
            | (Short.reverseBytes((short) option.u16(7)) & 0xffffL);
    long low = option.u32(9) << 32 | option.u32(13);
    return high == 0 && low == 0 ? Optional.empty() : Optional.of(new UUID(high, low));
  }
}
