// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.tftp;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Who has which transfer, and whether there is room for one more. On the event loop of the port
 * only.
 *
 * <p>A client that asks again from the same port has either lost our first packet or started over.
 * The same request while nothing was answered gets the first packet again. Otherwise the new
 * transfer runs beside the old one until the client answers it: only then the old one ends, so that
 * a request that the network doubled or forged cannot break a transfer. On a shared port the two
 * could not be told apart: there the same request is the network's copy as long as its transfer
 * gets on, and everything else is a client that has started over.
 */
final class Clients {
  /** Later than this the network brings no copy of a request, and no client is so fast again. */
  private static final long COPY_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final TftpSettings.Limits limits;
  private final boolean onePort;
  private final Map<InetSocketAddress, Client> clients = new HashMap<>();
  private final Map<InetAddress, Integer> perAddress = new HashMap<>();
  private final Set<InetSocketAddress> opening = new HashSet<>();
  private final Set<Transfer> unanswered = new LinkedHashSet<>();
  private int transfers;

  Clients(TftpSettings.Limits limits, boolean onePort) {
    this.limits = limits;
    this.onePort = onePort;
  }

  /** The transfers of one client port: one that it answered, and one that it may answer yet. */
  private static final class Client {
    @Nullable Transfer current;
    @Nullable Transfer candidate;
    byte[] candidateRequest = {};
    byte[] currentRequest = {};
  }

  /** Whether a request only repeats one that is being answered. */
  boolean isRepeated(InetSocketAddress peer, byte[] request) {
    if (opening.contains(peer)) {
      return true;
    }
    Client known = clients.get(peer);
    if (known == null) {
      return false;
    }
    if (known.candidate != null && Arrays.equals(request, known.candidateRequest)) {
      known.candidate.again(request.length);
      return true;
    }
    return onePort
        && known.current != null
        && Arrays.equals(request, known.currentRequest)
        && known.current.gotOnWithin(COPY_NANOS);
  }

  /** Whether that address may have one transfer more, if all together may. */
  boolean hasRoom(InetAddress address) {
    return perAddress.getOrDefault(address, 0) < limits.transfersPerClient();
  }

  boolean isFull() {
    return transfers + opening.size() >= limits.transfers();
  }

  /** The oldest transfer that nobody has answered yet: its address may be forged. */
  Optional<Transfer> oldestUnanswered() {
    Iterator<Transfer> oldest = unanswered.iterator();
    if (!oldest.hasNext()) {
      return Optional.empty();
    }
    Transfer transfer = oldest.next();
    oldest.remove();
    return Optional.of(transfer);
  }

  /** A client's file is being opened. */
  void opens(InetSocketAddress peer) {
    opening.add(peer);
  }

  void opened(InetSocketAddress peer) {
    opening.remove(peer);
  }

  /** A new transfer; what it takes the place of has to be stopped. */
  List<Transfer> begins(Transfer transfer, byte[] request) {
    transfers++;
    unanswered.add(transfer);
    perAddress.merge(transfer.peer().getAddress(), 1, Integer::sum);
    Client client = clients.computeIfAbsent(transfer.peer(), _ -> new Client());
    List<Transfer> replaced = new ArrayList<>(2);
    if (client.candidate != null) {
      replaced.add(client.candidate);
    }
    if (onePort && client.current != null) {
      replaced.add(client.current);
    }
    client.candidate = transfer;
    client.candidateRequest = request;
    return replaced;
  }

  /** The client has answered; what it had before has to be stopped. */
  Optional<Transfer> answered(Transfer transfer) {
    unanswered.remove(transfer);
    Client client = clients.get(transfer.peer());
    if (client == null || client.candidate != transfer) {
      return Optional.empty();
    }
    Optional<Transfer> old = Optional.ofNullable(client.current);
    client.current = transfer;
    client.currentRequest = client.candidateRequest;
    client.candidate = null;
    return old;
  }

  void ended(Transfer transfer) {
    transfers--;
    unanswered.remove(transfer);
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
}
