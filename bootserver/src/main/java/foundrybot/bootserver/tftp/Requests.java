// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.tftp;

import foundrybot.bootserver.Counters;
import foundrybot.bootserver.MacAddress;
import foundrybot.bootserver.WireEvent;
import foundrybot.bootserver.WireObserver;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.socket.DatagramPacket;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The port that clients ask at: checks a request, asks the table, starts a transfer.
 *
 * <p>A client that asks again from the same port has either lost our first packet or started over.
 * The same request while nothing was answered gets the first packet again. Otherwise the new
 * transfer runs beside the old one until the client answers it: only then the old one ends, so that
 * a request that the network doubled or forged cannot break a transfer.
 */
@ChannelHandler.Sharable
final class Requests extends SimpleChannelInboundHandler<DatagramPacket> implements Transfer.Owner {
  private static final Logger LOG = LoggerFactory.getLogger(Requests.class);

  /** Error codes of RFC 1350 section 5. */
  private static final int UNDEFINED = 0;

  private static final int NOT_FOUND = 1;
  private static final int DENIED = 2;
  private static final int ILLEGAL = 4;

  private static final String MALFORMED = "Malformed request";

  private final TftpSettings settings;
  private final TftpTable table;
  private final WireObserver observer;
  private final Counters counters;
  private final AtomicBoolean segmentation;
  private final Function<ChannelHandler, Bootstrap> sockets;

  // What follows is only touched on the event loop of the port.
  private final Map<InetSocketAddress, Client> clients = new HashMap<>();
  private final Map<InetAddress, Integer> perAddress = new HashMap<>();
  private int transfers;
  private volatile @Nullable ChannelHandlerContext context;

  Requests(
      TftpSettings settings,
      TftpTable table,
      WireObserver observer,
      Counters counters,
      boolean epoll,
      Function<ChannelHandler, Bootstrap> sockets) {
    this.settings = settings;
    this.table = table;
    this.observer = observer;
    this.counters = counters;
    this.segmentation =
        new AtomicBoolean(epoll && EpollDatagramChannel.isSegmentedDatagramPacketSupported());
    this.sockets = sockets;
  }

  /** The transfers of one client port: one that it answered, and one that it may answer yet. */
  private static final class Client {
    @Nullable Transfer current;
    @Nullable Transfer candidate;
    byte[] candidateRequest = {};
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, DatagramPacket packet) {
    InetSocketAddress peer = packet.sender();
    if (peer.getPort() == 0) {
      counters.count("malformed.source-port");
      return;
    }
    ByteBuf content = packet.content();
    byte[] request = ByteBufUtil.getBytes(content);
    switch (TftpMessage.decode(content)) {
      case TftpMessage.Read read -> read(ctx, peer, request, read);
      case TftpMessage.Write _ ->
          refuse(ctx, peer, "write", DENIED, "Read-only server", "a write request");
      case TftpMessage.Malformed(String reason, boolean meant) -> {
        counters.count("malformed." + reason);
        tell("tftp.malformed", Optional.empty(), peer, "request: " + reason);
        // A sender's address can be forged: what makes no sense gets no more bytes than it had.
        if (meant && request.length >= Packets.HEADER + MALFORMED.length() + 1) {
          error(ctx, peer, ILLEGAL, MALFORMED);
        }
      }
      case TftpMessage.Ack _, TftpMessage.Failure _ -> counters.count("malformed.no-transfer");
    }
  }

  private void read(
      ChannelHandlerContext ctx, InetSocketAddress peer, byte[] request, TftpMessage.Read read) {
    Client known = clients.get(peer);
    if (known != null
        && known.candidate != null
        && Arrays.equals(request, known.candidateRequest)) {
      counters.count("request-repeated");
      known.candidate.again();
      return;
    }
    if (!read.mode().equals("octet")) {
      refuse(
          ctx,
          peer,
          read.mode().equals("netascii") ? "netascii" : "mode",
          ILLEGAL,
          "Only mode octet",
          "mode other than octet");
      return;
    }
    switch (TftpName.of(read.name())) {
      case TftpName.Refused(String reason) ->
          refuse(ctx, peer, "name", DENIED, "Illegal file name", reason);
      case TftpName.Plain(String name) -> find(ctx, peer, request, read.options(), name);
    }
  }

