// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.simulate;

import foundrybot.answerfiles.DhcpMode;
import foundrybot.answerfiles.Node;
import foundrybot.appliance.DrivenAppliance;
import foundrybot.bootserver.MacAddress;
import foundrybot.bootserver.WireEvent;
import foundrybot.bootserver.tftp.TftpAnswer;
import foundrybot.bootserver.tftp.TftpRequest;
import foundrybot.redfish.BootDevice;
import foundrybot.rig.sim.FirmwareKind;
import foundrybot.rig.sim.InstallEnvironment;
import foundrybot.rig.sim.IpxeScript;
import foundrybot.rig.sim.Machine;
import foundrybot.rig.sim.Setback;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One machine on virtual time: what its power button, its firmware, iPXE, the installer and the
 * system on its disk do, as a real one would over its network card. Its disk comes first in its
 * boot order, and the network when there is nothing on it.
 */
final class VirtualMachine {
  private static final Duration AFTER_SETBACK = Duration.ofSeconds(10);
  private static final Duration TFTP_PATIENCE = Duration.ofSeconds(20);
  private static final int MOST_STEPS = 40;
  private static final Pattern OWN = Pattern.compile("https?://[^ ;,\"]+/node/[0-9a-f]{32}");
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

  /** How often a node of the mesh says how it is. */
  private static final Duration BETWEEN_REPORTS = Duration.ofMinutes(1);

  /** Who had occasion to feel a fault so often has none any more. */
  private static final int MOST_REPORTS = 15;

  private final World world;
  private final Node node;
  private final Machine hardware;
  private final Optional<Ailment> ailment;
  private final Random random;
  private final VirtualDhcp dhcp;
  private final VirtualWeb web;
  private final VirtualMesh mesh;

  /** No two are equally fast. */
  private final double pace;

  private Optional<Strand> running = Optional.empty();
  private BootDevice next = BootDevice.DISK;
  private Optional<URI> disk = Optional.empty();
  private Optional<URI> medium = Optional.empty();
  private Optional<Duration> struckAt = Optional.empty();
  private Reached far = Reached.NOTHING;
  private Reached struckFar = Reached.NOTHING;
  private boolean brokenOff;
  private int boots;
  private int installs;
  private int reports;
  private String doing = "off";

  /** Of its installer's lines the last that has arrived. */
  private Optional<String> logged = Optional.empty();

  private final List<String> steps = new ArrayList<>();

  VirtualMachine(
      World world, Node node, Machine hardware, Optional<Ailment> ailment, Random random) {
    this.world = world;
    this.node = node;
    this.hardware = hardware;
    this.ailment = ailment;
    this.random = random;
    this.pace = 0.6 + 0.8 * random.nextDouble();
    this.dhcp = new VirtualDhcp(world, this, random);
    this.web = new VirtualWeb(world, this);
    this.mesh = new VirtualMesh(world, this, web, random);
  }

  Node node() {
    return node;
  }

  Machine hardware() {
    return hardware;
  }

  Optional<Fault> fault() {
    return ailment.map(Ailment::fault);
  }

  /** When it first did what its fault makes it do; empty as long as that did not matter. */
  Optional<Duration> struckAt() {
    return struckAt;
  }

  /** How far it had come then. */
  Reached struckFar() {
    return struckFar;
  }

  /** Whether it ever started over because the appliance was gone. */
  boolean wasBrokenOff() {
    return brokenOff;
  }

  /** Whether people have switched it on, and it has not told anybody so before its fault came. */
  boolean isUnheardOf() {
    // Of what another server's DHCP has told it, nothing is heard.
    boolean silent =
        struckFar == Reached.NOTHING
            || (struckFar == Reached.DHCP && world.rack().appliance().dhcp() == DhcpMode.OFF);
    return node.bmc().isEmpty()
        && struckAt.isPresent()
        && silent
        && fault().filter(fault -> fault.isUnheard(world.rack())).isPresent();
  }

  private void comes(Reached to) {
    far = to.compareTo(far) > 0 ? to : far;
  }

  /** How often it has finished its disk. */
  int installs() {
    return installs;
  }

  int boots() {
    return boots;
  }

  /** What it does now, in words. */
  String doing() {
    return doing;
  }

  boolean has(Fault one) {
    return ailment
        .filter(a -> a.fault() == one && world.time().passed().compareTo(a.from()) >= 0)
        .isPresent();
  }

