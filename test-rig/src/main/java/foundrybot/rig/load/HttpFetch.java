// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.load;

import foundrybot.bootserver.EventLoops;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.handler.ssl.SslContext;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;

/**
 * One connection of an HTTP/1.1 client that sends one request after the other, as iPXE does. Bodies
 * are counted, and kept only where they are asked for. Must be used on its loop only.
 */
final class HttpFetch {
  /** A whole answer. */
  record Answer(int status, long bytes, String body) {}

  /** What the connection tells its owner. */
  interface Owner {
    void connected(HttpFetch fetch);

    void answered(HttpFetch fetch, Answer answer);

    /** The connection is gone; told at most once, and not after {@link #close}. */
    void failed(HttpFetch fetch, String trouble);
  }

  private static final int READ = 256 * 1024;
  private static final int MOST_HEADER = 16 * 1024;
  private static final int MOST_KEPT = 64 * 1024;
  private static final String END_OF_HEADER = "\r\n\r\n";

  private final Owner owner;
  private final String host;
  private Optional<Channel> channel = Optional.empty();
  private final StringBuilder header = new StringBuilder();
  private final StringBuilder body = new StringBuilder();
  private boolean inBody;
  private boolean kept;
  private boolean closing;
  private int status;
  private long length;
  private long left;

  private HttpFetch(Owner owner, String host) {
    this.owner = owner;
    this.host = host;
  }

  /** Opens a connection; the owner is told when it stands. */
  static HttpFetch open(
      EventLoops loops,
      InetSocketAddress to,
      InetSocketAddress own,
      Optional<SslContext> tls,
      Owner owner) {
    HttpFetch fetch = new HttpFetch(owner, to.getAddress().getHostAddress());
    ChannelFuture connecting =
        new Bootstrap()
            .group(loops.group())
            .channel(loops.clientChannel())
            .option(ChannelOption.TCP_NODELAY, true)
            // A reset leaves no TIME_WAIT behind, so that ports do not run out.
            .option(ChannelOption.SO_LINGER, 0)
            .option(ChannelOption.SO_REUSEADDR, true)
            .option(ChannelOption.WRITE_BUFFER_WATER_MARK, WriteBufferWaterMark.DEFAULT)
            .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(READ))
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel made) {
                    tls.ifPresent(
                        context -> made.pipeline().addLast(context.newHandler(made.alloc())));
                    made.pipeline().addLast(new Handler(fetch));
                  }
                })
            .connect(to, own);
    fetch.channel = Optional.of(connecting.channel());
    var _ =
        connecting.addListener(
            (ChannelFuture done) -> {
              if (fetch.channel.isEmpty()) {
                var _ = done.channel().close();
              } else if (done.isSuccess()) {
                owner.connected(fetch);
              } else {
                fetch.fail("connect: " + done.cause().getMessage());
              }
            });
    return fetch;
  }

  /** Sends a GET; its body is handed over as text if {@code keep}. */
  void get(String path, boolean keep, boolean last) {
    kept = keep;
    send("GET " + path + " HTTP/1.1\r\n" + fields(last) + "\r\n");
  }

  void post(String path, String form) {
    kept = false;
    send(
        "POST "
            + path
            + " HTTP/1.1\r\n"
            + fields(false)
            + "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: "
            + form.length()
            + END_OF_HEADER
            + form);
  }

  private String fields(boolean last) {
    return "Host: "
        + host
        + "\r\nUser-Agent: iPXE/1.21.1\r\n"
        + (last ? "Connection: close\r\n" : "");
  }

  private void send(String request) {
    closing = false;
    channel.ifPresent(
        open -> {
          ByteBuf out = open.alloc().directBuffer(request.length());
          out.writeCharSequence(request, StandardCharsets.US_ASCII);
          var _ = open.writeAndFlush(out, open.voidPromise());
        });
  }

  /** Whether the server said that it takes no more requests. */
  boolean isClosing() {
    return closing;
  }

  void close() {
    channel.ifPresent(
        open -> {
          var _ = open.close();
        });
    channel = Optional.empty();
  }

  private void fail(String trouble) {
    if (channel.isPresent()) {
      close();
      owner.failed(this, trouble);
    }
  }

  private void received(ByteBuf in) {
    while (channel.isPresent() && (in.isReadable() || inBody)) {
      if (!inBody && !readHeader(in)) {
        return;
      }
      if (left > 0 && !in.isReadable()) {
        return;
      }
      int take = (int) Math.min(left, in.readableBytes());
      if (kept && body.length() + take <= MOST_KEPT) {
        body.append(in.toString(in.readerIndex(), take, StandardCharsets.US_ASCII));
      }
      in.skipBytes(take);
      left -= take;
      if (left == 0) {
        Answer answer = new Answer(status, length, body.toString());
        inBody = false;
        header.setLength(0);
        body.setLength(0);
        owner.answered(this, answer);
      }
    }
  }

  /** Whether the whole header is there; what follows it stays in the buffer. */
  private boolean readHeader(ByteBuf in) {
    int before = header.length();
    int look = Math.min(in.readableBytes(), MOST_HEADER - before);
    header.append(in.toString(in.readerIndex(), look, StandardCharsets.US_ASCII));
    int end = header.indexOf(END_OF_HEADER, Math.max(0, before - END_OF_HEADER.length()));
    if (end < 0) {
      in.skipBytes(look);
      if (header.length() >= MOST_HEADER) {
        fail("header without an end");
      }
      return false;
    }
    in.skipBytes(end + END_OF_HEADER.length() - before);
    header.setLength(end);
    return understand(header.toString().split("\r\n"));
  }

  private boolean understand(String[] lines) {
    String[] first = lines[0].split(" ", 3);
    if (first.length < 2 || !first[0].startsWith("HTTP/1.") || !first[1].matches("[0-9]{3}")) {
      fail("not HTTP: " + lines[0].replaceAll("[^ -~]", "?"));
      return false;
    }
    status = Integer.parseInt(first[1]);
    length = status == 204 || status == 304 ? 0 : -1;
    for (int i = 1; i < lines.length; i++) {
      String line = lines[i].toLowerCase(Locale.ROOT);
      if (line.startsWith("content-length:")) {
        length = Long.parseLong(line.substring(15).strip());
      } else if (line.startsWith("connection:")) {
        closing = line.endsWith("close");
      }
    }
    if (length < 0) {
      fail("status " + status + " without Content-Length");
      return false;
    }
    left = length;
    inBody = true;
    return true;
  }

  private static final class Handler extends SimpleChannelInboundHandler<ByteBuf> {
    private final HttpFetch fetch;

    Handler(HttpFetch fetch) {
      this.fetch = fetch;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, ByteBuf in) {
      fetch.received(in);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      fetch.fail("connection closed");
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      fetch.fail(String.valueOf(cause.getMessage()));
    }
  }
}
