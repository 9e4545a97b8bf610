// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.qemu;

import foundrybot.redfish.Credentials;
import foundrybot.rig.bmc.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * OpenIPMI's {@code ipmi_sim} (Debian package openipmi) as the BMC of a machine: an IPMI 2.0
 * implementation that is nobody's code here, with cipher suite 3.
 */
final class IpmiSim implements AutoCloseable {
  private final Chassis chassis;
  private final Child process;

  private IpmiSim(Chassis chassis, Child process) {
    this.chassis = chassis;
    this.process = process;
  }

  /**
   * Starts it; it listens soon after, and consoles ask again.
   *
   * @param folder gets its files and its log
   * @param port of 127.0.0.1 where it runs
   * @param place puts a command where it is to run
   */
  static IpmiSim start(
      Path folder, int port, Credentials user, Machine machine, UnaryOperator<List<String>> place) {
    Chassis chassis = Chassis.open(machine);
    try {
      Path lan =
          Files.writeString(
              folder.resolve("lan.conf"), lan(port, user, chassis.program(), guid(machine)));
      Path commands = Files.writeString(folder.resolve("bmc.emu"), BMC);
      Path state = Files.createDirectories(folder.resolve("state"));
      List<String> command =
          List.of(
              "ipmi_sim",
              "-c",
              lan.toString(),
              "-f",
              commands.toString(),
              "-s",
              state.toString(),
              "-n");
      return new IpmiSim(
          chassis, Child.start("ipmi_sim", folder.resolve("log"), place.apply(command)));
    } catch (IOException | RuntimeException e) {
      chassis.close();
      throw new RigException("ipmi_sim: cannot be started in " + folder, e);
    }
  }

  private static final String BMC =
      """
      mc_setbmc 0x20
      mc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02 persist_sdr
      sel_enable 0x20 1000 0x0a
      mc_enable 0x20
      """;

  private static String guid(Machine machine) {
    return machine.uuid().toString().replace("-", "");
  }

  private static String lan(int port, Credentials user, Path program, String guid) {
    return """
    name "machine"
    set_working_mc 0x20
      startlan 1
        addr 127.0.0.1 %d
        priv_limit admin
        allowed_auths_user none md2 md5 straight
        allowed_auths_operator none md2 md5 straight
        allowed_auths_admin none md2 md5 straight
        guid %s
      endlan
      chassis_control "%s machine"
      user 2 true "%s" "%s" admin 10 none md2 md5 straight
    """
        .formatted(port, guid, program, user.user(), user.password().reveal());
  }

  @Override
  public void close() {
    process.close();
    chassis.close();
  }
}
