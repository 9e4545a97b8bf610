// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles.butane;

import foundrybot.answerfiles.butane.Form.Flag;
import foundrybot.answerfiles.butane.Form.Key;
import foundrybot.answerfiles.butane.Form.LocalLines;
import foundrybot.answerfiles.butane.Form.LocalText;
import foundrybot.answerfiles.butane.Form.Mode;
import foundrybot.answerfiles.butane.Form.NotTaken;
import foundrybot.answerfiles.butane.Form.Resource;
import foundrybot.answerfiles.butane.Form.Resources;
import foundrybot.answerfiles.butane.Form.Rows;
import foundrybot.answerfiles.butane.Form.Struct;
import foundrybot.answerfiles.butane.Form.Text;
import foundrybot.answerfiles.butane.Form.Texts;
import foundrybot.answerfiles.butane.Form.Whole;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * All keys of Butane's specifications for Fedora CoreOS and Flatcar (coreos/butane,
 * docs/config-fcos-v1_4.md to v1_6, docs/config-flatcar-v1_0.md and v1_1): what is taken, and what
 * is not and why.
 */
final class Keys {
  static final int MOST_TEXT = 1 << 20;

  private static final String STEP = "(/(?!\\.{1,2}(/|$))[^/\\x00-\\x1f\\x7f]{1,255})";
  static final Text PATH =
      Text.of("an absolute path without . and .., such as /etc/motd", STEP + "{1,64}+");
  private static final Text MOUNT_POINT =
      Text.of("an absolute path, such as /var", "/|" + STEP + "{1,64}+");
  private static final Text DEVICE =
      Text.of("a device by its path, such as /dev/disk/by-partlabel/var", "/dev" + STEP + "{1,16}+");
  private static final Text WORD = Text.of("a text of one line", "[^\\x00-\\x1f\\x7f]{1,1024}");
  private static final Text TARGET = Text.of("where the link leads", "[^\\x00-\\x1f\\x7f]{1,1024}");
  private static final Text ANY =
      new Text("at most " + MOST_TEXT + " characters", Pattern.compile("(?s).*+"), MOST_TEXT);
  static final Text LOCAL =
      Text.of(
          "a file below the rack file's (or the profile's) own folder, such as files/motd, without"
              + " . and ..",
          "(?!\\.{1,2}(/|$))[A-Za-z0-9._+@-]{1,128}(/(?!\\.{1,2}(/|$))[A-Za-z0-9._+@-]{1,128}){0,15}");
  private static final Text ACCOUNT =
      Text.of("the name of an account or a group, such as ops", "[A-Za-z_][A-Za-z0-9_.-]{0,31}");
  private static final Text SSH_KEY =
      Text.of(
          "one line of an OpenSSH public key file, such as: ssh-ed25519 AAAAC3Nz... me",
          "(ssh-|ecdsa-|sk-)[a-z0-9@.-]+ [A-Za-z0-9+/]+={0,2}( [^\\x00-\\x1f\\x7f]*)?");
  private static final Text UNIT =
      Text.of(
          "a systemd unit, such as hello.service",
          "[A-Za-z0-9:_.@\\\\-]{1,240}\\.(service|socket|device|mount|automount|swap|target|path"
              + "|timer|slice|scope)");
  private static final Text DROPIN =
      Text.of("a file that ends in .conf, such as 10-memory.conf", "[A-Za-z0-9:_.@-]{1,240}\\.conf");
  private static final Text GUID =
      Text.of(
          "a GUID, such as 0FC63DAF-8483-4772-8E79-3D69D8477DE4",
          "[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}");
  private static final Text URL =
      Text.of(
          "a URL of http, https, tftp, s3, gs, arn or data",
          "(http|https|tftp|s3|gs)://[!-~]+|(arn|data):[!-~]*");
  private static final Text HASH =
      Text.of(
          "sha512- and 128 hex digits, or sha256- and 64", "sha512-[0-9a-f]{128}|sha256-[0-9a-f]{64}");

  private static final NotTaken OTHER_CONFIG =
      new NotTaken("its content in this file, as what is fetched later is checked by nobody here");
  private static final NotTaken BOOT_DEVICE =
      new NotTaken("the rack file's layout, which is what the disk of the system becomes by");