  /** Whether it has this fault, which makes itself felt now. */
  boolean strikes(Fault one) {
    boolean now = has(one);
    if (now && struckAt.isEmpty()) {
      struckAt = Optional.of(world.time().passed());
      struckFar = far;
      does("fault: " + one);
    }
    return now;
  }

  private void does(String what) {
    doing = what;
    told(what);
  }

  /** Something happens to it. */
  void told(String what) {
    world.log().note(world.time(), hardware.name(), what);
    if (steps.size() < MOST_STEPS) {
      steps.add(Report.text(world.time().passed()) + "  " + what);
    }
  }

  /** The first things that it did, and that were done to it, with their times. */
  List<String> steps() {
    return List.copyOf(steps);
  }

  boolean isOn() {
    return running.isPresent();
  }

  void bootsNext(BootDevice device) {
    next = device;
  }

  /** What its BMC plays: where the scripts lie that are on the image. */
  void plays(Optional<URI> image) {
    medium = image;
  }

  void switchOn() {
    running = Optional.of(new Strand(world.time(), hardware.name(), this::live, world::broke));
  }

  void switchOff() {
    running.ifPresent(Strand::end);
    running = Optional.empty();
    // What was not finished begins anew, for who has switched it off as well.
    far = disk.isPresent() ? far : Reached.NOTHING;
    does("off");
  }

  /** Lets time pass in which nothing happens to it. */
  void pass(Duration duration) {
    try {
      Strand.current().orElseThrow().sleep(duration);
    } catch (InterruptedException e) {
      throw new PulledPlug();
    }
  }

  void await(CompletionStage<?> stage) {
    try {
      Strand.current().orElseThrow().await(stage);
    } catch (InterruptedException e) {
      throw new PulledPlug();
    }
  }

  /** A piece of work that takes about that long. */
  private void work(Duration usual) {
    pass(Duration.ofNanos((long) (usual.toNanos() * pace * (0.8 + 0.4 * random.nextDouble()))));
  }

  /** What it stands at until somebody switches it off. */
  private void standsStill() {
    while (true) {
      pass(Duration.ofDays(1));
    }
  }

  private void live() {
    try {
      while (true) {
        boots++;
        does("firmware starts");
        work(Duration.ofSeconds(100));
        if (strikes(Fault.DIES_IN_POST) || strikes(Fault.NO_LINK)) {
          standsStill();
        }
        // Where the appliance hears no DHCP, it hears none of a twin either.
        if (world.rack().appliance().dhcp() != DhcpMode.OFF && strikes(Fault.TWIN)) {
          world.wakeTwin(this);
        }
        try {
          boot();
          return;
        } catch (Setback e) {
          does("setback: " + e.getMessage());
        } catch (IOException e) {
          does("setback: " + e);
        }
        brokenOff |= world.appliance().isEmpty();
        pass(AFTER_SETBACK);
      }
    } catch (PulledPlug e) {
      // Off.
      return;
    }
  }

  /** As a clone does whose firmware starts nothing that it is offered: it asks, again and again. */
  void asksForEver() {
    try {
      while (true) {
        try {
          var _ = dhcp.asFirmware();
        } catch (Setback e) {
          does("setback: " + e.getMessage());
        }
        pass(Duration.ofSeconds(20));
      }
    } catch (PulledPlug e) {
      // The simulation is over.
      return;
    }
  }

  private void boot() throws IOException {
    BootDevice first = next;
    next = BootDevice.DISK;
    if (first == BootDevice.DISK && disk.isPresent() && !has(Fault.BOOT_ORDER)) {
      fromDisk();
      return;
    }
    URI from = first == BootDevice.CD ? fromMedium() : fromNetwork();
    String text = script(from);
    does("has its script");
    comes(Reached.SCRIPT);
    switch (run(text, from)) {
      case IpxeScript.Ending.Started(List<String> arguments) -> install(arguments);
      case IpxeScript.Ending.Disk() -> fromDisk();
      case IpxeScript.Ending.Exited(int status) -> {
        // At success a UEFI boot manager shows its menu; a BIOS often stops.
        if (disk.isEmpty()
            || !hardware.firmware().isUefi()
            || status == 0
            || strikes(Fault.BOOT_ORDER)) {
          throw new Setback("iPXE left with status " + status + "; nothing else to boot");
        }
        fromDisk();
      }
      case IpxeScript.Ending.Rebooted() -> throw new Setback("the script restarted it");
    }
  }

