// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.hardware;

import foundrybot.appliance.lifecycle.EraseOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * What a machine says that it has overwritten, and what it has read back then.
 *
 * @param proof {@code whole}, or {@code samples}: the first and the last MiB of each disk and 256
 *     more at random
 */
public record Erasure(String proof, List<Disk> disks) {
  private static final long MIB = 1 << 20;

  /** Disks that the journal has a line of, or a word; the file has all of them. */
  static final int MOST_SAID = 64;

  /** What samples come to, on a disk that is larger. */
  private static final long SAMPLES = 258 * MIB;

  /**
   * One disk.
   *
   * @param method {@code drive} (NVMe format), {@code zeroes} (the drive's own writing of zeroes),
   *     {@code writing}, or {@code none}
   * @param readBytes how much was read back
   * @param nonZero how many bytes of that were not zero
   * @param fault why it is not erased; empty if it is
   */
  public record Disk(
      String name,
      String serial,
      String model,
      long bytes,
      String method,
      long readBytes,
      long nonZero,
      long seconds,
      String fault) {
    public Disk {
      Checks.diskName(name);
      Checks.text("serial of " + name, serial);
      Checks.text("model of " + name, model);
      Checks.count("bytes of " + name, bytes, Checks.MOST);
      Checks.matches("method of " + name, method, "drive|zeroes|writing|none");
      Checks.count("readBytes of " + name, readBytes, Checks.MOST);
      Checks.count("nonZero of " + name, nonZero, Checks.MOST);
      Checks.count("seconds of " + name, seconds, Checks.MOST);
      Checks.text("fault of " + name, fault);
    }

    /** One line for the journal. */
    public String said() {
      return name
          + " serial="
          + serial
          + " bytes="
          + bytes
          + " method="
          + method
          + " read="
          + readBytes
          + " nonzero="
          + nonZero
          + " seconds="
          + seconds
          + (fault.isEmpty() ? "" : " fault=" + fault);
    }

    private Optional<String> fault(boolean samples) {
      if (!fault.isEmpty()) {
        return Optional.of(name + ": " + fault);
      }
      if (nonZero > 0) {
        return Optional.of(name + ": " + nonZero + " bytes are not zero");
      }
      long wanted = samples ? Math.min(bytes, SAMPLES) : bytes;
      if (method.equals("none") || bytes == 0 || readBytes < wanted) {
        return Optional.of(
            name + ": " + readBytes + " bytes were read back (expected: " + wanted + ")");
      }
      return Optional.empty();
    }
  }

  public Erasure {
    Checks.matches("proof", proof, "whole|samples");
    Checks.count("disks", disks.size(), Inventory.MOST_DISKS);
    disks = List.copyOf(disks);
    if (disks.stream().map(Disk::name).distinct().count() < disks.size()) {
      throw new IllegalArgumentException("disks: two have the same name (expected: each once)");
    }
  }

  /** Why this is no proof that what was ordered is done; the first reason. */
  public Optional<String> fault(EraseOrder order) {
    if (disks.isEmpty()) {
      return Optional.of("no disk was found that could be erased");
    }
    if (!proof.equals(order.proof())) {
      return Optional.of("proof: " + proof + " (ordered: " + order.proof() + ")");
    }
    for (String wanted : order.disks()) {
      if (disks.stream().noneMatch(disk -> disk.name().equals(wanted))) {
        return Optional.of(wanted + ": is not in the report");
      }
    }
    return disks.stream().flatMap(disk -> disk.fault(order.samples()).stream()).findFirst();
  }

  /** A line of each disk for the journal, where there are not too many. */
  public List<String> said() {
    return few(Disk::said);
  }

  private List<String> few(Function<Disk, String> words) {
    List<String> few = new ArrayList<>(disks.stream().limit(MOST_SAID).map(words).toList());
    if (disks.size() > MOST_SAID) {
      few.add("and " + (disks.size() - MOST_SAID) + " more");
    }
    return few;
  }

  /** One line for the journal. */
  public String summary() {
    long read = disks.stream().mapToLong(Disk::readBytes).sum();
    return disks.size()
        + " disks; "
        + read
        + " bytes read back ("
        + proof
        + "), none of them non-zero: "
        + String.join(", ", few(disk -> disk.name() + " " + disk.serial()));
  }
}
