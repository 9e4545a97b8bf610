// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.ipmi;

import foundrybot.redfish.LogEntry;
import java.time.Instant;
import java.util.HexFormat;

/**
 * Answer to Get SEL Entry: the next record's id, and a record of sixteen bytes (IPMI 2.0, 31.5 and
 * table 32-1).
 *
 * <pre>
 * NEXT(2)  ID(2) KIND  kind 02:     TIME(4) GENERATOR(2) REVISION SENSOR NUMBER EVENT DATA(3)
 *                      kind c0..df: TIME(4) MANUFACTURER(3) DATA(6)
 *                      kind e0..ff: DATA(13)
 * </pre>
 *
 * @param next 0xffff behind the last one
 */
record SelEntry(int next, int id, LogEntry entry) {
  static final int FIRST = 0x0000;
  static final int LAST = 0xffff;

  /** Times below are seconds since the BMC started (IPMI 2.0, 37.1). */
  private static final long STARTED = 0x20000000L;

  private static final int THRESHOLD = 0x01;

  static SelEntry decode(byte[] data) {
    Octets in = new Octets("SEL entry", data);
    int next = in.u16("next record");
    int id = in.u16("record id");
    int kind = in.u8("record type");
    if (kind >= 0xe0) {
      return new SelEntry(next, id, vendors("", kind, in));
    }
    String at = time(in.u32("timestamp") & 0xffffffffL);
    if (kind >= 0xc0) {
      return new SelEntry(next, id, vendors(at, kind, in));
    }
    in.take("generator and revision", 3);
    int sensor = in.u8("sensor type");
    int number = in.u8("sensor number");
    int event = in.u8("event type");
    byte[] details = in.take("event data", 3);
    boolean over = (event & 0x80) != 0;
    String message =
        String.format(
            "%s, sensor 0x%02x: event type 0x%02x, data %s, %s",
            sensorType(sensor),
            number,
            event & 0x7f,
            HexFormat.ofDelimiter(" ").formatHex(details),
            over ? "over" : "set");
    return new SelEntry(
        next, id, new LogEntry(at, over ? "OK" : severity(event, details), message));
  }

  private static LogEntry vendors(String at, int kind, Octets in) {
    String data = HexFormat.ofDelimiter(" ").formatHex(in.rest());
    return new LogEntry(at, "", String.format("vendor's record of type 0x%02x: %s", kind, data));
  }

  private static String time(long seconds) {
    if (seconds == 0xffffffffL || seconds == 0) {
      return "";
    }
    return seconds < STARTED
        ? seconds + " s after the BMC started"
        : Instant.ofEpochSecond(seconds).toString();
  }

  /** Of a threshold (IPMI 2.0, table 42-2): non-critical ones are warnings. */
  private static String severity(int event, byte[] details) {
    if ((event & 0x7f) != THRESHOLD) {
      return "";
    }
    return switch (details[0] & 0x0f) {
      case 0, 1, 6, 7 -> "Warning";
      default -> "Critical";
    };
  }

  /** IPMI 2.0, table 42-3. */
  private static String sensorType(int type) {
    return switch (type) {
      case 0x01 -> "temperature";
      case 0x02 -> "voltage";
      case 0x03 -> "current";
      case 0x04 -> "fan";
      case 0x05 -> "chassis intrusion";
      case 0x07 -> "processor";
      case 0x08 -> "power supply";
      case 0x09 -> "power unit";
      case 0x0a -> "cooling device";
      case 0x0c -> "memory";
      case 0x0d -> "drive slot";
      case 0x0f -> "firmware progress";
      case 0x10 -> "event log";
      case 0x11, 0x23 -> "watchdog";
      case 0x12 -> "system event";
      case 0x13 -> "critical interrupt";
      case 0x14 -> "button";
      case 0x1d -> "system start";
      case 0x1e -> "boot error";
      case 0x1f -> "operating system boot";
      case 0x20 -> "operating system stop";
      case 0x22 -> "ACPI power state";
      case 0x28 -> "management health";
      case 0x2b -> "version change";
      default -> String.format("sensor type 0x%02x", type);
    };
  }
}
