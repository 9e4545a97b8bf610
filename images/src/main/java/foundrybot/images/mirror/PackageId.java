// SPDX-License-Identifier: Apache-2.0
package foundrybot.images.mirror;

/** Name, version and architecture: what makes one package file different from every other. */
record PackageId(String name, String version, String architecture) {
  PackageId {
    if (!name.matches("[a-z0-9][a-z0-9+._-]*")
        || !version.matches("[A-Za-z0-9][A-Za-z0-9.+~:-]*")
        || !architecture.matches("[a-z0-9][a-z0-9-]*")) {
      throw new IllegalArgumentException(
          "package: '"
              + name
              + "' '"
              + version
              + "' '"
              + architecture
              + "' (expected: Debian's"
              + " name, version, architecture)");
    }
  }

  /** The name under which apt stores the file: a colon of the version is escaped. */
  String aptFileName(String extension) {
    return name + "_" + version.replace(":", "%3a") + "_" + architecture + "." + extension;
  }

  /** apt-get download escapes more characters than the package cache does. */
  static String unescape(String fileName) {
    return fileName.replace("%2b", "+").replace("%7e", "~");
  }

  @Override
  public String toString() {
    return name + " " + version;
  }
}
