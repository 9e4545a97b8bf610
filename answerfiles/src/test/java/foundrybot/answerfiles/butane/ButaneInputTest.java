// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles.butane;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What Butane's documents show by example, in words of our own, and what Ignition is told of it.
 */
class ButaneInputTest {
  private static final String HEAD = "variant: flatcar\nversion: 1.1.0\n";
  private static final String HELLO =
      "sha256-" + "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
  private static final Map<String, String> FILES =
      Map.of(
          "files/motd", "welcome\n",
          "hello.service", "[Service]\nExecStart=/bin/true\n",
          "keys.pub", "# of the desk\nssh-ed25519 AAAAC3Nz me@desk\n\nssh-ed25519 AAAAC3Nw you\n",
          "bad.pub", "hello\n");

  private static final LocalFiles LOCAL =
      path ->
          Optional.ofNullable(FILES.get(path)).map(text -> text.getBytes(StandardCharsets.UTF_8));

  private static ButaneReading read(String yaml) {
    return ButaneInput.read(
        new Compose(LoadSettings.builder().setMaxAliasesForCollections(1_000).build())
            .composeString(yaml)
            .orElseThrow(),
        "x.bu",
        LOCAL);
  }

  private static ButaneInput input(String body) {
    return switch (read(HEAD + body)) {
      case ButaneReading.Valid(ButaneInput input) -> input;
      case ButaneReading.Invalid(List<Trouble> troubles) ->
          throw new AssertionError(troubles.toString());
    };
  }

  private static List<String> troubles(String yaml) {
    return switch (read(yaml)) {
      case ButaneReading.Valid _ -> List.of();
      case ButaneReading.Invalid(List<Trouble> troubles) ->
          troubles.stream()
              .map(it -> it.line() + ":" + it.column() + ": " + it.path() + ": " + it.value())
              .toList();
    };
  }

