// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.answerfiles.ApplianceSettings;
import foundrybot.answerfiles.BmcSettings;
import foundrybot.answerfiles.Mac;
import foundrybot.answerfiles.Node;
import foundrybot.answerfiles.RackFile;
import foundrybot.answerfiles.RackNetwork;
import foundrybot.appliance.lifecycle.NodeState;
import foundrybot.appliance.lifecycle.RunToken;
import foundrybot.appliance.lifecycle.Stage;
import foundrybot.appliance.power.MediumSource;
import foundrybot.bootserver.http.HttpAnswer;
import foundrybot.images.BuildException;
import foundrybot.images.FileTrees;
import foundrybot.images.iso.BootIso;
import foundrybot.ipxe.Addressing;
import foundrybot.ipxe.Autoexec;
import foundrybot.ipxe.BootProgram;
import foundrybot.ipxe.MediumPrograms;
import foundrybot.ipxe.Platform.Firmware;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Boot media, one for each machine, with the token of its run on it: made when a BMC is to play it,
 * served under a path that nobody can guess, and gone when the machine has come with the token and
 * fetched its kernel, when the token is burnt, or after half an hour. So the token reaches the
 * machine through its BMC alone, and nobody gets it by a MAC; the program on it proves that it has
 * the token ({@link MediumDoor}) and fills it in where the script that it gets has a blank.
 *
 * <p>What is to be known of an image follows from the journal, the key of the tokens and the file
 * itself, so one that waits outlives a restart: a BMC that was told to play it finds it.
 */
final class BootMedia implements MediumSource {
  private static final Logger LOG = LoggerFactory.getLogger(BootMedia.class);

  /** The first part of their paths. Some BMCs take only what ends in .iso, and no query. */
  static final String ROOT = "media";

  private static final Pattern NAME = Pattern.compile("([0-9a-f]{32})\\.iso");

  /** Of some megabytes each. */
  private static final int MOST = 256;

  /** Of xorriso at a time. */
  private static final int MOST_AT_ONCE = 2;

  private static final Set<PosixFilePermission> OWN = PosixFilePermissions.fromString("rwx------");

  /** From the time of the file. */
  private static final Duration LIFE = Duration.ofMinutes(30);

  private static final String OR_NAME_IT =
      "; or, where the machine surely starts by the other one, write firmware: uefi or legacy under"
          + " the node's bmc (as-is: its medium must start by both)";

  /**
   * One image.
   *
   * @param token its SHA-256
   */
  private record Medium(String secret, Mac mac, String token, Path file, long size, Instant end) {
    /** By what it is looked for, so that how long that takes tells nothing of its path. */
    private String key() {
      return Tokens.hash(secret);
    }

    /** Without its path, which is as good as the token. */
    @Override
    public String toString() {
      return "Medium[" + mac + "]";
    }
  }

  private final Fleet fleet;
  private final TokenDesk desk;
  private final MediumPrograms programs;
  private final Optional<Https> https;
  private final Path folder;
  private final Tokens tokens;
  private final Audit audit;
  private final InstantSource clock;
  private final Semaphore making = new Semaphore(MOST_AT_ONCE);
  private final Map<String, Medium> byHash = new HashMap<>();

  private BootMedia(
      Fleet fleet,
      TokenDesk desk,
      MediumPrograms programs,
      Optional<Https> https,
      Path folder,
      Tokens tokens,
      Audit audit,
      InstantSource clock) {
    this.fleet = fleet;
    this.desk = desk;
    this.programs = programs;
    this.https = https;
    this.folder = folder;
    this.tokens = tokens;
    this.audit = audit;
    this.clock = clock;
  }

  /**
   * With those that wait since an earlier run of the appliance; what else that one left is deleted.
   *
   * @param data the folder of all state
   * @param fleet that knows already where each node stands
   * @throws StartException if the folder cannot be had
   */
  static BootMedia in(
      Path data,
      Fleet fleet,
      TokenDesk desk,
      MediumPrograms programs,
      Optional<Https> https,
      Tokens tokens,
      Audit audit,
      InstantSource clock) {
    Path folder = data.resolve(ROOT);
    BootMedia media = new BootMedia(fleet, desk, programs, https, folder, tokens, audit, clock);
    try {
      media.open();
    } catch (IOException | BuildException e) {
      throw new StartException(folder + ": cannot be written: " + e.getMessage(), e);
    }
    return media;
  }

