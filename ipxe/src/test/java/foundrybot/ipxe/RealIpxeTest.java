// SPDX-License-Identifier: Apache-2.0
package foundrybot.ipxe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.ipxe.Command.Echo;
import foundrybot.ipxe.Command.Exit;
import foundrybot.ipxe.Command.Goto;
import foundrybot.ipxe.Command.IsSet;
import foundrybot.ipxe.Command.Label;
import foundrybot.ipxe.Command.When;
import foundrybot.ipxe.Setting.Format;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Debian's iPXE of 2019 itself reads our scripts, as the boot ROM of a BIOS machine. Needs the
 * packages qemu-system-x86 and ipxe-qemu; QEMU's own user network serves the script.
 */
@Tag("qemu")
class RealIpxeTest {

  private static final List<String> LINES =
      List.of(
          "a=b||c d;e f#g &x& end",
          "$HOME {b} $ } end",
          "\"q\" 'r' `s` end",
          "-n looks like an option",
          "--name too",
          "back\\slash and one at the end\\",
          "the line behind it");

  @TempDir Path folder;

  @Test
  void everyAcceptedLineIsShownAsItWasSaid() throws Exception {
    List<Command> script = new ArrayList<>();
    script.add(new Command.Comment("joins nothing \\"));
    LINES.forEach(line -> script.add(Echo.of(line)));
    script.add(new When(new IsSet(Setting.of("serial")), new Goto("known")));
    script.add(Echo.of("MISSED"));
    script.add(new Label("known"));
    script.add(new Echo(Text.of("S=").plus(new Setting("serial", Format.URISTRING))));
    script.add(new Echo(Text.of("U=").plus(new Setting("uuid", Format.UUID))));
    script.add(Echo.of("DONE"));
    script.add(new Exit(1));
    List<String> console = boot(new Script(script), "-n X||1 & y");

    int first = console.indexOf(LINES.getFirst());
    assertTrue(first >= 0, console.toString());
    assertEquals(LINES, console.subList(first, first + LINES.size()));
    assertEquals(
        List.of("S=-n%20X||1%20%26%20y", "U=564d0001-0002-0003-0405-060708090a0b", "DONE"),
        console.subList(first + LINES.size(), first + LINES.size() + 3));
  }

  @Test
  void aKernelOutOfReachIsTriedAsOftenAsAskedAndThenTheScriptEnds() throws Exception {
    // Port 9 of the host as QEMU shows it: nobody listens there.
    Scripts.Payload payload =
        new Scripts.Payload(
            "a test", URI.create("http://10.0.2.2:9/linux"), List.of(), List.of("---"));
    Duration second = Duration.ofSeconds(1);
    Script script =
        Scripts.start(payload, new Scripts.Patience(2, second, second, Scripts.Ending.EXIT));
    List<String> console = boot(script, "S");
    assertTrue(console.contains("Attempt 1 of 2"), console.toString());
    assertTrue(console.contains("Attempt 2 of 2"), console.toString());
    assertTrue(console.contains("FoundryBot: gave up: a test"), console.toString());
    assertTrue(console.contains("Not loaded from 10.0.2.2:9. Look at:"), console.toString());
  }

  /** The console's lines up to where the BIOS gives up, at most two minutes. */
  private List<String> boot(Script script, String serial) throws IOException, InterruptedException {
    Files.write(folder.resolve("boot.ipxe"), script.bytes());
    Path log = folder.resolve("console.log");
    Process qemu =
        new ProcessBuilder(
                "qemu-system-x86_64",
                "-machine",
                "q35,graphics=off",
                "-accel",
                "tcg",
                "-m",
                "256",
                "-nographic",
                "-no-reboot",
                "-monitor",
                "none",
                "-uuid",
                "564d0001-0002-0003-0405-060708090a0b",
                "-smbios",
                "type=1,serial=" + serial,
                "-netdev",
                "user,id=n,tftp=" + folder + ",bootfile=boot.ipxe",
                "-device",
                "virtio-net-pci,netdev=n")
            .redirectErrorStream(true)
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
            .redirectOutput(log.toFile())
            .start();
    try {
      for (int i = 0; i < 480 && !text(log).contains("No bootable device"); i++) {
        assertTrue(!qemu.waitFor(250, TimeUnit.MILLISECONDS), () -> "QEMU ended: " + text(log));
      }
      return text(log).lines().map(String::stripTrailing).toList();
    } finally {
      qemu.destroyForcibly().waitFor();
    }
  }

  /** The log without the terminal's control sequences. */
  private static String text(Path log) {
    try {
      String raw = new String(Files.readAllBytes(log), StandardCharsets.ISO_8859_1);
      return raw.replaceAll("\u001b\\[[0-9;=?]*[a-zA-Z]", "").replace("\r", "");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
