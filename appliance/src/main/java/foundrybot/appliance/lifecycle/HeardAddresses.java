// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.lifecycle;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Which addresses a machine has by DHCP, as far as that was heard: those that the appliance has
 * acknowledged (RFC 2131 section 4.3.1), and those that the machine asked another server for, which
 * it does by broadcast, so that all hear it. Follows from the journal, and is bounded: {@link
 * #MOST} addresses of a machine.
 */
public final class HeardAddresses {
  /** Firmware, installer and installed system may each have one, a few times over. */
  static final int MOST = 16;

  private static final String QUAD = "(\\d{1,3}(?:\\.\\d{1,3}){3})";

  /** Ours; an answer at the port of boot servers gives none. */
  private static final Pattern GIVEN = Pattern.compile("^address=" + QUAD + "(?:\\s|$)");

  /** Of a server beside us. */
  private static final Pattern ASKED =
      Pattern.compile("(?:^|\\s)(?:address|requested|ciaddr)=" + QUAD + "(?:\\s|$)");

  private static final String ACK = "dhcp.ack";
  private static final String REQUEST = "dhcp.request";

  /** By MAC; of each address whether the appliance itself gave it. */
  private final Map<String, Map<String, Boolean>> byMac = new HashMap<>();

  /** Takes one durable fact of a machine that may be of the plan, in the order of the journal. */
  public synchronized void apply(Fact fact) {
    boolean given = fact.kind().equals(ACK);
    if (!given && !fact.kind().equals(REQUEST) && !fact.kind().equals(Mark.OTHERS_OFFER)) {
      return;
    }
    Matcher matcher = (given ? GIVEN : ASKED).matcher(fact.detail());
    while (matcher.find()) {
      Map<String, Boolean> latest = byMac.computeIfAbsent(fact.mac(), _ -> new LinkedHashMap<>());
      String address = matcher.group(1);
      boolean ours = given || Boolean.TRUE.equals(latest.remove(address));
      if (latest.size() >= MOST) {
        latest.remove(latest.keySet().iterator().next());
      }
      latest.put(address, ours);
    }
  }

  /**
   * Those of a machine, the latest last.
   *
   * @param ours only what the appliance gave: where it is the server, to ask is to have nothing
   */
  public synchronized Set<String> of(String mac, boolean ours) {
    return byMac.getOrDefault(mac, Map.of()).entrySet().stream()
        .filter(entry -> !ours || entry.getValue())
        .map(Map.Entry::getKey)
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }
}
