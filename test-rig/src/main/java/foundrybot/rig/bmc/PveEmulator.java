// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import foundrybot.redfish.Credentials;
import foundrybot.redfish.Secret;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * A cluster of Proxmox VE, simulated: a real HTTPS server that answers as the public description of
 * the API says, with machines that are no real ones behind it.
 */
public final class PveEmulator implements AutoCloseable {
  /** A user with a password. */
  public static final Credentials USER = new Credentials("ops@pve", new Secret("emulated-pw"));

  /** An API token with its secret. */
  public static final Credentials TOKEN =
      new Credentials("ops@pve!rig", new Secret("4f1c0a9e-7d53-4b7e-9f43-1f2d3c4b5a69"));

  private final HttpPort port;
  private final PveService service;
  private final Identity identity;

  /**
   * What the cluster is like.
   *
   * @param nodes one or more; it is asked at the first
   * @param messageInBody as of version 8.2 the words of an error stand in the body, too
   * @param secondFactor the user needs one
   * @param taskTime how long a task takes
   * @param maker makes a machine when it first starts
   * @param faults of those that every emulated BMC has, as far as they make sense here
   */
  public record Setup(
      List<String> nodes,
      Credentials user,
      Credentials token,
      boolean secondFactor,
      String version,
      boolean messageInBody,
      Duration taskTime,
      Function<PoweredMachine.Plate, PoweredMachine> maker,
      Faults faults,
      long seed,
      InstantSource clock) {

    public Setup {
      nodes = List.copyOf(nodes);
    }

    /** One node, {@code pve1}, whose machines have nothing behind their power. */
    public static Setup of(InstantSource clock) {
      return new Setup(
          List.of("pve1"),
          USER,
          TOKEN,
          false,
          "8.2.4",
          false,
          Duration.ofSeconds(2),
          plate -> new PoweredMachine(plate, PoweredMachine.NOTHING),
          Faults.NONE,
          0,
          clock);
    }

    public Setup with(Faults other) {
      return new Setup(
          nodes,
          user,
          token,
          secondFactor,
          version,
          messageInBody,
          taskTime,
          maker,
          other,
          seed,
          clock);
    }

    public Setup withNodes(String... others) {
      return new Setup(
          List.of(others),
          user,
          token,
          secondFactor,
          version,
          messageInBody,
          taskTime,
          maker,
          faults,
          seed,
          clock);
    }

    public Setup withSecondFactor() {
      return new Setup(
          nodes, user, token, true, version, messageInBody, taskTime, maker, faults, seed, clock);
    }

    public Setup withMessageInBody() {
      return new Setup(
          nodes, user, token, secondFactor, version, true, taskTime, maker, faults, seed, clock);
    }

    public Setup with(Duration tasks, Function<PoweredMachine.Plate, PoweredMachine> loads) {
      return new Setup(
          nodes,
          user,
          token,
          secondFactor,
          version,
          messageInBody,
          tasks,
          loads,
          faults,
          seed,
          clock);
    }
  }

  /**
   * What it has seen.
   *
   * @param asked methods and paths, in order
   * @param refusedLogins with a wrong password or secret
   * @param faults how often each has hit
   */
  public record Account(List<String> asked, int refusedLogins, Map<Fault, Integer> faults) {
    public Account {
      asked = List.copyOf(asked);
    }

    /** How often something was asked whose method and path contain this. */
    public long count(String text) {
      return asked.stream().filter(line -> line.contains(text)).count();
    }
  }

  private PveEmulator(HttpPort port, PveService service, Identity identity) {
    this.port = port;
    this.service = service;
    this.identity = identity;
  }

  /** Serves on a free port of loopback until closed. */
  public static PveEmulator start(Setup setup) {
    InetAddress address = InetAddress.getLoopbackAddress();
    Identity identity = Identity.of(address, setup.faults().has(Fault.EXPIRED_CERTIFICATE));
    PveService service = new PveService(setup, new Dice(setup.faults(), setup.seed()));
    HttpPort port =
        HttpPort.open(
            HttpPort.listen(new InetSocketAddress(address, 0)),
            Optional.of(identity.context()),
            Map.of("Server", "pve-api-daemon/3.0", "Cache-Control", "max-age=0"),
            service::handle);
    return new PveEmulator(port, service, identity);
  }

  /** {@code proxmox://127.0.0.1:34567}. */
  public URI url() {
    return URI.create("proxmox://127.0.0.1:" + port.number());
  }

  /** SHA-256 of its certificate, 64 lower-case hexadecimal digits. */
  public String fingerprint() {
    return identity.fingerprint();
  }

  public Account account() {
    return service.account();
  }

  /** Tickets and CSRF tokens: secrets, to look for where none may be. */
  public List<String> issuedTokens() {
    return service.issued();
  }

  /** Somebody makes a machine, long ago and by other means. */
  public void add(String node, int vmid, Map<String, String> config) {
    synchronized (service) {
      service.cluster.guests.put(
          vmid, new PveGuest(node, vmid, Instant.EPOCH, config, service.maker()));
    }
  }

  /** What a machine is made of now, without what waits for its next start; empty for none. */
  public Map<String, String> config(int vmid) {
    synchronized (service) {
      PveGuest guest = service.cluster.guests.get(vmid);
      return guest == null ? Map.of() : Map.copyOf(guest.config);
    }
  }

  /** Somebody changes an option of a machine at once. */
  public void set(int vmid, String option, String value) {
    synchronized (service) {
      service.cluster.known(vmid).config.put(option, value);
    }
  }

  /** A machine that has been started at least once. */
  public Optional<PoweredMachine> machine(int vmid) {
    synchronized (service) {
      return Optional.ofNullable(service.cluster.guests.get(vmid)).flatMap(PveGuest::machine);
    }
  }

  /** The operating system of a machine stops its processors. */
  public void pause(int vmid) {
    synchronized (service) {
      service.cluster.known(vmid).paused = true;
    }
  }

  /** A machine moves to another node. */
  public void move(int vmid, String node) {
    synchronized (service) {
      PveGuest guest = service.cluster.known(vmid);
      service.cluster.guests.put(
          vmid, new PveGuest(node, vmid, guest.made, guest.config, service.maker()));
    }
  }

  /** All volumes of all storages. */
  public List<String> volumes() {
    synchronized (service) {
      return service.cluster.volumes.keySet().stream().sorted().toList();
    }
  }

  /** A node loses its network. */
  public void cutOff(String node) {
    synchronized (service) {
      service.cluster.away.add(node);
    }
  }

  /** The account loses a privilege, such as {@code VM.PowerMgmt}. */
  public void revoke(String privilege) {
    synchronized (service) {
      service.withoutPrivilege.add(privilege);
    }
  }

  /** Frees the port, ends all connections, and takes the power from all machines. */
  @Override
  public void close() {
    port.close();
    synchronized (service) {
      service.cluster.guests.values().forEach(g -> g.machine().ifPresent(PoweredMachine::close));
    }
  }
}
