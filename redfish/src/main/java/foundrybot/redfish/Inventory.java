// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish;

import java.util.List;

/**
 * What a BMC knows of its machine. Texts may be empty, numbers zero, lists empty: not told.
 *
 * @param uuid SMBIOS UUID, lower case with hyphens
 * @param biosVersion of the machine's firmware
 * @param bmcVersion of the BMC's
 * @param memoryMiB all of it
 */
public record Inventory(
    String uuid,
    String serial,
    String vendor,
    String model,
    String biosVersion,
    String bmcVersion,
    List<Cpu> cpus,
    long memoryMiB,
    List<Nic> nics,
    List<Drive> drives,
    String tpm) {

  public Inventory {
    cpus = List.copyOf(cpus);
    nics = List.copyOf(nics);
    drives = List.copyOf(drives);
  }

  /**
   * A processor.
   *
   * @param cores 0: not told
   */
  public record Cpu(String name, String model, int cores, int threads) {}

  /**
   * A port of a network card.
   *
   * @param link {@code up}, {@code down}, or empty
   * @param netBoot whether the firmware may boot from it: {@code on}, {@code off}, or empty
   */
  public record Nic(String name, HardwareAddress mac, String link, String netBoot) {}

  /**
   * A disk.
   *
   * @param bytes 0: not told
   * @param media {@code SSD}, {@code HDD}, or empty
   */
  public record Drive(String name, String model, String serial, long bytes, String media) {}
}
