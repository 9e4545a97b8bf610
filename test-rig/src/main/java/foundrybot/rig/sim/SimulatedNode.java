// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.sim;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * One machine, from power-on to enrolment, over real sockets: firmware, boot program, iPXE, the
 * installer or deployer, and the system that it leaves on the disk.
 *
 * <p>What fails is tried again as often as the real program tries, and then the machine starts over
 * from its firmware, for ever: a rack's machines have nobody who presses a key.
 */
public final class SimulatedNode implements Runnable {
  private static final Duration AFTER_SETBACK = Duration.ofSeconds(10);
  private static final Duration FIRST_BOOT_PAUSE = Duration.ofSeconds(2);
  private static final int LEAST_PROGRAM = 1024;

  private final Machine machine;
  private final Pace pace;
  private final Mishaps mishaps;
  private final Uplink uplink;
  private final Random random;
  private volatile Optional<URI> disk = Optional.empty();
  private final List<String> programs = new CopyOnWriteArrayList<>();
  private volatile Account account = new Account(Milestone.OFF, 0, 0, 0, "");

  /**
   * What a machine itself knows about its way.
   *
   * @param boots how often its firmware has started
   * @param scripts how often it has asked for its script while its disk was empty
   * @param installs how often it has finished its disk; more than one means begun twice
   * @param trouble the last thing that failed; empty if nothing did
   */
  public record Account(Milestone reached, int boots, int scripts, int installs, String trouble) {
    private Account at(Milestone milestone) {
      return new Account(milestone, boots, scripts, installs, trouble);
    }

    private Account booted() {
      return new Account(reached, boots + 1, scripts, installs, trouble);
    }

    private Account asked() {
      return new Account(reached, boots, scripts + 1, installs, trouble);
    }

    private Account installed() {
      return new Account(reached, boots, scripts, installs + 1, trouble);
    }

    private Account failed(String what) {
      return new Account(reached, boots, scripts, installs, what);
    }
  }

  /** It has come to where it is to fall silent. */
  private static final class Stopped extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  SimulatedNode(Machine machine, Uplink uplink, Pace pace, Mishaps mishaps, long seed) {
    this.machine = machine;
    this.uplink = uplink;
    this.pace = pace;
    this.mishaps = mishaps;
    this.random = new Random(seed ^ machine.uuid().getLeastSignificantBits());
  }

  public Machine machine() {
    return machine;
  }

  /**
   * Where the system on its disk reports, with its run's token in it; empty before there is one.
   */
  public Optional<URI> reportsTo() {
    return disk;
  }

  /** SHA-256 of each boot program that has arrived, in their order. */
  public List<String> programs() {
    return List.copyOf(programs);
  }

  /** How it stands now. */
  public Account account() {
    return account;
  }

  @Override
  public void run() {
    try {
      Thread.sleep(Duration.ofMillis(random.nextLong(pace.powerOn().toMillis() + 1)));
      reached(Milestone.OFF);
      while (account.reached() != Milestone.ENROLLED) {
        account = account.booted();
        try {
          boot();
        } catch (IOException e) {
          account = account.failed(String.valueOf(e.getMessage()));
          pause(AFTER_SETBACK);
        }
      }
    } catch (Stopped e) {
      account = account.failed("fell silent on purpose after " + account.reached());
    } catch (InterruptedException e) {
      account = account.failed("switched off");
    }
  }

  private void boot() throws IOException, InterruptedException {
    DhcpClient dhcp = new DhcpClient(machine, uplink, pace, mishaps.loss(), random);
    DhcpClient.Boot program = dhcp.asFirmware();
    reached(Milestone.OFFERED);
    load(program);
    reached(Milestone.PROGRAM);
    URI script = URI.create(dhcp.asIpxe().file());
    PlainHttp http = new PlainHttp(machine.address(), "iPXE/1.0.0+ (simulated)");
    if (disk.isEmpty()) {
      account = account.asked();
    }
    String text = http.text(script);
    reached(Milestone.SCRIPT);
    Map<String, String> settings =
        Map.of(
            "netX/mac", machine.mac(),
            "netX/ip", machine.address().getHostAddress(),
            "uuid", machine.uuid().toString(),
            "platform", machine.firmware().isUefi() ? "efi" : "pcbios",
            "buildarch", machine.firmware().isUefi() ? "x86_64" : "i386");
    switch (IpxeScript.run(text, settings, new ScriptHost(http))) {
      case IpxeScript.Ending.Started(List<String> arguments) -> install(arguments);
      case IpxeScript.Ending.Disk() -> fromDisk();
      case IpxeScript.Ending.Exited(int status) -> {
        // At success a UEFI boot manager shows its menu; a BIOS often stops.
        if (disk.isEmpty() || !machine.firmware().isUefi() || status == 0) {
          throw new Setback("ipxe: left with status " + status + "; nothing else to boot");
        }
        fromDisk();
      }
      case IpxeScript.Ending.Rebooted() -> throw new Setback("ipxe: the script restarted it");
    }
  }

