// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dns;

import io.netty.handler.codec.dns.DnsResponseCode;
import java.util.List;

/** What the zone says to a question. */
sealed interface Decision {
  /** With authority: records, or that there are none of that type, or no such name. */
  record Answer(DnsResponseCode code, List<Rr> answers, List<Rr> authority, List<Rr> additional)
      implements Decision {
    public Answer {
      answers = List.copyOf(answers);
      authority = List.copyOf(authority);
      additional = List.copyOf(additional);
    }
  }

  /** Not to be answered by anybody here: {@code reason} is the end of the counter's name. */
  record Refuse(DnsResponseCode code, String reason) implements Decision {}

  /** A name of somebody else. */
  record NotOurs() implements Decision {}
}