  private URI fromNetwork() throws IOException {
    load(firmwareBoot());
    comes(Reached.PROGRAM);
    while (strikes(Fault.PROGRAM_LOOPS)) {
      // Its firmware starts the network boot anew, and not itself.
      pass(AFTER_SETBACK);
      load(firmwareBoot());
    }
    does("iPXE runs");
    if (strikes(Fault.PROGRAM_REFUSED)) {
      throw new Setback("Secure Boot: access denied");
    }
    work(Duration.ofSeconds(4));
    return URI.create(dhcp.asIpxe().file());
  }

  private VirtualDhcp.Boot firmwareBoot() throws Setback {
    VirtualDhcp.Boot program = dhcp.asFirmware();
    comes(Reached.DHCP);
    return program;
  }

  private URI fromMedium() throws IOException {
    URI image = medium.orElseThrow(() -> new Setback("no medium to boot from"));
    does("iPXE runs, from its medium");
    work(Duration.ofSeconds(4));
    return image.resolve(hardware.firmware().isUefi() ? "uefi.ipxe" : "bios.ipxe");
  }

  /** iPXE's autoexec asks again and again. */
  private String script(URI location) throws IOException {
    for (int i = 1; ; i++) {
      try {
        return web.text(location);
      } catch (IOException e) {
        if (i == 4) {
          throw e;
        }
        pass(AFTER_SETBACK);
      }
    }
  }

  private IpxeScript.Ending run(String text, URI from) throws IOException {
    Map<String, String> settings =
        Map.of(
            "run-token", VirtualWeb.password(from).orElse(""),
            "netX/mac", hardware.mac(),
            "netX/ip", hardware.address().getHostAddress(),
            "uuid", hardware.uuid().toString(),
            "platform", hardware.firmware().isUefi() ? "efi" : "pcbios",
            "buildarch", hardware.firmware().isUefi() ? "x86_64" : "i386");
    try {
      return IpxeScript.run(text, settings, new ScriptHost());
    } catch (InterruptedException e) {
      throw new PulledPlug();
    }
  }

  private final class ScriptHost implements IpxeScript.Host {
    @Override
    public boolean fetch(URI image) {
      try {
        return web.fetch(image, OutputStream.nullOutputStream()) > 0;
      } catch (IOException e) {
        return false;
      }
    }

    @Override
    public Optional<String> script(URI location) {
      try {
        return Optional.of(web.text(location));
      } catch (IOException e) {
        return Optional.empty();
      }
    }

    @Override
    public boolean canBootDisk() {
      return disk.isPresent() && !hardware.firmware().isUefi() && !strikes(Fault.BOOT_ORDER);
    }

    @Override
    public void sleep(Duration time) {
      pass(time);
    }
  }

  private void load(VirtualDhcp.Boot program) throws IOException {
    if (strikes(Fault.RIVAL_DHCP)) {
      throw new Setback("the boot file of another server starts nothing");
    }
    if (hardware.firmware() == FirmwareKind.UEFI_HTTP) {
      if (web.fetch(URI.create(program.file()), OutputStream.nullOutputStream()) < 1024) {
        throw new Setback("boot program too short");
      }
      return;
    }
    tftp(program);
  }

  /** The table of files is the appliance's; the blocks of a transfer are time that passes. */
  private void tftp(VirtualDhcp.Boot program) throws IOException {
    pass(world.network().late());
    Optional<DrivenAppliance> appliance = world.appliance();
    if (appliance.isEmpty() || strikes(Fault.TFTP_BLOCKED)) {
      pass(TFTP_PATIENCE);
      throw new Setback("tftp: no answer");
    }
    InetSocketAddress peer = new InetSocketAddress(hardware.address(), 2070);
    int epoch = world.network().epoch();
    TftpAnswer answer = appliance.get().files().find(new TftpRequest(peer, program.file()));
    if (!(answer instanceof TftpAnswer.Bytes(byte[] content, Optional<MacAddress> mac))) {
      throw new Setback("tftp: file not found: " + program.file());
    }
    String name = program.file() + ", " + content.length + " bytes";
    tell(appliance.get(), "tftp.rrq", mac, peer, name);
    if (strikes(Fault.TFTP_BREAKS)) {
      pass(TFTP_PATIENCE);
      if (epoch == world.network().epoch()) {
        tell(
            appliance.get(),
            "tftp.timeout",
            mac,
            peer,
            "no answer from the client at block 2 of 3");
      }
      throw new Setback("tftp: timeout");
    }
    work(Duration.ofMillis(800));
    if (epoch != world.network().epoch()) {
      pass(TFTP_PATIENCE);
      throw new Setback("tftp: timeout");
    }
    tell(appliance.get(), "tftp.done", mac, peer, name + " in 800 ms");
  }

