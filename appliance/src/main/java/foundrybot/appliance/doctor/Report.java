// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.doctor;

import foundrybot.appliance.doctor.Finding.Severity;
import java.util.List;
import java.util.Locale;

/**
 * What {@code bootserver doctor} prints.
 *
 * @param tested what was tried and found in order, as lines
 * @param findings the worst first
 * @param offers what DHCP servers offered
 */
public record Report(List<String> tested, List<Finding> findings, List<Offered> offers) {
  public Report {
    tested = List.copyOf(tested);
    findings = List.copyOf(findings);
    offers = List.copyOf(offers);
  }

  /**
   * One answer of a DHCP server.
   *
   * @param asked as which kind of client
   * @param server option 54
   * @param from source address
   * @param address 0.0.0.0 in a ProxyDHCP offer
   * @param file of the header, or option 67
   * @param vendorClass option 60
   * @param vendorOptions option 43 in hex
   */
  public record Offered(
      String asked,
      String server,
      String from,
      String address,
      String nextServer,
      String file,
      String vendorClass,
      String vendorOptions,
      long leaseSeconds) {
    static Offered of(Evidence.Offer offer) {
      return new Offered(
          offer.asked(),
          offer.server().getHostAddress(),
          offer.from().getHostAddress(),
          offer.address().getHostAddress(),
          offer.nextServer().getHostAddress(),
          offer.file(),
          offer.vendorClass(),
          offer.vendorOptions(),
          offer.leaseSeconds());
    }
  }

  /** 0 nothing wrong, 2 warnings, 3 faults: as far as it could be tested. */
  public int exitStatus() {
    return has(Severity.FAULT) ? 3 : has(Severity.WARNING) ? 2 : 0;
  }

  private boolean has(Severity severity) {
    return findings.stream().anyMatch(finding -> finding.severity() == severity);
  }

  /** For people. */
  public String text() {
    StringBuilder text = new StringBuilder();
    for (Finding finding : findings) {
      text.append(finding.severity().name().toLowerCase(Locale.ROOT)).append(": ");
      text.append(finding.what()).append('\n');
      text.append("  seen: ").append(finding.evidence()).append('\n');
      if (!finding.cure().isEmpty()) {
        text.append("  do:   ").append(finding.cure()).append('\n');
      }
    }
    if (!findings.isEmpty()) {
      text.append('\n');
    }
    tested.forEach(line -> text.append("ok: ").append(line).append('\n'));
    return text.append(summary()).append('\n').toString();
  }

  private String summary() {
    return switch (exitStatus()) {
      case 0 -> "nothing wrong was found";
      case 2 -> "no faults, but warnings";
      default -> "machines will not boot, or not all of them, until the faults are mended";
    };
  }
}
