// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.qemu;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a machine said on its serial line.
 *
 * <p>An emulated processor that is starved of time can fail the kernel's timer checks and panic
 * before user space. That is the emulation's fault and not that of what was booted, so it must be
 * told from a kernel that panics because it was given the wrong initrd, root or command line.
 */
public record SerialLog(String text) {
  private static final Pattern KERNEL_START = Pattern.compile("Linux version [0-9]");
  private static final Pattern PANIC = Pattern.compile("Kernel panic - not syncing: ([^\r\n]*)");
  private static final Pattern USER_SPACE =
      Pattern.compile("Run (/\\S+) as init process|Freeing unused kernel image");

  /** Panics that say: no root, no init. These are about what we served. */
  private static final List<String> SERVED_WRONG =
      List.of("VFS:", "No working init", "Requested init", "Attempted to kill init", "No init");

  /** Bytes at the end of the file that are looked at; an installer's screen repaints a lot. */
  private static final int MAX_BYTES = 8 << 20;

  /** The log as it is now; a machine that never ran has said nothing. */
  public static SerialLog read(Path file) {
    try {
      byte[] all = Files.readAllBytes(file);
      int from = Math.max(0, all.length - MAX_BYTES);
      return new SerialLog(new String(all, from, all.length - from, StandardCharsets.ISO_8859_1));
    } catch (NoSuchFileException e) {
      return new SerialLog("");
    } catch (IOException e) {
      throw new RigException(file + ": cannot be read", e);
    }
  }

  public boolean kernelStarted() {
    return KERNEL_START.matcher(text).find();
  }

  /** Why the last kernel that started panicked before its first program, if that is what it did. */
  public Optional<String> panicBeforeUserSpace() {
    String last = lastKernel();
    Matcher panic = PANIC.matcher(last);
    if (!panic.find()) {
      return Optional.empty();
    }
    String reason = panic.group(1);
    boolean userSpace = USER_SPACE.matcher(last).region(0, panic.start()).find();
    boolean ours = SERVED_WRONG.stream().anyMatch(reason::contains);
    return userSpace || ours ? Optional.empty() : Optional.of(reason);
  }

  /** Any other panic: the product's, until shown otherwise. */
  public Optional<String> panic() {
    Matcher panic = PANIC.matcher(lastKernel());
    return panic.find() ? Optional.of(panic.group(1)) : Optional.empty();
  }

  private String lastKernel() {
    int start = 0;
    Matcher matcher = KERNEL_START.matcher(text);
    while (matcher.find()) {
      start = matcher.start();
    }
    return text.substring(start);
  }

  /** The last lines, for a report; without terminal control sequences. */
  public String tail(int lines) {
    List<String> all =
        text.replaceAll("\u001b\\[[0-9;?]*[A-Za-z]", "")
            .replaceAll("[^\\p{Print}\n]", "")
            .lines()
            .filter(line -> !line.isBlank())
            .toList();
    return String.join("\n", all.subList(Math.max(0, all.size() - lines), all.size()));
  }
}
