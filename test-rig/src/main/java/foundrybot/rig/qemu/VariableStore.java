// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.qemu;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;

/**
 * The variables of EDK2's firmware in the image of its flash, read and written while the machine is
 * off: a firmware volume (UEFI Platform Initialization 1.8, volume 3, section 3.2.1) whose header
 * is followed by a store of authenticated variables (EDK2, MdeModulePkg,
 * AuthenticatedVariableFormat.h). A variable is appended with a state; a later one with the same
 * name takes its place when that state of the earlier one says "deleted". What lies behind the
 * store (the working space of fault-tolerant writes) stays as it is.
 */
final class VariableStore {
  /** EFI_GLOBAL_VARIABLE (UEFI 2.10, section 3.3). */
  static final UUID GLOBAL = UUID.fromString("8be4df61-93ca-11d2-aa0d-00e098032b8c");

  /** Kept over a restart, and seen by firmware and operating system (UEFI 2.10, section 8.2). */
  static final int NON_VOLATILE_BOOT_RUNTIME = 7;

  private static final UUID VOLUME = UUID.fromString("fff12b8d-7696-4c8b-a985-2747075b4f50");
  private static final UUID STORE = UUID.fromString("aaf32c78-947b-439a-a180-2e144ec37792");
  private static final int MOST_BYTES = 64 << 20;

  private static final int VOLUME_HEADER_LENGTH = 48;
  private static final int STORE_HEADER = 28;
  private static final int FORMATTED = 0x5a;
  private static final int HEALTHY = 0xfe;

  private static final int HEADER = 60;
  private static final short START = 0x55aa;
  private static final byte ADDED = 0x3f;
  private static final byte DELETED = (byte) 0xfd;

  /**
   * One that counts.
   *
   * @param attributes of UEFI's SetVariable
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Variable(String name, UUID vendor, int attributes, byte[] data) {
    boolean isNamed(String otherName, UUID otherVendor) {
      return name.equals(otherName) && vendor.equals(otherVendor);
    }
  }

  /** A variable of any state at its place. */
  private record Entry(int at, int end, boolean counts, Variable variable) {}

  private final byte[] image;

  /** Of the image, little-endian. */
  private final ByteBuffer flash;

  private final int begin;
  private final int end;

  private VariableStore(byte[] image, int begin, int end) {
    this.image = image;
    this.flash = view(image);
    this.begin = begin;
    this.end = end;
  }

  /**
   * Reads a copy.
   *
   * @throws RigException if it is another thing
   */
  static VariableStore read(Path file) {
    try {
      if (Files.size(file) > MOST_BYTES) {
        throw new RigException(file + ": too long for firmware variables");
      }
      return of(Files.readAllBytes(file));
    } catch (IOException | RuntimeException e) {
      throw new RigException(file + ": no EDK2 variable store: " + e.getMessage(), e);
    }
  }

  /** The same of bytes, which it takes for its own. */
  static VariableStore of(byte[] image) {
    ByteBuffer flash = view(image);
    expect("volume", VOLUME, guid(flash, 16));
    int store = Short.toUnsignedInt(flash.getShort(VOLUME_HEADER_LENGTH));
    expect("store", STORE, guid(flash, store));
    int size = flash.getInt(store + 16);
    expect("format", FORMATTED, Byte.toUnsignedInt(flash.get(store + 20)));
    expect("state", HEALTHY, Byte.toUnsignedInt(flash.get(store + 21)));
    if (size < STORE_HEADER || size > image.length - store) {
      throw new RigException("size: " + size + " (expected: within the image)");
    }
    return new VariableStore(image, store + STORE_HEADER, store + size);
  }

  private static ByteBuffer view(byte[] image) {
    return ByteBuffer.wrap(image).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static void expect(String what, Object expected, Object seen) {
    if (!expected.equals(seen)) {
      throw new RigException(what + ": " + seen + " (expected: " + expected + ")");
    }
  }

  /** Those that count, in the order in which they were written. */
  List<Variable> variables() {
    return entries().stream().filter(Entry::counts).map(Entry::variable).toList();
  }

  private List<Entry> entries() {
    List<Entry> all = new ArrayList<>();
    int at = begin;
    while (at + HEADER <= end && flash.getShort(at) == START) {
      int name = length(at + 36, end - at - HEADER);
      int data = length(at + 40, end - at - HEADER - name);
      int next = aligned(at + HEADER + name + data);
      byte[] text = bytes(at + HEADER, Math.max(0, name - 2));
      all.add(
          new Entry(
              at,
              next,
              flash.get(at + 2) == ADDED,
              new Variable(
                  new String(text, StandardCharsets.UTF_16LE),
                  guid(flash, at + 44),
                  flash.getInt(at + 4),
                  bytes(at + HEADER + name, data))));
      at = next;
    }
    return all;
  }

  private int length(int at, int most) {
    int length = flash.getInt(at);
    if (length < 0 || length > most) {
      throw new RigException(
          "variable at " + at + ": length " + length + " (at most " + most + ")");
    }
    return length;
  }

  private byte[] bytes(int from, int length) {
    return Arrays.copyOfRange(image, from, from + length);
  }

  private static int aligned(int place) {
    return (place + 3) & ~3;
  }

  /** The same with this variable, in place of one of its name. */
  VariableStore with(Variable variable) {
    VariableStore changed = new VariableStore(image.clone(), begin, end);
    changed.put(variable);
    return changed;
  }

  private void put(Variable variable) {
    int free = begin;
    for (Entry entry : entries()) {
      free = entry.end();
      if (entry.counts() && entry.variable().isNamed(variable.name(), variable.vendor())) {
        flash.put(entry.at() + 2, (byte) (ADDED & DELETED));
      }
    }
    byte[] name = (variable.name() + "\0").getBytes(StandardCharsets.UTF_16LE);
    int length = HEADER + name.length + variable.data().length;
    if (length > end - free) {
      throw new RigException(
          "variable " + variable.name() + ": no room for " + length + " bytes; start afresh");
    }
    flash.putShort(free, START);
    flash.put(free + 2, ADDED);
    flash.put(free + 3, (byte) 0);
    flash.putInt(free + 4, variable.attributes());
    // No count, no time and no key: nobody has signed it.
    Arrays.fill(image, free + 8, free + 36, (byte) 0);
    flash.putInt(free + 36, name.length);
    flash.putInt(free + 40, variable.data().length);
    putGuid(free + 44, variable.vendor());
    flash.put(free + HEADER, name);
    flash.put(free + HEADER + name.length, variable.data());
  }

  void write(Path file) {
    try {
      Files.write(file, image);
    } catch (IOException e) {
      throw new RigException(file + ": cannot be written", e);
    }
  }

  /** Three numbers in little-endian order and eight bytes (UEFI 2.10, appendix A). */
  private static UUID guid(ByteBuffer from, int at) {
    long high =
        ((long) from.getInt(at) << 32)
            | ((long) Short.toUnsignedInt(from.getShort(at + 4)) << 16)
            | Short.toUnsignedInt(from.getShort(at + 6));
    return new UUID(high, Long.reverseBytes(from.getLong(at + 8)));
  }

  private void putGuid(int at, UUID guid) {
    long high = guid.getMostSignificantBits();
    flash.putInt(at, (int) (high >>> 32));
    flash.putShort(at + 4, (short) (high >>> 16));
    flash.putShort(at + 6, (short) high);
    flash.putLong(at + 8, Long.reverseBytes(guid.getLeastSignificantBits()));
  }
}
