// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.UUID;

/** Answers one datagram at a time. */
final class IpmiService {
  private final IpmiResponder.Setup setup;
  private final IpmiTable table;
  private final IpmiCommands commands;
  private final SecureRandom random = new SecureRandom();
  private int dropped;

  IpmiService(IpmiResponder.Setup setup) {
    this.setup = setup;
    byte[] guid = guid(setup.machine().uuid(), setup.traits().guidOrder());
    this.table = new IpmiTable(setup, guid);
    this.commands = new IpmiCommands(setup, guid, table);
  }

  /** Sixteen bytes; by the specification (20.8) the least significant one first. */
  private static byte[] guid(UUID uuid, IpmiTraits.GuidOrder order) {
    ByteBuffer plain =
        ByteBuffer.allocate(16)
            .putLong(uuid.getMostSignificantBits())
            .putLong(uuid.getLeastSignificantBits());
    return switch (order) {
      case RFC_4122 -> plain.array();
      case SMBIOS ->
          ByteBuffer.allocate(16)
              .order(ByteOrder.LITTLE_ENDIAN)
              .putInt(plain.getInt(0))
              .putShort(plain.getShort(4))
              .putShort(plain.getShort(6))
              .put(plain.array(), 8, 8)
              .array();
      case IPMI ->
          ByteBuffer.allocate(16)
              .order(ByteOrder.LITTLE_ENDIAN)
              .putLong(uuid.getLeastSignificantBits())
              .putLong(uuid.getMostSignificantBits())
              .array();
    };
  }

  /** The datagram that answers this one, if any does. */
  synchronized Optional<byte[]> answer(byte[] datagram, SocketAddress from) {
    Optional<byte[]> answer =
        switch (IpmiWire.packet(datagram)) {
          case IpmiWire.Ping ping -> Optional.of(IpmiWire.pong(ping));
          case IpmiWire.Plain plain -> commands.plainly(plain.message()).map(IpmiWire::plain);
          case IpmiWire.Plus plus -> plus.session() == 0 ? login(plus) : inSession(plus, from);
          case IpmiWire.Unknown _ -> Optional.empty();
        };
    dropped += answer.isPresent() ? 0 : 1;
    return answer;
  }

  private Optional<byte[]> login(IpmiWire.Plus packet) {
    Optional<byte[]> payload =
        switch (packet.kind()) {
          case IpmiWire.IPMI_MESSAGE -> commands.plainly(packet.payload());
          case IpmiWire.OPEN_SESSION -> table.open(packet.payload());
          case IpmiWire.RAKP_1, IpmiWire.RAKP_3 -> table.rakp(packet.kind(), packet.payload());
          default -> Optional.empty();
        };
    int kind = packet.kind() == IpmiWire.IPMI_MESSAGE ? 0 : packet.kind() + IpmiWire.ANSWER;
    return payload.map(p -> IpmiWire.plus(kind, 0, 0, p));
  }

  private Optional<byte[]> inSession(IpmiWire.Plus packet, SocketAddress from) {
    Optional<byte[]> answer =
        table
            .session(packet.session())
            .flatMap(
                session ->
                    session
                        .open(packet, setup.clock().instant())
                        .flatMap(inside -> taken(session, packet, inside)));
    commands.sol().heardFrom(packet.session(), from);
    return answer;
  }

  private Optional<byte[]> taken(IpmiSession session, IpmiWire.Plus packet, ByteBuffer inside) {
    if ((packet.kind() & IpmiWire.SOL) != 0) {
      commands.sol().heard(packet.session(), inside);
      return Optional.empty();
    }
    return IpmiRequest.of(inside)
        .flatMap(
            request -> commands.inside(session, packet.session(), request).map(request::answer))
        .map(message -> session.seal(IpmiWire.IPMI_MESSAGE, message, vector()));
  }

  /** A datagram that nobody asked for, and where it goes. */
  @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
  record Unasked(byte[] datagram, SocketAddress to) {}

  /** What the serial port has to say now. */
  synchronized Optional<Unasked> unasked(long now) {
    IpmiSol sol = commands.sol();
    if (table.session(sol.session()).isEmpty()) {
      sol.ended(sol.session());
    }
    return sol.due(now)
        .flatMap(
            due ->
                table
                    .session(due.session())
                    .map(session -> session.seal(IpmiWire.SOL, due.payload(), vector()))
                    .map(datagram -> new Unasked(datagram, due.console())));
  }

  synchronized void says(byte[] characters) {
    commands.sol().says(characters);
  }

  synchronized void hangsUp() {
    commands.sol().hangsUp();
  }

  synchronized int typed() {
    return commands.sol().typed();
  }

  private byte[] vector() {
    byte[] vector = new byte[16];
    random.nextBytes(vector);
    return vector;
  }

  synchronized IpmiResponder.Account account(IpmiWeather.Tally tally) {
    return new IpmiResponder.Account(
        tally.received(),
        dropped,
        tally.lost(),
        tally.doubled(),
        tally.delayed(),
        table.opened(),
        table.refused(),
        table.size(),
        commands.controls());
  }
}
