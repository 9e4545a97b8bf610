// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.lifecycle;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The facts by which the appliance notes that nodes, phases or the cluster stand otherwise than
 * before, so that others can be told of it: what follows from the clock alone is in no other fact.
 * None moves a node, and nothing was heard by one.
 */
public enum NoticeKind {
  STAGE("notice.stage"),
  CONDITION("notice.condition"),
  /** The detail begins with the phase's name. */
  PHASE("notice.phase"),
  CLUSTER("notice.cluster");

  private static final Map<String, NoticeKind> BY_TEXT =
      Arrays.stream(values()).collect(Collectors.toUnmodifiableMap(NoticeKind::text, kind -> kind));

  private final String text;

  NoticeKind(String text) {
    this.text = text;
  }

  public static Optional<NoticeKind> of(String text) {
    return Optional.ofNullable(BY_TEXT.get(text));
  }

  /** The texts of all kinds. */
  public static Set<String> texts() {
    return BY_TEXT.keySet();
  }

  public String text() {
    return text;
  }

  /** What a fact of this kind is about: of each subject the last one counts. */
  public String subject(Fact fact) {
    return this == PHASE ? text + " " + fact.detail().split(" ", 2)[0] : text + " " + fact.mac();
  }
}