  private void load(DhcpClient.Boot program) throws IOException {
    byte[] content;
    if (machine.firmware() == FirmwareKind.UEFI_HTTP) {
      java.io.ByteArrayOutputStream sink = new java.io.ByteArrayOutputStream();
      new PlainHttp(machine.address(), "UefiHttpBoot/1.0 (simulated)")
          .file(URI.create(program.file()), sink);
      content = sink.toByteArray();
    } else {
      InetSocketAddress server = new InetSocketAddress(program.server(), uplink.tftpPort());
      content = new TftpClient(machine, pace, mishaps.loss(), random).fetch(server, program.file());
    }
    if (content.length < LEAST_PROGRAM) {
      throw new Setback("boot program: " + content.length + " bytes");
    }
    programs.add(digest(content));
  }

  private static String digest(byte[] content) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private final class ScriptHost implements IpxeScript.Host {
    private final PlainHttp http;

    ScriptHost(PlainHttp http) {
      this.http = http;
    }

    @Override
    public boolean fetch(URI image) {
      try {
        return http.file(image, OutputStream.nullOutputStream()).length() > 0;
      } catch (IOException e) {
        account = account.failed(String.valueOf(e.getMessage()));
        return false;
      }
    }

    @Override
    public Optional<String> script(URI location) {
      try {
        return Optional.of(http.text(location));
      } catch (IOException e) {
        account = account.failed(String.valueOf(e.getMessage()));
        return Optional.empty();
      }
    }

    @Override
    public boolean canBootDisk() {
      return disk.isPresent() && !machine.firmware().isUefi();
    }

    @Override
    public void sleep(Duration time) throws InterruptedException {
      pause(time);
    }
  }

  private void install(List<String> arguments) throws IOException, InterruptedException {
    reached(Milestone.KERNEL);
    // From here on the old system is gone, whatever happens.
    disk = Optional.empty();
    InstallEnvironment.Waits waits =
        new InstallEnvironment.Waits() {
          @Override
          public void pause(Duration prescribed) throws InterruptedException {
            SimulatedNode.this.pause(prescribed);
          }

          @Override
          public void work() throws InterruptedException {
            SimulatedNode.this.work();
          }
        };
    waits.work();
    disk =
        Optional.of(
            new InstallEnvironment(
                    machine,
                    new PlainHttp(machine.address(), "Wget/1.21 (simulated)"),
                    waits,
                    () -> reached(Milestone.ANSWER))
                .install(arguments));
    account = account.installed();
    reached(Milestone.INSTALLED);
  }

  /** The installed system's first boot: it reports, and asks until it is enrolled. */
  private void fromDisk() throws InterruptedException {
    reached(Milestone.FROM_DISK);
    work();
    PlainHttp http = new PlainHttp(machine.address(), "curl/7.88.1 (simulated)");
    String url = disk.orElseThrow().toString().replaceFirst("/$", "");
    String facts =
        "hostname="
            + encoded(machine.name())
            + "&product_uuid="
            + machine.uuid()
            + "&mac="
            + encoded(machine.mac());
    Duration pause = FIRST_BOOT_PAUSE;
    while (true) {
      try {
        if (account.reached() == Milestone.FIRST_BOOT
            || http.status("POST", URI.create(url + "/report/first-boot"), facts) == 200) {
          reached(Milestone.FIRST_BOOT);
          work();
          if (http.status("POST", URI.create(url + "/enroll"), facts) == 200) {
            reached(Milestone.ENROLLED);
            return;
          }
        }
        account = account.failed("enroll: refused");
      } catch (IOException e) {
        account = account.failed(String.valueOf(e.getMessage()));
      }
      pause(pause);
      pause = pause.multipliedBy(2);
    }
  }

  private static String encoded(String value) {
    return URLEncoder.encode(value, StandardCharsets.US_ASCII);
  }

  private void reached(Milestone milestone) {
    account = account.at(milestone);
    if (mishaps.stopAfter().filter(milestone::equals).isPresent()) {
      throw new Stopped();
    }
  }

  private void pause(Duration prescribed) throws InterruptedException {
    Thread.sleep(pace.scaled(prescribed));
  }

  /** No two machines are equally fast. */
  private void work() throws InterruptedException {
    Thread.sleep(Duration.ofNanos((long) (pace.work().toNanos() * random.nextDouble(0.5, 1.5))));
  }
}