  /** What {@link Form.Resource} is in an input. */
  static final Struct RESOURCE =
      new Struct(
          List.of(
              Key.of("source", longText(URL)),
              Key.of("inline", ANY),
              Key.of("local", LOCAL),
              Key.of("compression", Text.of("gzip", "gzip")),
              Key.of("http_headers", headers()),
              Key.of("verification", new Struct(List.of(Key.of("hash", HASH))))));

  static final Struct ROOT =
      new Struct(
          List.of(
              Key.required("variant", WORD),
              Key.required("version", WORD),
              Key.of("ignition", ignition()),
              Key.of("storage", storage()),
              Key.of("systemd", new Struct(List.of(Key.of("units", units())))),
              Key.of("passwd", passwd()),
              Key.of(
                  "kernel_arguments",
                  new Struct(
                      List.of(
                          Key.of("should_exist", new Texts(WORD)),
                          Key.of("should_not_exist", new Texts(WORD))))),
              Key.of("boot_device", BOOT_DEVICE),
              Key.of("grub", new NotTaken("no password for the boot loader, which is a secret"))));

  private Keys() {}

  /** A data URL holds a whole file. */
  private static Text longText(Text form) {
    return new Text(form.expected(), form.pattern(), MOST_TEXT);
  }

  private static Rows headers() {
    return new Rows(
        "name", "", new Struct(List.of(Key.required("name", WORD), Key.of("value", WORD))));
  }

  private static Struct ignition() {
    Struct tls = new Struct(List.of(Key.of("certificate_authorities", new Resources())));
    return new Struct(
        List.of(
            Key.of(
                "config",
                new Struct(List.of(Key.of("merge", OTHER_CONFIG), Key.of("replace", OTHER_CONFIG)))),
            Key.of(
                "timeouts",
                new Struct(
                    List.of(
                        Key.of("http_response_headers", new Whole(86_400)),
                        Key.of("http_total", new Whole(86_400))))),
            Key.of("security", new Struct(List.of(Key.of("tls", tls)))),
            Key.of(
                "proxy",
                new Struct(
                    List.of(
                        Key.of("http_proxy", WORD),
                        Key.of("https_proxy", WORD),
                        Key.of("no_proxy", new Texts(WORD)))))));
  }

  private static Struct storage() {
    return new Struct(
        List.of(
            Key.of("disks", disks()),
            Key.of("raid", raid()),
            Key.of("luks", luks()),
            Key.of("filesystems", filesystems()),
            Key.of(
                "files",
                nodes(
                    Key.of("contents", new Resource()),
                    Key.of("append", new Resources()),
                    Key.of("mode", new Mode()))),
            Key.of("directories", nodes(Key.of("mode", new Mode()))),
            Key.of("links", nodes(Key.required("target", TARGET), Key.of("hard", new Flag()))),
            Key.of("trees", new NotTaken("its files one by one, under files"))));
  }

  /** Files, directories and links, of which no two have the same path. */
  private static Rows nodes(Key... own) {
    Struct owner =
        new Struct(
            List.of(Key.of("id", new Whole(Integer.MAX_VALUE)), Key.of("name", ACCOUNT)));
    List<Key> keys =
        new ArrayList<>(
            List.of(
                Key.required("path", PATH),
                Key.of("overwrite", new Flag()),
                Key.of("user", owner),
                Key.of("group", owner)));
    keys.addAll(List.of(own));
    return new Rows("path", "path", new Struct(List.copyOf(keys)));
  }

  private static Rows disks() {
    Struct partition =
        new Struct(
            List.of(
                Key.of("label", Text.of("a label of at most 36 characters", "[^:\\x00-\\x1f]{1,36}")),
                Key.of("number", new Whole(128)),
                Key.of("size_mib", new Whole(Integer.MAX_VALUE)),
                Key.of("start_mib", new Whole(Integer.MAX_VALUE)),
                Key.of("type_guid", GUID),
                Key.of("guid", GUID),
                Key.of("wipe_partition_entry", new Flag()),
                Key.of("should_exist", new Flag()),
                Key.of("resize", new Flag())));
    return new Rows(
        "device",
        "disk",
        new Struct(
            List.of(
                Key.required("device", DEVICE),
                Key.of("wipe_table", new Flag()),
                Key.of("partitions", new Rows("", "", partition)))));
  }

