// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Carries out commands; an answer's body is the completion code (IPMI 2.0, table 5-2) and what
 * follows it.
 */
final class IpmiCommands {
  static final int UNKNOWN = 0xc1;
  static final int RESERVATION = 0xc5;
  static final int WRONG_LENGTH = 0xc7;
  static final int OUT_OF_RANGE = 0xc9;
  static final int TOO_MANY = 0xca;
  static final int NOT_PRESENT = 0xcb;
  static final int INVALID_FIELD = 0xcc;
  static final int NO_PRIVILEGE = 0xd4;
  static final int NOT_NOW = 0xd5;

  private static final int DEVICE_ID = 0x01;
  private static final int DEVICE_GUID = 0x08;
  private static final int SYSTEM_GUID = 0x37;
  private static final int AUTHENTICATION = 0x38;
  private static final int RAISE = 0x3b;
  private static final int CLOSE = 0x3c;
  private static final int CIPHER_SUITES = 0x54;

  private static final int CHANNEL = 1;
  private static final int LEVEL_NOT_FOR_USER = 0x80;
  private static final int NO_SUCH_SESSION = 0x87;
  private static final int RECORD_BYTES = 16;

  private final IpmiResponder.Setup setup;
  private final byte[] guid;
  private final IpmiTable table;
  private final IpmiChassis chassis;
  private final IpmiStorage storage;
  private final IpmiSol sol = new IpmiSol();
  private final Map<IpmiFaults.Says, Integer> said = new HashMap<>();

  IpmiCommands(IpmiResponder.Setup setup, byte[] guid, IpmiTable table) {
    this.setup = setup;
    this.guid = guid;
    this.table = table;
    this.chassis = new IpmiChassis(setup.machine(), setup.clock());
    this.storage =
        new IpmiStorage(
            IpmiFru.of(setup.traits(), setup.machine().serial()),
            setup.traits().events(),
            setup.clock());
  }

  static byte[] done(int... data) {
    return IpmiWire.join(new byte[1], IpmiWire.bytes(data));
  }

  static byte[] refused(int completion) {
    return IpmiWire.bytes(completion);
  }

  /** The machine's serial port. */
  IpmiSol sol() {
    return sol;
  }

  int controls() {
    return chassis.controls();
  }

  /** What may be asked outside a session; empty for no answer. */
  Optional<byte[]> outside(IpmiRequest request) {
    return faulty(
        request,
        () ->
            request.function() != IpmiRequest.APPLICATION
                ? refused(NO_PRIVILEGE)
                : switch (request.command()) {
                  case AUTHENTICATION -> authentication(request);
                  case SYSTEM_GUID, DEVICE_GUID -> IpmiWire.join(done(), guid);
                  case CIPHER_SUITES -> suites(request.at(2) & 0x3f);
                  default -> refused(NO_PRIVILEGE);
                });
  }

  /** What a session asks; empty for no answer. */
  Optional<byte[]> inside(IpmiSession session, int number, IpmiRequest request) {
    return needed(request).level() > session.level().level()
        ? Optional.of(refused(NO_PRIVILEGE))
        : faulty(request, () -> carryOut(session, number, request));
  }

  /** Appendix G. */
  private static IpmiUser.Privilege needed(IpmiRequest request) {
    if (request.function() == IpmiRequest.CHASSIS) {
      return request.command() <= IpmiChassis.STATUS
          ? IpmiUser.Privilege.USER
          : IpmiUser.Privilege.OPERATOR;
    }
    return request.function() == IpmiRequest.APPLICATION
            && List.of(CLOSE, AUTHENTICATION, CIPHER_SUITES).contains(request.command())
        ? IpmiUser.Privilege.CALLBACK
        : IpmiUser.Privilege.USER;
  }

  private interface Deed {
    byte[] carryOut();
  }

