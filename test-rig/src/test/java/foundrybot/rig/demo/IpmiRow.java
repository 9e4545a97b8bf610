// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.demo;

import foundrybot.redfish.Secret;
import foundrybot.rig.bmc.IpmiAccess;
import foundrybot.rig.bmc.IpmiFaults;
import foundrybot.rig.bmc.IpmiResponder;
import foundrybot.rig.bmc.IpmiUser;
import foundrybot.rig.bmc.IpmiUser.Privilege;
import foundrybot.rig.bmc.PoweredMachine;
import foundrybot.rig.bmc.ThreadLoad;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** A row of machines behind IPMI, of which some BMCs are faulty; by a seed. */
final class IpmiRow implements AutoCloseable {
  private static final int CHASSIS = 0x00;
  private static final int CONTROL = 0x02;
  private static final int SET_BOOT = 0x08;

  /** What can be wrong. */
  enum Trouble {
    NONE(true, ""),
    LOSES(true, ""),
    DOUBLES(true, ""),
    DAWDLES(true, ""),
    IS_BUSY_AT_FIRST(true, ""),
    KEEPS_ONE_ANSWER(true, ""),
    IS_DEAD(false, "no answer"),
    KNOWS_ANOTHER_PASSWORD(false, "password"),
    DENIES_THE_PRIVILEGE(false, "privilege"),
    ONLY_SAYS_YES(false, "off|power"),
    REFUSES_THE_BOOT_DEVICE(false, "0x80|boot"),
    KNOWS_NO_SUITE(false, "suite");

    private final boolean works;
    private final String reason;

    Trouble(boolean works, String reason) {
      this.works = works;
      this.reason = reason;
    }

    private IpmiFaults faults() {
      IpmiFaults none = IpmiFaults.NONE;
      int always = IpmiFaults.ALWAYS;
      return switch (this) {
        case LOSES -> none.losing(0.2, 0.2);
        case DOUBLES -> none.doubling(0.5, 0.5);
        case DAWDLES -> none.delaying(0.3, Duration.ofMillis(400));
        case IS_BUSY_AT_FIRST -> none.saying(CHASSIS, CONTROL, 0xc0, 2, false);
        case KEEPS_ONE_ANSWER -> none.saying(CHASSIS, CONTROL, IpmiFaults.NOTHING, 1, true);
        case IS_DEAD -> none.inSilence();
        case DENIES_THE_PRIVILEGE -> none.saying(CHASSIS, CONTROL, 0xd4, always, false);
        case ONLY_SAYS_YES -> none.saying(CHASSIS, CONTROL, 0x00, always, false);
        case REFUSES_THE_BOOT_DEVICE -> none.saying(CHASSIS, SET_BOOT, 0x80, always, false);
        case NONE, KNOWS_ANOTHER_PASSWORD, KNOWS_NO_SUITE -> none;
      };
    }
  }

  /**
   * One of them.
   *
   * @param number of its machine in the rack
   * @param password that the rack file refers to
   */
  record Member(
      int number,
      IpmiResponder bmc,
      PoweredMachine machine,
      ThreadLoad load,
      Secret password,
      Trouble trouble) {
    boolean works() {
      return trouble.works;
    }

    /** What its refusal must name. */
    String reason() {
      return trouble.reason;
    }
  }

  private final List<Member> members = new ArrayList<>();

  /** Starts them for the machines from that number on. */
  static IpmiRow start(int first, int count, int faulty, long seed) {
    Random random = new Random(seed);
    List<Trouble> troubles = new ArrayList<>(Collections.nCopies(count, Trouble.NONE));
    for (int i = 0; i < faulty; i++) {
      troubles.set(i, Trouble.values()[1 + i % (Trouble.values().length - 1)]);
    }
    Collections.shuffle(troubles, random);
    IpmiRow row = new IpmiRow();
    for (int i = 0; i < count; i++) {
      row.members.add(member(first + i, troubles.get(i), random));
    }
    return row;
  }

  private static Member member(int number, Trouble trouble, Random random) {
    Secret password = new Secret(String.format("ipmi-%012x", random.nextLong(1L << 48)));
    Secret known =
        trouble == Trouble.KNOWS_ANOTHER_PASSWORD ? new Secret("changed-by-a-human") : password;
    IpmiAccess access =
        IpmiAccess.USUAL.withUsers(new IpmiUser("admin", known, Privilege.ADMINISTRATOR));
    ThreadLoad load = DemoBmcs.load(number);
    PoweredMachine machine = new PoweredMachine(DemoBmcs.plate(number), load);
    IpmiResponder bmc =
        IpmiResponder.start(
            IpmiResponder.Setup.of(machine)
                .with(trouble == Trouble.KNOWS_NO_SUITE ? access.withSuites(0x11) : access)
                .with(trouble.faults(), random.nextLong()));
    return new Member(number, bmc, machine, load, password, trouble);
  }

  /** Writes the passwords, and says what stands in the rack file for each node. */
  List<String> describe(Path folder) throws IOException {
    List<String> lines = new ArrayList<>();
    Path passwords = Files.createDirectories(folder.resolve("bmc-passwords"));
    for (Member member : members) {
      String file = "bmc-" + member.number();
      Files.writeString(passwords.resolve(file), member.password().reveal() + "\n");
      lines.add(
          "{ url: \"%s\", user: admin, password-file: bmc-passwords/%s }"
              .formatted(member.bmc().url(), file));
    }
    return lines;
  }

  List<Member> members() {
    return List.copyOf(members);
  }

  @Override
  public void close() {
    for (Member member : members) {
      member.bmc().close();
      member.machine().close();
    }
  }
}
