// SPDX-License-Identifier: Apache-2.0
package foundrybot.images;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * What lies in one profile's artifact folder and what it must digest to, so that a node never boots
 * a half-written file and everybody can say where it came from.
 *
 * @param profile the operating system profile the files belong to
 * @param builtAt ISO-8601 instant of the build
 * @param facts what a person wants to know ("kernel", "suite", "made up"), in order
 * @param artifacts the files, by name inside the folder
 */
public record ArtifactManifest(
    String profile, String builtAt, Map<String, String> facts, List<Artifact> artifacts) {

  /** The manifest's own name inside its folder. */
  public static final String FILE_NAME = "manifest.json";

  /** The fact that names the release whose installer lies in the folder. */
  public static final String INSTALLER_SUITE = "installer suite";

  /** The fact that is there if the deploy environment in the folder has a rescue mode. */
  public static final String RESCUE = "rescue";

  /** The fact that names what else it can be booted for, with a comma between. */
  public static final String TASKS = "tasks";

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

  /**
   * One file.
   *
   * @param size bytes
   * @param sha256 lower-case hexadecimal digest
   */
  public record Artifact(String name, long size, String sha256) {
    public Artifact {
      if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]*")) {
        throw new IllegalArgumentException(
            "artifact name: " + name + " (expected: letters, digits, '.', '_', '-')");
      }
    }

    /** Measures a file as it lies there. */
    public static Artifact of(Path file) {
      return new Artifact(String.valueOf(file.getFileName()), sizeOf(file), digestOf(file));
    }
  }

  public ArtifactManifest {
    facts = Map.copyOf(facts);
    artifacts = List.copyOf(artifacts);
  }

  /** Reads {@code folder/manifest.json}. */
  public static ArtifactManifest read(Path folder) {
    Path file = folder.resolve(FILE_NAME);
    try {
      return JSON.readValue(Files.readAllBytes(file), ArtifactManifest.class);
    } catch (IOException | JacksonException e) {
      throw new BuildException(file + ": not a readable artifact manifest; build it again", e);
    }
  }

  /** Writes {@code folder/manifest.json} in one step, durable before it is seen. */
  public void write(Path folder) {
    Path temporary = folder.resolve(FILE_NAME + ".new");
    try {
      Files.write(temporary, JSON.writeValueAsBytes(this));
      try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
        channel.force(true);
      }
      Files.move(
          temporary,
          folder.resolve(FILE_NAME),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new BuildException(folder.resolve(FILE_NAME) + ": cannot be written", e);
    }
  }

  /** Every file that is missing or is not what the manifest says, one sentence each. */
  public List<String> faults(Path folder) {
    List<String> faults = new ArrayList<>();
    for (Artifact expected : artifacts) {
      Path file = folder.resolve(expected.name());
      if (!Files.isRegularFile(file)) {
        faults.add(file + ": missing");
      } else if (sizeOf(file) != expected.size()) {
        faults.add(file + ": " + sizeOf(file) + " bytes (expected: " + expected.size() + ")");
      } else if (!digestOf(file).equals(expected.sha256())) {
        faults.add(file + ": sha256 " + digestOf(file) + " (expected: " + expected.sha256() + ")");
      }
    }
    return faults;
  }

  private static long sizeOf(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw new BuildException(file + ": cannot be read", e);
    }
  }

  /** SHA-256 of a file, lower-case hexadecimal. */
  public static String digestOf(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      byte[] buffer = new byte[1 << 16];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        digest.update(buffer, 0, n);
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (IOException e) {
      throw new BuildException(file + ": cannot be read", e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
