// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.qemu;

import foundrybot.images.ArtifactManifest;
import foundrybot.images.ArtifactManifest.Artifact;
import foundrybot.images.FileTrees;
import foundrybot.images.cast.FirstBoot;
import foundrybot.images.cast.ImageBuilder;
import foundrybot.images.cast.MeshClient;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A system that lives in memory and has what a node needs to get into the mesh by its TPM: the
 * kernel and the drivers of Debian's installer, in which the TPM's are built in, programs of this
 * machine with their libraries, and the scripts of installed nodes. It is served as what a machine
 * is cast from, so that it is booted, told and followed as any other.
 */
final class TpmGuest {
  static final String PROFILE = "debian-12-cast";

  private static final Duration LIMIT = Duration.ofMinutes(1);
  private static final Path INSTALLER =
      Path.of("/usr/lib/debian-installer/images/12/amd64/text/debian-installer/amd64");
  private static final List<String> PROGRAMS =
      List.of(
          "/usr/bin/curl", "/usr/bin/flock", "/usr/bin/openssl", "/usr/bin/tpm2", "/usr/bin/wg");

  /** All one program. */
  private static final List<String> TOOLS =
      List.of(
          "tpm2_activatecredential",
          "tpm2_createak",
          "tpm2_createek",
          "tpm2_flushcontext",
          "tpm2_policysecret",
          "tpm2_startauthsession",
          "tpm2_testparms");

  /** The way to the kernel's TPM is loaded by its name, so no program says that it needs it. */
  private static final String LOADER = "libtss2-tctildr.so.0";

  private static final String DEVICE = "libtss2-tcti-device.so.0";
  private static final Pattern LIBRARY = Pattern.compile("(?m)(/\\S+) \\(0x[0-9a-f]+\\)$");

  /** Comes first in the scripts' path. */
  private static final String OPENSSL =
      """
      #!/bin/sh
      # Tells the test which bundles came sealed and could be opened.
      [ "$1" = enc ] || exec /usr/bin/openssl "$@"
      /usr/bin/openssl "$@" && echo 'guest: a sealed bundle was opened' >/dev/ttyS0
      """;

  private final Path data;
  private final Path tree;

  private TpmGuest(Path data) {
    this.data = data;
    this.tree = data.resolve("tree");
  }

  /**
   * Makes it.
   *
   * @param data the data folder whose artifact it is to be; emptied first
   */
  static void build(Path data) throws IOException {
    Folders.empty(data);
    TpmGuest guest = new TpmGuest(data);
    guest.plant();
    guest.harvest();
  }

  private void plant() throws IOException {
    for (String folder :
        List.of("dev", "etc", "modules", "proc", "run", "sys", "tmp", "usr/bin", "usr/sbin")) {
      Files.createDirectories(tree.resolve(folder));
    }
    for (String merged : List.of("bin", "sbin", "lib", "lib64")) {
      Files.createSymbolicLink(tree.resolve(merged), Path.of("usr", merged));
    }
    copy(Path.of("/usr/bin/busybox"));
    Files.createSymbolicLink(tree.resolve("usr/bin/sh"), Path.of("busybox"));
    for (String program : PROGRAMS) {
      copy(Path.of(program));
      libraries(program);
    }
    for (String tool : TOOLS) {
      Files.createSymbolicLink(tree.resolve("usr/bin").resolve(tool), Path.of("tpm2"));
    }
    script("init", init());
    script("usr/sbin/openssl", OPENSSL);
    script(FirstBoot.SCRIPT_PATH.substring(1), FirstBoot.script());
    script(MeshClient.SCRIPT_PATH.substring(1), MeshClient.script());
    Child.must(
        List.of(
            "sh",
            "-c",
            "cd \"$0\" && zcat \"$1\" | cpio -id --quiet '*/drivers/virtio/virtio*.ko'"
                + " '*/net/core/failover.ko' '*/net/net_failover.ko' '*/net/virtio_net.ko'",
            tree.resolve("modules").toString(),
            INSTALLER.resolve("initrd.gz").toString()));
  }

  private static String init() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(TpmGuest.class.getResourceAsStream("tpm-guest-init"))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private void script(String inside, String text) throws IOException {
    Path file = tree.resolve(inside);
    Files.createDirectories(Objects.requireNonNull(file.getParent()));
    Files.writeString(file, text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /** To where it lies here, once the links of merged folders are followed. */
  private void copy(Path file) throws IOException {
    Path folder = Objects.requireNonNull(file.getParent()).toRealPath();
    Path to = tree.resolve(folder.toString().substring(1)).resolve(file.getFileName());
    Files.createDirectories(Objects.requireNonNull(to.getParent()));
    if (!Files.exists(to)) {
      Files.copy(file, to);
    }
  }

  private void libraries(String program) throws IOException {
    Child.Outcome outcome = Child.run(data.resolve("errors.log"), LIMIT, List.of("ldd", program));
    if (outcome.status() != 0) {
      throw new RigException(program + ": ldd: exit status " + outcome.status());
    }
    Matcher matcher = LIBRARY.matcher(outcome.output());
    while (matcher.find()) {
      Path library = Path.of(matcher.group(1));
      copy(library);
      if (library.endsWith(LOADER)) {
        copy(library.resolveSibling(DEVICE));
      }
    }
  }

  private void harvest() throws IOException {
    Path folder = Files.createDirectories(data.resolve("artifacts").resolve(PROFILE));
    Child.must(
        List.of(
            "sh",
            "-c",
            "cd \"$0\" && find . | cpio -o -H newc --quiet >\"$1\"",
            tree.toString(),
            folder.resolve(ImageBuilder.INITRAMFS).toString()));
    FileTrees.delete(tree);
    Files.copy(INSTALLER.resolve("linux"), folder.resolve(ImageBuilder.KERNEL));
    Files.writeString(folder.resolve(ImageBuilder.ROOT_IMAGE), "nobody asks for it\n");
    List<Artifact> artifacts = new ArrayList<>();
    for (String name :
        List.of(ImageBuilder.KERNEL, ImageBuilder.INITRAMFS, ImageBuilder.ROOT_IMAGE)) {
      artifacts.add(Artifact.of(folder.resolve(name)));
    }
    new ArtifactManifest(PROFILE, "2026-01-01T00:00:00Z", Map.of(), artifacts).write(folder);
  }
}
