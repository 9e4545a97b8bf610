// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.lifecycle;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * Who a machine is, by its BMC and by what its own firmware says in DHCP, and whether these are
 * one. What one of them does not tell is no contradiction.
 *
 * <p>The same UUID on both sides settles it: cards in slots are missing from the lists of many
 * BMCs. Where the UUIDs cannot be compared, the MAC of the rack file must be one of those that the
 * BMC knows, if it knows any.
 *
 * @param mac of the rack file; empty as long as neither side has told anything
 * @param bmcUuid SMBIOS UUID as the BMC reports it
 * @param bmcMacs of the machine's cards as the BMC reports them; empty: not told
 * @param bootUuid of option 97 (RFC 4578, section 2.3)
 * @param holderUuid of option 97 as it was said last before somebody came with the token that is in
 *     use: what is said after that is said by another machine, or by one that starts over
 * @param accepted the contradiction that the operator knows of and takes for right, in its words
 */
public record Identity(
    String mac,
    Optional<UUID> bmcUuid,
    List<String> bmcMacs,
    Optional<UUID> bootUuid,
    Optional<UUID> holderUuid,
    String accepted) {
  /** Of a machine of which nothing is known. */
  public static final Identity UNKNOWN =
      new Identity("", Optional.empty(), List.of(), Optional.empty(), Optional.empty(), "");

  /** Cards that are kept; the one of the rack file is always among them. */
  private static final int MAX_MACS = 20;

  private static final Pattern MAC = Pattern.compile("[0-9a-f]{2}(:[0-9a-f]{2}){5}");

  /**
   * UUIDs that boards are sold with by the thousand, in either order of bytes: templates of AMI's
   * setup, and examples that were never changed.
   */
  private static final Set<UUID> OF_MANY =
      Set.of(
          UUID.fromString("03000200-0400-0500-0006-000700080009"),
          UUID.fromString("12345678-1234-5678-90ab-cddeefaabbcc"),
          UUID.fromString("00112233-4455-6677-8899-aabbccddeeff"));

  /** The ten bytes before the MAC in Supermicro's 00000000-0000-0000-0000-MAC. */
  private static final long LOW_OF_ZERO = 0xffff_0000_0000_0000L;

  /**
   * Two sides that contradict each other.
   *
   * @param bmc what it says of its machine
   * @param machine what the machine that boots says, or the rack file of it
   */
  public record Mismatch(String bmc, String machine) {
    private static final String BEGIN = "its BMC holds another machine: ";

    /** One line with both values. */
    public String why() {
      return BEGIN + "the BMC says " + bmc + ", but " + machine;
    }

    /** Whether that is why something was not done. */
    static boolean isWhy(String said) {
      return said.startsWith(BEGIN);
    }

    /** What the operator can do about {@code NODE}. */
    static final String TRY =
        "no secret is given until they agree: look for the wrong BMC address or MAC in the rack"
            + " file, or a swapped cable, and power-cycle it; if both are right: bootserver bmc"
            + " --accept-identity NODE";

    /** What the operator can do about the node of that name. */
    public String tryNext(String node) {
      return TRY.replace("NODE", node);
    }
  }

  public Identity {
    bmcMacs = List.copyOf(bmcMacs);
  }

  /**
   * What a BMC reports, as the fact of it has it.
   *
   * @param mac of the rack file
   * @param uuid as reported; what is no UUID counts as not told
   * @param macs as reported; what is no MAC is left out
   */
  public static String reported(String mac, String uuid, List<String> macs) {
    List<String> cards =
        macs.stream()
            .map(card -> card.toLowerCase(Locale.ROOT).replace('-', ':'))
            .filter(card -> MAC.matcher(card).matches())
            .distinct()
            .sorted((a, b) -> Boolean.compare(b.equals(mac), a.equals(mac)))
            .limit(MAX_MACS)
            .toList();
    return "uuid=" + uuid(uuid).map(UUID::toString).orElse("") + " macs=" + String.join(",", cards);
  }

  Identity after(FactKind kind, Fact fact) {
    return switch (kind) {
      case BMC_IDENTITY -> {
        String[] parts = fact.detail().split("[ =]", -1);
        boolean whole = parts.length == 4 && parts[0].equals("uuid") && parts[2].equals("macs");
        List<String> macs =
            whole
                ? Arrays.stream(parts[3].split(",", -1))
                    .filter(card -> MAC.matcher(card).matches())
                    .toList()
                : List.of();
        Optional<UUID> uuid = whole ? uuid(parts[1]) : Optional.empty();
        yield new Identity(fact.mac(), uuid, macs, bootUuid, holderUuid, accepted);
      }
      case BOOT_IDENTITY -> uuid(fact.detail()).map(told -> booting(fact.mac(), told)).orElse(this);
      case IDENTITY_ACCEPTED ->
          new Identity(mac, bmcUuid, bmcMacs, bootUuid, holderUuid, fact.detail());
      default -> this;
    };
  }

  private static Optional<UUID> uuid(String text) {
    try {
      return text.length() == 36 ? Optional.of(UUID.fromString(text)) : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** The machine that boots now gives itself that UUID. */
  public Identity booting(String ofMac, UUID told) {
    return isBooting(told)
        ? this
        : new Identity(ofMac, bmcUuid, bmcMacs, Optional.of(told), holderUuid, accepted);
  }

  /** Whoever boots now has come with its token. */
  Identity inUse() {
    return new Identity(mac, bmcUuid, bmcMacs, bootUuid, bootUuid, accepted);
  }

  /** Whether that is no news; a ROM and the iPXE behind it may send it in different orders. */
  public boolean isBooting(UUID told) {
    return bootUuid.filter(known -> same(known, told)).isPresent();
  }

  /** The contradiction, unless the operator has accepted this very one. */
  public Optional<Mismatch> mismatch() {
    return contradiction().filter(found -> !accepted.equals(text(found)));
  }

  /** That of the machine which holds the token in use, and not of who boots by now. */
  Optional<Mismatch> mismatchOfHolder() {
    return new Identity(mac, bmcUuid, bmcMacs, holderUuid, holderUuid, accepted).mismatch();
  }

  /** What the fact says with which the operator accepts what contradicts itself now. */
  public Optional<String> acceptance() {
    return contradiction().map(Identity::text);
  }

  private static String text(Mismatch mismatch) {
    return "BMC " + mismatch.bmc() + "; " + mismatch.machine();
  }

  private Optional<Mismatch> contradiction() {
    Optional<UUID> ofBmc = bmcUuid.filter(Identity::tells);
    Optional<UUID> ofBoot = bootUuid.filter(Identity::tells);
    if (ofBmc.isPresent() && ofBoot.isPresent()) {
      return same(ofBmc.get(), ofBoot.get())
          ? Optional.empty()
          : Optional.of(
              new Mismatch(
                  "UUID " + ofBmc.get(), "who boots as " + mac + " says UUID " + ofBoot.get()));
    }
    return bmcMacs.isEmpty() || bmcMacs.contains(mac)
        ? Optional.empty()
        : Optional.of(
            new Mismatch("cards " + shown(bmcMacs), mac + " of the rack file is none of them"));
  }

  private static String shown(List<String> macs) {
    int most = Math.min(macs.size(), 4);
    return String.join(", ", macs.subList(0, most))
        + (macs.size() > most ? " and " + (macs.size() - most) + " more" : "");
  }

  /**
   * How another node's machine is mixed up with this one's, as where BMC addresses or cables were
   * swapped; empty if nothing tells that it is.
   *
   * @param name of that node
   * @param itsMac of the rack file
   * @param other what is known of it
   */
  public Optional<String> mixedUpWith(String name, String itsMac, Identity other) {
    if (isOne(bmcUuid, other.bootUuid)) {
      return Optional.of("its BMC's UUID is the one with which " + name + " boots");
    }
    if (isOne(bootUuid, other.bmcUuid)) {
      return Optional.of(
          "it boots with the UUID of the machine that the BMC of " + name + " holds");
    }
    return bmcMacs.contains(itsMac)
        ? Optional.of("its BMC holds the card " + itsMac + " of " + name)
        : Optional.empty();
  }

  private static boolean isOne(Optional<UUID> one, Optional<UUID> other) {
    return one.filter(Identity::tells)
        .flatMap(known -> other.filter(Identity::tells).filter(told -> same(known, told)))
        .isPresent();
  }

  /** Whether neither BMC nor firmware has told another UUID than this. */
  public boolean fits(UUID told) {
    return bmcUuid.filter(known -> !same(known, told)).isEmpty()
        && bootUuid.filter(known -> !same(known, told)).isEmpty();
  }

  /**
   * Whether two are one. SMBIOS keeps the first three fields little-endian (DSP0134, section
   * 7.2.1), and some firmware and BMCs send or show them the other way round. IPMI sends the whole
   * from its last byte to its first (IPMI 2.0, table 20-10), many of its BMCs do not, and nothing
   * on the wire tells which; so what was read may have each of these orders, one upon another.
   */
  static boolean same(UUID one, UUID other) {
    UUID reading = other;
    // Eight readings, until the first one comes again.
    for (int i = 0; i < 4; i++) {
      if (one.equals(reading) || one.equals(swapped(reading))) {
        return true;
      }
      reading = reversed(swapped(reading));
    }
    return false;
  }

  /** Whether the second is of another machine than the first, as far as UUIDs tell. */
  static boolean isAnother(Optional<String> before, String told) {
    return uuid(told)
        .filter(Identity::tells)
        .filter(now -> before.flatMap(Identity::uuid).filter(was -> same(was, now)).isEmpty())
        .isPresent();
  }

  private static UUID reversed(UUID uuid) {
    return new UUID(
        Long.reverseBytes(uuid.getLeastSignificantBits()),
        Long.reverseBytes(uuid.getMostSignificantBits()));
  }

  private static UUID swapped(UUID uuid) {
    long high = uuid.getMostSignificantBits();
    return new UUID(
        (long) Integer.reverseBytes((int) (high >>> 32)) << 32
            | (Short.reverseBytes((short) (high >>> 16)) & 0xffffL) << 16
            | (Short.reverseBytes((short) high) & 0xffffL),
        uuid.getLeastSignificantBits());
  }

  /** Whether it tells its machine from others. */
  static boolean tells(UUID uuid) {
    long high = uuid.getMostSignificantBits();
    long low = uuid.getLeastSignificantBits();
    boolean oneByte = high == low && Long.rotateLeft(high, 8) == high;
    boolean onlyMac = high == 0 && (low & LOW_OF_ZERO) == 0;
    return !oneByte && !onlyMac && !OF_MANY.contains(uuid) && !OF_MANY.contains(swapped(uuid));
  }
}
