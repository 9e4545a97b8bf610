// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.ipmi;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Reads what a machine is called from the inventory of device 0 (IPMI 2.0, 34.1 and 34.2). */
final class FruReader {
  /** Fits every BMC's packets; one that cannot do so many says so. */
  private static final int CHUNK = 32;

  private static final int SMALL_CHUNK = 8;

  private final Link link;
  private int chunk = CHUNK;
  private int refused = CompletionCode.DONE;

  FruReader(Link link) {
    this.link = link;
  }

  /**
   * Names; any may be empty.
   *
   * @param serial the machine's, else its chassis', else its board's
   * @param warnings why some may be empty, a sentence each
   */
  record Names(String vendor, String model, String serial, List<String> warnings) {}

  /** A BMC without an inventory has no names, and says so. */
  Names read() {
    IpmiMessage info = link.call(Command.GET_FRU_INVENTORY_AREA_INFO, 0);
    if (info.completion() != CompletionCode.DONE) {
      return new Names("", "", "", List.of(refused("the inventory (FRU 0)", info.completion())));
    }
    Octets in = new Octets("FRU area info", info.data());
    int size = in.u16("size");
    int unit = (in.u8("access") & 1) == 0 ? 1 : 2;
    byte[] header = bytes(0, Math.min(size, FruArea.HEADER_BYTES), unit);
    FruArea product = area(FruArea.Kind.PRODUCT, header, size, unit);
    FruArea board = area(FruArea.Kind.BOARD, header, size, unit);
    FruArea chassis = area(FruArea.Kind.CHASSIS, header, size, unit);
    return new Names(
        first(product.field(0), board.field(0)),
        first(product.field(1), board.field(1)),
        first(product.field(4), chassis.field(1), board.field(2)),
        refused == CompletionCode.DONE
            ? List.of()
            : List.of(refused("a part of the inventory (FRU 0)", refused)));
  }

  private static String refused(String what, int code) {
    return "The BMC refuses "
        + what
        + " ("
        + CompletionCode.text(code)
        + "): vendor, model or serial may be missing.";
  }

  private static String first(String... texts) {
    return Stream.of(texts).filter(text -> !text.isEmpty()).findFirst().orElse("");
  }

  private FruArea area(FruArea.Kind kind, byte[] header, int size, int unit) {
    int offset = kind.offset(header);
    if (offset == 0 || offset + FruArea.HEADER_BYTES > size) {
      return new FruArea(List.of());
    }
    byte[] begin = bytes(offset, FruArea.HEADER_BYTES, unit);
    int length = Math.min(Math.min(FruArea.length(begin), size - offset), FruArea.MAX_BYTES);
    return length < FruArea.HEADER_BYTES
        ? new FruArea(List.of())
        : FruArea.decode(bytes(offset, length, unit), kind);
  }

  /** Bytes of the inventory, as many as the BMC gives. */
  private byte[] bytes(int offset, int length, int unit) {
    Octets.Writer out = new Octets.Writer();
    int have = 0;
    while (have < length) {
      Optional<byte[]> part = part((offset + have) / unit, Math.min(chunk, length - have), unit);
      if (part.isEmpty()) {
        break;
      }
      out.bytes(part.get());
      have += part.get().length;
    }
    return Arrays.copyOf(out.done(), Math.min(have, length));
  }

  private Optional<byte[]> part(int at, int count, int unit) {
    int units = (count + unit - 1) / unit;
    IpmiMessage answer = link.call(Command.READ_FRU_DATA, 0, at, at >> 8, units);
    if (answer.completion() != CompletionCode.DONE) {
      if (chunk == CHUNK && count > SMALL_CHUNK) {
        chunk = SMALL_CHUNK;
        return part(at, SMALL_CHUNK, unit);
      }
      refused = answer.completion();
      return Optional.empty();
    }
    Octets in = new Octets("FRU data", answer.data());
    int given = Math.min(in.u8("count") * unit, in.left());
    return Optional.of(in.take("data", given)).filter(data -> data.length > 0);
  }
}
