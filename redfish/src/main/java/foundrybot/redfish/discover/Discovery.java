// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.discover;

import foundrybot.redfish.WakeOnLan;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;

/**
 * Finds BMCs in ranges of addresses: those that answer a search for Redfish services, and those
 * that answer when each address is asked for Redfish and for IPMI. It never logs in.
 */
public final class Discovery {
  /** All ranges together. */
  public static final int MAX_ADDRESSES = 1 << 16;

  private final Settings settings;
  private final WakeOnLan.Pause pause;

  /**
   * How much may be asked, and how.
   *
   * @param redfishPort TCP, usually 443
   * @param ipmiPort UDP, usually 623
   * @param group of SSDP, usually 239.255.255.250:1900
   * @param perSecond how many addresses are begun each second, 1..2000
   * @param atOnce how many are asked at a time, 1..1024
   * @param connect for a TCP connection and its TLS, each, and for an answer to a ping
   * @param answer for the rest
   */
  public record Settings(
      int redfishPort,
      int ipmiPort,
      InetSocketAddress group,
      int perSecond,
      int atOnce,
      Duration connect,
      Duration answer) {

    /** Addresses. */
    public static final int MOST_PER_SECOND = 2000;

    public static final Settings USUAL =
        new Settings(
            443,
            623,
            new InetSocketAddress("239.255.255.250", 1900),
            200,
            256,
            Duration.ofMillis(1500),
            Duration.ofSeconds(5));

    public Settings {
      within("Redfish port", redfishPort, 65535);
      within("IPMI port", ipmiPort, 65535);
      within("rate", perSecond, MOST_PER_SECOND);
      within("at once", atOnce, 1024);
    }

    private static void within(String what, int value, int most) {
      if (value < 1 || value > most) {
        throw new IllegalArgumentException(what + ": " + value + " (expected: 1.." + most + ")");
      }
    }
  }

  /** Is told how far it is, from several threads, one at a time. */
  @FunctionalInterface
  public interface Watcher {
    /** So many of the addresses are done, and so many BMCs were found. */
    void progress(int done, int all, int found);
  }

  /**
   * What there is.
   *
   * @param bmcs by their addresses, ascending
   * @param complete false where the search was interrupted
   * @param elsewhere who answered the search from outside of the ranges, and was asked nothing
   */
  public record Findings(List<FoundBmc> bmcs, boolean complete, List<Inet4Address> elsewhere) {
    public Findings {
      bmcs = List.copyOf(bmcs);
      elsewhere = List.copyOf(elsewhere);
    }
  }

  /** Sends nothing yet; {@code Thread::sleep} is the usual pause. */
  public Discovery(Settings settings, WakeOnLan.Pause pause) {
    this.settings = settings;
    this.pause = pause;
  }

  /**
   * Looks, with virtual threads, and ends all of them. An interrupt ends it soon, with what was
   * found so far, and stays pending.
   *
   * @throws IllegalArgumentException for more than {@link #MAX_ADDRESSES}
   */
  public Findings search(List<Subnet> subnets, Watcher watcher) {
    List<Inet4Address> addresses =
        subnets.stream().flatMap(Subnet::hosts).distinct().limit(MAX_ADDRESSES + 1L).toList();
    if (addresses.size() > MAX_ADDRESSES) {
      throw new IllegalArgumentException(
          "ranges: more than "
              + MAX_ADDRESSES
              + " addresses (expected: at most so many together); name smaller ones");
    }
    Sightings sightings = new Sightings(addresses.size(), watcher);
    try (RedfishProbe redfish = new RedfishProbe(settings.connect(), settings.answer());
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      boolean complete = sweep(subnets, addresses, redfish, threads, sightings);
      return new Findings(sightings.bmcs(), complete, sightings.elsewhere());
    }
  }

  /**
   * What serves Redfish at one place, with the certificate that it shows; nobody logs in.
   *
   * @param url of scheme https
   */
  public Optional<FoundBmc.Redfish> look(URI url) {
    try (RedfishProbe redfish = new RedfishProbe(settings.connect(), settings.answer())) {
      return redfish.probe(url.getHost(), url.getPort() < 0 ? 443 : url.getPort());
    }
  }

  private boolean sweep(
      List<Subnet> subnets,
      List<Inet4Address> addresses,
      RedfishProbe redfish,
      ExecutorService threads,
      Sightings sightings) {
    Semaphore room = new Semaphore(settings.atOnce());
    AsfPing ipmi = new AsfPing(settings.ipmiPort(), settings.connect());
    try {
      List<Future<?>> searches = multicast(subnets, threads, sightings);
      for (int i = 0; i < addresses.size(); i++) {
        if (i > 0) {
          pause.pause(Duration.ofNanos(1_000_000_000L / settings.perSecond()));
        }
        Inet4Address address = addresses.get(i);
        room.acquire();
        threads.execute(
            () -> {
              try {
                ask(address, redfish, ipmi, threads, sightings);
              } finally {
                room.release();
              }
            });
      }
      for (Future<?> search : searches) {
        search.get();
      }
      room.acquire(settings.atOnce());
      // Few say another port than the usual one, and each of them is asked once.
      for (Sightings.Hint hint : sightings.hints(settings.redfishPort())) {
        redfish
            .probe(hint.address().getHostAddress(), hint.port())
            .ifPresent(found -> sightings.add(hint.address(), found));
      }
      return !Thread.currentThread().isInterrupted();
    } catch (InterruptedException e) {
      threads.shutdownNow();
      Thread.currentThread().interrupt();
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException("a search failed: " + e.getCause(), e);
    }
  }

  private List<Future<?>> multicast(
      List<Subnet> subnets, ExecutorService threads, Sightings sightings) {
    SsdpSearch search = new SsdpSearch(settings.group(), settings.connect());
    return SsdpSearch.doors(subnets).stream()
        .<Future<?>>map(
            door ->
                threads.submit(() -> search.from(door, heard -> sightings.hear(heard, subnets))))
        .toList();
  }

  private void ask(
      Inet4Address address,
      RedfishProbe redfish,
      AsfPing ipmi,
      ExecutorService threads,
      Sightings sightings) {
    Future<Optional<URI>> pong = threads.submit(() -> ipmi.probe(address));
    redfish
        .probe(address.getHostAddress(), settings.redfishPort())
        .ifPresent(found -> sightings.add(address, found));
    try {
      pong.get().ifPresent(url -> sightings.add(address, url));
      sightings.done();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      throw new IllegalStateException("a ping failed: " + e.getCause(), e);
    }
  }
}