  private static Rows raid() {
    return new Rows(
        "name",
        "raid",
        new Struct(
            List.of(
                Key.required("name", WORD),
                Key.required("level", WORD),
                Key.required("devices", new Texts(DEVICE)),
                Key.of("spares", new Whole(1024)),
                Key.of("options", new Texts(WORD)))));
  }

  private static Rows luks() {
    Struct tang =
        new Struct(
            List.of(
                Key.required("url", WORD),
                Key.required("thumbprint", WORD),
                Key.since(4, "advertisement", ANY)));
    Struct custom =
        new Struct(
            List.of(
                Key.required("pin", WORD),
                Key.required("config", ANY),
                Key.of("needs_network", new Flag())));
    Struct clevis =
        new Struct(
            List.of(
                Key.of("tang", new Rows("url", "", tang)),
                Key.of("tpm2", new Flag()),
                Key.of("threshold", new Whole(1024)),
                Key.of("custom", custom)));
    return new Rows(
        "name",
        "luks",
        new Struct(
            List.of(
                Key.required("name", WORD),
                Key.required("device", DEVICE),
                Key.of(
                    "key_file",
                    new NotTaken("clevis, as a key in an answer file crosses the network")),
                Key.of("label", WORD),
                Key.of("uuid", WORD),
                Key.of("options", new Texts(WORD)),
                Key.since(4, "discard", new Flag()),
                Key.since(4, "open_options", new Texts(WORD)),
                Key.of("wipe_volume", new Flag()),
                Key.of("clevis", clevis),
                Key.of("cex", new NotTaken("clevis, as these cards are of IBM's s390x alone")))));
  }

  private static Rows filesystems() {
    return new Rows(
        "device",
        "filesystem",
        new Struct(
            List.of(
                Key.required("device", DEVICE),
                Key.required(
                    "format",
                    Text.of(
                        "one of ext4, btrfs, xfs, vfat, swap, none",
                        "ext4|btrfs|xfs|vfat|swap|none")),
                Key.of("path", MOUNT_POINT),
                Key.of("wipe_filesystem", new Flag()),
                Key.of("label", WORD),
                Key.of("uuid", WORD),
                Key.of("options", new Texts(WORD)),
                Key.of("mount_options", new Texts(WORD)),
                Key.of(MountUnit.KEY, new Flag()))));
  }

  private static Rows units() {
    Struct dropin =
        new Struct(
            List.of(
                Key.required("name", DROPIN),
                Key.of("contents", ANY),
                Key.since(4, "contents_local", new LocalText("contents"))));
    return new Rows(
        "name",
        "unit",
        new Struct(
            List.of(
                Key.required("name", UNIT),
                Key.of("enabled", new Flag()),
                Key.of("mask", new Flag()),
                Key.of("contents", ANY),
                Key.since(4, "contents_local", new LocalText("contents")),
                Key.of("dropins", new Rows("name", "", dropin)))));
  }

  private static Struct passwd() {
    Struct user =
        new Struct(
            List.of(
                Key.required("name", ACCOUNT),
                Key.of("password_hash", WORD),
                Key.of("ssh_authorized_keys", new Texts(SSH_KEY)),
                Key.since(
                    4,
                    "ssh_authorized_keys_local",
                    new LocalLines("sshAuthorizedKeys", SSH_KEY)),
                Key.of("uid", new Whole(Integer.MAX_VALUE)),
                Key.of("gecos", WORD),
                Key.of("home_dir", PATH),
                Key.of("no_create_home", new Flag()),
                Key.of("primary_group", ACCOUNT),
                Key.of("groups", new Texts(ACCOUNT)),
                Key.of("no_user_group", new Flag()),
                Key.of("no_log_init", new Flag()),
                Key.of("shell", PATH),
                Key.of("should_exist", new Flag()),
                Key.of("system", new Flag())));
    Struct group =
        new Struct(
            List.of(
                Key.required("name", ACCOUNT),
                Key.of("gid", new Whole(Integer.MAX_VALUE)),
                Key.of("password_hash", WORD),
                Key.of("should_exist", new Flag()),
                Key.of("system", new Flag())));
    return new Struct(
        List.of(
            Key.of("users", new Rows("name", "user", user)),
            Key.of("groups", new Rows("name", "group", group))));
  }
}
