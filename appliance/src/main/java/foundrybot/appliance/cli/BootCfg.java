// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * {@code boot.cfg} of VMware's installer ("About the boot.cfg File" in VMware ESXi Installation and
 * Setup, 8.0): what its boot loader is to load. That of an image is made for a CD.
 *
 * @param text with every name beside the file itself
 * @param files the kernel and the modules, by these names
 */
record BootCfg(String text, List<String> files) {
  private static final String NAME = "[A-Za-z0-9][A-Za-z0-9._-]{0,127}";
  private static final int MOST_CHARACTERS = 64 << 10;

  BootCfg {
    files = List.copyOf(files);
  }

  /**
   * From that of a CD to one whose files are fetched from beside it: no slash before a name, no
   * prefix, for the loader then takes its own folder, and no search for the CD.
   *
   * @throws IllegalArgumentException if it lists no files, or one in another folder
   */
  static BootCfg forNetwork(String ofImage) {
    if (ofImage.length() > MOST_CHARACTERS) {
      throw new IllegalArgumentException(
          ofImage.length() + " characters (expected: at most " + MOST_CHARACTERS + ")");
    }
    StringBuilder text = new StringBuilder();
    List<String> files = new ArrayList<>();
    for (String line : ofImage.lines().toList()) {
      int equals = line.indexOf('=');
      String key = equals < 0 ? "" : line.substring(0, equals);
      String value = line.substring(equals + 1);
      switch (key) {
        case "prefix" -> {}
        case "kernel", "modules" -> {
          List<String> names = names(key, value);
          files.addAll(names);
          text.append(key).append('=').append(String.join(" --- ", names)).append('\n');
        }
        case "kernelopt" ->
            text.append(key)
                .append('=')
                .append(
                    Arrays.stream(value.strip().split("\\s+"))
                        .filter(word -> !word.equals("cdromBoot"))
                        .collect(Collectors.joining(" ")))
                .append('\n');
        default -> text.append(line).append('\n');
      }
    }
    if (files.size() < 2) {
      throw new IllegalArgumentException(
          "no lines kernel= and modules= (expected: boot.cfg of an ESXi installer's image)");
    }
    return new BootCfg(text.toString(), files);
  }

  private static List<String> names(String key, String value) {
    List<String> names = new ArrayList<>();
    for (String each : value.split("---", -1)) {
      String name = each.strip().replaceFirst("^/+", "");
      if (!name.matches(NAME)) {
        throw new IllegalArgumentException(
            key + ": " + name + " (expected: the name of a file of the image's root)");
      }
      names.add(name);
    }
    return names;
  }
}
