// SPDX-License-Identifier: Apache-2.0
package foundrybot.images.cast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Runs the parser of the deploy environment under the local shells, on friendly and hostile text.
 */
class DeployConfTest {
  private static final String SHA256 = "ab".repeat(32);

  @TempDir Path folder = Path.of("");

  @BeforeEach
  void layOut() throws IOException {
    Files.write(folder.resolve("conf.sh"), CastResource.bytes("deploy/conf.sh"));
  }

  private record Result(int status, String output) {}

  private static Map<String, String> good() {
    Map<String, String> conf = new TreeMap<>();
    conf.put("NODE", "w1");
    conf.put("FQDN", "w1.alpha.rack");
    conf.put("MAC", "52:54:00:aa:00:02");
    conf.put("URL", "http://10.77.0.1:80/node/abc");
    conf.put("IMAGE_URL", "http://10.77.0.1:80/image/root.img.zst");
    conf.put("IMAGE_SHA256", SHA256);
    conf.put("IMAGE_SIZE", "106958893");
    conf.put("DISK", "/dev/disk/by-id/nvme-Some_Disk-1_S3R1AL");
    conf.put("ADDRESS", "10.77.0.12/24");
    conf.put("GATEWAY", "10.77.0.1");
    conf.put("DNS", "10.77.0.1 9.9.9.9");
    conf.put("NTP", "10.77.0.1 ntp.alpha.rack");
    conf.put("ADMIN_USER", "ops");
    conf.put("SSH_KEYS_B64", "c3NoLWVkMjU1MTkgQUFBQQo=");
    conf.put("TIMEZONE", "Europe/Berlin");
    conf.put("ROLE", "worker");
    conf.put("CLUSTER", "alpha");
    conf.put("KERNEL_ARGS", "quiet net.ifnames=0 isolcpus=1-3,5");
    return conf;
  }

  private static String render(Map<String, String> conf) {
    StringBuilder text = new StringBuilder("# written for one node\n\n");
    conf.forEach((key, value) -> text.append(key).append("='").append(value).append("'\n"));
    return text.toString();
  }