  private void tell(
      DrivenAppliance appliance,
      String kind,
      Optional<MacAddress> mac,
      InetSocketAddress peer,
      String said) {
    appliance.observer().observed(new WireEvent(WireEvent.Protocol.TFTP, kind, mac, peer, said));
    world.touched();
  }

  /** Whether what it asks by HTTP is lost on the way. */
  boolean losesHttp(URI uri) {
    String path = uri.getPath();
    if (path.contains("/artifact/") && path.endsWith("/" + node.profile().kernel())) {
      // So much comes that some of it is sent to the port at which its twin spoke last.
      return strikes(Fault.KERNEL_BLOCKED) || world.hasTwin(node);
    }
    return path.startsWith("/boot/") && strikes(Fault.HTTP_BLOCKED);
  }

  /** How long an answer's body is on its way. */
  Duration transfer(String label) {
    long millis =
        switch (label.replaceFirst("^artifact ", "")) {
          case "root.img.zst" -> 90_000;
          case String name when name.equals(node.profile().kernel()) -> 1_500;
          case String name when node.profile().initrds().contains(name) -> 6_000;
          default -> 5;
        };
    return Duration.ofMillis((long) (millis * pace));
  }

  private void install(List<String> arguments) throws IOException {
    does("kernel runs");
    // It has its script's token, with which another attempt has begun.
    far = Reached.KERNEL;
    work(Duration.ofSeconds(25));
    if (strikes(Fault.NO_DRIVER)) {
      standsStill();
    }
    if (strikes(Fault.KERNEL_PANICS)) {
      throw new Setback("its kernel panics, and restarts it");
    }
    // From here on the old system is gone, whatever happens.
    disk = Optional.empty();
    mesh.forget();
    reports = 0;
    InstallEnvironment.Waits waits =
        new InstallEnvironment.Waits() {
          @Override
          public void pause(Duration prescribed) {
            pass(prescribed);
          }

          @Override
          public void work() throws InterruptedException {
            if (strikes(Fault.NO_DISK)) {
              failed(arguments, "no disk found");
            }
            if (strikes(Fault.SMALL_DISK)) {
              failed(arguments, "disk too small");
            }
            if (strikes(Fault.MIRROR_DOWN)) {
              failed(arguments, "failed to fetch packages");
            }
            logs("partman: writing to " + hardware.name() + "'s disk");
            if (strikes(Fault.INSTALLER_ASKS)) {
              logs("main-menu: a question waits for an answer");
              standsStill();
            }
            if (strikes(Fault.DIES_INSTALLING)) {
              standsStill();
            }
            VirtualMachine.this.work(Duration.ofSeconds(45));
          }
        };
    try {
      disk =
          Optional.of(isFollowed(arguments) ? follow(arguments, waits) : replay(arguments, waits));
    } catch (InterruptedException e) {
      throw new PulledPlug();
    }
    installs++;
    does("disk finished");
    comes(Reached.DISK);
    work(Duration.ofSeconds(5));
    if (strikes(Fault.DIES_BEFORE_FIRST_BOOT)) {
      standsStill();
    }
    throw new Setback("restarts, from its disk");
  }

  /** Whether the simulation knows the installer so well that it does what its answer file says. */
  private static boolean isFollowed(List<String> arguments) {
    return arguments.stream()
        .anyMatch(
            // Ubuntu's has the place of its image there.
            a -> a.startsWith("foundrybot.url=") || a.matches("url=\\S+/preseed\\.cfg"));
  }

  private URI follow(List<String> arguments, InstallEnvironment.Waits waits)
      throws IOException, InterruptedException {
    return new InstallEnvironment(hardware, web, waits, this::answered).install(arguments);
  }

