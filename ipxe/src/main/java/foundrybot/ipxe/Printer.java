// SPDX-License-Identifier: Apache-2.0
package foundrybot.ipxe;

import java.util.ArrayList;
import java.util.List;

/** Writes commands as lines; the commands' constructors have refused what cannot be written. */
final class Printer {

  private Printer() {}

  static String line(Command command) {
    String line =
        switch (command) {
          case Command.Comment(String text) -> text.isEmpty() ? "#" : "# " + text;
          case Command.Label(String name) -> ":" + name;
          case Command.OrElse(Command.Action attempt, Command.Action otherwise) ->
              action(attempt) + " || " + action(otherwise);
          case Command.Tolerated(Command.Action attempt) -> action(attempt) + " ||";
          // The empty command behind the last || succeeds: a condition that does not hold is no
          // failure of the script.
          case Command.When(Command.Condition condition, Command.Goto then) ->
              condition(condition) + " && " + action(then) + " ||";
          case Command.Action action -> action(action);
        };
    // A backslash at the very end would join the next line; a space behind it is dropped.
    return line.endsWith("\\") ? line + " " : line;
  }

  private static String condition(Command.Condition condition) {
    return switch (condition) {
      case Command.IsSet(Setting setting) -> "isset " + Syntax.operands(List.of(setting.source()));
      case Command.IsEqual(Text left, Text right) ->
          "iseq " + Syntax.operands(List.of(left.source(), right.source()));
    };
  }

  private static String action(Command.Action action) {
    return switch (action) {
      case Command.Echo(Text text) ->
          text.parts().isEmpty() ? "echo" : "echo " + Syntax.operands(List.of(text.source()));
      case Command.Set(String variable, Setting.Format type, Text value) ->
          "set " + variable + type.suffix() + " " + value.source();
      case Command.Increment(String variable) -> "inc " + variable;
      case Command.Goto(String label) -> "goto " + label;
      case Command.Dhcp() -> "dhcp";
      case Command.DhcpOn(String device) -> "dhcp " + device;
      case Command.SetOn(String device, String setting, String value) ->
          "set " + device + "/" + setting + " " + value;
      case Command.IfOpen(String device) -> "ifopen " + device;
      case Command.Kernel kernel -> kernel(kernel);
      case Command.Initrd(Text location, String name) ->
          "initrd --name " + name + " " + Syntax.operands(List.of(location.source()));
      case Command.ImgFree() -> "imgfree";
      case Command.ImgFetch(Text location, String name) ->
          "imgfetch --name " + name + " " + Syntax.operands(List.of(location.source()));
      case Command.ImgExec(String image) -> "imgexec --autofree --replace " + image;
      case Command.ImgTrust() -> "imgtrust --permanent";
      case Command.ImgVerify(String image, Text signature) ->
          "imgverify " + image + " " + signature.source();
      case Command.Boot() -> "boot";
      case Command.Sanboot sanboot -> sanboot(sanboot);
      case Command.Chain chain -> chain(chain);
      case Command.Sleep sleep -> "sleep " + sleep.time().toSeconds();
      case Command.Exit(int status) -> status == 0 ? "exit" : "exit " + status;
      case Command.Reboot() -> "reboot";
      case Command.Shell() -> "shell";
    };
  }

  private static String kernel(Command.Kernel kernel) {
    List<String> operands = new ArrayList<>();
    operands.add(kernel.location().source());
    kernel.arguments().forEach(argument -> operands.add(argument.source()));
    return "kernel --name " + kernel.name() + " " + Syntax.operands(operands);
  }

  private static String sanboot(Command.Sanboot sanboot) {
    return "sanboot"
        + (sanboot.noDescribe() ? " --no-describe" : "")
        + (sanboot.keep() ? " --keep" : "")
        + String.format(" --drive 0x%02x", sanboot.drive());
  }

  private static String chain(Command.Chain chain) {
    return "chain"
        + (chain.autofree() ? " --autofree" : "")
        + (chain.replace() ? " --replace" : "")
        + " "
        + Syntax.operands(List.of(chain.target().source()));
  }
}
