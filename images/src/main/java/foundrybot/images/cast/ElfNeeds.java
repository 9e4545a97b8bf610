// SPDX-License-Identifier: Apache-2.0
package foundrybot.images.cast;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a program needs before it can start: its loader, its libraries and where it looks for them,
 * read from the ELF file itself (System V gABI, "Dynamic Section"). Asking {@code ldd} would run
 * the program's own loader with the rights of this process.
 *
 * @param interpreter the loader's path
 * @param libraries names as in DT_NEEDED
 * @param searchPath folders of DT_RUNPATH or DT_RPATH, without {@code $ORIGIN}
 */
record ElfNeeds(Optional<String> interpreter, List<String> libraries, List<String> searchPath) {
  /** Programs have about a dozen segments, and a dynamic entry for each library and little more. */
  private static final int MOST_SEGMENTS = 256;

  private static final int MOST_ENTRIES = 4096;

  private static final int PT_LOAD = 1;
  private static final int PT_DYNAMIC = 2;
  private static final int PT_INTERP = 3;
  private static final long DT_NEEDED = 1;
  private static final long DT_STRTAB = 5;
  private static final long DT_RPATH = 15;
  private static final long DT_RUNPATH = 29;

  private record Segment(int type, long offset, long address, long size) {}

  /** True for a 64-bit little-endian ELF file. */
  static boolean isElf64(byte[] file) {
    return file.length > 64
        && file[0] == 0x7f
        && file[1] == 'E'
        && file[2] == 'L'
        && file[3] == 'F'
        && file[4] == 2
        && file[5] == 1;
  }

  /**
   * Reads the dynamic section; a static program needs nothing.
   *
   * @throws IllegalArgumentException if it is no such file, or one that points outside of itself
   */
  static ElfNeeds read(byte[] file) {
    if (!isElf64(file)) {
      throw new IllegalArgumentException("ELF: not a 64-bit little-endian file");
    }
    try {
      return needs(ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN));
    } catch (IndexOutOfBoundsException | ArithmeticException e) {
      throw new IllegalArgumentException("ELF: an offset beyond the end of the file", e);
    }
  }

  private static ElfNeeds needs(ByteBuffer elf) {
    List<Segment> segments = segments(elf);
    Optional<String> interpreter = Optional.empty();
    List<long[]> dynamic = new ArrayList<>();
    for (Segment segment : segments) {
      if (segment.type() == PT_INTERP) {
        interpreter = Optional.of(text(elf, segment.offset()));
      } else if (segment.type() == PT_DYNAMIC) {
        int end = Math.toIntExact(segment.offset() + segment.size());
        for (int at = Math.toIntExact(segment.offset()); at + 16 <= end; at += 16) {
          dynamic.add(new long[] {elf.getLong(at), elf.getLong(at + 8)});
          require(dynamic.size() <= MOST_ENTRIES, "dynamic entries", MOST_ENTRIES);
        }
      }
    }
    long strings = -1;
    for (long[] item : dynamic) {
      if (item[0] == DT_STRTAB) {
        strings = fileOffset(segments, item[1]);
      }
    }
    List<String> libraries = new ArrayList<>();
    List<String> searchPath = new ArrayList<>();
    for (long[] item : dynamic) {
      if (item[0] == DT_NEEDED) {
        libraries.add(text(elf, strings + item[1]));
      } else if (item[0] == DT_RUNPATH || item[0] == DT_RPATH) {
        for (String folder : text(elf, strings + item[1]).split(":", -1)) {
          if (folder.startsWith("/")) {
            searchPath.add(folder);
          }
        }
      }
    }
    return new ElfNeeds(interpreter, List.copyOf(libraries), List.copyOf(searchPath));
  }

  private static List<Segment> segments(ByteBuffer elf) {
    long table = elf.getLong(32);
    int size = Short.toUnsignedInt(elf.getShort(54));
    int count = Short.toUnsignedInt(elf.getShort(56));
    require(count <= MOST_SEGMENTS, "segments", MOST_SEGMENTS);
    List<Segment> segments = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int at = Math.toIntExact(table + (long) i * size);
      segments.add(
          new Segment(
              elf.getInt(at), elf.getLong(at + 8), elf.getLong(at + 16), elf.getLong(at + 32)));
    }
    return segments;
  }

  private static long fileOffset(List<Segment> segments, long address) {
    for (Segment segment : segments) {
      if (segment.type() == PT_LOAD
          && address >= segment.address()
          && address < segment.address() + segment.size()) {
        return address - segment.address() + segment.offset();
      }
    }
    throw new IllegalArgumentException(
        "ELF: string table at 0x" + Long.toHexString(address) + " lies in no segment");
  }

  private static void require(boolean holds, String what, int most) {
    if (!holds) {
      throw new IllegalArgumentException(
          "ELF: too many " + what + " (expected: at most " + most + ")");
    }
  }

  private static String text(ByteBuffer elf, long offset) {
    int start = Math.toIntExact(offset);
    int end = start;
    while (elf.get(end) != 0) {
      end++;
    }
    byte[] bytes = new byte[end - start];
    elf.get(start, bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
