// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import foundrybot.answerfiles.butane.LocalFiles;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;

/** Reads rack files. */
public final class RackFiles {
  private RackFiles() {}

  /**
   * Reads the text of a rack file; {@code sourceName} is what faults call it.
   *
   * <p>All faults are found at once: first those of single values, against the table of keys, and
   * in the same go those between values, such as two nodes of one name.
   */
  public static RackReading read(String yaml, String sourceName) {
    return read(yaml, sourceName, Map.of());
  }

  private static String sha256(String text) {
    return sha256(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /**
   * The same with profiles of the user's.
   *
   * @param own by name; one that has the name of a built-in profile takes its place
   */
  public static RackReading read(String yaml, String sourceName, Map<String, Profile> own) {
    return read(yaml, sourceName, own, _ -> Optional.empty());
  }

  /**
   * The same with files of the user's that the rack file names.
   *
   * @param beside the text of a file beside the rack file, by its name, which is relative and leads
   *     nowhere above; empty if there is none
   */
  public static RackReading read(
      String yaml,
      String sourceName,
      Map<String, Profile> own,
      Function<String, Optional<String>> beside) {
    return read(yaml, sourceName, own, beside, LocalFiles.NONE);
  }

  /**
   * The same with files that those with Butane's keys name, and these themselves.
   *
   * @param files by their path below the rack file's folder
   */
  public static RackReading read(
      String yaml,
      String sourceName,
      Map<String, Profile> own,
      Function<String, Optional<String>> beside,
      LocalFiles files) {
    Map<String, Profile> profiles = Profile.builtIn();
    profiles.putAll(own);
    Faults faults = new Faults(sourceName);
    String folder = sourceName.substring(0, sourceName.lastIndexOf('/') + 1);
    SortedMap<String, String> takenIn = new TreeMap<>();
    ButaneFiles inputs =
        new ButaneFiles(
            folder,
            path -> {
              Optional<byte[]> bytes = files.bytes(path);
              bytes.ifPresent(it -> takenIn.put(path, sha256(it)));
              return bytes;
            });
    Function<String, Optional<String>> texts =
        name -> {
          Optional<String> text = beside.apply(name);
          text.ifPresent(it -> takenIn.put(name, sha256(it)));
          return text;
        };
    Optional<RackFile> rack =
        YamlText.compose(yaml, sourceName, faults)
            .map(root -> new ShapeReader(faults).read(root, RackKeys.ROOT, ""))
            .flatMap(
                tree ->
                    new RackBuilder(faults, profiles, texts, inputs)
                        .build(tree, sha256(yaml), takenIn));
    if (!faults.isEmpty() || !inputs.faults().isEmpty()) {
      List<Fault> all = new ArrayList<>(faults.isEmpty() ? List.of() : faults.sorted());
      all.addAll(inputs.faults());
      return new RackReading.Invalid(all);
    }
    return rack.<RackReading>map(RackReading.Valid::new)
        .orElseThrow(() -> new IllegalStateException("neither a rack nor a fault: " + sourceName));
  }

  /** The faults as {@code validate} prints them, one per line. */
  public static String report(List<Fault> faults) {
    StringBuilder report = new StringBuilder();
    faults.forEach(fault -> report.append(fault).append('\n'));
    return report.toString();
  }
}
