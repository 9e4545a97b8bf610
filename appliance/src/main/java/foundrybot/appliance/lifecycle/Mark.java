// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.lifecycle;

import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a {@link Trail} remembers of a node besides its stage: facts that move nobody, and yet tell
 * why somebody does not move. Each mark has the kinds of facts that make it, and what their detail
 * must look like; a group in that pattern is what a repetition repeats, such as a file's name.
 */
public enum Mark {
  BMC_TRIED("its BMC is tried again", "", "power.retry"),
  /** Of a client that wants to boot; an installed system asks by DHCP as well. */
  DISCOVER("DISCOVER to boot", "^arch=", "dhcp.discover"),
  OFFER("our offer", "", "dhcp.offer"),
  /** Our ACK tells of it as well: a REQUEST to us as the server names us, as those to others do. */
  REQUEST("REQUEST to us", "^(?!arch=.*server=)", "dhcp.request", "dhcp.ack"),
  OTHER_SERVER("REQUEST to another DHCP server", "server=(\\S+)", Mark.OTHERS_OFFER),
  UNANSWERED("not answered", "", "dhcp.ignored"),
  NO_PROGRAM("no boot program", Mark.NO_PROGRAM_WORDS, "dhcp.no-program", "dhcp.offer"),
  ADDRESS_IN_USE("address in use", "", "dhcp.conflict", "dhcp.decline"),
  /** Each is of another machine than the one before; {@link #isNews}. */
  OTHER_UUID("a UUID in DHCP", "", "dhcp.identity"),
  PROGRAM_ASKED("boot program asked for by TFTP", "^(?!\\S*autoexec\\.ipxe)([^\\s,]+)", "tftp.rrq"),
  PROGRAM_BROKEN(
      "TFTP broke off", "", "tftp.aborted", "tftp.timeout", "tftp.failed", "tftp.refused"),
  PROGRAM_DONE(
      "boot program loaded", "^(?!\\S*autoexec\\.ipxe)([^\\s,]+)", "tftp.done", "loader.fetched"),
  /** The token that waits is the one that somebody had before. */
  SCRIPT_AGAIN("its script fetched again", "", Mark.AGAIN),
  /** Its own iPXE verifies what it runs, and has asked for that. */
  SCRIPT_SIGNATURE("its script's signature fetched", "", Mark.SIGNATURE),
  DOWNLOAD_BROKEN("download broke off", "", "http.aborted"),
  TO_DISK("told to boot from its disk", "", "boot.local"),
  NOT_IN_MIRROR("not in the package mirror", "", Mark.MISSING_PACKAGE),
  PACKAGES("packages fetched", "", "mirror.request"),
  CLOCK_OFF("clock", "the node's clock is \\d+ s", Mark.CLOCK, "mesh.refused"),
  MESH_REFUSED("refused in the mesh", "", "mesh.refused"),
  TPM_REFUSED("its TPM is refused", "", Mark.TPM),
  /** It, or who has its token, came when the run's window was over. */
  LATE("came with its token too late", "", Mark.TOO_LATE),
  /** Its token came from where its own DHCP does not have it. */
  ELSEWHERE("its token from another address", "", Mark.OTHER_ADDRESS);

  /** How the boot policy says that it knows none for the machine's architecture. */
  public static final String NO_PROGRAM_WORDS = "no boot program for architecture";

  /** The kind of a fact that a machine took the offer of another DHCP server. */
  public static final String OTHERS_OFFER = "dhcp.other-server";

  /** The kind of a fact that a machine's script was given once more, with the token that waits. */
  public static final String AGAIN = "script.again";

  /** The kind of a fact that a machine asked for the signature of its script. */
  public static final String SIGNATURE = "script.signature";

  /** The kind of a fact that a machine asked for a package that the mirror does not have. */
  public static final String MISSING_PACKAGE = "mirror.missing";

  /** The kind of a fact that a machine's own time is not ours. */
  public static final String CLOCK = "clock.off";

  /** The kind of a fact that somebody came with a token whose window is over. */
  public static final String TOO_LATE = "token.late";

  /** The kind of a fact that a token came from an address that is not its machine's. */
  public static final String OTHER_ADDRESS = "token.elsewhere";

  /** The kind of a fact that a node has shown another TPM than it must, or none. */
  public static final String TPM = "tpm.refused";

  /** The marks that facts of a kind may leave. */
  private static final Map<String, Set<Mark>> BY_KIND = byKind();

  private final String words;
  private final Pattern pattern;

  @SuppressWarnings("ImmutableEnumChecker") // a copy that cannot be changed
  private final List<String> kinds;

  Mark(String words, String pattern, String... kinds) {
    this.words = words;
    this.pattern = Pattern.compile(pattern);
    this.kinds = List.of(kinds);
  }

  /** The kinds of facts that leave a mark. */
  public static Set<String> texts() {
    return BY_KIND.keySet();
  }

  /** For people. */
  String words() {
    return words;
  }

  private static Map<String, Set<Mark>> byKind() {
    Map<String, Set<Mark>> byKind = new HashMap<>();
    for (Mark mark : values()) {
      for (String kind : mark.kinds) {
        byKind.computeIfAbsent(kind, _ -> EnumSet.noneOf(Mark.class)).add(mark);
      }
    }
    byKind.replaceAll((_, marks) -> Collections.unmodifiableSet(marks));
    return Collections.unmodifiableMap(byKind);
  }

  /** The marks that a fact leaves. */
  static Set<Mark> of(Fact fact) {
    Set<Mark> possible = BY_KIND.getOrDefault(fact.kind(), Set.of());
    if (possible.isEmpty()) {
      // Most of what is heard of machines that are under way, and there may be thousands a second.
      return possible;
    }
    EnumSet<Mark> marks = EnumSet.copyOf(possible);
    marks.removeIf(mark -> !mark.isIn(fact.detail()));
    return marks;
  }

  private boolean isIn(String detail) {
    return pattern.pattern().isEmpty() || pattern.matcher(detail).find();
  }

  /**
   * Whether it counts. A machine's own UUID in another order of bytes is no other machine's, and
   * one that thousands of boards have is nobody's: some ROMs send such a one, and the iPXE behind
   * them the right one.
   *
   * @param before what the last such fact said
   */
  boolean isNews(Optional<String> before, Fact fact) {
    return this != OTHER_UUID || Identity.isAnother(before, fact.detail());
  }

  /** What is repeated if it comes again; empty where any repetition counts. */
  String subject(String detail) {
    Matcher matcher = pattern.matcher(detail);
    return matcher.find() && matcher.groupCount() > 0 ? matcher.group(1) : "";
  }
}
