// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.client;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What single vendors' BMCs do that no general rule covers: data, and the only place that knows
 * names of vendors. Most oddities need no row, since the flow expects them of everybody.
 */
record Quirks(List<Quirks.Difference> differences) {

  /** What is done differently. */
  sealed interface Difference {}

  /**
   * HTTP boot needs attributes of the firmware's setup, which take effect with a restart; {@code
   * $url} stands for the URL.
   */
  record HttpBootInSetup(Map<String, String> attributes) implements Difference {}

  /** An override for HTTP boot that stays would rewrite the machine's own boot order. */
  record HttpBootOnlyOnce() implements Difference {}

  /** The boot mode that was set shows only after a restart. */
  record ModeAtRestart() implements Difference {}

  /** A virtual CD boots by this target, where it is allowed, and not by Cd. */
  record CdTarget(String target) implements Difference {}

  /** Slots of this name are tried first. */
  record MediaFirst(Pattern slot) implements Difference {}

  /** Where the boot progress stands, if not in BootProgress. */
  record ProgressAt(List<String> path) implements Difference {}

  /** Who answers, as far as a row is chosen by it. */
  record Who(String vendor, String product, String firmware) {}

  /**
   * A row.
   *
   * @param vendor found in the vendor's name
   * @param product found in the names of machine and BMC
   * @param notProduct not found there; empty for no exception
   * @param firmware of the BMC: found at the beginning of its version
   * @param reference where it is known from
   */
  record Row(
      String vendor,
      String product,
      String notProduct,
      String firmware,
      Difference difference,
      String reference) {

    boolean applies(Who who) {
      return found(vendor, who.vendor())
          && found(product, who.product())
          && (notProduct.isEmpty() || !found(notProduct, who.product()))
          && Pattern.compile(firmware).matcher(who.firmware()).lookingAt();
    }

    private static boolean found(String pattern, String text) {
      return Pattern.compile(pattern, Pattern.CASE_INSENSITIVE).matcher(text).find();
    }
  }

  private static final String ANY = "";

  static final List<Row> TABLE =
      List.of(
          new Row(
              "dell",
              ANY,
              ANY,
              ANY,
              new HttpBootInSetup(Map.of("HttpDev1EnDis", "Enabled", "HttpDev1Uri", "$url")),
              "NVIDIA/libredfish PR 75: HttpBootUri is unknown to iDRAC"),
          new Row(
              "dell",
              ANY,
              ANY,
              ANY,
              new HttpBootOnlyOnce(),
              "dell/iDRAC-Redfish-Scripting issue 319"),
          new Row(
              "dell",
              ANY,
              ANY,
              ANY,
              new ModeAtRestart(),
              "openstack/ironic, drivers/modules/redfish/management.py: a job sets it at restart"),
          new Row(
              "supermicro|^smc",
              ANY,
              ANY,
              ANY,
              new HttpBootInSetup(Map.of("IPv4HTTPSupport", "Enabled")),
              "NVIDIA/libredfish supermicro.rs: UefiHttp is there only with it"),
          new Row(
              "supermicro|^smc",
              ANY,
              "ARS-111GL-NHR",
              ANY,
              new CdTarget("UsbCd"),
              "openstack/sushy, resources/system/system.py"),
          new Row(
              "lenovo",
              ANY,
              ANY,
              ANY,
              new MediaFirst(Pattern.compile("(Remote|EXT)[0-9]*", Pattern.CASE_INSENSITIVE)),
              "openstack/sushy and stmcginnis/gofish: RDOC slots take uploads only"),
          new Row(
              "hpe|hewlett",
              ANY,
              ANY,
              ANY,
              new ProgressAt(List.of("Oem", "Hpe", "PostState")),
              "resource trees of iLO 5 to 7"),
          new Row(
              "hpe|hewlett",
              ANY,
              ANY,
              ANY,
              new ProgressAt(List.of("Oem", "Hp", "PostState")),
              "resource trees of iLO 4"));

  static final Quirks NONE = new Quirks(List.of());

  static Quirks of(Who who) {
    return new Quirks(TABLE.stream().filter(row -> row.applies(who)).map(Row::difference).toList());
  }

  <T extends Difference> Optional<T> first(Class<T> kind) {
    return all(kind).stream().findFirst();
  }

  <T extends Difference> List<T> all(Class<T> kind) {
    return differences.stream().filter(kind::isInstance).map(kind::cast).toList();
  }
}
