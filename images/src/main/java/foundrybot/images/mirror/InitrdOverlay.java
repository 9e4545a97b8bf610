// SPDX-License-Identifier: Apache-2.0
package foundrybot.images.mirror;

import foundrybot.images.BuildException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.cpio.CpioArchiveEntry;
import org.apache.commons.compress.archivers.cpio.CpioArchiveOutputStream;
import org.apache.commons.compress.archivers.cpio.CpioConstants;

/**
 * A second archive for the end of an initrd: the kernel unpacks all archives it finds one after the
 * other (Documentation/driver-api/early-userspace/buffer-format), so Debian's own stays as it is.
 */
final class InitrdOverlay {
  /**
   * The keyring with which net-retriever checks the components' Release and bootstrap-base has
   * debootstrap check the system's. The postinst of debian-archive-keyring-udeb links it to
   * Debian's keys only where no file of that name exists, so this one takes their place.
   */
  private static final String KEYRING = "usr/share/keyrings/archive.gpg";

  /** base-installer runs these between debootstrap and the first apt-get update of the target. */
  private static final String HOOK = "usr/lib/base-installer.d/05foundrybot-mirror-key";

  private static final String HOOK_TEXT =
      """
      #!/bin/sh
      # apt of the installed system has to know the mirror's key before it is first asked.
      set -e
      mkdir -p /target/etc/apt/trusted.gpg.d
      cp /usr/share/keyrings/archive.gpg /target/etc/apt/trusted.gpg.d/%1$s
      chmod 644 /target/etc/apt/trusted.gpg.d/%1$s
      """
          .formatted(MirrorKey.PUBLIC_NAME);

  private InitrdOverlay() {}

  /** The gzip-compressed newc archive; the same key gives the same bytes. */
  static byte[] of(byte[] publicKeyring) {
    return archive(
        Map.of(KEYRING, publicKeyring, HOOK, HOOK_TEXT.getBytes(StandardCharsets.UTF_8)));
  }

  private static byte[] archive(Map<String, byte[]> files) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (CpioArchiveOutputStream cpio =
        new CpioArchiveOutputStream(
            new GZIPOutputStream(bytes), CpioConstants.FORMAT_NEW, 512, "UTF-8")) {
      TreeSet<String> folders = new TreeSet<>();
      for (String name : files.keySet()) {
        for (int at = name.indexOf('/'); at >= 0; at = name.indexOf('/', at + 1)) {
          folders.add(name.substring(0, at));
        }
      }
      long inode = 1;
      for (String folder : folders) {
        put(cpio, folder, CpioConstants.C_ISDIR | 0755, new byte[0], inode++);
      }
      for (Map.Entry<String, byte[]> file : new TreeMap<>(files).entrySet()) {
        int mode = file.getKey().equals(HOOK) ? 0755 : 0644;
        put(cpio, file.getKey(), CpioConstants.C_ISREG | mode, file.getValue(), inode++);
      }
    } catch (IOException e) {
      throw new BuildException("initrd: the archive with the mirror's key cannot be made", e);
    }
    return bytes.toByteArray();
  }

  private static void put(
      CpioArchiveOutputStream cpio, String name, int mode, byte[] content, long inode)
      throws IOException {
    CpioArchiveEntry entry = new CpioArchiveEntry(CpioConstants.FORMAT_NEW, name);
    entry.setMode(mode);
    entry.setSize(content.length);
    entry.setInode(inode);
    entry.setNumberOfLinks((mode & CpioConstants.C_ISDIR) != 0 ? 2 : 1);
    entry.setTime(0);
    cpio.putArchiveEntry(entry);
    cpio.write(content);
    cpio.closeArchiveEntry();
  }
}
