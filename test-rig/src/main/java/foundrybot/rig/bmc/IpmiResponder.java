// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A BMC that speaks IPMI 2.0 over LAN (RMCP+) on a real UDP port, with cipher suites 17 and 3, and
 * has its hand on a machine. Written from the BMC's side of the specification and without the code
 * of any console, so that it is a second opinion on one.
 */
public final class IpmiResponder implements AutoCloseable {
  private static final Duration SPEAKING_PAUSE = Duration.ofMillis(2);

  private final DatagramSocket socket;
  private final IpmiService service;
  private final IpmiWeather weather;
  private final AtomicBoolean speaking = new AtomicBoolean();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  /**
   * What a BMC is like.
   *
   * @param address port 0 for any free one
   * @param seed decides which datagrams the faults hit
   * @param clock of sessions, boot flags and the event log
   */
  public record Setup(
      Machine machine,
      InetSocketAddress address,
      IpmiAccess access,
      IpmiTraits traits,
      IpmiFaults faults,
      long seed,
      InstantSource clock) {

    /** In order, on a free port of loopback. */
    public static Setup of(Machine machine) {
      return new Setup(
          machine,
          new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
          IpmiAccess.USUAL,
          IpmiTraits.USUAL,
          IpmiFaults.NONE,
          0,
          InstantSource.system());
    }

    public Setup with(IpmiAccess other) {
      return new Setup(machine, address, other, traits, faults, seed, clock);
    }

    public Setup with(IpmiTraits other) {
      return new Setup(machine, address, access, other, faults, seed, clock);
    }

    public Setup with(IpmiFaults other, long otherSeed) {
      return new Setup(machine, address, access, traits, other, otherSeed, clock);
    }

    public Setup with(InetSocketAddress other) {
      return new Setup(machine, other, access, traits, faults, seed, clock);
    }

    public Setup with(InstantSource other) {
      return new Setup(machine, address, access, traits, faults, seed, other);
    }
  }

  /**
   * What it has seen.
   *
   * @param received datagrams that came, lost ones among them
   * @param dropped those that arrived and were not answered
   * @param lost requests and answers, by its faults
   * @param sessions opened ever
   * @param refusedLogins log-ins that it or the console ended with a status
   * @param openSessions now, those that are being opened among them
   * @param controls how often Chassis Control was carried out
   */
  public record Account(
      int received,
      int dropped,
      int lost,
      int doubled,
      int delayed,
      int sessions,
      int refusedLogins,
      int openSessions,
      int controls) {}

  private IpmiResponder(DatagramSocket socket, Setup setup) {
    this.socket = socket;
    this.service = new IpmiService(setup);
    this.weather = new IpmiWeather(setup.faults(), setup.seed());
  }

  /**
   * Opens the port and serves until closed.
   *
   * @throws UncheckedIOException if the port cannot be had
   */
  public static IpmiResponder start(Setup setup) {
    try {
      IpmiResponder responder = new IpmiResponder(new DatagramSocket(setup.address()), setup);
      responder.threads.execute(responder::serve);
      return responder;
    } catch (IOException e) {
      throw new UncheckedIOException("UDP " + setup.address() + ": " + e.getMessage(), e);
    }
  }

  private void serve() {
    byte[] room = new byte[IpmiWire.MOST_BYTES + 1];
    while (!socket.isClosed()) {
      DatagramPacket packet = new DatagramPacket(room, room.length);
      try {
        socket.receive(packet);
      } catch (IOException _) {
        // Closed, or an ICMP error of an answer: the next one may come.
        continue;
      }
      byte[] request = Arrays.copyOf(room, packet.getLength());
      for (int i = weather.requestArrives(); i > 0; i--) {
        Optional<byte[]> answer = service.answer(request, packet.getSocketAddress());
        answer.ifPresent(bytes -> send(bytes, packet.getSocketAddress()));
      }
    }
  }

  private void send(byte[] answer, SocketAddress to) {
    DatagramPacket packet = new DatagramPacket(answer, answer.length, to);
    for (int i = weather.answerArrives(); i > 0; i--) {
      Duration late = weather.late();
      if (late.isZero()) {
        sendNow(packet);
      } else {
        threads.execute(() -> sendLate(packet, late));
      }
    }
  }

  private void sendLate(DatagramPacket packet, Duration late) {
    try {
      Thread.sleep(late);
      sendNow(packet);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void sendNow(DatagramPacket packet) {
    try {
      socket.send(packet);
    } catch (IOException _) {
      // Whoever asked is gone, or this is: nobody waits for the answer.
    }
  }

  /**
   * The machine says something on its serial port, which a console hears by Serial over LAN if one
   * is open; it is lost otherwise.
   */
  public void says(String text) {
    service.says(text.getBytes(StandardCharsets.UTF_8));
    speak();
  }

  /** Ends Serial over LAN, once everything has been said. */
  public void hangsUp() {
    service.hangsUp();
    speak();
  }

  /** Characters that consoles have typed into the serial port ever. */
  public int typed() {
    return service.typed();
  }

  /** Nothing is sent unasked before there is something to say. */
  private void speak() {
    if (speaking.compareAndSet(false, true)) {
      threads.execute(this::speakUntilClosed);
    }
  }

  private void speakUntilClosed() {
    try {
      while (!socket.isClosed()) {
        service.unasked(System.nanoTime()).ifPresent(one -> send(one.datagram(), one.to()));
        Thread.sleep(SPEAKING_PAUSE);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /** {@code ipmi://127.0.0.1:34567}. */
  public URI url() {
    return URI.create(
        "ipmi://" + socket.getLocalAddress().getHostAddress() + ":" + socket.getLocalPort());
  }

  public int port() {
    return socket.getLocalPort();
  }

  public Account account() {
    return service.account(weather.tally());
  }

  /** Frees the port; answers on their way are dropped, and the machine stays as it is. */
  @Override
  public void close() {
    socket.close();
    threads.shutdownNow();
    threads.close();
  }
}
