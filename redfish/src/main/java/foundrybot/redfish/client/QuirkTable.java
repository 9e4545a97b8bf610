// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.client;

import foundrybot.redfish.client.Quirks.AdaptersAt;
import foundrybot.redfish.client.Quirks.BasicIfNamed;
import foundrybot.redfish.client.Quirks.BasicOnly;
import foundrybot.redfish.client.Quirks.CdTarget;
import foundrybot.redfish.client.Quirks.HttpBootInSetup;
import foundrybot.redfish.client.Quirks.HttpBootOnlyOnce;
import foundrybot.redfish.client.Quirks.MediaActions;
import foundrybot.redfish.client.Quirks.MediaFirst;
import foundrybot.redfish.client.Quirks.MediaOfShares;
import foundrybot.redfish.client.Quirks.MediaSwitch;
import foundrybot.redfish.client.Quirks.ModeAtRestart;
import foundrybot.redfish.client.Quirks.ModeOnlyIfNew;
import foundrybot.redfish.client.Quirks.PartOfMachine;
import foundrybot.redfish.client.Quirks.ProgressAt;
import foundrybot.redfish.client.Quirks.Row;
import foundrybot.redfish.client.Quirks.SessionProperty;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** What single vendors' BMCs do: data, and the only place that knows names of vendors. */
final class QuirkTable {
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

  static final List<Row> ROWS =
      List.of(
          new Row(
              "dell-http-setup",
              "dell",
              ANY,
              BEFORE_14G,
              FirmwareRange.ALL_SEEN,
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
              FirmwareRange.ALL_SEEN,
              new HttpBootInSetup(Map.of("IPv4HTTPSupport", "Enabled")),
              "dsx-ai-factory/libredfish supermicro.rs: UefiHttp is there only with it"),
          new Row(
              "supermicro-usb-cd",
              "supermicro|^smc",
              ANY,
              "ARS-111GL-NHR",
              FirmwareRange.ALL_SEEN,
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
              FirmwareRange.seen("XCC 1.89"),
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
              FirmwareRange.ALL_SEEN,
              vmmControl("xFusion"),
              "xFusion's iBMC: the same action below Oem.xFusion"),
          new Row(
              "h3c-vmm",
              "h3c|new h3c",
              ANY,
              ANY,
              FirmwareRange.ALL_SEEN,
              vmmControl("Public"),
              "3th1nk/mammoth, docs/compat/h3c.md: HDM has the same action below Oem.Public"),
          new Row(
              "fujitsu-shares",
              "fujitsu|fsas",
              ANY,
              ANY,
              FirmwareRange.seen("iRMC S4 9.04 to 9.69F, iRMC S5 1.25"),
              new MediaOfShares(
                  List.of("Actions", "Oem", "#FTSComputerSystem.VirtualMedia"), "NFS and SMB"),
              "Fujitsu's Ansible modules irmc_setvm and irmc_connectvm 1.1: ShareType NFS or SMB"),
          new Row(
              "ami-media-switch",
              ANY,
              ANY,
              ANY,
              FirmwareRange.seen("MegaRAC 13.06.10"),
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
              FirmwareRange.ALL_SEEN,
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

  private QuirkTable() {}
}
