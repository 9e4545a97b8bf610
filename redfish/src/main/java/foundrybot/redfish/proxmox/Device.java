// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.proxmox;

import foundrybot.redfish.BootDevice;
import foundrybot.redfish.HardwareAddress;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A card or a drive of a machine's configuration.
 *
 * @param key {@code net0}, {@code scsi1}, {@code ide2}
 */
record Device(String key, Kind kind, OptionText text) {
  private static final Pattern KEY =
      Pattern.compile("(net|virtio|scsi|sata|ide|efidisk|tpmstate|unused)(\\d{1,3})");
  private static final List<String> BUSES =
      List.of("virtio", "scsi", "sata", "ide", "net", "efidisk", "tpmstate", "unused");
  private static final Pattern SIZE = Pattern.compile("(\\d{1,12})([KMGT]?)");
  private static final long KIB = 1024;

  /** In the order in which a machine finds them. */
  static final Comparator<Device> ORDER =
      Comparator.<Device>comparingInt(device -> BUSES.indexOf(bus(device.key())))
          .thenComparingInt(device -> number(device.key()));

  /** What it is to the machine. */
  enum Kind {
    CARD(BootDevice.PXE),
    DISK(BootDevice.DISK),
    CD(BootDevice.CD),
    /** A CD that the hypervisor writes for the machine's set-up. */
    CLOUD_INIT(BootDevice.USUAL),
    /** What firmware or TPM keep. */
    STATE(BootDevice.USUAL),
    /** A disk that is detached. */
    UNUSED(BootDevice.USUAL);

    private final BootDevice boots;

    Kind(BootDevice boots) {
      this.boots = boots;
    }

    BootDevice boots() {
      return boots;
    }
  }

  /** Nothing where the key is of another thing. */
  static Optional<Device> of(String key, String value) {
    if (!KEY.matcher(key).matches()) {
      return Optional.empty();
    }
    OptionText text = OptionText.read(value);
    Kind kind =
        switch (bus(key)) {
          case "net" -> Kind.CARD;
          case "efidisk", "tpmstate" -> Kind.STATE;
          case "unused" -> Kind.UNUSED;
          default -> {
            if (text.volume().matches(".*\\bcloudinit\\b.*")) {
              yield Kind.CLOUD_INIT;
            }
            boolean cd = text.get("media").equals("cdrom");
            yield cd || List.of("none", "cdrom").contains(text.volume()) ? Kind.CD : Kind.DISK;
          }
        };
    return Optional.of(new Device(key, kind, text));
  }

  /** Of a card: {@code virtio=BC:24:11:00:00:01}. */
  Optional<HardwareAddress> mac() {
    return text.options().entrySet().stream()
        .filter(option -> !option.getKey().equals("bridge"))
        .flatMap(option -> address(option.getValue()).stream())
        .findFirst();
  }

  private static Optional<HardwareAddress> address(String text) {
    try {
      return text.length() == 17 ? Optional.of(new HardwareAddress(text)) : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** Of a card: {@code virtio}. */
  String model() {
    return text.first().isEmpty()
        ? text.options().keySet().stream().findFirst().orElse("")
        : text.first();
  }

  /** Whether a CD lies in it. */
  boolean isFilled() {
    return !List.of("", "none").contains(text.volume());
  }

  /** Of a disk; 0: not told. */
  long bytes() {
    Matcher size = SIZE.matcher(text.get("size").toUpperCase(Locale.ROOT));
    if (!size.matches()) {
      return 0;
    }
    long unit =
        switch (size.group(2)) {
          case "K" -> KIB;
          case "M" -> KIB * KIB;
          case "G" -> KIB * KIB * KIB;
          case "T" -> KIB * KIB * KIB * KIB;
          default -> 1;
        };
    long number = Long.parseLong(size.group(1));
    return number > Long.MAX_VALUE / unit ? 0 : number * unit;
  }

  private static String bus(String key) {
    return key.replaceAll("\\d", "");
  }

  private static int number(String key) {
    String digits = key.replaceAll("\\D", "");
    return digits.isEmpty() ? 0 : Integer.parseInt(digits);
  }
}