  /** Of other installers: what they fetch, the time that they take, and that they report. */
  private URI replay(List<String> arguments, InstallEnvironment.Waits waits)
      throws IOException, InterruptedException {
    Matcher own = OWN.matcher(String.join(" ", arguments));
    if (!own.find()) {
      throw new Setback("kernel arguments: no URL of its own");
    }
    String url = own.group();
    for (String file : node.profile().files().keySet()) {
      var _ = web.text(URI.create(url + "/" + file));
    }
    answered();
    waits.work();
    untilTaken(URI.create(url + "/report/installer-started"), "");
    for (int i = 0; i < 4; i++) {
      waits.work();
      untilTaken(URI.create(url + "/report/progress"), "");
    }
    untilTaken(URI.create(url + "/report/installed"), "");
    return URI.create(url);
  }

  private void answered() {
    does("installer has its answers");
    comes(Reached.ANSWERS);
    logs("preseed: the answers are read");
  }

  /** Its installer writes a line, and sends it. */
  private void logs(String line) {
    byte[] datagram = ("<14>" + line).getBytes(StandardCharsets.UTF_8);
    world.network().log(datagram, node.mac(), hardware.address(), () -> logged = Optional.of(line));
  }

  /** Of its installer's lines the last that has arrived, of the present or an earlier attempt. */
  Optional<String> logged() {
    return logged;
  }

  /** The appliance's disk has lost what it said last, or a part of it. */
  void forgetsLogged() {
    logged = Optional.empty();
  }

  /** It says what it lacks, and waits for people. */
  private void failed(List<String> arguments, String why) {
    Matcher own = OWN.matcher(String.join(" ", arguments));
    if (own.find()) {
      untilTaken(URI.create(own.group() + "/report/failed"), "detail=" + encoded(why));
    }
    standsStill();
  }

  private void fromDisk() throws IOException {
    does("system starts from its disk");
    work(Duration.ofSeconds(40));
    String url = disk.orElseThrow().toString().replaceFirst("/$", "");
    String facts =
        "hostname="
            + encoded(hardware.name())
            + "&product_uuid="
            + hardware.uuid()
            + "&mac="
            + encoded(hardware.mac());
    untilTaken(URI.create(url + "/report/first-boot"), facts);
    does("has reported from its disk");
    comes(Reached.SYSTEM);
    work(Duration.ofSeconds(3));
    if (strikes(Fault.WRONG_CLOCK)) {
      untilTaken(
          URI.create(url + "/report/failed"), "detail=" + encoded("certificate is not yet valid"));
      standsStill();
    }
    if (strikes(Fault.ENROLL_BLOCKED)) {
      standsStill();
    }
    join(url);
    untilTaken(URI.create(url + "/enroll"), facts);
    does("enrolled");
    if (!mesh.hasChecks()) {
      standsStill();
    }
    proves(url);
  }

  private void join(String url) {
    while (true) {
      try {
        mesh.join(url);
        return;
      } catch (IOException e) {
        does("setback: " + e.getMessage());
        pass(AFTER_SETBACK);
      }
    }
  }

  /** From then on it says each minute how it is. */
  private void proves(String url) {
    while (true) {
      try {
        var _ = mesh.report(url);
        reports++;
      } catch (IOException e) {
        does("setback: " + e.getMessage());
      }
      pass(BETWEEN_REPORTS);
    }
  }

  /** Whether the system on its disk was put there in the attempt that had this token. */
  boolean isInstalledWith(String token) {
    return disk.filter(url -> url.getPath().contains("/node/" + token)).isPresent();
  }

  /** Whether its mesh reaches nobody, and by no fault of its own. */
  boolean isCutOffByOthers() {
    return mesh.isCutOffByOthers();
  }

  /** Whether others have its keys, and its system runs. */
  boolean isInMesh() {
    return mesh.isJoined();
  }

  /** Whether it is where it is to be, and may still show a fault that shows only there. */
  boolean mayFailYet() {
    return fault().filter(Fault.HANDSHAKE_BLOCKED::equals).isPresent()
        && mesh.hasChecks()
        && (struckAt.isPresent() || reports < MOST_REPORTS);
  }

  private void untilTaken(URI uri, String facts) {
    Duration pause = Duration.ofSeconds(2);
    while (true) {
      try {
        if (web.status("POST", uri, facts) == 200) {
          return;
        }
      } catch (IOException e) {
        does("setback: " + e.getMessage());
      }
      pass(pause);
      pause = pause.multipliedBy(2);
      pause = pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
    }
  }

  private static String encoded(String value) {
    return URLEncoder.encode(value, StandardCharsets.US_ASCII);
  }
}
