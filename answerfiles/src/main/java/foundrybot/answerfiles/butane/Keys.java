// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles.butane;

import foundrybot.answerfiles.butane.Form.Field;
import foundrybot.answerfiles.butane.Form.Flag;
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
      Text.of(
          "a device by its path, such as /dev/disk/by-partlabel/var", "/dev" + STEP + "{1,16}+");
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
      Text.of(
          "a file that ends in .conf, such as 10-memory.conf", "[A-Za-z0-9:_.@-]{1,240}\\.conf");
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
          "sha512- and 128 hex digits, or sha256- and 64",
          "sha512-[0-9a-f]{128}|sha256-[0-9a-f]{64}");

  private static final NotTaken OTHER_CONFIG =
      new NotTaken("its content in this file, as what is fetched later is checked by nobody here");
  private static final NotTaken BOOT_DEVICE =
      new NotTaken("the rack file's layout, which is what the disk of the system becomes by");

  /** What {@link Form.Resource} is in an input. */
  static final Struct RESOURCE =
      new Struct(
          List.of(
              Field.of("source", longText(URL)),
              Field.of("inline", ANY),
              Field.of("local", LOCAL),
              Field.of("compression", Text.of("gzip", "gzip")),
              Field.of("http_headers", headers()),
              Field.of("verification", new Struct(List.of(Field.of("hash", HASH))))));

  static final Struct ROOT =
      new Struct(
          List.of(
              Field.required("variant", WORD),
              Field.required("version", WORD),
              Field.of("ignition", ignition()),
              Field.of("storage", storage()),
              Field.of("systemd", new Struct(List.of(Field.of("units", units())))),
              Field.of("passwd", passwd()),
              Field.of(
                  "kernel_arguments",
                  new Struct(
                      List.of(
                          Field.of("should_exist", new Texts(WORD)),
                          Field.of("should_not_exist", new Texts(WORD))))),
              Field.of("boot_device", BOOT_DEVICE),
              Field.of(
                  "grub", new NotTaken("no password for the boot loader, which is a secret"))));

  private Keys() {}

  /** A data URL holds a whole file. */
  private static Text longText(Text form) {
    return new Text(form.expected(), form.pattern(), MOST_TEXT);
  }

  private static Rows headers() {
    return new Rows(
        "name", "", new Struct(List.of(Field.required("name", WORD), Field.of("value", WORD))));
  }

  private static Struct ignition() {
    Struct tls = new Struct(List.of(Field.of("certificate_authorities", new Resources())));
    return new Struct(
        List.of(
            Field.of(
                "config",
                new Struct(
                    List.of(Field.of("merge", OTHER_CONFIG), Field.of("replace", OTHER_CONFIG)))),
            Field.of(
                "timeouts",
                new Struct(
                    List.of(
                        Field.of("http_response_headers", new Whole(86_400)),
                        Field.of("http_total", new Whole(86_400))))),
            Field.of("security", new Struct(List.of(Field.of("tls", tls)))),
            Field.of(
                "proxy",
                new Struct(
                    List.of(
                        Field.of("http_proxy", WORD),
                        Field.of("https_proxy", WORD),
                        Field.of("no_proxy", new Texts(WORD)))))));
  }

  private static Struct storage() {
    return new Struct(
        List.of(
            Field.of("disks", disks()),
            Field.of("raid", raid()),
            Field.of("luks", luks()),
            Field.of("filesystems", filesystems()),
            Field.of(
                "files",
                nodes(
                    Field.of("contents", new Resource()),
                    Field.of("append", new Resources()),
                    Field.of("mode", new Mode()))),
            Field.of("directories", nodes(Field.of("mode", new Mode()))),
            Field.of(
                "links", nodes(Field.required("target", TARGET), Field.of("hard", new Flag()))),
            Field.of("trees", new NotTaken("its files one by one, under files"))));
  }

  /** Files, directories and links, of which no two have the same path. */
  private static Rows nodes(Field... own) {
    Struct owner =
        new Struct(
            List.of(Field.of("id", new Whole(Integer.MAX_VALUE)), Field.of("name", ACCOUNT)));
    List<Field> keys =
        new ArrayList<>(
            List.of(
                Field.required("path", PATH),
                Field.of("overwrite", new Flag()),
                Field.of("user", owner),
                Field.of("group", owner)));
    keys.addAll(List.of(own));
    return new Rows("path", "path", new Struct(List.copyOf(keys)));
  }

  private static Rows disks() {
    Struct partition =
        new Struct(
            List.of(
                Field.of(
                    "label", Text.of("a label of at most 36 characters", "[^:\\x00-\\x1f]{1,36}")),
                Field.of("number", new Whole(128)),
                Field.of("size_mib", new Whole(Integer.MAX_VALUE)),
                Field.of("start_mib", new Whole(Integer.MAX_VALUE)),
                Field.of("type_guid", GUID),
                Field.of("guid", GUID),
                Field.of("wipe_partition_entry", new Flag()),
                Field.of("should_exist", new Flag()),
                Field.of("resize", new Flag())));
    return new Rows(
        "device",
        "disk",
        new Struct(
            List.of(
                Field.required("device", DEVICE),
                Field.of("wipe_table", new Flag()),
                Field.of("partitions", new Rows("", "", partition)))));
  }

  private static Rows raid() {
    return new Rows(
        "name",
        "raid",
        new Struct(
            List.of(
                Field.required("name", WORD),
                Field.required("level", WORD),
                Field.required("devices", new Texts(DEVICE)),
                Field.of("spares", new Whole(1024)),
                Field.of("options", new Texts(WORD)))));
  }

  private static Rows luks() {
    Struct tang =
        new Struct(
            List.of(
                Field.required("url", WORD),
                Field.required("thumbprint", WORD),
                Field.since(4, "advertisement", ANY)));
    Struct custom =
        new Struct(
            List.of(
                Field.required("pin", WORD),
                Field.required("config", ANY),
                Field.of("needs_network", new Flag())));
    Struct clevis =
        new Struct(
            List.of(
                Field.of("tang", new Rows("url", "", tang)),
                Field.of("tpm2", new Flag()),
                Field.of("threshold", new Whole(1024)),
                Field.of("custom", custom)));
    return new Rows(
        "name",
        "luks",
        new Struct(
            List.of(
                Field.required("name", WORD),
                Field.required("device", DEVICE),
                Field.of(
                    "key_file",
                    new NotTaken("clevis, as a key in an answer file crosses the network")),
                Field.of("label", WORD),
                Field.of("uuid", WORD),
                Field.of("options", new Texts(WORD)),
                Field.since(4, "discard", new Flag()),
                Field.since(4, "open_options", new Texts(WORD)),
                Field.of("wipe_volume", new Flag()),
                Field.of("clevis", clevis),
                Field.of("cex", new NotTaken("clevis, as these cards are of IBM's s390x alone")))));
  }

  private static Rows filesystems() {
    return new Rows(
        "device",
        "filesystem",
        new Struct(
            List.of(
                Field.required("device", DEVICE),
                Field.required(
                    "format",
                    Text.of(
                        "one of ext4, btrfs, xfs, vfat, swap, none",
                        "ext4|btrfs|xfs|vfat|swap|none")),
                Field.of("path", MOUNT_POINT),
                Field.of("wipe_filesystem", new Flag()),
                Field.of("label", WORD),
                Field.of("uuid", WORD),
                Field.of("options", new Texts(WORD)),
                Field.of("mount_options", new Texts(WORD)),
                Field.of(MountUnit.KEY, new Flag()))));
  }

  private static Rows units() {
    Struct dropin =
        new Struct(
            List.of(
                Field.required("name", DROPIN),
                Field.of("contents", ANY),
                Field.since(4, "contents_local", new LocalText("contents"))));
    return new Rows(
        "name",
        "unit",
        new Struct(
            List.of(
                Field.required("name", UNIT),
                Field.of("enabled", new Flag()),
                Field.of("mask", new Flag()),
                Field.of("contents", ANY),
                Field.since(4, "contents_local", new LocalText("contents")),
                Field.of("dropins", new Rows("name", "", dropin)))));
  }

  private static Struct passwd() {
    Struct user =
        new Struct(
            List.of(
                Field.required("name", ACCOUNT),
                Field.of("password_hash", WORD),
                Field.of("ssh_authorized_keys", new Texts(SSH_KEY)),
                Field.since(
                    4, "ssh_authorized_keys_local", new LocalLines("sshAuthorizedKeys", SSH_KEY)),
                Field.of("uid", new Whole(Integer.MAX_VALUE)),
                Field.of("gecos", WORD),
                Field.of("home_dir", PATH),
                Field.of("no_create_home", new Flag()),
                Field.of("primary_group", ACCOUNT),
                Field.of("groups", new Texts(ACCOUNT)),
                Field.of("no_user_group", new Flag()),
                Field.of("no_log_init", new Flag()),
                Field.of("shell", PATH),
                Field.of("should_exist", new Flag()),
                Field.of("system", new Flag())));
    Struct group =
        new Struct(
            List.of(
                Field.required("name", ACCOUNT),
                Field.of("gid", new Whole(Integer.MAX_VALUE)),
                Field.of("password_hash", WORD),
                Field.of("should_exist", new Flag()),
                Field.of("system", new Flag())));
    return new Struct(
        List.of(
            Field.of("users", new Rows("name", "user", user)),
            Field.of("groups", new Rows("name", "group", group))));
  }
}
