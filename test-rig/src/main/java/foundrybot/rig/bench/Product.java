// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bench;

import foundrybot.images.ArtifactManifest;
import foundrybot.images.ArtifactManifest.Artifact;
import foundrybot.rig.bench.Contender.Ready;
import foundrybot.rig.bench.Subject.Role;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * The appliance as its users run it: {@code bin/bootserver serve} with a rack file, its journal and
 * its leases on disk (here: in memory, as the peers'), and a script with a token for each node.
 */
final class Product {
  static final String NAME = "foundrybot";

  /** One machine more than any load has, for requests of the bench itself. */
  static final int MACHINES = 20_001;

  /** Its number. */
  static final int SPARE = MACHINES - 1;

  private static final int SMALL = 10;
  private static final int LARGE = 10_000;
  private static final String PROFILE = "debian-12-cast";

  private Product() {}

  /**
   * What is measured of it.
   *
   * @param storm the machines of the largest storm; its rack has these, and those that warm up
   */
  static List<Subject> subjects(int storm) {
    Contender server = contender("server", MACHINES);
    Contender proxy = contender("proxy", MACHINES);
    int rack = storm + Cases.WARM_STORM;
    return List.of(
        new Subject(NAME, Role.DHCP_SERVER, List.of(server)),
        new Subject(NAME, Role.DHCP_PROXY, List.of(proxy)),
        new Subject(NAME, Role.SMALL_RACK, List.of(contender("server", SMALL))),
        new Subject(NAME, Role.LARGE_RACK, List.of(contender("server", LARGE))),
        new Subject(NAME, Role.TFTP, List.of(proxy)),
        new Subject(NAME, Role.HTTP, List.of(proxy)),
        new Subject(NAME + " (server)", Role.STORM_SERVER, List.of(contender("server", rack))),
        new Subject(NAME + " (proxy)", Role.STORM_PROXY, List.of(contender("proxy", rack))));
  }

  private static Contender contender(String mode, int machines) {
    return new Contender(
        NAME, "bootserver", "", new Ready("udp", 4011), bay -> command(bay, mode, machines));
  }

  /** The folder that holds {@code bin/bootserver}, found from where this class lies. */
  static Path home() {
    try {
      Path place =
          Path.of(Product.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      for (Path at = place; at != null; at = at.getParent()) {
        if (Files.isExecutable(at.resolve("bin/bootserver"))) {
          return at;
        }
      }
    } catch (URISyntaxException e) {
      throw new IllegalStateException("classes come from a file", e);
    }
    throw new BenchException("bin/bootserver: not found (expected: above the bench's own classes)");
  }

  private static List<String> command(Bay bay, String mode, int machines) {
    Path folder = bay.folder().resolve("foundrybot");
    Lab.delete(folder);
    String network =
        "interface: "
            + Bay.INTERFACE
            + ", address: "
            + bay.server()
            + "/"
            + Bay.PREFIX_LENGTH
            + ", dhcp: "
            + mode
            + (mode.equals("server") ? ", pool: " + bay.poolFirst() + "-" + bay.poolLast() : "");
    prepare(folder, bay.www(), network, machines);
    return List.of(
        home().resolve("bin/bootserver").toString(),
        "serve",
        "--rack",
        folder.resolve("rack.yaml").toString(),
        "--data",
        folder.resolve("data").toString(),
        "--boot-programs",
        folder.resolve("programs").toString());
  }

  /**
   * Writes rack file, firmware table, boot programs and artifacts.
   *
   * @param content where the served files lie; they are linked, not copied
   * @param network the keys of the rack file's appliance section
   */
  static void prepare(Path folder, Path content, String network, int machines) {
    Path programs = folder.resolve("programs");
    Map<String, Content> names =
        new TreeMap<>(
            Map.of(
                "snponly.efi",
                Content.PROGRAM,
                "ipxe.efi",
                Content.PROGRAM,
                "undionly.kpxe",
                Content.PROGRAM,
                Content.LARGE.file(),
                Content.LARGE));
    StringBuilder rack = new StringBuilder("cluster: bench\ndomain: bench.rack\n");
    rack.append("profile: ")
        .append(PROFILE)
        .append("\nappliance: { accept: auto, ")
        .append(network);
    rack.append(" }\nadmin: { user: ops, ssh-keys: [\"ssh-ed25519 ");
    rack.append("AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f bench\"] }");
    rack.append("\nboot-programs:\n");
    try {
      Files.createDirectories(programs);
      names.forEach(
          (name, file) -> {
            Path linked = link(content.resolve(file.file()), programs.resolve(name));
            rack.append("  ").append(name).append(": ");
            rack.append(ArtifactManifest.digestOf(linked)).append('\n');
          });
      rack.append("nodes:\n");
      for (int i = 0; i < machines; i++) {
        rack.append(
            String.format(Locale.ROOT, "  02:be:00:00:%02x:%02x: worker%n", i >> 8, i & 255));
      }
      Files.writeString(folder.resolve("rack.yaml"), rack);
      // A row that names the large file makes it one that TFTP serves.
      Files.writeString(
          folder.resolve("firmware.yaml"),
          "rules:\n  large: { architecture: [65000], program: " + Content.LARGE.file() + " }\n");
      artifacts(folder.resolve("data/artifacts").resolve(PROFILE), content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void artifacts(Path folder, Path content) throws IOException {
    Files.createDirectories(folder);
    List<Artifact> artifacts = new ArrayList<>();
    Map.of(
            "vmlinuz", Content.KERNEL,
            "deploy.img", Content.INITRD,
            "root.img.zst", Content.IMAGE)
        .forEach(
            (name, file) ->
                artifacts.add(
                    Artifact.of(link(content.resolve(file.file()), folder.resolve(name)))));
    new ArtifactManifest(PROFILE, Instant.now().toString(), Map.of("made up", "noise"), artifacts)
        .write(folder);
  }

  private static Path link(Path from, Path to) {
    try {
      return Files.createLink(to, from);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
