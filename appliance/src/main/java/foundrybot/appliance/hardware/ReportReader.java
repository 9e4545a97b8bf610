// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.hardware;

import java.util.function.Supplier;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Reads the JSON that the deploy environment sends; what is not exactly that is refused. */
public final class ReportReader {
  /** Bytes of a report; a machine of a hundred disks needs a tenth. */
  public static final int MAX_BYTES = 256 * 1024;

  static final JsonMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(8)
                          .maxStringLength(512)
                          .build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /** What came of reading. */
  public sealed interface Read<T> {
    /** A report. */
    record Good<T>(T report) implements Read<T> {}

    /**
     * None.
     *
     * @param why one line without the machine's own text
     */
    record Bad<T>(String why) implements Read<T> {}
  }

  private ReportReader() {}

  /** What a machine is made of. */
  public static Read<Inventory> inventory(byte[] json) {
    return read(json, () -> JSON.readValue(json, Inventory.class));
  }

  /** What a machine has overwritten. */
  public static Read<Erasure> erasure(byte[] json) {
    return read(json, () -> JSON.readValue(json, Erasure.class));
  }

  static <T> Read<T> read(byte[] json, Supplier<T> read) {
    if (json.length > MAX_BYTES) {
      return new Read.Bad<>(json.length + " bytes (expected: at most " + MAX_BYTES + ")");
    }
    try {
      return new Read.Good<>(read.get());
    } catch (JacksonException | IllegalArgumentException e) {
      return new Read.Bad<>(why(e));
    }
  }

  /** Our own words of what is wrong, if they are at the bottom of it. */
  private static String why(Exception problem) {
    for (Throwable at = problem; at != null; at = at.getCause()) {
      if (at instanceof IllegalArgumentException own && own.getMessage() != null) {
        return own.getMessage();
      }
    }
    return problem instanceof JacksonException json && json.getLocation() != null
        ? "not the report that is expected, at byte " + json.getLocation().getByteOffset()
        : "not the report that is expected";
  }
}
