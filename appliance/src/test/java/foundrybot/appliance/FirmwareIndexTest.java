// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.answerfiles.FirmwareFiles;
import foundrybot.answerfiles.FirmwareReading;
import foundrybot.answerfiles.FirmwareRule;
import foundrybot.bootserver.Architecture;
import foundrybot.bootserver.BootClient;
import foundrybot.bootserver.MacAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FirmwareIndexTest {
  private static final int MANY = 10_000;
  private static final String[] CLASSES = {"PXEClient", "PXEClient:Arch:00007", "HTTPClient"};

  private static List<FirmwareRule> rules(String yaml) {
    return assertInstanceOf(FirmwareReading.Valid.class, FirmwareFiles.read(yaml, "f")).rules();
  }

  private static BootClient client(int architecture, long mac, String vendorClass) {
    return new BootClient(
        new MacAddress(mac),
        Optional.empty(),
        new Architecture(architecture),
        BootClient.Program.FIRMWARE,
        BootClient.Transport.PXE,
        vendorClass);
  }

  private static String digits(BootClient client) {
    return client.mac().hyphenated().replace("-", "");
  }

  private static int lookedAt(List<FirmwareRule> rules) {
    BootClient client = client(7, 0x525400000007L, "PXEClient:Arch:00007:UNDI:003000");
    return new FirmwareIndex(rules).candidates(client, digits(client), Optional.of("n7")).size();
  }

  private static List<FirmwareRule> perNode(int count) {
    StringBuilder yaml = new StringBuilder("rules:\n");
    for (int i = 0; i < count; i++) {
      yaml.append("  r%d: { nodes: [n%d], architecture: [7], ignore: true }\n".formatted(i, i));
    }
    return rules(yaml.toString());
  }

  private static List<FirmwareRule> perMac(int count) {
    StringBuilder yaml = new StringBuilder("rules:\n");
    for (int i = 0; i < count; i++) {
      String mac = new MacAddress(0x525400000000L + i).toString();
      yaml.append("  r%d: { oui: [\"%s\"], ignore: true }\n".formatted(i, mac));
    }
    return rules(yaml.toString());
  }

  @Test
  void tenThousandRowsCostNoMoreLooksThanTen() {
    assertEquals(1, lookedAt(perNode(10)));
    assertEquals(1, lookedAt(perNode(MANY)));
    assertEquals(1, lookedAt(perMac(10)));
    assertEquals(1, lookedAt(perMac(MANY)));
  }

  /** Whatever the rows are, the index loses none, adds none in the end, and keeps their order. */
  @Test
  void whatTheIndexFindsIsWhatALookAtEveryRowFinds() {
    Random random = new Random(20261124);
    for (int round = 0; round < 50; round++) {
      StringBuilder yaml = new StringBuilder("rules:\n");
      for (int i = 0; i < 40; i++) {
        List<String> conditions = new ArrayList<>(List.of("ignore: false"));
        if (random.nextInt(3) == 0) {
          conditions.add("architecture: [" + random.nextInt(3) + ", 7]");
        }
        if (random.nextInt(3) == 0) {
          conditions.add("oui: [\"52:54:0" + random.nextInt(3) + "\", \"52\", \"52:54:00\"]");
        }
        if (random.nextInt(3) == 0) {
          conditions.add("vendor-class: \"" + CLASSES[random.nextInt(3)] + "\"");
        }
        if (random.nextInt(3) == 0) {
          conditions.add("nodes: [n" + random.nextInt(4) + ", n9]");
        }
        yaml.append("  r%d: { %s }\n".formatted(i, String.join(", ", conditions)));
      }
      List<FirmwareRule> rules = rules(yaml.toString());
      FirmwareIndex index = new FirmwareIndex(rules);
      for (int i = 0; i < 50; i++) {
        BootClient client =
            client(
                random.nextInt(9),
                0x525400000000L + ((long) random.nextInt(4) << 20),
                CLASSES[random.nextInt(3)] + (random.nextBoolean() ? ":UNDI" : ""));
        BootClient near = client.as(new Architecture(client.architecture().code()));
        String mac = digits(near).replaceFirst("^.{4}", "5254");
        Optional<String> node =
            random.nextBoolean() ? Optional.of("n" + random.nextInt(5)) : Optional.empty();
        List<FirmwareRule> found =
            index.candidates(near, mac, node).stream()
                .filter(r -> about(r, near, mac, node))
                .toList();
        assertEquals(
            rules.stream().filter(r -> about(r, near, mac, node)).toList(), found, yaml::toString);
      }
    }
    assertTrue(
        new FirmwareIndex(List.of())
            .candidates(client(0, 1, ""), "000000000001", Optional.empty())
            .isEmpty());
  }

  private static boolean about(
      FirmwareRule rule, BootClient client, String mac, Optional<String> node) {
    return rule.isAbout(client.architecture().code(), mac, client.vendorClass(), node);
  }
}
