// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.qemu;

import foundrybot.redfish.BootDevice;
import foundrybot.redfish.BootSetting;
import foundrybot.redfish.BootSetting.FirmwareMode;
import foundrybot.redfish.PowerState;
import foundrybot.rig.bmc.Machine;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The chassis of one machine for {@code ipmi_sim}: the program that it runs for each question and
 * order asks here, through a UNIX socket, which does not care for network namespaces.
 *
 * <p>{@code ipmi_sim} waits for its program and answers nobody meanwhile, so nothing here waits.
 */
final class Chassis implements AutoCloseable {
  private static final int MOST_LINE = 512;

  private final Machine machine;
  private final Path folder;
  private final ServerSocketChannel server;
  private final Thread thread;

  private Chassis(Machine machine, Path folder, ServerSocketChannel server) {
    this.machine = machine;
    this.folder = folder;
    this.server = server;
    this.thread = Thread.ofVirtual().name("chassis").start(this::serve);
  }

  /** Opens the socket in a folder of its own, since the paths of such sockets must be short. */
  static Chassis open(Machine machine) {
    try {
      Path folder = Files.createTempDirectory("fbchassis");
      ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
      server.bind(UnixDomainSocketAddress.of(folder.resolve("socket")));
      Chassis chassis = new Chassis(machine, folder, server);
      Path program = Files.writeString(chassis.program(), chassis.script());
      if (!program.toFile().setExecutable(true)) {
        throw new RigException(program + ": cannot be made executable");
      }
      return chassis;
    } catch (IOException e) {
      throw new RigException("chassis: no socket: " + e.getMessage(), e);
    }
  }

  /** What {@code chassis_control} is to name. */
  Path program() {
    return folder.resolve("chassis.sh");
  }

  /** Its words become the path of a request: {@code /get/power/boot}. */
  private String script() {
    return """
    #!/bin/sh
    shift
    IFS=/
    exec curl -sSf --max-time 20 --unix-socket '%s' "http://chassis/$*"
    """
        .formatted(folder.resolve("socket"));
  }

  private void serve() {
    while (server.isOpen()) {
      try (SocketChannel client = server.accept()) {
        BufferedReader reader =
            new BufferedReader(Channels.newReader(client, StandardCharsets.US_ASCII), MOST_LINE);
        String line = reader.readLine();
        if (line != null && line.matches("GET /[a-z0-9/]+ HTTP/1\\.[01]")) {
          List<String> words = List.of(line.split(" ", -1)[1].substring(1).split("/", -1));
          String answer = "HTTP/1.0 200 OK\r\n\r\n" + answer(words);
          client.write(ByteBuffer.wrap(answer.getBytes(StandardCharsets.US_ASCII)));
        }
      } catch (IOException | RuntimeException e) {
        if (server.isOpen()) {
          System.err.println("chassis: " + e);
        }
      }
    }
  }

  /** {@code get WHAT...} or {@code set WHAT VALUE...}; a line for each thing that is asked. */
  String answer(List<String> words) {
    StringBuilder answer = new StringBuilder();
    boolean sets = words.getFirst().equals("set");
    for (int i = 1; i < words.size(); i++) {
      switch (words.get(i)) {
        case "get" -> sets = false;
        case "set" -> sets = true;
        default -> {
          if (sets && i + 1 < words.size()) {
            set(words.get(i), words.get(++i));
          } else if (!sets) {
            answer.append(get(words.get(i)));
          }
        }
      }
    }
    return answer.toString();
  }

  private String get(String what) {
    return switch (what) {
      case "power" -> "power:" + (machine.powerState() == PowerState.ON ? 1 : 0) + "\n";
      case "boot" -> "boot:" + boot(machine.nextBoot().device()) + "\n";
      default -> "";
    };
  }

  private static String boot(BootDevice device) {
    return switch (device) {
      case PXE, HTTP -> "pxe";
      case CD -> "cdrom";
      case DISK -> "default";
      case USUAL -> "none";
    };
  }

  private void set(String what, String value) {
    switch (what) {
      case "power" -> {
        if (value.equals("1")) {
          machine.on();
        } else {
          machine.off();
        }
      }
      case "reset" -> machine.reset();
      case "shutdown" -> machine.softOff();
      case "boot" -> machine.setNextBoot(setting(value));
      default -> {}
    }
  }

  /** For once: ipmi_sim tells neither how long an override lasts, nor the kind of firmware. */
  private static BootSetting setting(String value) {
    return switch (value) {
      case "pxe" -> BootSetting.once(BootDevice.PXE, FirmwareMode.AS_IS);
      case "cdrom" -> BootSetting.once(BootDevice.CD, FirmwareMode.AS_IS);
      case "default" -> BootSetting.once(BootDevice.DISK, FirmwareMode.AS_IS);
      default -> BootSetting.NONE;
    };
  }

  @Override
  public void close() {
    try {
      server.close();
      thread.join();
      Folders.empty(folder);
      Files.delete(folder);
    } catch (IOException e) {
      throw new RigException(folder + ": cannot be removed", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
