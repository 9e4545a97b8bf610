// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import foundrybot.redfish.Credentials;
import foundrybot.redfish.HardwareAddress;
import foundrybot.redfish.Secret;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Many emulated BMCs with one machine each, in this process, some of them faulty: which ones and
 * how is decided by a seed. They cost virtual threads and sockets, and no threads of their own.
 */
public final class BmcFleet implements AutoCloseable {
  private static final int MOST = 2000;

  private final List<Member> members;

  /**
   * What a fleet is like.
   *
   * @param count 1..2000
   * @param faulty the share that has a fault, 0..1; rounded to whole BMCs
   * @param faults what those have, one of these each; all of them are dealt out, in turns
   * @param personalities dealt out by chance
   * @param seed the same seed makes the same fleet, but for its ports and certificates
   * @param plate what is printed on each machine, by its number
   * @param load what hangs on its power, by the same
   */
  public record Plan(
      int count,
      double faulty,
      List<Faults> faults,
      List<Personality> personalities,
      boolean https,
      Timing timing,
      long seed,
      Function<Integer, PoweredMachine.Plate> plate,
      Function<Integer, PoweredMachine.Load> load) {

    public Plan {
      faults = List.copyOf(faults);
      personalities = List.copyOf(personalities);
      if (count < 1 || count > MOST) {
        throw new IllegalArgumentException("count: " + count + " (expected: 1.." + MOST + ")");
      }
      if (!(faulty >= 0 && faulty <= 1)) {
        throw new IllegalArgumentException("faulty: " + faulty + " (expected: 0..1)");
      }
    }

    /** All vendors, all faults at their worst, three in ten faulty, nothing behind the power. */
    public static Plan of(int count, long seed) {
      return new Plan(
          count,
          0.3,
          worst(),
          Personalities.all(),
          true,
          Timing.BRISK,
          seed,
          number -> usualPlate(seed, number),
          number -> PoweredMachine.NOTHING);
    }

    /** The same with other faults, one of these for each faulty BMC. */
    public Plan withFaults(double share, List<Faults> other) {
      return new Plan(count, share, other, personalities, https, timing, seed, plate, load);
    }

    public Plan withHttp() {
      return new Plan(count, faulty, faults, personalities, false, timing, seed, plate, load);
    }

    /** The same with other machines behind the BMCs. */
    public Plan with(
        Function<Integer, PoweredMachine.Plate> plates,
        Function<Integer, PoweredMachine.Load> loads) {
      return new Plan(count, faulty, faults, personalities, https, timing, seed, plates, loads);
    }

    private static List<Faults> worst() {
      // Its machines read no media.
      return List.of(Fault.values()).stream()
          .filter(fault -> fault.when() != Fault.When.MEDIA)
          .map(Faults::always)
          .toList();
    }
  }

  /**
   * One BMC of the fleet.
   *
   * @param number from 0
   * @param credentials each has a password of its own
   * @param faults none for a healthy one
   */
  public record Member(
      int number,
      RedfishEmulator bmc,
      PoweredMachine machine,
      Credentials credentials,
      Personality personality,
      Faults faults) {

    public boolean isHealthy() {
      return faults.rules().isEmpty();
    }
  }

  private BmcFleet(List<Member> members) {
    this.members = List.copyOf(members);
  }

  /** Starts all BMCs; all machines are off. */
  public static BmcFleet start(Plan plan) {
    Random random = new Random(plan.seed());
    List<Integer> order = new ArrayList<>(IntStream.range(0, plan.count()).boxed().toList());
    Collections.shuffle(order, random);
    int sick = plan.faults().isEmpty() ? 0 : (int) Math.round(plan.count() * plan.faulty());
    List<Faults> faults = new ArrayList<>(Collections.nCopies(plan.count(), Faults.NONE));
    for (int i = 0; i < sick; i++) {
      faults.set(order.get(i), plan.faults().get(i % plan.faults().size()));
    }
    List<Member> members = new ArrayList<>();
    try {
      for (int i = 0; i < plan.count(); i++) {
        Personality personality =
            plan.personalities().get(random.nextInt(plan.personalities().size()));
        members.add(member(plan, i, personality, faults.get(i), random.nextLong()));
      }
      return new BmcFleet(members);
    } catch (RuntimeException e) {
      new BmcFleet(members).close();
      throw e;
    }
  }

  private static Member member(
      Plan plan, int number, Personality personality, Faults faults, long seed) {
    PoweredMachine.Plate plate = plan.plate().apply(number);
    PoweredMachine machine = new PoweredMachine(plate, plan.load().apply(number));
    Credentials credentials = new Credentials("admin", new Secret(String.format("pw-%016x", seed)));
    RedfishEmulator bmc =
        RedfishEmulator.start(
            new RedfishEmulator.Setup(
                personality,
                List.of(machine),
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                plan.https(),
                credentials,
                faults,
                seed,
                plan.timing(),
                InstantSource.system(),
                Optional.empty()));
    return new Member(number, bmc, machine, credentials, personality, faults);
  }

  private static PoweredMachine.Plate usualPlate(long seed, int number) {
    String name = "fleet-" + seed + "-" + number;
    return new PoweredMachine.Plate(
        UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.US_ASCII)),
        String.format("FB%05d", number),
        List.of(mac(number, 0), mac(number, 1)));
  }

  private static HardwareAddress mac(int number, int port) {
    return new HardwareAddress(
        String.format("52:54:00:%02x:%02x:%02x", 0xb0 + port, number / 256, number % 256));
  }

  public List<Member> members() {
    return members;
  }

  /** Closes all BMCs and pulls the plug of all machines. */
  @Override
  public void close() {
    for (Member member : members) {
      member.bmc().close();
      member.machine().close();
    }
  }
}