  private Result parse(List<String> shell, String conf) {
    String script =
        "set -f; cd \"$1\"; LC_ALL=C; export LC_ALL; . ./conf.sh;"
            + " if conf_load deploy.conf; then"
            + " printf '%s|%s|%s|%s' \"$NODE\" \"$DISK\" \"$DNS\" \"$KERNEL_ARGS\";"
            + " else printf '%s' \"$CONF_FAULT\"; exit 1; fi";
    try {
      Files.write(folder.resolve("deploy.conf"), conf.getBytes(StandardCharsets.ISO_8859_1));
      List<String> command = new ArrayList<>(shell);
      command.addAll(List.of("-c", script, "sh", folder.toString()));
      Process process =
          new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String output =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
      assertTrue(process.waitFor(20, TimeUnit.SECONDS));
      return new Result(process.exitValue(), output);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static List<List<String>> shells() {
    List<List<String>> shells = new ArrayList<>(List.of(List.of("/bin/sh")));
    for (String busybox : List.of("/bin/busybox", "/usr/bin/busybox")) {
      if (Files.isExecutable(Path.of(busybox)) && shells.size() == 1) {
        shells.add(List.of(busybox, "sh"));
      }
    }
    return shells;
  }

  private void assertRefused(String conf, String expected) {
    for (List<String> shell : shells()) {
      Result result = parse(shell, conf);
      assertEquals(1, result.status(), shell + ": " + result.output());
      assertTrue(result.output().contains(expected), shell + ": " + result.output());
      assertFalse(Files.exists(folder.resolve("pwned")), shell + " has run: " + conf);
    }
  }

  @Test
  void aCompleteConfigurationIsTakenAsItIs() {
    for (List<String> shell : shells()) {
      Result result = parse(shell, render(good()));
      assertEquals(
          "w1|/dev/disk/by-id/nvme-Some_Disk-1_S3R1AL|10.77.0.1 9.9.9.9"
              + "|quiet net.ifnames=0 isolcpus=1-3,5",
          result.output());
      assertEquals(0, result.status());
    }
  }

  @Test
  void emptyOptionalValuesAndUnknownKeysAreFine() {
    Map<String, String> conf = good();
    for (String key : List.of("ADDRESS", "GATEWAY", "DNS", "NTP", "KERNEL_ARGS", "ROLE")) {
      conf.put(key, "");
    }
    conf.put("SOMETHING_NEW", "value (of a later version) $(touch pwned)");
    for (List<String> shell : shells()) {
      Result result = parse(shell, render(conf));
      assertEquals(0, result.status(), result.output());
    }
    assertFalse(Files.exists(folder.resolve("pwned")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "touch pwned",
        "NODE=w1; touch pwned",
        "NODE=w1",
        "NODE=\"w1\"",
        "NODE='w1'; touch pwned",
        "NODE='w1' 'x'",
        "NODE='w1'\\''; touch pwned; '",
        "NODE='w1",
        "node='w1'",
        "PATH='/tmp' ; touch pwned",
        "X=$(touch pwned)",
        "X='a'`touch pwned`",
        "X='caf\u00e9'",
        "X='a\tb'",
        "X='a'\r",
        " X='a'",
        "X='a' "
      })
  void aLineOfAnyOtherShapeIsRefusedAndNotRun(String line) {
    assertRefused(line + "\n" + render(good()), "is not KEY='value'");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "NODE=$(touch pwned)",
        "NODE=`touch pwned`",
        "NODE=w1;touch pwned",
        "NODE=W1",
        "NODE=../w1",
        "NODE=-w1",
        "FQDN=a..b",
        "URL=file:///etc/shadow",
        "URL=http://h/$(touch pwned)",
        "IMAGE_URL=http://h/a b",
        "IMAGE_URL=-o/etc/passwd",
        "IMAGE_SHA256=ab",
        "IMAGE_SIZE=-1",
        "IMAGE_SIZE=1+1",
        "IMAGE_SIZE=a[$(touch pwned)]",
        "DISK=vda",
        "DISK=/dev/../etc/passwd",
        "DISK=/dev/vda;touch pwned",
        "ADDRESS=10.0.0.1",
        "ADDRESS=10.0.0.256/24",
        "ADDRESS=10.0.0.1/33",
        "GATEWAY=10.0.0",
        "DNS=10.0.0.1,10.0.0.2",
        "NTP=10.0.0.1;reboot",
        "ADMIN_USER=Root",
        "ADMIN_USER=ops ALL=(ALL)",
        "ADMIN_USER=-x",
        "SSH_KEYS_B64=$(touch pwned)",
        "TIMEZONE=../../etc/shadow",
        "TIMEZONE=/etc/passwd",
        "KERNEL_ARGS=quiet $(touch pwned)",
        "KERNEL_ARGS=quiet `touch pwned`",
        "KERNEL_ARGS=a\"b",
        "KERNEL_ARGS=a\\b",
        "ROLE=a b",
        "MAC=52-54-00-aa-00-02"
      })
  void aValueThatLaterStepsCouldTripOverIsRefusedAndNamed(String assignment) {
    String key = assignment.substring(0, assignment.indexOf('='));
    Map<String, String> conf = good();
    conf.put(key, assignment.substring(assignment.indexOf('=') + 1));
    assertRefused(render(conf), key + ": '");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"NODE", "IMAGE_URL", "IMAGE_SHA256", "IMAGE_SIZE", "DISK", "SSH_KEYS_B64"})
  void aMissingValueIsNamed(String key) {
    Map<String, String> conf = good();
    conf.remove(key);
    assertRefused(render(conf), key + ": missing");
  }

  @Test
  void aKeyGivenTwiceIsRefused() {
    assertRefused(render(good()) + "DISK='/dev/sdb'\n", "DISK is given twice");
  }

  @Test
  void zeroBytesAndEndlessFilesAreRefused() {
    assertRefused(render(good()) + "X='a\0b'\n", "NUL");
    assertRefused(render(good()) + "#".repeat(70_000) + "\n", "longer than");
  }
}
