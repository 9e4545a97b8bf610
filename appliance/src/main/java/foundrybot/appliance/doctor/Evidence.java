// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.doctor;

import foundrybot.answerfiles.ApplianceSettings;
import foundrybot.answerfiles.Cidr;
import java.net.Inet4Address;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All that was seen, and nothing that was concluded from it.
 *
 * @param settings what the rack file says of the appliance
 * @param wire what DHCP servers answered; empty if none was asked
 * @param host of the machine that the appliance's address is on; empty if it is another one
 * @param tries what the appliance's services answered; one that is missing was not tried
 * @param pxeServers what the port 4011 of others said, by address of the server
 * @param desk what the running appliance says
 * @param programFault why the boot programs cannot be used; empty if they can
 * @param untested what could not be tried, and why, as whole sentences
 */
record Evidence(
    ApplianceSettings settings,
    Optional<Wire> wire,
    Optional<Host> host,
    Map<Try, Outcome> tries,
    Map<Inet4Address, Outcome> pxeServers,
    Desk desk,
    String programFault,
    List<String> untested) {
  Evidence {
    tries = tries.isEmpty() ? Map.of() : Map.copyOf(new EnumMap<>(tries));
    pxeServers = Collections.unmodifiableMap(new LinkedHashMap<>(pxeServers));
    untested = List.copyOf(untested);
  }

  /**
   * The answers of DHCP servers.
   *
   * @param interfaceName where they were asked
   * @param seconds how long they were listened to
   * @param offers each of them once
   */
  record Wire(String interfaceName, int seconds, List<Offer> offers) {
    Wire {
      offers = List.copyOf(offers);
    }
  }

  /**
   * One answer to a DISCOVER, or of the port of a PXE boot server to a REQUEST.
   *
   * @param asked as which kind of client
   * @param from source address of the datagram
   * @param server option 54, or {@code from} where it is missing
   * @param address that is given; 0.0.0.0 in a ProxyDHCP offer
   * @param nextServer {@code siaddr}
   * @param file of the header, or option 67; empty if neither is there
   * @param vendorClass option 60; empty if missing
   * @param vendorOptions option 43 in hex; empty if missing
   * @param leaseSeconds option 51; 0 if missing
   */
  record Offer(
      String asked,
      Inet4Address from,
      Inet4Address server,
      Inet4Address address,
      Inet4Address nextServer,
      String file,
      String vendorClass,
      String vendorOptions,
      long leaseSeconds) {
    boolean givesAddress() {
      return !address.isAnyLocalAddress();
    }

    /** Firmware may ask its server on port 4011. */
    boolean saysPxe() {
      return vendorClass.startsWith("PXEClient");
    }

    /** The boot file, and where it is. */
    String named() {
      return file + (nextServer.isAnyLocalAddress() ? "" : " on " + nextServer.getHostAddress());
    }
  }

  /**
   * The appliance's machine.
   *
   * @param links its network interfaces
   * @param listeners its open ports, of UDP and TCP
   * @param receiveBuffer bytes that a socket may ask for; empty where it cannot be read
   * @param clock what the operating system says of it
   * @param folder where the appliance keeps its state; empty where there is none yet
   */
  record Host(
      List<Link> links,
      List<Listener> listeners,
      Optional<Long> receiveBuffer,
      ClockState clock,
      Optional<Folder> folder) {
    Host {
      links = List.copyOf(links);
      listeners = List.copyOf(listeners);
    }
  }

  /**
   * The data folder.
   *
   * @param writable whether its disk is not mounted read-only, as after an error
   * @param usable bytes that are left on its disk
   */
  record Folder(String path, boolean writable, long usable) {}

  /** Whether a time server has set the clock. */
  enum ClockState {
    SET,
    NOT_SET,
    /** A program that sets clocks runs; how well is not seen. */
    UNKNOWN
  }

  /**
   * A network interface.
   *
   * @param carrier whether a cable is in, or its virtual like
   */
  record Link(String name, boolean up, boolean carrier, int mtu, List<Cidr> addresses) {
    Link {
      addresses = List.copyOf(addresses);
    }
  }

  /**
   * An open port.
   *
   * @param protocol {@code udp} or {@code tcp}
   * @param address dotted quad; {@code 0.0.0.0} for all
   * @param process its id; 0 if not known, which takes root
   * @param program its name; empty if not known
   */
  record Listener(String protocol, String address, int port, long process, String program) {}

  /** What is tried at the appliance's address as a machine would. */
  enum Try {
    TFTP_SMALL_BLOCKS,
    TFTP_LARGE_BLOCKS,
    PXE_PORT,
    HTTP,
    DNS,
    TIME
  }

  /**
   * What came of it.
   *
   * @param said bytes, or the error
   */
  record Outcome(boolean worked, String said) {}

  /**
   * What the running appliance says.
   *
   * @param state whether it could be asked
   * @param heardProbe whether it heard our DISCOVERs
   * @param strangers machines outside the rack file that asked to boot
   * @param relays addresses of DHCP relays that were heard
   * @param withoutProgram architectures that asked in vain for a boot program
   * @param atLoader nodes that are stuck at their boot program
   */
  record Desk(
      State state,
      boolean heardProbe,
      List<String> strangers,
      List<Inet4Address> relays,
      List<String> withoutProgram,
      List<String> atLoader) {
    static final Desk NOT_ASKED =
        new Desk(State.NOT_ASKED, false, List.of(), List.of(), List.of(), List.of());

    Desk {
      strangers = List.copyOf(strangers);
      relays = List.copyOf(relays);
      withoutProgram = List.copyOf(withoutProgram);
      atLoader = List.copyOf(atLoader);
    }

    /** Whether the appliance can be asked. */
    enum State {
      RUNNING,
      NOT_RUNNING,
      /** It is another machine's. */
      NOT_ASKED
    }
  }
}
