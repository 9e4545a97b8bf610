// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dhcp;

import foundrybot.bootserver.BootClient;
import foundrybot.bootserver.IpxeFeatures;
import foundrybot.bootserver.dhcp.BootClients.Classified;
import foundrybot.bootserver.dhcp.DhcpMessage.MessageType;
import foundrybot.bootserver.dhcp.Outcome.Reply;
import java.net.Inet4Address;
import java.util.List;
import java.util.Optional;
import java.util.StringJoiner;

/**
 * What is told of a message. Clients repeat themselves, and of a repetition nobody reads the text:
 * it is made when it is asked for, and the values it is made of tell whether it is the same.
 */
sealed interface Evidence {
  static Evidence of(Inquiry inquiry) {
    DhcpMessage request = inquiry.message();
    return new Asked(
        inquiry.classified(),
        request.address(DhcpOption.SERVER_ID),
        request.address(DhcpOption.REQUESTED_ADDRESS),
        inquiry.type() == MessageType.DECLINE
            ? request.option(DhcpOption.MESSAGE)
            : Optional.empty(),
        request.ciaddr(),
        request.giaddr());
  }

  static Evidence of(Reply reply, List<Integer> dropped) {
    DhcpMessage message = reply.message();
    String file =
        message.file().isEmpty()
            ? message.option(DhcpOption.BOOT_FILE).map(Octets::untilNul).orElse("")
            : message.file();
    return new Answered(message.yiaddr(), file, dropped, reply.detail());
  }

  /** Values that were understood; of a client's own words printable ones, and not many. */
  record Asked(
      Classified classified,
      Optional<Inet4Address> server,
      Optional<Inet4Address> requested,
      Optional<Octets> says,
      Inet4Address ciaddr,
      Inet4Address giaddr)
      implements Evidence {
    @Override
    public String toString() {
      StringJoiner text = new StringJoiner(" ");
      if (classified instanceof Classified.Boot(BootClient client)) {
        text.add("arch=" + client.architecture())
            .add("program=" + client.program())
            .add("transport=" + client.transport());
        if (!client.features().equals(IpxeFeatures.UNKNOWN)) {
          text.add("ipxe=" + client.features());
        }
        client.uuid().ifPresent(uuid -> text.add("uuid=" + uuid));
      } else {
        text.add("class=other");
      }
      server.ifPresent(address -> text.add("server=" + address.getHostAddress()));
      requested.ifPresent(address -> text.add("requested=" + address.getHostAddress()));
      says.ifPresent(why -> text.add("says=" + BootClients.printable(why.untilNul())));
      if (!ciaddr.isAnyLocalAddress()) {
        text.add("ciaddr=" + ciaddr.getHostAddress());
      }
      if (!giaddr.isAnyLocalAddress()) {
        text.add("relay=" + giaddr.getHostAddress());
      }
      return text.toString();
    }
  }

  /** The address and the boot file that were given, and why. */
  record Answered(Inet4Address yiaddr, String file, List<Integer> dropped, String reason)
      implements Evidence {
    @Override
    public String toString() {
      StringJoiner text = new StringJoiner(" ");
      if (!yiaddr.isAnyLocalAddress()) {
        text.add("address=" + yiaddr.getHostAddress());
      }
      if (!file.isEmpty()) {
        text.add("file=" + file);
      }
      if (!dropped.isEmpty()) {
        text.add("left-out=" + dropped);
      }
      return text.add("because: " + reason).toString();
    }
  }
}
