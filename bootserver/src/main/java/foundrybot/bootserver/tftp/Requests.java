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
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The port that clients ask at: checks a request, asks the table, starts a transfer. */
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
  private final boolean segmentation;
  private final DiskFiles files;
  private final Optional<SharedPort> shared;
  private final Function<ChannelHandler, Bootstrap> sockets;

  private final AtomicInteger underWay = new AtomicInteger();

  // What follows is only touched on the event loop of the port.
  private final PathMtu paths;
  private final Clients clients;
  private volatile @Nullable ChannelHandlerContext context;

  Requests(
      TftpSettings settings,
      TftpTable table,
      WireObserver observer,
      Counters counters,
      boolean epoll,
      Executor blocking,
      Function<ChannelHandler, Bootstrap> sockets) {
    this.settings = settings;
    this.table = table;
    this.observer = observer;
    this.counters = counters;
    this.segmentation = epoll && EpollDatagramChannel.isSegmentedDatagramPacketSupported();
    this.files = new DiskFiles(blocking);
    this.shared = settings.singlePort() ? Optional.of(new SharedPort()) : Optional.empty();
    this.clients = new Clients(settings.limits(), settings.singlePort());
    this.paths = new PathMtu(new KernelMtu(settings.address(), epoll));
    this.sockets = sockets;
  }

  /** A request on its way to an answer. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Asked(
      InetSocketAddress peer, byte[] request, Map<String, String> options, String name) {}

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
    shared.ifPresent(SharedPort::reads);
    ByteBuf content = packet.content();
    int from = content.readerIndex();
    int length = content.readableBytes();
    switch (TftpMessage.decode(content)) {
      case TftpMessage.Read read ->
          read(ctx, peer, ByteBufUtil.getBytes(content, from, length), read);
      case TftpMessage.Write _ ->
          refuse(ctx, peer, "write", DENIED, "Read-only server", "a write request");
      case TftpMessage.Malformed(String reason, boolean meant) -> {
        counters.count("malformed." + reason);
        tell("tftp.malformed", Optional.empty(), peer, "request: " + reason);
        // A sender's address can be forged: what makes no sense gets no more bytes than it had.
        if (meant && length >= Packets.HEADER + MALFORMED.length() + 1) {
          error(ctx, peer, ILLEGAL, MALFORMED);
        }
      }
      case TftpMessage.Ack ack -> belongs(peer, ack);
      case TftpMessage.Failure failure -> belongs(peer, failure);
    }
  }

  private void belongs(InetSocketAddress peer, TftpMessage message) {
    if (shared.isEmpty()) {
      counters.count("malformed.no-transfer");
    } else if (!shared.get().received(peer, message)) {
      // Most come from clients that are done and whose last packet was doubled: no answer.
      counters.count("no-transfer");
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    shared.ifPresent(port -> port.readAll(ctx));
    ctx.fireChannelReadComplete();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    shared.ifPresent(port -> port.close(ctx));
    ctx.fireChannelInactive();
  }

  private void read(
      ChannelHandlerContext ctx, InetSocketAddress peer, byte[] request, TftpMessage.Read read) {
    if (clients.isRepeated(peer, request)) {
      counters.count("request-repeated");
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
    if (!hasRoom(peer)) {
      // No answer: the client asks again, and by then there may be room.
      counters.count("refused.busy");
      tell("tftp.refused", Optional.empty(), peer, name + ": too many transfers at one time");
      return;
    }
    Asked asked = new Asked(peer, request, options, name);
    try {
      answer(ctx, asked, table.find(new TftpRequest(peer, name)));
    } catch (RuntimeException e) {
      failed(ctx, asked, e);
    }
  }

  private void failed(ChannelHandlerContext ctx, Asked asked, Throwable problem) {
    LOG.error("tftp table failed file={} peer={}", asked.name(), asked.peer(), problem);
    refuse(
        ctx, asked.peer(), "table", UNDEFINED, "Server error", asked.name() + ": internal error");
  }

  private void answer(ChannelHandlerContext ctx, Asked asked, TftpAnswer answer) {
    InetSocketAddress peer = asked.peer();
    String name = asked.name();
    switch (answer) {
      case TftpAnswer.Later(var later) -> await(ctx, asked, later);
      case TftpAnswer.NotFound(String reason) ->
          refuse(ctx, peer, "not-found", NOT_FOUND, "File not found", name + ": " + reason);
      case TftpAnswer.Bytes(byte[] bytes, Optional<MacAddress> mac) ->
          begin(ctx, asked, mac, new Content.OfBytes(bytes));
      case TftpAnswer.File file -> open(ctx, asked, file);
    }
  }

  private boolean hasRoom(InetSocketAddress peer) {
    if (!clients.hasRoom(peer.getAddress())) {
      return false;
    }
    if (!clients.isFull()) {
      return true;
    }
    Optional<Transfer> evicted = clients.oldestUnanswered();
    evicted.ifPresent(
        transfer -> {
          counters.count("evicted");
          transfer.stop("tftp.timeout", "room for others, no answer from the client");
        });
    return evicted.isPresent();
  }

  private void await(ChannelHandlerContext ctx, Asked asked, CompletionStage<TftpAnswer> later) {
    clients.opens(asked.peer());
    var _ =
        later.whenComplete(
            (answer, problem) ->
                onLoop(
                    () -> {
                      clients.opened(asked.peer());
                      if (problem == null) {
                        answer(ctx, asked, answer);
                      } else {
                        failed(ctx, asked, problem);
                      }
                    }));
  }

  /** Disks may be slow: the port serves others meanwhile. */
  private void open(ChannelHandlerContext ctx, Asked asked, TftpAnswer.File file) {
    clients.opens(asked.peer());
    var _ =
        files
            .open(file.path(), file.size())
            .whenComplete(
                (content, problem) ->
                    onLoop(
                        () -> {
                          clients.opened(asked.peer());
                          if (problem == null) {
                            begin(ctx, asked, file.mac(), content);
                          } else {
                            unreadable(ctx, asked, file, problem);
                          }
                        }));
  }

  private void unreadable(
      ChannelHandlerContext ctx, Asked asked, TftpAnswer.File file, Throwable problem) {
    LOG.error(
        "tftp file cannot be read file={} path={} reason={}",
        asked.name(),
        file.path(),
        String.valueOf(problem.getCause()));
    refuse(
        ctx,
        asked.peer(),
        "unreadable",
        UNDEFINED,
        "File cannot be read",
        asked.name() + ": cannot be read");
  }

  private void begin(
      ChannelHandlerContext ctx, Asked asked, Optional<MacAddress> mac, Content content) {
    InetSocketAddress peer = asked.peer();
    int widest = paths.blockSize(peer.getAddress(), ctx.executor().ticker().nanoTime());
    Negotiation agreed = Negotiation.of(asked.options(), content.size(), settings.limits(), widest);
    Transfer transfer =
        new Transfer(
            asked.name(),
            peer,
            mac,
            agreed,
            content,
            settings.limits(),
            new Credit(asked.request().length),
            segmentation,
            this);
    List<Transfer> replaced = clients.begins(transfer, asked.request());
    replaced.forEach(old -> old.stop("tftp.replaced", "the client started over"));
    underWay.incrementAndGet();
    counters.count("requests");
    tell("tftp.rrq", mac, peer, described(asked.name(), content.size(), agreed));
    if (shared.isPresent()) {
      shared.get().begin(ctx, transfer);
      return;
    }
    sockets
        .apply(new OwnSocket(transfer))
        .connect(peer)
        .addListener(
            connected -> {
              if (!connected.isSuccess()) {
                transfer.unopened(connected.cause());
              }
            });
  }

  private static String described(String name, long size, Negotiation agreed) {
    StringBuilder text = new StringBuilder(80).append(name).append(", ").append(size);
    text.append(" bytes");
    agreed
        .accepted()
        .forEach((option, value) -> text.append(' ').append(option).append('=').append(value));
    return text.toString();
  }

  @Override
  public void answered(Transfer transfer) {
    onLoop(
        () ->
            clients
                .answered(transfer)
                .ifPresent(old -> old.stop("tftp.replaced", "the client started over")));
  }

  @Override
  public void ended(Transfer transfer, String kind, String detail) {
    underWay.decrementAndGet();
    counters.add(Counters.SENT_BYTES, transfer.delivered());
    counters.count(kind.substring("tftp.".length()));
    tell(kind, transfer.mac(), transfer.peer(), detail);
    onLoop(() -> clients.ended(transfer));
  }

  @Override
  public void tooWide(Transfer transfer) {
    counters.count("path-too-narrow");
    ChannelHandlerContext ctx = context;
    if (ctx != null) {
      onLoop(
          () ->
              paths.swallowed(
                  transfer.peer().getAddress(),
                  transfer.blockSize(),
                  ctx.executor().ticker().nanoTime()));
    }
  }

  @Override
  public int underWay() {
    return underWay.get();
  }

  @Override
  public void count(String reason) {
    counters.count(reason);
  }

  private void onLoop(Runnable task) {
    ChannelHandlerContext ctx = context;
    if (ctx == null || ctx.executor().isShuttingDown()) {
      return;
    }
    if (ctx.executor().inEventLoop()) {
      task.run();
    } else {
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
