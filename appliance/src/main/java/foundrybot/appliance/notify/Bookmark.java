// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.notify;

import foundrybot.appliance.store.SecretFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Where in the journal a receiver is, and what became of what was before; kept in a file that is
 * replaced as a whole.
 *
 * @param place up to which all is done
 * @param delivered how many it took
 * @param dead how many were given up, since it refused them
 * @param lost how many were given up, since it was away for too long
 * @param lastAt ISO-8601 instant of the last delivery; empty if there was none
 * @param lastId its id
 * @param lastDead which was given up last, and why; empty if none was
 * @param lastLost what is known of those that were lost; empty if none was
 */
record Bookmark(
    long place,
    long delivered,
    long dead,
    long lost,
    String lastAt,
    String lastId,
    String lastDead,
    String lastLost) {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  static Bookmark at(long place) {
    return new Bookmark(place, 0, 0, 0, "", "", "", "");
  }

  /** Nothing that is told lay between. */
  Bookmark passed(long to) {
    return new Bookmark(to, delivered, dead, lost, lastAt, lastId, lastDead, lastLost);
  }

  Bookmark delivered(long to, String id, Instant at) {
    return new Bookmark(to, delivered + 1, dead, lost, at.toString(), id, lastDead, lastLost);
  }

  Bookmark dead(long to, String said) {
    return new Bookmark(to, delivered, dead + 1, lost, lastAt, lastId, said, lastLost);
  }

  Bookmark lost(long to, long number, String said) {
    return new Bookmark(to, delivered, dead, lost + number, lastAt, lastId, lastDead, said);
  }

  /** Durable when it returns. */
  void write(Path file) throws IOException {
    SecretFile.write(file, JSON.writeValueAsString(this));
  }

  /**
   * The one that was written; empty if none was.
   *
   * @throws IOException if it cannot be read, or is none
   */
  static Optional<Bookmark> of(Path file) throws IOException {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      return Optional.of(JSON.readValue(Files.readString(file), Bookmark.class));
    } catch (JacksonException e) {
      throw new IOException(file + ": no place in the journal", e);
    }
  }
}
