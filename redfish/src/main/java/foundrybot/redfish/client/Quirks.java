// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.client;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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

  private static final String ANY = "";

  /** Dell's generations whose firmware knows no HTTP boot, as the iDRAC's model has them. */
  private static final String BEFORE_14G = "\\b1[123]G\\b";

  /** Lenovo's generations behind the first, as the machine's model has them. */
  private static final String V2_AND_LATER = "\\bV[2-9]\\b";

  private static final Pattern LENOVO_SLOTS =
      Pattern.compile("(Remote|EXT)[0-9]*", Pattern.CASE_INSENSITIVE);

  /** iBMC's way to play media, below what names its maker. */
  private static MediaActions vmmControl(String maker) {
    return new MediaActions(
        List.of(),
        List.of("Oem", maker, "Actions"),
        Map.of(),
        "#VirtualMedia.VmmControl",
        Map.of("VmmControlType", "Connect", "Image", "$image"),
        "#VirtualMedia.VmmControl",
        Map.of("VmmControlType", "Disconnect"),
        // Its maker's own advice, and seen to help: "Please try again".
        3);
  }

  /** Of a row that holds only where the rack file says so. */
  private static final String NOBODY = "(?!)";

  /** What stands before a row's name where it is not to hold. */
  private static final String NOT = "no-";

  static final List<Row> TABLE =
      List.of(
          new Row(
              "dell-http-setup",
              "dell",
              ANY,
              BEFORE_14G,
              FirmwareRange.NOT_KNOWN,
              new HttpBootInSetup(Map.of("HttpDev1EnDis", "Enabled", "HttpDev1Uri", "$url")),
              "dsx-ai-factory/libredfish PR 75: HttpBootUri is unknown to iDRAC 9 and 10;"
                  + " dell/iDRAC-Redfish-Scripting issue 19: HTTP boot from 14G on"),
          new Row(
              "dell-http-once",
              "dell",
              ANY,
              BEFORE_14G,
              FirmwareRange.seen("iDRAC9 7.20.10.05"),
              new HttpBootOnlyOnce(),
              "dell/iDRAC-Redfish-Scripting issue 319; issue 19: HTTP boot from 14G on"),
          new Row(
              "dell-mode-at-restart",
              "dell",
              ANY,
              ANY,
              FirmwareRange.ANY,
              new ModeAtRestart(),
              "openstack/ironic, drivers/modules/redfish/management.py: a job sets it at restart"),
          new Row(
              "dell-mode-if-new",
              "dell",
              ANY,
              ANY,
              FirmwareRange.seen("iDRAC9 7.10.30.05"),
              new ModeOnlyIfNew(),
              "ironcore-dev/metal-operator issues 80, 81 and PR 107: a job of its own for each"),
          new Row(
              "supermicro-http-setup",
              "supermicro|^smc",
              ANY,
              ANY,
              FirmwareRange.NOT_KNOWN,
              new HttpBootInSetup(Map.of("IPv4HTTPSupport", "Enabled")),
              "dsx-ai-factory/libredfish supermicro.rs: UefiHttp is there only with it"),
          new Row(
              "supermicro-usb-cd",
              "supermicro|^smc",
              ANY,
              "ARS-111GL-NHR",
              FirmwareRange.NOT_KNOWN,
              new CdTarget("UsbCd"),
              "openstack/sushy, resources/system/system.py: X11 and X12"),
          new Row(
              "lenovo-media-slots",
              "lenovo",
              ANY,
              V2_AND_LATER,
              FirmwareRange.from("2.50"),
              new MediaFirst(LENOVO_SLOTS),
              "openstack/sushy and stmcginnis/gofish: RDOC slots take uploads only;"
                  + " lenovo/python-redfish-lenovo issues 9 and 21: slots from XCC 2.50 on"),
          new Row(
              "lenovo-media-slots-v2",
              "lenovo",
              V2_AND_LATER,
              ANY,
              FirmwareRange.NOT_KNOWN,
              new MediaFirst(LENOVO_SLOTS),
              "stmcginnis/gofish issue 529: the same on an SR630 V2, whose XCC counts anew (1.89)"),
          new Row(
              "hpe-http-setup",
              "hpe|hewlett",
              ANY,
              ANY,
              FirmwareRange.seen("iLO 6 1.58, 1.72"),
              new HttpBootInSetup(Map.of("UrlBootFile", "$url")),
              "dsx-ai-factory/libredfish PR 76: HttpBootUri is shown, and cannot be written"),
          new Row(
              "hpe-base-adapters",
              "hpe|hewlett",
              ANY,
              ANY,
              FirmwareRange.ANY,
              new AdaptersAt(List.of("Oem", "Hpe", "Links", "NetworkAdapters")),
              "HPE's iLO 5 resource map: BaseNetworkAdapters; with iLO 6 they are elsewhere, too"),
          new Row(
              "hpe-post-state",
              "hpe|hewlett",
              ANY,
              ANY,
              FirmwareRange.ANY,
              new ProgressAt(List.of("Oem", "Hpe", "PostState")),
              "resource trees of iLO 5 to 7"),
          new Row(
              "hp-post-state",
              "hpe|hewlett",
              ANY,
              ANY,
              FirmwareRange.ANY,
              new ProgressAt(List.of("Oem", "Hp", "PostState")),
              "resource trees of iLO 4"),
          new Row(
              "supermicro-iso-config",
              "supermicro|^smc",
              ANY,
              ANY,
              FirmwareRange.seen("3.72"),
              new MediaActions(
                  List.of("Oem", "Supermicro", "VirtualMediaConfig"),
                  List.of("Actions"),
                  Map.of("Host", "$server", "Path", "$path"),
                  "#IsoConfig.Mount",
                  Map.of(),
                  "#IsoConfig.UnMount",
                  Map.of(),
                  1),
              "redhat-performance/badfish and openshift-metal3/fakefish: the boards X10 and early"
                  + " X11; jgato/jgato, Configuring_SuperMicro_UEFI.md: a tree of 3.72"),
          new Row(
              "huawei-session-domain",
              "huawei",
              ANY,
              ANY,
              FirmwareRange.seen("iBMC 6.41"),
              new SessionProperty(List.of("Oem", "Huawei", "Domain"), "LocaliBMC"),
              "3th1nk/mammoth, docs/compat/huawei.md: AuthorizationFailed without it; accounts of a"
                  + " directory need it switched off"),
          new Row(
              "huawei-vmm",
              "huawei",
              ANY,
              ANY,
              FirmwareRange.seen("iBMC 6.41"),
              vmmControl("Huawei"),
              "3th1nk/mammoth, docs/compat/huawei.md: a 2288H V5; https, nfs and cifs, no http"),
          new Row(
              "xfusion-vmm",
              "xfusion|huawei",
              ANY,
              ANY,
              FirmwareRange.NOT_KNOWN,
              vmmControl("xFusion"),
              "xFusion's iBMC: the same action below Oem.xFusion"),
          new Row(
              "h3c-vmm",
              "h3c|new h3c",
              ANY,
              ANY,
              FirmwareRange.NOT_KNOWN,
              vmmControl("Public"),
              "3th1nk/mammoth, docs/compat/h3c.md: HDM has the same action below Oem.Public"),
          new Row(
              "ami-media-switch",
              ANY,
              ANY,
              ANY,
              FirmwareRange.NOT_KNOWN,
              new MediaSwitch(
                  List.of("Oem", "Ami", "VirtualMedia", "RMediaStatus"),
                  "Enabled",
                  List.of("Actions", "Oem", "#AMIVirtualMedia.EnableRMedia", "target"),
                  Map.of("RMediaState", "Enable")),
              "GIGABYTE Redfish API Spec 1.11; maple52046/swallow: MegaRAC comes with it off"),
          new Row(
              "ami-media-switch-old",
              ANY,
              ANY,
              ANY,
              FirmwareRange.NOT_KNOWN,
              new MediaSwitch(
                  List.of("Actions", "Oem", "#VirtualMedia.EnableRMedia", "Status"),
                  "Enabled",
                  List.of("Actions", "Oem", "#VirtualMedia.EnableRMedia", "target"),
                  Map.of("RMediaState", "Enable")),
              "Lenovo's SR635 and SR655 (MegaRAC): lenovo/python-redfish-lenovo,"
                  + " lenovo_mount_virtual_media.py"),
          new Row(
              "nvidia-gpu-board",
              ANY,
              ANY,
              ANY,
              FirmwareRange.ANY,
              new PartOfMachine(Pattern.compile("HGX_Baseboard_[0-9]+")),
              "dsx-ai-factory/libredfish PR 124: listed first, has a Bios, answers 500;"
                  + " maple52046/swallow: 500 while the host is off"),
          new Row(
              "basic-if-named",
              NOBODY,
              ANY,
              ANY,
              FirmwareRange.ANY,
              new BasicIfNamed(),
              "RFC 9110, 11.6.1; openstack/sushy, auth.py: Basic where no session can be had"),
          new Row(
              "basic-only",
              NOBODY,
              ANY,
              ANY,
              FirmwareRange.ANY,
              new BasicOnly(),
              "for BMCs that count a log-in by session as a wrong password"));

  static final Quirks NONE = new Quirks(List.of());

  /**
   * Those of a BMC.
   *
   * @param wishes names of rows that are to hold whoever it is, or, behind {@code no-}, are not
   */
  static Quirks of(Who who, Set<String> wishes) {
    return new Quirks(
        TABLE.stream()
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
