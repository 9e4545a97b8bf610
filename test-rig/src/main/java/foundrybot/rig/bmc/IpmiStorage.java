// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;

/** Commands of storage: FRU inventory (IPMI 2.0, 34), event log (31), an SDR repository of none. */
final class IpmiStorage {
  private static final int FRU_INFO = 0x10;
  private static final int READ_FRU = 0x11;
  private static final int SDR_INFO = 0x20;
  private static final int RESERVE_SDR = 0x22;
  private static final int SEL_INFO = 0x40;
  private static final int RESERVE_SEL = 0x42;
  private static final int SEL_ENTRY = 0x43;
  private static final int SEL_TIME = 0x48;

  private static final int VERSION = 0x51;
  private static final int RESERVATIONS = 0x02;
  private static final int MOST_FRU_BYTES = 48;
  private static final int FIRST = 0x0000;
  private static final int LAST = 0xffff;
  private static final int WHOLE = 0xff;

  private final byte[] fru;
  private final List<IpmiEvent> events;
  private final InstantSource clock;
  private int reservation;

  IpmiStorage(byte[] fru, List<IpmiEvent> events, InstantSource clock) {
    this.fru = fru;
    this.events = events;
    this.clock = clock;
  }

  byte[] answer(IpmiRequest request) {
    return switch (request.command()) {
      case FRU_INFO ->
          request.at(0) == 0
              ? IpmiCommands.done(fru.length, fru.length >> 8, 0)
              : IpmiCommands.refused(IpmiCommands.NOT_PRESENT);
      case READ_FRU -> readFru(request);
      case SDR_INFO -> repository(0);
      case RESERVE_SDR, RESERVE_SEL -> {
        reservation = reservation % 0xffff + 1;
        yield IpmiCommands.done(reservation, reservation >> 8);
      }
      case SEL_INFO -> repository(events.size());
      case SEL_ENTRY -> entry(request);
      case SEL_TIME ->
          IpmiWire.join(
              IpmiCommands.done(), IpmiWire.number((int) clock.instant().getEpochSecond()));
      default -> IpmiCommands.refused(IpmiCommands.UNKNOWN);
    };
  }

  private byte[] readFru(IpmiRequest request) {
    int offset = request.data().getShort(1) & 0xffff;
    int count = request.at(3);
    if (request.at(0) != 0) {
      return IpmiCommands.refused(IpmiCommands.NOT_PRESENT);
    }
    if (offset >= fru.length) {
      return IpmiCommands.refused(IpmiCommands.OUT_OF_RANGE);
    }
    if (count > MOST_FRU_BYTES) {
      return IpmiCommands.refused(IpmiCommands.TOO_MANY);
    }
    int end = Math.min(fru.length, offset + count);
    return IpmiWire.join(IpmiCommands.done(end - offset), Arrays.copyOfRange(fru, offset, end));
  }

  /** SEL and SDR repository say the same of themselves (tables 31-2 and 33-3). */
  private static byte[] repository(int records) {
    return IpmiCommands.done(
        VERSION, records, records >> 8, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0, RESERVATIONS);
  }

  private byte[] entry(IpmiRequest request) {
    int asked = request.data().getShort(2) & 0xffff;
    int id = asked == FIRST ? 1 : asked == LAST ? events.size() : asked;
    if (id < 1 || id > events.size()) {
      return IpmiCommands.refused(IpmiCommands.NOT_PRESENT);
    }
    byte[] record = events.get(id - 1).record(id);
    int offset = request.at(4);
    int count = request.at(5);
    if (offset != 0 && (request.data().getShort(0) & 0xffff) != reservation) {
      return IpmiCommands.refused(IpmiCommands.RESERVATION);
    }
    if (offset >= record.length) {
      return IpmiCommands.refused(IpmiCommands.OUT_OF_RANGE);
    }
    int end = count == WHOLE ? record.length : Math.min(record.length, offset + count);
    int next = id == events.size() ? LAST : id + 1;
    return IpmiWire.join(
        IpmiCommands.done(next, next >> 8), Arrays.copyOfRange(record, offset, end));
  }
}
