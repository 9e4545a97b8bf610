// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.answerfiles.FirmwareFiles;
import foundrybot.answerfiles.RackFile;
import foundrybot.appliance.Explanation;
import foundrybot.appliance.ProgramFolder;
import foundrybot.bootserver.Architecture;
import foundrybot.bootserver.BootClient;
import foundrybot.bootserver.MacAddress;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Says what a machine would be answered, and why. */
@Command(
    name = "explain",
    mixinStandardHelpOptions = true,
    description = {
      "Says what a machine would be answered by DHCP, and why; needs no running appliance.",
      "Rows of firmware.yaml beside the rack file come before the built-in ones (--table)."
    })
final class ExplainCommand implements Callable<Integer> {
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
    if (architecture < 0 || architecture > 0xffff) {
      throw new UserException(
          Main.USAGE,
          "--arch: "
              + (architecture == -1 ? "missing" : architecture)
              + " (expected: a code of option 93, 0..65535, as in --arch 7)");
    }
    MacAddress address =
        MacAddress.parse(mac)
            .orElseThrow(
                () ->
                    new UserException(
                        Main.USAGE,
                        "--mac: "
                            + (mac.isEmpty() ? "missing" : mac)
                            + " (expected: a MAC, such as 52:54:00:aa:00:01)"));
    RackSource source = rack.source();
    RackFile file = source.require();
    Explanation.of(
            file,
            FirmwareSource.beside(source.path()).require(file),
            ProgramFolder.choose(programs.folder(), data.path()),
            client(new Architecture(architecture), address))
        .forEach(System.out::println);
    return 0;
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