  private static String data(String text) {
    return "data:;base64,"
        + Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private static void assertJson(String expected, JsonNode found) {
    assertEquals(JsonMapper.shared().readTree(expected.replace('\'', '"')), found);
  }

  @Test
  void aFileStandsInTheTextOrBesideItOrIsFetchedAndVerified() {
    ButaneInput input =
        input(
            """
            storage:
              files:
                - path: /opt/greeting
                  mode: 0640
                  contents: { inline: hello, verification: { hash: %1$s } }
                  user: { id: 500 }
                  group: { name: ops }
                - path: /etc/motd
                  overwrite: true
                  contents: { local: files/motd }
                - path: /opt/tool
                  mode: 0o755
                  contents:
                    source: https://example.com/tool.gz
                    compression: gzip
                    http_headers: [{ name: Accept, value: "*/*" }]
                    verification: { hash: %1$s }
                - path: /var/log/x
                  append: [{ inline: "more\\n" }]
            """
                .formatted(HELLO));
    assertJson(
        """
        {'ignition': {'version': '3.4.0'}, 'storage': {'files': [
          {'path': '/opt/greeting', 'mode': 416,
           'contents': {'verification': {'hash': '%1$s'}, 'source': '%2$s'},
           'user': {'id': 500}, 'group': {'name': 'ops'}},
          {'path': '/etc/motd', 'overwrite': true, 'contents': {'source': '%3$s'}},
          {'path': '/opt/tool', 'mode': 493, 'contents': {'source': 'https://example.com/tool.gz',
           'compression': 'gzip', 'httpHeaders': [{'name': 'Accept', 'value': '*/*'}],
           'verification': {'hash': '%1$s'}}},
          {'path': '/var/log/x', 'append': [{'source': '%4$s'}]}]}}
        """
            .formatted(HELLO, data("hello"), data("welcome\n"), data("more\n")),
        input.config());
  }

  @Test
  void directoriesLinksPartitionsAndArraysAreTranslatedKeyByKey() {
    ButaneInput input =
        input(
            """
            storage:
              directories: [{ path: /srv/data, mode: 02750 }]
              links: [{ path: /etc/localtime, target: ../usr/share/zoneinfo/UTC, overwrite: true, hard: false }]
              disks:
                - device: /dev/sdb
                  wipe_table: true
                  partitions:
                    - { number: 1, label: var, size_mib: 4096, start_mib: 0, type_guid: 0FC63DAF-8483-4772-8E79-3D69D8477DE4 }
              raid:
                - { name: data, level: raid1, devices: [/dev/sdc, /dev/sdd], spares: 0 }
              luks:
                - { name: safe, device: /dev/sde, clevis: { tpm2: true }, wipe_volume: true, discard: true }
            """);
    assertJson(
        """
        {'directories': [{'path': '/srv/data', 'mode': 1512}],
         'links': [{'path': '/etc/localtime', 'target': '../usr/share/zoneinfo/UTC',
           'overwrite': true, 'hard': false}],
         'disks': [{'device': '/dev/sdb', 'wipeTable': true, 'partitions': [{'number': 1,
           'label': 'var', 'sizeMiB': 4096, 'startMiB': 0,
           'typeGuid': '0FC63DAF-8483-4772-8E79-3D69D8477DE4'}]}],
         'raid': [{'name': 'data', 'level': 'raid1', 'devices': ['/dev/sdc', '/dev/sdd'],
           'spares': 0}],
         'luks': [{'name': 'safe', 'device': '/dev/sde', 'clevis': {'tpm2': true},
           'wipeVolume': true, 'discard': true}]}
        """,
        input.config().path("storage"));
  }

  @Test
  void aFileSystemCanHaveAUnitThatMountsItAtEveryBoot() {
    ButaneInput input =
        input(
            """
            storage:
              filesystems:
                - path: /var/lib/my-data
                  device: /dev/disk/by-partlabel/var
                  format: btrfs
                  wipe_filesystem: true
                  mount_options: [noatime, ro]
                  with_mount_unit: true
                - { device: /dev/sdb2, format: swap, with_mount_unit: true }
                - { device: /dev/sdb3, format: ext4, path: /srv }
            systemd:
              units: [{ name: x.service, mask: true }]
            """);
    assertJson(
        """
        [{'path': '/var/lib/my-data', 'device': '/dev/disk/by-partlabel/var', 'format': 'btrfs',
          'wipeFilesystem': true, 'mountOptions': ['noatime', 'ro']},
         {'device': '/dev/sdb2', 'format': 'swap'},
         {'device': '/dev/sdb3', 'format': 'ext4', 'path': '/srv'}]
        """,
        input.config().path("storage").path("filesystems"));
    JsonNode units = input.config().path("systemd").path("units");
    assertEquals(3, units.size());
    assertEquals("var-lib-my\\x2ddata.mount", units.path(1).path("name").asString());
    assertTrue(units.path(1).path("enabled").asBoolean());
    assertEquals(
        """
        [Unit]
        Requires=systemd-fsck@dev-disk-by\\x2dpartlabel-var.service
        After=systemd-fsck@dev-disk-by\\x2dpartlabel-var.service

        [Mount]
        Where=/var/lib/my-data
        What=/dev/disk/by-partlabel/var
        Type=btrfs
        Options=noatime,ro

        [Install]
        RequiredBy=local-fs.target
        """,
        units.path(1).path("contents").asString());
    assertEquals("dev-sdb2.swap", units.path(2).path("name").asString());
    assertEquals(
        "[Swap]\nWhat=/dev/sdb2\n\n[Install]\nRequiredBy=swap.target\n",
        units.path(2).path("contents").asString());
  }

  @Test
  void unitsDropInsAccountsAndKeysAreTranslated() {
    ButaneInput input =
        input(
            """
            systemd:
              units:
                - { name: hello.service, enabled: true, contents_local: hello.service }
                - name: serial-getty@ttyS0.service
                  dropins:
                    - name: autologin.conf
                      contents: |
                        [Service]
                        ExecStart=
            passwd:
              users:
                - name: core
                  ssh_authorized_keys: [ssh-ed25519 AAAAC3Nx x]
                  ssh_authorized_keys_local: [keys.pub]
                - { name: u, uid: 2000, home_dir: /srv/u, no_create_home: true, groups: [wheel], shell: /bin/sh, password_hash: $y$x }
              groups: [{ name: g, gid: 3000, system: true }]
            kernel_arguments: { should_exist: [quiet], should_not_exist: [debug] }
            """);
    assertJson(
        """
        {'ignition': {'version': '3.4.0'},
         'systemd': {'units': [
           {'name': 'hello.service', 'enabled': true,
            'contents': '[Service]\\nExecStart=/bin/true\\n'},
           {'name': 'serial-getty@ttyS0.service', 'dropins': [
            {'name': 'autologin.conf', 'contents': '[Service]\\nExecStart=\\n'}]}]},
         'passwd': {'users': [
           {'name': 'core', 'sshAuthorizedKeys': ['ssh-ed25519 AAAAC3Nx x',
            'ssh-ed25519 AAAAC3Nz me@desk', 'ssh-ed25519 AAAAC3Nw you']},
           {'name': 'u', 'uid': 2000, 'homeDir': '/srv/u', 'noCreateHome': true,
            'groups': ['wheel'], 'shell': '/bin/sh', 'passwordHash': '$y$x'}],
          'groups': [{'name': 'g', 'gid': 3000, 'system': true}]},
         'kernelArguments': {'shouldExist': ['quiet'], 'shouldNotExist': ['debug']}}
        """,
        input.config());
  }

  @ParameterizedTest
  @CsvSource({
    "fcos,1.4.0,3.3.0",
    "fcos,1.5.0,3.4.0",
    "fcos,1.6.0,3.5.0",
    "flatcar,1.0.0,3.3.0",
    "flatcar,1.1.0,3.4.0"
  })
  void eachVersionIsThatOfASpecificationOfIgnition(String variant, String number, String becomes) {
    ButaneReading read = read("variant: " + variant + "\nversion: " + number + "\n");
    if (!(read instanceof ButaneReading.Valid(ButaneInput input))) {
      throw new AssertionError(read.toString());
    }
    assertEquals(variant, input.variant());
    assertJson("{'ignition': {'version': '" + becomes + "'}}", input.config());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "variant: fcos\nversion: 1.1.0\n",
        "variant: flatcar\nversion: 1.5.0\n",
        "variant: openshift\nversion: 4.14.0\n",
        "version: 1.1.0\n",
        "{}"
      })
  void anyOtherVersionIsRefusedWithThoseThatAreRead(String yaml) {
    List<String> troubles = troubles(yaml);
    assertEquals(1, troubles.size(), troubles::toString);
    assertTrue(troubles.getFirst().startsWith("1:1: version: variant "), troubles::toString);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "storge: {}|3:1: storge: unknown key",
        "storage: { files: [{ path: /x, contnts: {} }] }|3:32: storage.files[0].contnts: unknown"
            + " key",
        "storage: { files: [{ mode: 0644 }] }|3:20: storage.files[0].path: missing",
        "storage: { files: [{ path: x }] }|3:28: storage.files[0].path: x",
        "storage: { files: [{ path: /a/../b }] }|3:28: storage.files[0].path: /a/../b",
        "storage: { files: [{ path: /x, mode: 644 }] }|3:38: storage.files[0].mode: 644",
        "storage: { files: [{ path: /x, overwrite: yes }] }|3:43: storage.files[0].overwrite: yes",
        "storage: { files: [{ path: /x, overwrite: true }] }|3:20: storage.files[0].contents:"
            + " missing",
        "storage: { files: [{ path: /x }, { path: /x }] }|3:34: storage.files[1].path: /x",
        "storage: { files: [{ path: /x }], links: [{ path: /x, target: y }] }|3:43:"
            + " storage.links[0].path: /x",
        "storage: { files: [{ path: /x, contents: { inline: a, local: files/motd } }] }|3:42:"
            + " storage.files[0].contents: inline and local",
        "storage: { files: [{ path: /x, contents: { local: ../rack.yaml } }] }|3:51:"
            + " storage.files[0].contents.local: ../rack.yaml",
        "storage: { files: [{ path: /x, contents: { local: /etc/shadow } }] }|3:51:"
            + " storage.files[0].contents.local: /etc/shadow",
        "storage: { files: [{ path: /x, contents: { local: gone } }] }|3:42:"
            + " storage.files[0].contents.local: gone",
        "storage: { files: [{ path: /x, contents: { source: http://a/b } }] }|3:42:"
            + " storage.files[0].contents.verification: missing",
        "storage: { files: [{ path: /x, contents: { source: file:///etc/passwd } }] }|3:52:"
            + " storage.files[0].contents.source: file:///etc/passwd",
        "storage: { files: [{ path: /x, contents: { inline: a, verification: { hash: md5-x } } }]"
            + " }|3:77: storage.files[0].contents.verification.hash: md5-x",
        "storage: { luks: [{ name: a, device: /dev/sdb, key_file: { inline: k } }] }|3:58:"
            + " storage.luks[0].key_file: not taken here",
        "storage: { trees: [] }|3:19: storage.trees: not taken here",
        "boot_device: { mirror: {} }|3:14: boot_device: not taken here",
        "ignition: { config: { replace: { source: http://a } } }|3:32: ignition.config.replace: not"
            + " taken here",
        "systemd: { units: [{ name: hello }] }|3:28: systemd.units[0].name: hello",
        "systemd: { units: [{ name: a.service, contents: x, contents_local: hello.service }]"
            + " }|3:68: systemd.units[0].contents_local: beside contents",
        "passwd: { users: [{ name: core, ssh_authorized_keys_local: [bad.pub] }] }|3:61:"
            + " passwd.users[0].ssh_authorized_keys_local[0]: hello",
        "passwd: { users: [{ name: core, groups: wheel }] }|3:41: passwd.users[0].groups: wheel",
        "storage: []|3:10: storage: a list",
      })
  void aFaultIsNamedWithItsPlace(String body, String said) {
    assertEquals(List.of(said), troubles(HEAD + body + "\n"));
  }

  @Test
  void aHashOfOtherContentsIsRefused() {
    String yaml =
        HEAD
            + "storage: { files: [{ path: /x, contents: { inline: hallo, verification: { hash: "
            + HELLO
            + " } } }] }\n";
    assertEquals(
        List.of("3:42: storage.files[0].contents.verification.hash: " + HELLO), troubles(yaml));
  }

  @Test
  void aKeyOfALaterVersionIsUnknownToAnEarlierOne() {
    String body = "passwd: { users: [{ name: core, ssh_authorized_keys_local: [keys.pub] }] }\n";
    assertEquals(List.of(), troubles("variant: fcos\nversion: 1.5.0\n" + body));
    assertEquals(
        List.of("3:33: passwd.users[0].ssh_authorized_keys_local: unknown key"),
        troubles("variant: fcos\nversion: 1.4.0\n" + body));
  }

  @Test
  void aPasswordsHashIsNotShown() {
    String yaml = HEAD + "passwd: { users: [{ name: u, password_hash: \"$6$s3cret\\n\" }] }\n";
    assertEquals(List.of("3:45: passwd.users[0].password_hash: malformed"), troubles(yaml));
    assertTrue(
        !input("passwd: { users: [{ name: u, password_hash: $6$s3 }] }\n")
            .toString()
            .contains("s3"));
  }

  @Test
  void aliasesThatMultiplyAreBounded() {
    StringBuilder yaml = new StringBuilder(HEAD + "storage:\n  files:\n");
    yaml.append("    - &f { path: /x, append: &a [");
    yaml.append("{ inline: x }, ".repeat(999)).append("{ inline: x }] }\n");
    for (int i = 0; i < 500; i++) {
      yaml.append("    - { path: /").append(i).append(", append: *a }\n");
    }
    assertTrue(
        troubles(yaml.toString()).stream().anyMatch(it -> it.endsWith(": values")), "no end");
  }

  private static ObjectNode json(String text) {
    return (ObjectNode) JsonMapper.shared().readTree(text.replace('\'', '"'));
  }

  @Test
  void twoConfigurationsAreMergedAsIgnitionDoes() {
    ObjectNode base =
        json(
            """
            {'ignition': {'version': '3.3.0'}, 'passwd': {'users': [{'name': 'ops',
              'groups': ['sudo'], 'sshAuthorizedKeys': ['a']}]},
             'storage': {'files': [{'path': '/x', 'mode': 420, 'contents': {'source': 'data:,a',
              'verification': {'hash': 'h'}}}, {'path': '/y'}]}}
            """);
    Merging.into(
        base,
        json(
            """
            {'ignition': {'version': '3.4.0'}, 'passwd': {'users': [{'name': 'ops',
              'groups': ['sudo', 'docker'], 'sshAuthorizedKeys': ['b']}, {'name': 'core'}]},
             'storage': {'files': [{'path': '/x', 'contents': {'source': 'data:,b'}}],
              'links': [{'path': '/y', 'target': 'x'}]}}
            """));
    assertJson(
        """
        {'ignition': {'version': '3.4.0'}, 'passwd': {'users': [{'name': 'ops',
          'groups': ['sudo', 'docker'], 'sshAuthorizedKeys': ['a', 'b']}, {'name': 'core'}]},
         'storage': {'files': [{'path': '/x', 'mode': 420, 'contents': {'source': 'data:,b'}}],
          'links': [{'path': '/y', 'target': 'x'}]}}
        """,
        base);
    Merging.into(base, json("{'ignition': {'version': '3.3.0'}}"));
    assertEquals("3.4.0", base.path("ignition").path("version").asString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "storage: { files: [{ path: /etc/hostname }] }",
        "storage: { links: [{ path: /etc/hostname, target: x }] }",
        "storage: { files: [{ path: /etc/foundrybot/run.conf }] }",
        "storage: { directories: [{ path: /opt/foundrybot }] }",
        "storage: { files: [{ path: /usr/local/bin/foundrybot-mesh }] }",
        "systemd: { units: [{ name: foundrybot-first-boot.service, mask: true }] }",
        "systemd: { units: [{ name: foundrybot-mesh.timer }] }",
      })
  void whatTheApplianceNeedsIsNobodyElses(String body) {
    ObjectNode own = json("{'storage': {'files': [{'path': '/etc/hostname'}]}}");
    List<Trouble> conflicts = Merging.conflicts(own, input(body + "\n"));
    assertEquals(1, conflicts.size(), conflicts::toString);
    assertEquals(3, conflicts.getFirst().line());
    assertEquals(
        List.of(), Merging.conflicts(own, input("systemd: { units: [{ name: a.path }] }")));
  }
}
