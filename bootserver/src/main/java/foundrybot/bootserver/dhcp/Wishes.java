// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dhcp;

import java.util.List;

/**
 * What a client asks for in option 55 (RFC 2132 section 9.8): the codes, the most wanted first.
 *
 * @param codes empty: it says nothing, so it may want anything
 */
record Wishes(Octets codes) {
  /** What old Windows asks for, which is no option of every client. */
  private static final int MICROSOFT_ROUTES = DhcpOption.MICROSOFT_ROUTES;

  static Wishes of(DhcpMessage request) {
    return new Wishes(request.option(DhcpOption.PARAMETER_LIST).orElse(Octets.EMPTY));
  }

  boolean include(int code) {
    return codes.length() == 0 ? code != MICROSOFT_ROUTES : rank(code) < codes.length();
  }

  private int rank(int code) {
    for (int i = 0; i < codes.length(); i++) {
      if (codes.at(i) == code) {
        return i;
      }
    }
    return codes.length();
  }

  /** Brings what is wanted most to the front; what is left out for want of room is at the end. */
  void sort(List<DhcpOption> options) {
    int[] ranks = new int[options.size()];
    for (int i = 0; i < ranks.length; i++) {
      DhcpOption option = options.get(i);
      int rank = rank(option.code());
      int at = i;
      for (; at > 0 && ranks[at - 1] > rank; at--) {
        ranks[at] = ranks[at - 1];
        options.set(at, options.get(at - 1));
      }
      ranks[at] = rank;
      options.set(at, option);
    }
  }
}
