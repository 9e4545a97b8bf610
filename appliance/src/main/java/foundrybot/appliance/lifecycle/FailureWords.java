// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.lifecycle;

import java.util.List;
import java.util.regex.Pattern;

/**
 * What a machine's own words about its failure mean: the first row that fits. They come from our
 * deployer, and from the installers of all systems, of which each has its own words.
 */
final class FailureWords {
  /** One row. */
  record Row(Pattern words, Trouble trouble) {}

  static final List<Row> TABLE =
      List.of(
          row("imgverify: refused|imgtrust: not known", Trouble.IMAGE_UNVERIFIED),
          row("handshake did not complete|no (recent )?handshake", Trouble.NO_HANDSHAKE),
          row(
              "not yet valid|certificate (has|is) expired|clock is|clock skew",
              Trouble.CLOCK_WRONG),
          row(
              "not valid (yet|until)|release file .*(expired|future)|system clock",
              Trouble.CLOCK_WRONG),
          row("no network:|network is unreachable|no network interface", Trouble.NO_NETWORK),
          row(
              "network (device|interface|card|adapter)\\b.{0,40}(not found|does not exist"
                  + "|doesn't exist|no such|missing)|(find|found) (a |any |the |no )?(network"
                  + "|ethernet) (device|interface|card|adapter)",
              Trouble.NO_NETWORK),
          row(
              "(device|interface) \\W?(eth|en[opsx]|wl|ib|bond)\\S*.{0,20}(not found"
                  + "|does not exist|doesn't exist|no such|missing)",
              Trouble.NO_NETWORK),
          row("no dhcp|network autoconfiguration failed|no default route", Trouble.NO_NETWORK),
          row(
              "too small|not enough (free |disk )?space|no space left|insufficient (disk )?space",
              Trouble.DISK_TOO_SMALL),
          row(
              "disk .*\\d+ bytes \\(expected: at least|larger than the disk",
              Trouble.DISK_TOO_SMALL),
          row("does not fit|exceeds the size of|too big for", Trouble.DISK_TOO_SMALL),
          row(
              "disk \\S+: (not found|\\S+ is a partition)|no (root |install(ation)? |usable"
                  + " |suitable )?(disk|drive|target|block device)",
              Trouble.DISK_MISSING),
          row(
              "(disk|drive|(root|boot|target|install\\w*|storage|block) device|/dev/\\S+)\\b.{0,40}"
                  + "(not found|does not exist|doesn't exist|no such|missing|not exist)",
              Trouble.DISK_MISSING),
          row(
              "unable to find .*(disk|drive|(root|boot|target|install\\w*|storage|block) device)"
                  + "|specified .*disk",
              Trouble.DISK_MISSING),
          row("sha256|checksum|digest|corrupt|unexpected end of", Trouble.IMAGE_DAMAGED),
          row(
              "mirror|unable to locate package|failed to (fetch|download)|temporary failure"
                  + " resolving|could not resolve|cannot download",
              Trouble.MIRROR_UNREACHABLE),
          row(
              "repomd|repositor(y|ies)|release file|unable to fetch|apkindex|no answer: http",
              Trouble.MIRROR_UNREACHABLE));

  private FailureWords() {}

  private static Row row(String words, Trouble trouble) {
    return new Row(Pattern.compile(words, Pattern.CASE_INSENSITIVE), trouble);
  }

  /** Which rung that is; what no row knows is told as it was said. */
  static Trouble of(String said) {
    return TABLE.stream()
        .filter(row -> row.words().matcher(said).find())
        .findFirst()
        .map(Row::trouble)
        .orElse(Trouble.REPORTED_FAILURE);
  }
}