  private void open() throws IOException {
    if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
      FileTrees.delete(folder);
      Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(OWN));
    }
    Files.setPosixFilePermissions(folder, OWN);
    Set<Path> left = new HashSet<>();
    try (var files = Files.list(folder)) {
      files.forEach(left::add);
    }
    for (Node node : left.isEmpty() ? List.<Node>of() : fleet.rack().nodes()) {
      for (RunToken token : fleet.state(node.mac()).tokens().live()) {
        if (left.remove(file(node.mac(), token))) {
          put(medium(node.mac(), token));
        }
      }
    }
    left.forEach(FileTrees::delete);
  }

  private Path file(Mac mac, RunToken token) {
    return folder.resolve(tokens.ofMedium(mac, token) + ".iso");
  }

  /** The image that lies there for that token. */
  private Medium medium(Mac mac, RunToken token) throws IOException {
    Path file = file(mac, token);
    return new Medium(
        tokens.ofMedium(mac, token),
        mac,
        token.hash(),
        file,
        Files.size(file),
        Files.getLastModifiedTime(file).toInstant().plus(LIFE));
  }

  /**
   * Makes a node's image, or finds the one that waits already. Blocks for a second or so.
   *
   * @return where its BMC can fetch it
   * @throws BuildException with the cure, if it cannot be made
   */
  @Override
  public URI medium(Node node) throws InterruptedException {
    URI base = base(node);
    Optional<Medium> waiting = waiting(node.mac());
    if (waiting.isPresent()) {
      return at(base, waiting.get());
    }
    byte[] bios = biosFor(node);
    makeRoom();
    making.acquire();
    try {
      TokenDesk.Prepared prepared = desk.prepared(node.mac()).join();
      RunToken token =
          fleet
              .state(node.mac())
              .tokens()
              .of(prepared.hash())
              .orElseThrow(
                  () ->
                      new BuildException(
                          node.name()
                              + ": has a finished disk (expected: a run that is open); reinstall"
                              + " it"));
      Path file =
          BootIso.build(
              new BootIso.Content(
                  wants(node, Firmware.UEFI) ? programs.uefi() : Map.of(),
                  bios,
                  script(node, prepared)),
              folder,
              tokens.ofMedium(node.mac(), token) + ".iso",
              said -> LOG.warn("boot medium of {}: {}", node.name(), said));
      Files.setLastModifiedTime(file, FileTime.from(clock.instant()));
      Medium medium = medium(node.mac(), token);
      put(medium);
      return at(base, medium);
    } catch (IOException e) {
      throw new BuildException(folder + ": boot medium cannot be read", e);
    } finally {
      making.release();
    }
  }

  /** The node's image is no longer needed, or no longer wanted. */
  void withdraw(Mac mac) {
    synchronized (byHash) {
      byHash.values().removeIf(medium -> medium.mac().equals(mac) && delete(medium));
    }
  }

  /**
   * The image of that name. Who guesses one is in the audit log; so is a BMC that reads on after
   * its machine has fetched its kernel.
   */
  HttpAnswer find(String name, InetAddress from) {
    var form = NAME.matcher(name);
    if (!form.matches()) {
      return Answers.notFound("boot medium: no such path");
    }
    synchronized (byHash) {
      purge();
      Medium medium = byHash.get(Tokens.hash(form.group(1)));
      if (medium != null) {
        return HttpAnswer.File.of(
                medium.file(),
                medium.size(),
                "application/octet-stream",
                "\"" + medium.token() + "\"",
                "boot medium")
            .of(Answers.mac(medium.mac()));
      }
    }
    audit.refused(Audit.Attempt.TOKEN_UNKNOWN, Optional.empty(), from, "a boot medium");
    return Answers.notFound("boot medium: gone");
  }

  /** Where the node's BMC reaches the appliance. */
  private URI base(Node node) {
    RackFile rack = fleet.rack();
    Inet4Address address =
        addressFor(rack.appliance(), node.bmc().map(bmc -> bmc.url().getHost()).orElse(""));
    if (isPlain(node)) {
      return Appliance.url(address, rack.appliance().ports().http());
    }
    return https
        .map(secure -> secure.url(address))
        .orElseThrow(
            () ->
                new BuildException(
                    node.name()
                        + ": boot: media needs HTTPS, and appliance.ports.https is off (expected: a"
                        + " port, or boot: media-http where others cannot listen to the BMC)"));
  }

  private static boolean isPlain(Node node) {
    return node.bmc()
        .filter(bmc -> bmc.boot().equals(new BmcSettings.Boot.Media(false)))
        .isPresent();
  }

  private static Inet4Address addressFor(ApplianceSettings settings, String host) {
    try {
      return settings
          .networkOf(Inet4Address.ofLiteral(host))
          .flatMap(RackNetwork::address)
          .orElse(settings.address());
    } catch (IllegalArgumentException e) {
      return settings.address();
    }
  }

  private static URI at(URI base, Medium medium) {
    return base.resolve("/" + ROOT + "/" + medium.secret() + ".iso");
  }

  private static boolean wants(Node node, Firmware firmware) {
    return switch (node.bmc().map(BmcSettings::firmware).orElse(BmcSettings.Firmware.AS_IS)) {
      case UEFI -> firmware == Firmware.UEFI;
      case LEGACY -> firmware == Firmware.BIOS;
      case AS_IS -> true;
    };
  }

  /**
   * What a BIOS starts; nothing where that is not wanted.
   *
   * @throws BuildException if a firmware that the node may have could start nothing: under "as-is"
   *     nobody knows which one that is, and the machine would stand still without a word
   */
  private byte[] biosFor(Node node) {
    Map<Firmware, String> problems = new TreeMap<>(programs.problems());
    BootIso.missingForBios().ifPresent(why -> problems.put(Firmware.BIOS, "BIOS: " + why));
    problems.keySet().removeIf(firmware -> !wants(node, firmware));
    if (!problems.isEmpty()) {
      boolean either = wants(node, Firmware.UEFI) && wants(node, Firmware.BIOS);
      throw new BuildException(
          node.name()
              + ": no boot medium can be made: "
              + String.join("; ", problems.values())
              + (either && problems.size() == 1 ? OR_NAME_IT : ""));
    }
    return wants(node, Firmware.BIOS)
        ? programs.bios().map(BootProgram::bytes).orElseThrow()
        : new byte[0];
  }

  /** Configures the card of the rack file and goes on to what is for who has this medium. */
  private byte[] script(Node node, TokenDesk.Prepared token) {
    ApplianceSettings settings = fleet.rack().appliance();
    Optional<RackNetwork> network = network(settings, node);
    URI appliance = Appliance.url(addressFor(settings, node), settings.ports().http());
    Addressing addressing =
        node.address()
            .<Addressing>map(
                cidr ->
                    new Addressing.Fixed(
                        cidr.address(), cidr.mask(), network.flatMap(RackNetwork::router)))
            .orElseGet(Addressing.Dhcp::new);
    return Autoexec.onMedium(
            node.mac().toString(),
            MediumDoor.scripts(appliance, token.hash()),
            token.text(),
            addressing,
            BootFiles.PATIENCE)
        .bytes();
  }

  /** Where a node reaches the appliance, as far as its own address tells. */
  static Inet4Address addressFor(ApplianceSettings settings, Node node) {
    return network(settings, node).flatMap(RackNetwork::address).orElse(settings.address());
  }

  private static Optional<RackNetwork> network(ApplianceSettings settings, Node node) {
    return node.address().flatMap(cidr -> settings.networkOf(cidr.address()));
  }

  /** An image that its machine has not come from yet, with most of its life before it. */
  private Optional<Medium> waiting(Mac mac) {
    Optional<String> waits = fleet.state(mac).tokens().waiting().map(RunToken::hash);
    Instant enough = clock.instant().plus(LIFE.dividedBy(2));
    synchronized (byHash) {
      purge();
      return byHash.values().stream()
          .filter(medium -> medium.mac().equals(mac) && medium.end().isAfter(enough))
          .filter(medium -> waits.filter(medium.token()::equals).isPresent())
          .findFirst();
    }
  }

  private void makeRoom() {
    synchronized (byHash) {
      purge();
      if (byHash.size() >= MOST) {
        throw new BuildException(
            "boot media: " + MOST + " are waiting for their machines (expected: fewer); try again");
      }
    }
  }

  private void put(Medium medium) {
    synchronized (byHash) {
      withdraw(medium.mac());
      byHash.put(medium.key(), medium);
    }
  }

  private void purge() {
    Instant now = clock.instant();
    byHash.values().removeIf(medium -> isOver(medium, now) && delete(medium));
  }

  private boolean isOver(Medium medium, Instant now) {
    NodeState state = fleet.state(medium.mac());
    Optional<RunToken> token = state.tokens().of(medium.token());
    return !now.isBefore(medium.end())
        || token.isEmpty()
        || (token.get().used() && !state.stage().isBefore(Stage.KERNEL));
  }

  /** A download under way keeps what it has opened. */
  private static boolean delete(Medium medium) {
    try {
      Files.deleteIfExists(medium.file());
    } catch (IOException e) {
      LOG.warn("boot medium not deleted: {}", e.getMessage());
    }
    return true;
  }
}
