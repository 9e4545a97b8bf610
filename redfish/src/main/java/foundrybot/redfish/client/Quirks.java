// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.client;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What a BMC does that no general rule covers, of the rows of {@link QuirkTable}. Most oddities
 * need none, since the flow expects them of everybody.
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

  /**
   * A boot mode that is written has the firmware's setup run before the boot, even if it is the one
   * that is set: it is written only if it is another.
   */
  record ModeOnlyIfNew() implements Difference {}

  /** A virtual CD boots by this target, where it is allowed, and not by Cd. */
  record CdTarget(String target) implements Difference {}

  /**
   * Media are played by actions of the vendor's own, where no slot has the standard one.
   *
   * <p>In what is sent, {@code $image} stands for the whole URL, {@code $server} for what is in
   * front of its path, {@code $path} for that, and {@code $protocol} for its scheme in capitals.
   *
   * @param config where the collection of slots links to what has the actions; empty where each
   *     slot has them itself
   * @param actions where they stand there
   * @param settings written there before an insertion; may be empty
   * @param insert name of the action, and its parameters
   * @param eject the same of the other one
   * @param tries how often it is inserted while its task fails
   */
  record MediaActions(
      List<String> config,
      List<String> actions,
      Map<String, String> settings,
      String insert,
      Map<String, String> inserting,
      String eject,
      Map<String, String> ejecting,
      int tries)
      implements Difference {
    MediaActions {
      config = List.copyOf(config);
      actions = List.copyOf(actions);
    }
  }

  /**
   * Media are played from shares of files alone, by an action of the vendor's own, where no slot
   * has the standard one.
   *
   * @param action where a system has it
   * @param protocols of the shares, for people
   */
  record MediaOfShares(List<String> action, String protocols) implements Difference {
    MediaOfShares {
      action = List.copyOf(action);
    }
  }

  /**
   * A BMC that may have its media switched off as a whole, and says so.
   *
   * @param status where its own resource says whether they are
   * @param on what it says if they are not
   * @param action where the action stands that switches them on
   * @param body what that is given
   */
  record MediaSwitch(List<String> status, String on, List<String> action, Map<String, String> body)
      implements Difference {
    MediaSwitch {
      status = List.copyOf(status);
      action = List.copyOf(action);
    }
  }

  /**
   * Systems whose URI ends like this are parts of a machine, whatever they say of themselves, and
   * are not even read: some fail as long as the machine is off.
   */
  record PartOfMachine(Pattern name) implements Difference {}

  /** Slots of this name are tried first. */
  record MediaFirst(Pattern slot) implements Difference {}

  /** Where adapters are linked that are in no other list; their ports stand in PhysicalPorts. */
  record AdaptersAt(List<String> path) implements Difference {}

  /** Where the boot progress stands, if not in BootProgress. */
  record ProgressAt(List<String> path) implements Difference {}

  /**
   * A log-in by session that is answered 401, with Basic named as the way in (RFC 9110, 11.6.1), is
   * no refusal of the password: it is sent once more, by that way. Nobody has it unasked: most that
   * have sessions name Basic as well, and a wrong password would count twice.
   */
  record BasicIfNamed() implements Difference {}

  /** A log-in by session is given this, too, below those names. */
  record SessionProperty(List<String> path, String value) implements Difference {
    SessionProperty {
      path = List.copyOf(path);
    }
  }

  /** No session is asked for. */
  record BasicOnly() implements Difference {}

  /**
   * Who answers, as far as a row is chosen by it.
   *
   * @param firmware the BMC's version; empty as long as it is not read
   */
  record Who(String vendor, String product, String firmware) {
    /** As far as the service root tells, which is open to all. */
    static Who of(Props root) {
      return new Who(maker(root), root.textOrEmpty("Product"), "");
    }

    /** By its name, or by what its own additions go by. */
    static String maker(Props root) {
      return root.text("Vendor")
          .orElseGet(
              () ->
                  root.at("Oem").node().properties().stream()
                      .map(Map.Entry::getKey)
                      .findFirst()
                      .orElse(""));
    }
  }

  /**
   * A row.
   *
   * @param name by which the rack file wants it of a node's BMC, or does not
   * @param vendor found in the vendor's name
   * @param product found in the names of machine and BMC
   * @param notProduct not found there; empty for no exception
   * @param firmware versions of the BMC that it holds for
   * @param reference where it is known from
   */
  record Row(
      String name,
      String vendor,
      String product,
      String notProduct,
      FirmwareRange firmware,
      Difference difference,
      String reference) {

    boolean applies(Who who) {
      return found(vendor, who.vendor())
          && found(product, who.product())
          && (notProduct.isEmpty() || !found(notProduct, who.product()))
          && firmware.has(who.firmware());
    }

    private static boolean found(String pattern, String text) {
      return Pattern.compile(pattern, Pattern.CASE_INSENSITIVE).matcher(text).find();
    }
  }

  /** What stands before a row's name where it is not to hold. */
  private static final String NOT = "no-";

  static final Quirks NONE = new Quirks(List.of());

  /**
   * Those of a BMC.
   *
   * @param wishes names of rows that are to hold whoever it is, or, behind {@code no-}, are not
   */
  static Quirks of(Who who, Set<String> wishes) {
    return new Quirks(
        QuirkTable.ROWS.stream()
            .filter(row -> !wishes.contains(NOT + row.name()))
            .filter(row -> wishes.contains(row.name()) || row.applies(who))
            .map(Row::difference)
            .toList());
  }

  <T extends Difference> Optional<T> first(Class<T> kind) {
    return all(kind).stream().findFirst();
  }

  <T extends Difference> List<T> all(Class<T> kind) {
    return differences.stream().filter(kind::isInstance).map(kind::cast).toList();
  }
}
