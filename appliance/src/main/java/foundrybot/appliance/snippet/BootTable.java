// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.snippet;

import foundrybot.answerfiles.Node;
import foundrybot.answerfiles.RackFile;
import foundrybot.appliance.BootAnswers;
import foundrybot.bootserver.Architecture;
import foundrybot.bootserver.BootClient;
import foundrybot.bootserver.BootDecision;
import foundrybot.bootserver.MacAddress;
import java.net.Inet4Address;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** What all kinds of clients are to be told, by the same policy that answers on the wire. */
final class BootTable {
  /** The script for an iPXE of which only the MAC is known, and it to itself. */
  private static final String SCRIPT_OF_ANYONE = "autoexec.ipxe";

  private final RackFile rack;
  private final BootAnswers answers;

  BootTable(RackFile rack, BootAnswers answers) {
    this.rack = rack;
    this.answers = answers;
  }

  private record Told(String file, boolean http) {}

  /** For one machine: names with its MAC, so that the appliance sees whose transfer it is. */
  List<BootRow> of(Node node) {
    MacAddress mac = new MacAddress(node.mac().bits());
    Inet4Address self = answers.addressFor(Optional.of(node));
    List<BootRow> rows = new ArrayList<>();
    rows.addAll(rows(self, true, code -> told(client(mac, code, true))));
    rows.addAll(rows(self, false, code -> told(client(mac, code, false))));
    return rows;
  }

  /** For any machine: plain names. */
  List<BootRow> ofAnyone() {
    MacAddress nobody = answers.guest();
    Inet4Address self = rack.appliance().address();
    String own = nobody.hyphenated() + "/";
    List<BootRow> rows = new ArrayList<>();
    rows.add(new BootRow(true, List.of(), "iPXE", self, SCRIPT_OF_ANYONE, false));
    rows.addAll(
        rows(
            self,
            false,
            code ->
                told(client(nobody, code, false))
                    // By HTTP a program has no name without a MAC; any MAC will do.
                    .map(
                        told ->
                            told.http() ? told : new Told(told.file().replace(own, ""), false))));
    return rows;
  }

  private interface Teller {
    Optional<Told> told(int code);
  }

  private static List<BootRow> rows(Inet4Address self, boolean ipxe, Teller teller) {
    Map<Told, List<Integer>> groups = new LinkedHashMap<>();
    for (int code = 0; code <= Architecture.lastRegistered(); code++) {
      int one = code;
      if (ipxe && new Architecture(code).overHttp()) {
        // It is firmware that asks so; iPXE says what it was built for.
        continue;
      }
      teller
          .told(code)
          .ifPresent(told -> groups.computeIfAbsent(told, _ -> new ArrayList<>()).add(one));
    }
    List<BootRow> rows = new ArrayList<>();
    groups.forEach(
        (told, codes) ->
            rows.add(
                new BootRow(
                    ipxe,
                    codes,
                    (ipxe ? "iPXE, " : "") + names(codes),
                    self,
                    told.file(),
                    told.http())));
    return rows;
  }

  private static String names(List<Integer> codes) {
    return codes.stream()
        .map(code -> new Architecture(code).name())
        .distinct()
        .collect(Collectors.joining("; "));
  }

  private Optional<Told> told(BootClient client) {
    return switch (answers.decide(client)) {
      case BootDecision.Ignore _ -> Optional.empty();
      case BootDecision.Program program -> Optional.of(new Told(program.file(), false));
      case BootDecision.Url url ->
          Optional.of(
              new Told(url.url().toASCIIString(), client.transport() == BootClient.Transport.HTTP));
    };
  }

  private static BootClient client(MacAddress mac, int code, boolean ipxe) {
    Architecture architecture = new Architecture(code);
    boolean http = architecture.overHttp() && !ipxe;
    return new BootClient(
        mac,
        Optional.empty(),
        architecture,
        ipxe ? BootClient.Program.IPXE : BootClient.Program.FIRMWARE,
        http ? BootClient.Transport.HTTP : BootClient.Transport.PXE,
        "%s:Arch:%05d:UNDI:003000".formatted(http ? "HTTPClient" : "PXEClient", code));
  }
}
