// SPDX-License-Identifier: Apache-2.0
package foundrybot.images.iso;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A FAT12 file system without partitions, as UEFI wants it behind El Torito (UEFI 2.10, section
 * 13.3.2.1; the layout is that of Microsoft's FAT specification 1.03). No times and no random
 * serial number, so that equal contents are equal bytes.
 */
final class FatImage {
  private static final int SECTOR = 512;
  private static final int SECTORS_PER_CLUSTER = 8;
  private static final int CLUSTER = SECTOR * SECTORS_PER_CLUSTER;
  private static final int ENTRY = 32;
  private static final int ROOT_ENTRIES = 64;
  private static final int ROOT_SECTORS = ROOT_ENTRIES * ENTRY / SECTOR;

  /** FAT12 ends before 4085 clusters (page 14); so does this, far below. */
  private static final int MOST_CLUSTERS = 4000;

  private static final int READ_ONLY = 0x01;
  private static final int VOLUME = 0x08;
  private static final int FOLDER = 0x10;
  private static final int LONG_NAME = 0x0f;
  private static final int LAST_LONG = 0x40;
  private static final int END_OF_CHAIN = 0xfff;
  private static final int MEDIA = 0xf8;
  private static final int FIRST_DAY = 0x21;
  private static final String LABEL = "FOUNDRYBOT ";

  /** Places of the 13 characters of a long entry. */
  private static final int[] LONG_PLACES = {1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30};

  /** A folder: files by name, and folders by name. */
  private record Folder(Map<String, byte[]> files, Map<String, Folder> folders) {
    Folder() {
      this(new LinkedHashMap<>(), new LinkedHashMap<>());
    }
  }

  private final Folder root = new Folder();
  private final List<byte[]> clusters = new ArrayList<>();
  private final List<Integer> next = new ArrayList<>();

  /** Where the folder that was written last begins. */
  private int firstOfLatest;

  /**
   * Adds a file.
   *
   * @param path of ASCII names with slashes between, such as {@code EFI/BOOT/BOOTX64.EFI}
   */
  FatImage file(String path, byte[] content) {
    String[] names = path.split("/", -1);
    Folder at = root;
    for (int i = 0; i < names.length - 1; i++) {
      at = at.folders().computeIfAbsent(names[i], _ -> new Folder());
    }
    at.files().put(names[names.length - 1], content);
    return this;
  }

  byte[] bytes() {
    clusters.clear();
    next.clear();
    byte[] rootEntries = entries(root, 0, true);
    if (rootEntries.length > ROOT_ENTRIES * ENTRY || clusters.size() > MOST_CLUSTERS) {
      throw new IllegalStateException(
          "FAT image: "
              + clusters.size()
              + " clusters (expected: at most "
              + MOST_CLUSTERS
              + ", and few files in the root)");
    }
    int fatBytes = (clusters.size() + 2) * 3 / 2 + 2;
    int fatSectors = (fatBytes + SECTOR - 1) / SECTOR;
    int sectors = 1 + 2 * fatSectors + ROOT_SECTORS + clusters.size() * SECTORS_PER_CLUSTER;
    ByteBuffer image = ByteBuffer.allocate(sectors * SECTOR).order(ByteOrder.LITTLE_ENDIAN);
    image.put(bootSector(sectors, fatSectors));
    byte[] fat = fat(fatSectors * SECTOR);
    image.put(fat).put(fat);
    image.put(rootEntries).position((1 + 2 * fatSectors + ROOT_SECTORS) * SECTOR);
    clusters.forEach(image::put);
    return image.array();
  }

  private static byte[] bootSector(int sectors, int fatSectors) {
    ByteBuffer boot = ByteBuffer.allocate(SECTOR).order(ByteOrder.LITTLE_ENDIAN);
    boot.put(new byte[] {(byte) 0xeb, 0x3c, (byte) 0x90}).put(ascii("MSDOS5.0"));
    boot.putShort((short) SECTOR).put((byte) SECTORS_PER_CLUSTER).putShort((short) 1);
    boot.put((byte) 2).putShort((short) ROOT_ENTRIES);
    boot.putShort(sectors < 65536 ? (short) sectors : 0).put((byte) MEDIA);
    boot.putShort((short) fatSectors).putShort((short) 32).putShort((short) 64).putInt(0);
    boot.putInt(sectors < 65536 ? 0 : sectors);
    boot.put((byte) 0x80).put((byte) 0).put((byte) 0x29).putInt(0x46_42_4f_54);
    boot.put(ascii(LABEL)).put(ascii("FAT12   "));
    boot.position(SECTOR - 2).put((byte) 0x55).put((byte) 0xaa);
    return boot.array();
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** Two entries of 12 bits in three bytes. */
  private byte[] fat(int length) {
    byte[] fat = new byte[length];
    put(fat, 0, 0xf00 | MEDIA);
    put(fat, 1, END_OF_CHAIN);
    for (int i = 0; i < next.size(); i++) {
      put(fat, i + 2, next.get(i));
    }
    return fat;
  }

  private static void put(byte[] fat, int cluster, int value) {
    int at = cluster * 3 / 2;
    if (cluster % 2 == 0) {
      fat[at] = (byte) value;
      fat[at + 1] = (byte) ((fat[at + 1] & 0xf0) | (value >>> 8));
    } else {
      fat[at] = (byte) ((fat[at] & 0x0f) | ((value & 0xf) << 4));
      fat[at + 1] = (byte) (value >>> 4);
    }
  }

  /** Takes clusters in a row and returns the first one's number; 0 for no bytes. */
  private int store(byte[] content) {
    if (content.length == 0) {
      return 0;
    }
    int first = clusters.size() + 2;
    for (int at = 0; at < content.length; at += CLUSTER) {
      byte[] cluster = new byte[CLUSTER];
      System.arraycopy(content, at, cluster, 0, Math.min(CLUSTER, content.length - at));
      boolean last = at + CLUSTER >= content.length;
      clusters.add(cluster);
      next.add(last ? END_OF_CHAIN : clusters.size() + 2);
    }
    return first;
  }

  private byte[] entries(Folder folder, int parent, boolean isRoot) {
    int count = isRoot ? 1 : 2;
    for (String name : folder.files().keySet()) {
      count += entriesOf(name);
    }
    for (String name : folder.folders().keySet()) {
      count += entriesOf(name);
    }
    ByteBuffer table = ByteBuffer.allocate(count * ENTRY).order(ByteOrder.LITTLE_ENDIAN);
    int own = 0;
    if (isRoot) {
      entry(table, ascii(LABEL), VOLUME, 0, 0);
    } else {
      own = store(table.array());
      entry(table, ascii(".          "), FOLDER, own, 0);
      entry(table, ascii("..         "), FOLDER, parent, 0);
    }
    for (Map.Entry<String, Folder> below : folder.folders().entrySet()) {
      byte[] name = named(table, below.getKey());
      entries(below.getValue(), own, false);
      entry(table, name, FOLDER, firstOfLatest, 0);
    }
    for (Map.Entry<String, byte[]> file : folder.files().entrySet()) {
      byte[] name = named(table, file.getKey());
      entry(table, name, READ_ONLY, store(file.getValue()), file.getValue().length);
    }
    if (!isRoot) {
      byte[] whole = table.array();
      for (int at = 0; at < whole.length; at += CLUSTER) {
        System.arraycopy(
            whole,
            at,
            clusters.get(own - 2 + at / CLUSTER),
            0,
            Math.min(CLUSTER, whole.length - at));
      }
      firstOfLatest = own;
    }
    return table.array();
  }

  private static void entry(ByteBuffer table, byte[] name, int attributes, int cluster, int size) {
    table.put(name).put((byte) attributes).put(new byte[4]).putShort((short) FIRST_DAY);
    table.putShort((short) FIRST_DAY).putShort((short) 0).putShort((short) 0);
    table.putShort((short) FIRST_DAY).putShort((short) cluster).putInt(size);
  }

  private static boolean isShort(String name) {
    return name.matches("[A-Z0-9_]{1,8}(\\.[A-Z0-9_]{1,3})?");
  }

  private static int entriesOf(String name) {
    return isShort(name) ? 1 : 1 + (name.length() + 12) / 13;
  }

  /** The short name; where the name is none, the entries of the long one before it. */
  private static byte[] named(ByteBuffer table, String name) {
    if (isShort(name)) {
      int dot = name.indexOf('.');
      String base = dot < 0 ? name : name.substring(0, dot);
      String extension = dot < 0 ? "" : name.substring(dot + 1);
      return ascii(String.format("%-8s%-3s", base, extension));
    }
    String upper = name.toUpperCase(Locale.ROOT);
    int dot = upper.lastIndexOf('.');
    String base = dot < 0 ? upper : upper.substring(0, dot);
    String extension = dot < 0 ? "" : upper.substring(dot + 1);
    byte[] alias =
        ascii(
            String.format(
                "%-8s%-3s",
                base.substring(0, Math.min(6, base.length())) + "~1",
                extension.substring(0, Math.min(3, extension.length()))));
    int parts = (name.length() + 12) / 13;
    for (int part = parts; part >= 1; part--) {
      longEntry(table, name, part, part == parts, alias);
    }
    return alias;
  }

  private static void longEntry(
      ByteBuffer table, String name, int part, boolean last, byte[] alias) {
    ByteBuffer entry = ByteBuffer.allocate(ENTRY).order(ByteOrder.LITTLE_ENDIAN);
    entry.put((byte) (last ? part | LAST_LONG : part)).put(11, (byte) LONG_NAME);
    entry.put(13, checksum(alias));
    for (int i = 0; i < LONG_PLACES.length; i++) {
      int at = (part - 1) * LONG_PLACES.length + i;
      int padding = at == name.length() ? 0 : 0xffff;
      entry.putShort(LONG_PLACES[i], (short) (at < name.length() ? name.charAt(at) : padding));
    }
    table.put(entry.array());
  }

  private static byte checksum(byte[] alias) {
    int sum = 0;
    for (byte b : alias) {
      sum = ((sum & 1) << 7) + (sum >>> 1) + (b & 0xff) & 0xff;
    }
    return (byte) sum;
  }
}
