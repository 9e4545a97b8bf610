// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A virtual machine that is wanted: x86-64 with a chipset of this century (q35), its devices virtio
 * where there is a choice.
 *
 * @param name no number, as hypervisors would take that for an id of theirs
 * @param cores 1..{@value #MOST_CORES}
 * @param memoryMiB 64 or more
 * @param disks in the order in which the machine finds them
 * @param nics the first one is what it boots from
 * @param tpm whether it has a TPM 2.0, emulated by the hypervisor
 */
public record MachineSpec(
    String name,
    int cores,
    long memoryMiB,
    List<Disk> disks,
    List<Nic> nics,
    Firmware firmware,
    boolean tpm) {
  /** More than one machine has sockets for; a number above it is a slip. */
  public static final int MOST_CORES = 1024;

  private static final int LEAST_MEMORY_MIB = 64;
  private static final int MOST_DISKS = 16;
  private static final int MOST_NICS = 16;
  private static final Pattern NAME = Pattern.compile("(?!\\d+$)[A-Za-z0-9][A-Za-z0-9._-]{0,62}");
  private static final Pattern WORD = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");

  public MachineSpec {
    disks = List.copyOf(disks);
    nics = List.copyOf(nics);
    check(NAME.matcher(name).matches(), "name", name, "letters, digits, '.', '_', '-', no number");
    check(cores >= 1 && cores <= MOST_CORES, "cores", cores, "1.." + MOST_CORES);
    check(memoryMiB >= LEAST_MEMORY_MIB, "memory in MiB", memoryMiB, LEAST_MEMORY_MIB + " or more");
    check(disks.size() <= MOST_DISKS, "disks", disks.size(), "at most " + MOST_DISKS);
    check(!nics.isEmpty() && nics.size() <= MOST_NICS, "nics", nics.size(), "1.." + MOST_NICS);
    check(
        nics.stream().map(Nic::mac).distinct().count() == nics.size(),
        "nics",
        nics.stream().map(Nic::mac).toList(),
        "each MAC once");
  }

  /**
   * An empty disk.
   *
   * @param mebibytes its size
   * @param pool the hypervisor's storage that it lies in; absent: the hypervisor's usual one
   * @param format how it lies there; absent: what that storage usually has
   */
  public record Disk(long mebibytes, Optional<String> pool, Optional<Format> format) {
    public Disk {
      check(mebibytes >= 1, "disk in MiB", mebibytes, "1 or more");
      pool.ifPresent(word -> check(WORD.matcher(word).matches(), "pool", word, "a storage's name"));
    }
  }

  /** How a disk lies in its storage. */
  public enum Format {
    /** Takes the space that is written, where the storage is a folder. */
    QCOW2,
    /** Byte for byte. */
    RAW
  }

  /** A network card. */
  public record Nic(HardwareAddress mac, Link link) {}

  /** What a card is plugged into. */
  public sealed interface Link {
    /** A bridge of the host's: {@code br0}, {@code vmbr0}. */
    record Bridge(String name) implements Link {
      public Bridge {
        check(WORD.matcher(name).matches(), "bridge", name, "the name of a bridge");
      }
    }

    /** A network that the hypervisor keeps under this name; libvirt's {@code default} is one. */
    record Network(String name) implements Link {
      public Network {
        check(WORD.matcher(name).matches(), "network", name, "the name of a network");
      }
    }
  }

  /** What starts it. */
  public enum Firmware {
    BIOS,
    UEFI,
    /** UEFI that starts only what Microsoft's keys have signed. */
    UEFI_SECURE_BOOT
  }

  private static void check(boolean holds, String what, Object value, String expected) {
    if (!holds) {
      throw new IllegalArgumentException(what + ": " + value + " (expected: " + expected + ")");
    }
  }
}
