// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.answerfiles.FirmwareFiles;
import foundrybot.answerfiles.Mac;
import foundrybot.answerfiles.RackFile;
import foundrybot.appliance.Explanation;
import foundrybot.appliance.ProgramFolder;
import foundrybot.bootserver.Architecture;
import foundrybot.bootserver.BootClient;
import foundrybot.bootserver.MacAddress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** Says what a machine would be answered, and why. */
@Command(
    name = "explain",
    mixinStandardHelpOptions = true,
    description = {
      "Says what a machine would be answered by DHCP, and why; needs no running appliance.",
      "With a node's name its MAC is that of the rack file, and its architecture what its firmware"
          + " sent last, as far as a running appliance knows; else each of the usual ones.",
      "Rows of firmware.yaml beside the rack file come before the built-in ones (--table)."
    })
final class ExplainCommand implements Callable<Integer> {
  /** What most machines send: x86 BIOS, x64 UEFI, ARM64 UEFI, x64 UEFI over HTTP. */
  private static final List<Integer> USUAL = List.of(0, 7, 11, 16);

  /** As DHCP's evidence has it. */
  private static final Pattern FIRMWARE =
      Pattern.compile("^arch=(\\d{1,5}) .*\\bprogram=FIRMWARE\\b");

  private static final int MOST_EVENTS = 5_000;

  @Parameters(
      arity = "0..1",
      paramLabel = "NODE",
      description = "The node's name in the rack file, instead of --mac.")
  private String node = "";

  @Option(
      names = "--arch",
      paramLabel = "CODE",
      description =
          "What it sends in option 93: 0 x86 BIOS, 7 x64 UEFI, 11 ARM64 UEFI, 16 x64 HTTP.")
  private int architecture = -1;

  @Option(names = "--mac", paramLabel = "MAC", description = "Its hardware address.")
  private String mac = "";

  @Option(
      names = "--vendor-class",
      paramLabel = "TEXT",
      description = "What it sends in option 60 (default: as PXE firmware of that architecture).")
  private @Nullable String vendorClass;

  @Option(names = "--ipxe", description = "It is an iPXE that runs already.")
  private boolean ipxe;

  @Option(names = "--table", description = "Prints the built-in firmware table and ends.")
  private boolean table;

  @Mixin private RackOption rack = new RackOption();

  @Mixin private DataOption data = new DataOption();

  @Mixin private BootProgramsOption programs = new BootProgramsOption();

  @Override
  public Integer call() {
    if (table) {
      System.out.print(FirmwareFiles.builtInText());
      return 0;
    }
    boolean named = !node.isEmpty();
    if (named) {
      NodeNames.check(node);
    }
    if (named && !mac.isEmpty()) {
      throw new UserException(
          Main.USAGE, "--mac: together with the node " + node + " (expected: one of the two)");
    }
    boolean open = named && architecture == -1;
    if (!open && (architecture < 0 || architecture > 0xffff)) {
      throw new UserException(
          Main.USAGE,
          "--arch: "
              + (architecture == -1 ? "missing" : architecture)
              + " (expected: a code of option 93, 0..65535, as in --arch 7)");
    }
    Optional<MacAddress> told = MacAddress.parse(mac);
    if (!named && told.isEmpty()) {
      throw new UserException(
          Main.USAGE,
          "--mac: "
              + (mac.isEmpty() ? "missing" : mac)
              + " (expected: a MAC, such as 52:54:00:aa:00:01, or a node's name)");
    }
    RackSource source = rack.source();
    RackFile file = source.require();
    MacAddress address = told.orElseGet(() -> address(source.node(file, node).mac()));
    String between = "";
    for (int code : open ? architectures() : List.of(architecture)) {
      System.out.print(between);
      Explanation.of(
              file,
              FirmwareSource.beside(source.path()).require(file),
              ProgramFolder.choose(programs.folder(), data.path()),
              client(new Architecture(code), address))
          .forEach(System.out::println);
      between = "\n";
    }
    return 0;
  }

  private static MacAddress address(Mac mac) {
    return new MacAddress(mac.bits());
  }

  /** What the node's firmware sent last; where nobody has heard it, what it may send. */
  private List<Integer> architectures() {
    Optional<Integer> heard = heard();
    if (heard.isEmpty()) {
      System.err.println(
          "bootserver: note: no running appliance has heard "
              + node
              + " ask by DHCP lately, so here is each usual architecture (--arch: one of them)");
    }
    return heard.map(List::of).orElse(USUAL);
  }

  private Optional<Integer> heard() {
    try (ApiClient client = new ApiClient(data.path())) {
      Optional<Integer> last = Optional.empty();
      for (JsonNode event : client.get("nodes/" + node + "/events?limit=" + MOST_EVENTS)) {
        Matcher said = FIRMWARE.matcher(event.get("detail").asString());
        if (event.get("kind").asString().startsWith("dhcp.") && said.find()) {
          last = Optional.of(Integer.parseInt(said.group(1)));
        }
      }
      return last.filter(code -> code <= 0xffff);
    } catch (UserException e) {
      // It needs no appliance; without one less is known.
      return Optional.empty();
    }
  }

  private BootClient client(Architecture said, MacAddress address) {
    String usual =
        "%s:Arch:%05d:UNDI:003000"
            .formatted(said.overHttp() ? "HTTPClient" : "PXEClient", said.code());
    String its = vendorClass == null ? usual : vendorClass;
    return new BootClient(
        address,
        Optional.empty(),
        said,
        ipxe ? BootClient.Program.IPXE : BootClient.Program.FIRMWARE,
        its.startsWith("HTTPClient") ? BootClient.Transport.HTTP : BootClient.Transport.PXE,
        its);
  }
}