  private Optional<byte[]> faulty(IpmiRequest request, Deed deed) {
    for (IpmiFaults.Says says : setup.faults().says()) {
      if (says.function() == request.function()
          && says.command() == request.command()
          && said.getOrDefault(says, 0) < says.times()) {
        said.merge(says, 1, Integer::sum);
        if (says.carriedOut()) {
          deed.carryOut();
        }
        return says.completion() == IpmiFaults.NOTHING
            ? Optional.empty()
            : Optional.of(refused(says.completion()));
      }
    }
    return Optional.of(deed.carryOut());
  }

  private byte[] carryOut(IpmiSession session, int number, IpmiRequest request) {
    try {
      return switch (request.function()) {
        case IpmiRequest.CHASSIS -> chassis.answer(request);
        case IpmiRequest.STORAGE -> storage.answer(request);
        case IpmiRequest.APPLICATION -> application(session, number, request);
        default -> refused(UNKNOWN);
      };
    } catch (IndexOutOfBoundsException _) {
      return refused(WRONG_LENGTH);
    }
  }

  private byte[] application(IpmiSession session, int number, IpmiRequest request) {
    return switch (request.command()) {
      case DEVICE_ID -> deviceId();
      case SYSTEM_GUID, DEVICE_GUID -> IpmiWire.join(done(), guid);
      case AUTHENTICATION -> authentication(request);
      case CIPHER_SUITES -> suites(request.at(2) & 0x3f);
      case RAISE -> raise(session, request.at(0) & 0x0f);
      case CLOSE -> close(number, request.data().getInt(0));
      case IpmiSol.ACTIVATE, IpmiSol.DEACTIVATE, IpmiSol.INSTANCE -> sol.answer(number, request);
      default -> refused(UNKNOWN);
    };
  }

  /** Table 20-2: a BMC with chassis, FRU and SEL, of the number that is for documents. */
  private byte[] deviceId() {
    int vendor = setup.traits().enterprise();
    return done(0x20, 1, 2, 0x88, 0x02, 0x8c, vendor, vendor >> 8, vendor >> 16, 0x34, 0x12);
  }

  /** Table 22-15. A console that does not ask for it does not hear of IPMI 2.0. */
  private byte[] authentication(IpmiRequest request) {
    boolean extended = (request.at(0) & 0x80) != 0;
    int key = setup.access().channelKey().isPresent() ? 0x20 : 0;
    return done(CHANNEL, extended ? 0x80 : 0, key | 0x04, extended ? 0x02 : 0, 0, 0, 0, 0);
  }

  private byte[] suites(int index) {
    int[] records =
        setup.access().known().stream()
            .flatMap(s -> s.record().stream())
            .mapToInt(i -> i)
            .toArray();
    int from = Math.min(records.length, index * RECORD_BYTES);
    int to = Math.min(records.length, from + RECORD_BYTES);
    return done(
        IntStream.concat(IntStream.of(CHANNEL), IntStream.of(records).skip(from).limit(to - from))
            .toArray());
  }

  private byte[] raise(IpmiSession session, int wanted) {
    if (wanted == 0) {
      return done(session.level().level());
    }
    Optional<IpmiUser.Privilege> level = IpmiUser.Privilege.of(wanted);
    if (level.isEmpty()) {
      return refused(INVALID_FIELD);
    }
    if (wanted > session.limit()) {
      return setup.access().limitShows() == IpmiAccess.LimitShows.AT_COMMAND
          ? done(wanted)
          : refused(LEVEL_NOT_FOR_USER);
    }
    session.raise(level.get());
    return done(wanted);
  }

  private byte[] close(int number, int which) {
    if (which != number) {
      return refused(NO_SUCH_SESSION);
    }
    table.close(number);
    sol.ended(number);
    return done();
  }

  /** A message's answer; empty where it is none, or none is given. */
  Optional<byte[]> plainly(ByteBuffer message) {
    return IpmiRequest.of(message)
        .flatMap(
            request -> {
              try {
                return outside(request).map(request::answer);
              } catch (IndexOutOfBoundsException _) {
                return Optional.of(request.answer(refused(WRONG_LENGTH)));
              }
            });
  }
}
