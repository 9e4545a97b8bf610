// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.doctor;

import foundrybot.answerfiles.Cidr;
import foundrybot.appliance.doctor.Evidence.ClockState;
import foundrybot.appliance.doctor.Evidence.Folder;
import foundrybot.appliance.doctor.Evidence.Host;
import foundrybot.appliance.doctor.Evidence.Link;
import foundrybot.appliance.doctor.Evidence.Listener;
import java.io.IOException;
import java.io.InputStream;
import java.net.Inet4Address;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads what the system says of itself: interfaces, open ports with their owners, the clock. */
final class HostProbe {
  private static final Path TIMESYNCD = Path.of("/run/systemd/timesync/synchronized");
  private static final Duration FRESH = Duration.ofHours(2);
  private static final Set<String> CLOCK_SETTERS = Set.of("chronyd", "ntpd", "ptp4l", "phc2sys");
  private static final int LISTENING = 0x0a;
  private static final Pattern SOCKET = Pattern.compile("socket:\\[(\\d+)]");

  /** A line of /proc/net/udp: slot, local address and port, remote, state, ..., inode. */
  private static final Pattern ENTRY =
      Pattern.compile(
          "\\s*\\d+: ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) \\S+ ([0-9A-F]{2})"
              + "(?: +\\S+){3} +\\d+ +\\d+ +(\\d+).*");

  private final Path proc;
  private final Path data;

  HostProbe(Path proc, Path data) {
    this.proc = proc;
    this.data = data;
  }

  Host look(Instant now) throws IOException {
    Set<String> programs = new HashSet<>();
    List<Listener> listeners = listeners(programs);
    return new Host(links(), listeners, receiveBuffer(), clock(now, programs), folder());
  }

  private Optional<Folder> folder() {
    try {
      FileStore disk = Files.getFileStore(data);
      return Optional.of(new Folder(data.toString(), !disk.isReadOnly(), disk.getUsableSpace()));
    } catch (IOException e) {
      // Made by the appliance when it first starts.
      return Optional.empty();
    }
  }

  static List<Link> links() throws SocketException {
    List<Link> links = new ArrayList<>();
    for (NetworkInterface one : NetworkInterface.networkInterfaces().toList()) {
      List<Cidr> addresses =
          one.getInterfaceAddresses().stream()
              .filter(own -> own.getAddress() instanceof Inet4Address)
              .map(own -> new Cidr((Inet4Address) own.getAddress(), own.getNetworkPrefixLength()))
              .toList();
      links.add(
          new Link(one.getName(), one.isUp(), carrier(one.getName()), one.getMTU(), addresses));
    }
    return links;
  }

  /** Interfaces without the notion of a cable have it always. */
  private static boolean carrier(String name) {
    try {
      return !Files.readString(Path.of("/sys/class/net", name, "carrier")).strip().equals("0");
    } catch (IOException e) {
      return true;
    }
  }

  /** The kernel gives such a file in one read, and nothing to the second. */
  private Optional<Long> receiveBuffer() {
    byte[] buffer = new byte[32];
    try (InputStream file = Files.newInputStream(proc.resolve("sys/net/core/rmem_max"))) {
      String text = new String(buffer, 0, file.read(buffer), StandardCharsets.US_ASCII);
      return Optional.of(Long.parseLong(text.strip()));
    } catch (IOException | RuntimeException e) {
      // In a network namespace of its own it may not be shown.
      return Optional.empty();
    }
  }

  private static ClockState clock(Instant now, Set<String> programs) {
    try {
      Instant touched = Files.getLastModifiedTime(TIMESYNCD).toInstant();
      if (now.isBefore(touched.plus(FRESH))) {
        return ClockState.SET;
      }
    } catch (IOException e) {
      // Not there: another program may do it.
    }
    return programs.stream().anyMatch(CLOCK_SETTERS::contains)
        ? ClockState.UNKNOWN
        : ClockState.NOT_SET;
  }

  record Owner(long process, String program) {}

  private List<Listener> listeners(Set<String> programs) throws IOException {
    Map<String, Owner> owners = owners(programs);
    List<Listener> listeners = new ArrayList<>();
    for (String protocol : List.of("udp", "tcp")) {
      for (String suffix : List.of("", "6")) {
        Path table = proc.resolve("net").resolve(protocol + suffix);
        if (Files.exists(table)) {
          Files.readAllLines(table).forEach(line -> add(listeners, protocol, line, owners));
        }
      }
    }
    return listeners;
  }

  static void add(
      List<Listener> listeners, String protocol, String line, Map<String, Owner> owners) {
    Matcher entry = ENTRY.matcher(line);
    if (!entry.matches()
        || (protocol.equals("tcp") && Integer.parseInt(entry.group(3), 16) != LISTENING)) {
      return;
    }
    Owner owner = owners.getOrDefault(entry.group(4), new Owner(0, ""));
    address(entry.group(1))
        .ifPresent(
            address ->
                listeners.add(
                    new Listener(
                        protocol,
                        address,
                        Integer.parseInt(entry.group(2), 16),
                        owner.process(),
                        owner.program())));
  }

  /** Words of the kernel's byte order; of IPv6 only what takes IPv4, too. */
  private static Optional<String> address(String hex) {
    String any = "0".repeat(hex.length());
    if (hex.equals(any)) {
      return Optional.of("0.0.0.0");
    }
    boolean mapped = hex.length() == 32 && hex.startsWith("0000000000000000FFFF0000");
    if (hex.length() != 8 && !mapped) {
      return Optional.empty();
    }
    long word = Long.parseLong(hex.substring(hex.length() - 8), 16);
    return Optional.of(
        (word & 255) + "." + (word >> 8 & 255) + "." + (word >> 16 & 255) + "." + (word >> 24));
  }

  /** Socket to process; without rights only one's own processes show theirs. */
  private Map<String, Owner> owners(Set<String> programs) throws IOException {
    Map<String, Owner> owners = new HashMap<>();
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(proc, "[0-9]*")) {
      for (Path process : processes) {
        try {
          String program = Files.readString(process.resolve("comm")).strip();
          programs.add(program);
          Owner owner = new Owner(Long.parseLong(String.valueOf(process.getFileName())), program);
          try (DirectoryStream<Path> files = Files.newDirectoryStream(process.resolve("fd"))) {
            for (Path file : files) {
              Matcher socket = SOCKET.matcher(Files.readSymbolicLink(file).toString());
              if (socket.matches()) {
                owners.put(socket.group(1), owner);
              }
            }
          }
        } catch (IOException e) {
          // It has ended, or it is not ours to look into.
        }
      }
    }
    return owners;
  }
}