  private void find(
      ChannelHandlerContext ctx,
      InetSocketAddress peer,
      byte[] request,
      Map<String, String> options,
      String name) {
    if (transfers >= settings.limits().transfers()
        || perAddress.getOrDefault(peer.getAddress(), 0)
            >= settings.limits().transfersPerClient()) {
      // No answer: the client asks again, and by then there may be room.
      counters.count("refused.busy");
      tell("tftp.refused", Optional.empty(), peer, name + ": too many transfers at one time");
      return;
    }
    TftpAnswer answer;
    try {
      answer = table.find(new TftpRequest(peer, name));
    } catch (RuntimeException e) {
      LOG.error("tftp table failed file={} peer={}", name, peer, e);
      refuse(ctx, peer, "table", UNDEFINED, "Server error", name + ": internal error");
      return;
    }
    switch (answer) {
      case TftpAnswer.NotFound(String reason) ->
          refuse(ctx, peer, "not-found", NOT_FOUND, "File not found", name + ": " + reason);
      case TftpAnswer.Bytes(byte[] bytes, Optional<MacAddress> mac) ->
          begin(peer, request, options, name, mac, new Content.OfBytes(bytes));
      case TftpAnswer.File file -> {
        try {
          begin(peer, request, options, name, file.mac(), Content.open(file));
        } catch (IOException e) {
          LOG.error(
              "tftp file cannot be read file={} path={} reason={}",
              name,
              file.path(),
              e.toString());
          refuse(
              ctx, peer, "unreadable", UNDEFINED, "File cannot be read", name + ": cannot be read");
        }
      }
    }
  }

  private void begin(
      InetSocketAddress peer,
      byte[] request,
      Map<String, String> options,
      String name,
      Optional<MacAddress> mac,
      Content content) {
    Negotiation agreed = Negotiation.of(options, content.size(), settings.limits());
    Transfer transfer =
        new Transfer(name, peer, mac, agreed, content, settings.limits(), segmentation, this);
    transfers++;
    perAddress.merge(peer.getAddress(), 1, Integer::sum);
    Client client = clients.computeIfAbsent(peer, _ -> new Client());
    Transfer replaced = client.candidate;
    client.candidate = transfer;
    client.candidateRequest = request;
    if (replaced != null) {
      replaced.stop("tftp.replaced", "another request of the client");
    }
    counters.count("requests");
    tell(
        "tftp.rrq",
        mac,
        peer,
        "%s, %d bytes%s"
            .formatted(
                name,
                content.size(),
                agreed.accepted().entrySet().stream()
                    .map(option -> " " + option.getKey() + "=" + option.getValue())
                    .collect(Collectors.joining())));
    sockets
        .apply(transfer)
        .connect(peer)
        .addListener(
            connected -> {
              if (!connected.isSuccess()) {
                transfer.unopened(connected.cause());
              }
            });
  }

  @Override
  public void answered(Transfer transfer) {
    onLoop(
        () -> {
          Client client = clients.get(transfer.peer());
          if (client != null && client.candidate == transfer) {
            Transfer old = client.current;
            client.current = transfer;
            client.candidate = null;
            if (old != null) {
              old.stop("tftp.replaced", "the client started over");
            }
          }
        });
  }

  @Override
  public void ended(Transfer transfer, String kind, String detail) {
    counters.count(kind.substring("tftp.".length()));
    tell(kind, transfer.mac(), transfer.peer(), detail);
    onLoop(() -> forget(transfer));
  }

  @Override
  public void unsegmented() {
    counters.count("segmentation-off");
  }

  private void forget(Transfer transfer) {
    transfers--;
    perAddress.computeIfPresent(
        transfer.peer().getAddress(), (_, number) -> number > 1 ? number - 1 : null);
    Client client = clients.get(transfer.peer());
    if (client == null) {
      return;
    }
    if (client.current == transfer) {
      client.current = null;
    }
    if (client.candidate == transfer) {
      client.candidate = null;
    }
    if (client.current == null && client.candidate == null) {
      clients.remove(transfer.peer());
    }
  }

  private void onLoop(Runnable task) {
    ChannelHandlerContext ctx = context;
    if (ctx != null && !ctx.executor().isShuttingDown()) {
      ctx.executor().execute(task);
    }
  }

  private void refuse(
      ChannelHandlerContext ctx,
      InetSocketAddress peer,
      String counter,
      int code,
      String text,
      String detail) {
    counters.count("refused." + counter);
    tell("tftp.refused", Optional.empty(), peer, detail);
    error(ctx, peer, code, text);
  }

  private static void error(
      ChannelHandlerContext ctx, InetSocketAddress peer, int code, String text) {
    var _ = ctx.writeAndFlush(new DatagramPacket(Packets.error(ctx.alloc(), code, text), peer));
  }

  private void tell(String kind, Optional<MacAddress> mac, InetSocketAddress peer, String detail) {
    observer.observed(new WireEvent(WireEvent.Protocol.TFTP, kind, mac, peer, detail));
  }

  /** Such as an ICMP error for an earlier answer: nothing is wrong with the socket. */
  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (!(cause instanceof IOException)) {
      LOG.error("tftp request failed", cause);
    }
  }
}
