// SPDX-License-Identifier: Apache-2.0
package foundrybot.images.cast;

import foundrybot.images.BuildException;
import foundrybot.images.Tool;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The tree as an ext4 file system image, made without mounting anything.
 *
 * <p>An image and not a tar: the node then writes a stream to a partition, which is bound by the
 * disk, where tar would create some ten thousand files on it (measured under emulation: 32 s
 * against 185 s for the same system), and one digest covers the metadata too. It is only as large
 * as its content; the node grows it to its partition.
 *
 * <p>Equal trees give equal bytes as far as mke2fs(8) allows: fixed UUID, hash seed and clock, and
 * inode times set afterwards, because {@code mke2fs -d} copies the change times of this machine.
 */
final class RootImage {
  private static final int BLOCK = 4096;
  private static final int INODE_BYTES = 256;
  private static final int BYTES_PER_INODE = 16384;
  private static final int JOURNAL_MIB = 64;

  /** Free space in a new image: tools that fix it up need some. */
  private static final long SLACK_BLOCKS = 32L * 1024 * 1024 / BLOCK;

  /** The size the file system can reach by resizing without moving its tables: 8 TiB. */
  private static final long GROWTH_BLOCKS = 1L << 31;

  private static final long RESERVED_TABLE_BLOCKS = 5L * 1024;

  /**
   * What GRUB 2.06 and the kernels since Debian 11 read; {@code metadata_csum_seed} and {@code
   * orphan_file} are what newer tools would add and that GRUB refuses.
   */
  private static final String FEATURES =
      "none,has_journal,ext_attr,resize_inode,dir_index,filetype,extent,64bit,flex_bg,"
          + "sparse_super,large_file,huge_file,dir_nlink,extra_isize,metadata_csum";

  private static final Pattern INODES = Pattern.compile("(?m)^Inode count:\\s+(\\d+)$");
  private static final Pattern FREE_INODES = Pattern.compile("(?m)^Free inodes:\\s+(\\d+)$");

  private RootImage() {}

  /** Blocks and inodes of a tree. */
  private static final class Content extends SimpleFileVisitor<Path> {
    private long blocks;
    private long inodes;

    @Override
    public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
      count(Math.max(attributes.size(), BLOCK));
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
      // A short symbolic link lies in its inode; one block for it is on the safe side.
      count(attributes.size());
      return FileVisitResult.CONTINUE;
    }

    private void count(long bytes) {
      blocks += (bytes + BLOCK - 1) / BLOCK;
      inodes++;
    }
  }

  /**
   * Makes the image file.
   *
   * @return its size in bytes
   */
  static long build(Path tree, Path image, Path work, String name, long epoch) {
    Content content = new Content();
    try {
      Files.walkFileTree(tree, content);
    } catch (IOException e) {
      throw new BuildException(tree + ": cannot be read", e);
    }
    long blocks = sizeInBlocks(content.blocks, content.inodes);
    String uuid = UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8)).toString();
    Tool.named("mke2fs", "e2fsprogs")
        .with("E2FSPROGS_FAKE_TIME", String.valueOf(epoch))
        // This machine's own defaults must not decide what the image is.
        .with("MKE2FS_CONFIG", "/dev/null")
        .within(Duration.ofMinutes(30))
        .run(
            "-q",
            "-F",
            "-b",
            String.valueOf(BLOCK),
            "-I",
            String.valueOf(INODE_BYTES),
            "-i",
            String.valueOf(BYTES_PER_INODE),
            "-m",
            "1",
            "-O",
            FEATURES,
            "-J",
            "size=" + JOURNAL_MIB,
            "-U",
            uuid,
            "-L",
            "root",
            "-E",
            "hash_seed="
                + uuid
                + ",resize="
                + GROWTH_BLOCKS
                + ",root_owner=0:0,nodiscard,lazy_itable_init=0,lazy_journal_init=0",
            "-d",
            tree.toString(),
            image.toString(),
            String.valueOf(blocks));
    fixTimes(image, work, epoch);
    Tool.named("e2fsck", "e2fsprogs").run("-f", "-n", image.toString());
    return blocks * BLOCK;
  }

  /** Content, tables and journal, rounded up to whole MiB. */
  static long sizeInBlocks(long contentBlocks, long inodes) {
    long metadata = JOURNAL_MIB * (1024L * 1024 / BLOCK) + RESERVED_TABLE_BLOCKS + SLACK_BLOCKS;
    long blocks = contentBlocks + contentBlocks / 20 + metadata;
    // The ratio of inodes to space is fixed for life; many small files need a larger image.
    blocks = Math.max(blocks, (inodes + inodes / 10 + 64) * (BYTES_PER_INODE / BLOCK));
    blocks += blocks * INODE_BYTES / BYTES_PER_INODE + 512;
    return (blocks + 255) / 256 * 256;
  }

  private static void fixTimes(Path image, Path work, long epoch) {
    String header =
        new String(
            Tool.named("dumpe2fs", "e2fsprogs").output("-h", image.toString()),
            StandardCharsets.UTF_8);
    long used = number(INODES, header) - number(FREE_INODES, header);
    StringBuilder commands = new StringBuilder();
    for (long inode = 2; inode <= used; inode++) {
      if (inode > 2 && inode < 11) {
        continue;
      }
      for (String field : new String[] {"atime", "ctime", "crtime"}) {
        commands.append("sif <").append(inode).append("> ").append(field);
        commands.append(" @").append(epoch).append('\n');
      }
    }
    Path script = work.resolve("times");
    try {
      Files.writeString(script, commands);
    } catch (IOException e) {
      throw new BuildException(script + ": cannot be written", e);
    }
    Tool.named("debugfs", "e2fsprogs")
        .with("E2FSPROGS_FAKE_TIME", String.valueOf(epoch))
        .run("-w", "-f", script.toString(), image.toString());
  }

  private static long number(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    if (!matcher.find()) {
      throw new BuildException("dumpe2fs: no line " + pattern + " in its output");
    }
    return Long.parseLong(matcher.group(1));
  }
}
