// SPDX-License-Identifier: Apache-2.0
package foundrybot.images.cast;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * An initramfs in the making: the kernel's "newc" cpio format (Documentation/driver-api/early-
 * userspace/buffer-format.rst), owner root, times zero, sorted by name, so that equal contents are
 * equal bytes.
 */
final class CpioArchive {
  private static final int TYPE_DIRECTORY = 0040000;
  private static final int TYPE_FILE = 0100000;
  private static final int TYPE_SYMLINK = 0120000;
  private static final int TYPE_CHARACTER_DEVICE = 0020000;
  private static final String TRAILER = "TRAILER!!!";

  /** Not a record: equality of its bytes has no meaning here. */
  private static final class Entry {
    private final int mode;
    private final byte[] data;
    private final int major;
    private final int minor;

    Entry(int mode, byte[] data, int major, int minor) {
      this.mode = mode;
      this.data = data;
      this.major = major;
      this.minor = minor;
    }
  }

  private final Map<String, Entry> entries = new TreeMap<>();

  /** A folder and the folders above it. */
  CpioArchive directory(String path) {
    parents(path);
    entries.putIfAbsent(checked(path), new Entry(TYPE_DIRECTORY | 0755, new byte[0], 0, 0));
    return this;
  }

  CpioArchive file(String path, int permissions, byte[] data) {
    parents(path);
    entries.put(checked(path), new Entry(TYPE_FILE | permissions, data, 0, 0));
    return this;
  }

  CpioArchive symlink(String path, String target) {
    parents(path);
    byte[] data = target.getBytes(StandardCharsets.UTF_8);
    entries.put(checked(path), new Entry(TYPE_SYMLINK | 0777, data, 0, 0));
    return this;
  }

  CpioArchive characterDevice(String path, int permissions, int major, int minor) {
    parents(path);
    entries.put(
        checked(path), new Entry(TYPE_CHARACTER_DEVICE | permissions, new byte[0], major, minor));
    return this;
  }

  boolean contains(String path) {
    return entries.containsKey(path);
  }

  void writeTo(OutputStream out) throws IOException {
    int inode = 1;
    for (Map.Entry<String, Entry> named : entries.entrySet()) {
      write(out, inode++, named.getKey(), named.getValue());
    }
    write(out, 0, TRAILER, new Entry(0, new byte[0], 0, 0));
  }

  private void parents(String path) {
    int slash = path.lastIndexOf('/');
    if (slash > 0) {
      directory(path.substring(0, slash));
    }
  }

  private static String checked(String path) {
    if (path.isEmpty()
        || path.startsWith("/")
        || path.endsWith("/")
        || path.indexOf('\0') >= 0
        || path.equals(TRAILER)
        || Arrays.asList(path.split("/", -1)).contains("..")) {
      throw new IllegalArgumentException("cpio path: " + path + " (expected: a/relative/path)");
    }
    return path;
  }

  private static void write(OutputStream out, int inode, String path, Entry entry)
      throws IOException {
    byte[] name = path.getBytes(StandardCharsets.UTF_8);
    int links = (entry.mode & 0170000) == TYPE_DIRECTORY ? 2 : 1;
    int[] fields = {
      inode,
      entry.mode,
      0,
      0,
      links,
      0,
      entry.data.length,
      0,
      0,
      entry.major,
      entry.minor,
      name.length + 1,
      0
    };
    StringBuilder header = new StringBuilder("070701");
    for (int field : fields) {
      header.append(String.format("%08X", field));
    }
    out.write(header.toString().getBytes(StandardCharsets.US_ASCII));
    out.write(name);
    // Name and data each end on a multiple of four, counted from the header's start.
    out.write(new byte[1 + padding(header.length() + name.length + 1)]);
    out.write(entry.data);
    out.write(new byte[padding(entry.data.length)]);
  }

  private static int padding(int length) {
    return (4 - length % 4) % 4;
  }
}
