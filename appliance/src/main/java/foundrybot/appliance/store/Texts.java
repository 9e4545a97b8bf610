// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** How texts and times stand in records. */
final class Texts {
  private Texts() {}

  /** Length in bytes (2 bytes), then UTF-8. */
  static void put(ByteBuffer out, String text) {
    byte[] bytes = text.getBytes(UTF_8);
    out.putShort((short) bytes.length).put(bytes);
  }

  static String get(ByteBuffer in) {
    byte[] bytes = new byte[in.getShort()];
    in.get(bytes);
    return new String(bytes, UTF_8);
  }

  /** Microseconds since 1970 (8 bytes). */
  static void put(ByteBuffer out, Instant at) {
    out.putLong(ChronoUnit.MICROS.between(Instant.EPOCH, at));
  }

  static Instant time(ByteBuffer in) {
    return Instant.EPOCH.plus(in.getLong(), ChronoUnit.MICROS);
  }
}
