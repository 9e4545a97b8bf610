// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.opentest4j.TestAbortedException;

/** The script that wipes data disks, on a loop device; only root can have one. */
@Tag("slow")
class DataDisksTest {
  private static final int BYTES = 64 << 20;

  @TempDir Path folder = Path.of("");
  private String device = "";

  private record Ran(int status, String out) {}

  private Ran run(String... command) throws IOException, InterruptedException {
    Path out = folder.resolve("out");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(out.toFile());
    builder.environment().put("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    int status = builder.start().waitFor();
    return new Ran(status, Files.readString(out, StandardCharsets.UTF_8));
  }

  private Ran script(String... choices) throws IOException, InterruptedException {
    try (InputStream in = DataDisksTest.class.getResourceAsStream("data-disks.sh")) {
      Files.write(folder.resolve("data-disks"), in == null ? new byte[0] : in.readAllBytes());
    }
    List<String> command = new java.util.ArrayList<>(List.of("sh", folder + "/data-disks"));
    command.addAll(List.of(choices));
    return run(command.toArray(String[]::new));
  }

  @BeforeEach
  void loop() throws Exception {
    try (RandomAccessFile file = new RandomAccessFile(folder.resolve("disk").toFile(), "rw")) {
      file.setLength(BYTES);
    }
    Ran made = run("losetup", "--find", "--show", "--partscan", folder.resolve("disk").toString());
    if (made.status() != 0) {
      throw new TestAbortedException("no loop device: " + made.out());
    }
    device = made.out().strip();
  }

  @AfterEach
  void free() throws Exception {
    if (!device.isEmpty()) {
      run("losetup", "--detach", device);
    }
  }

  @Test
  void aDiskWithPartitionsAndFileSystemsIsBlankAfterwards() throws Exception {
    Files.writeString(folder.resolve("table"), "label: gpt\nsize=20M\nsize=20M\n");
    assertEquals(
        0, run("sh", "-c", "sfdisk -q " + device + " <" + folder.resolve("table")).status());
    run("mke2fs", "-q", "-F", device + "p1");
    Ran ran = script(device);
    assertEquals(0, ran.status(), ran.out());
    assertTrue(ran.out().endsWith("data-disks: " + device + ", 67108864 bytes: blank\n"));
    assertEquals(new Ran(0, ""), run("wipefs", "--noheadings", device));
    try (Stream<Path> names = Files.list(Path.of("/sys/class/block"))) {
      assertEquals(List.of(), names.filter(this::isPart).toList());
    }
  }

  private boolean isPart(Path name) {
    return name.getFileName().toString().startsWith(Path.of(device).getFileName() + "p");
  }

  @Test
  void aDiskThatIsMountedIsLeftAsItIs() throws Exception {
    run("mke2fs", "-q", "-F", device);
    Path mount = Files.createDirectory(folder.resolve("mount"));
    if (run("mount", device, mount.toString()).status() != 0) {
      throw new TestAbortedException("nothing can be mounted here");
    }
    try {
      Ran ran = script(device);
      assertEquals(1, ran.status());
      assertTrue(ran.out().contains(device + ": holds the system"), ran.out());
      assertNotEquals("", run("wipefs", "--noheadings", device).out());
    } finally {
      run("umount", mount.toString());
    }
  }

  @Test
  void aRuleThatNoDiskMeetsAndADiskThatIsNotThereStopTheInstallation() throws Exception {
    Ran none = script("larger:9000000000000000");
    assertEquals(1, none.status());
    assertTrue(none.out().contains("no disk of this size but the system's"), none.out());
    Ran gone = script("/dev/disk/by-id/gone");
    assertEquals(1, gone.status());
    assertTrue(gone.out().contains("there is no such disk"), gone.out());
  }
}
