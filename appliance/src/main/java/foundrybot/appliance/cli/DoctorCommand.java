// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.answerfiles.RackFile;
import foundrybot.appliance.FleetStatus;
import foundrybot.appliance.doctor.Doctor;
import foundrybot.appliance.doctor.FrontDesk;
import foundrybot.appliance.doctor.Report;
import foundrybot.bootserver.MacAddress;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Says what keeps machines from booting. */
@Command(
    name = "doctor",
    mixinStandardHelpOptions = true,
    description = {
      "Looks for what keeps machines from booting.",
      "Other DHCP servers, blocked or taken ports, a missing relay, MTU, clock. It asks and fetches"
          + " as a machine would, takes no lease, and",
      "changes nothing; it takes some seconds and sends 12 DHCP packets. As root it sees most."
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:nothing wrong was found",
      "1:the doctor could not begin",
      "2:warnings",
      "3:faults: machines will not boot, or not all of them"
    })
final class DoctorCommand implements Callable<Integer> {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  @Mixin private RackOption rack = new RackOption();

  @Mixin private BootProgramsOption programs = new BootProgramsOption();

  @Mixin private DataOption data = new DataOption();

  @Option(
      names = "--interface",
      paramLabel = "NAME",
      description =
          "Where to ask DHCP servers (default: the rack file's). On another machine than the"
              + " appliance's name one of its own: then the appliance is tried over the network.")
  private @Nullable String interfaceName;

  @Option(
      names = "--mac",
      paramLabel = "MAC",
      description =
          "Ask in the name of this machine (default: one that does not exist); the appliance"
              + " notes that it was heard.")
  private @Nullable String mac;

  @Option(names = "--json", description = "The same as data.")
  private boolean json;

  @Override
  public Integer call() throws InterruptedException {
    Optional<MacAddress> asked =
        Optional.ofNullable(mac)
            .map(
                text ->
                    MacAddress.parse(text)
                        .orElseThrow(
                            () ->
                                new UserException(
                                    Main.USAGE,
                                    "--mac: "
                                        + text
                                        + " (expected: a MAC, such as 52:54:00:aa:00:01)")));
    RackSource source = rack.source();
    RackFile file = source.require();
    Doctor.Case patient =
        new Doctor.Case(
            file,
            FirmwareSource.beside(source.path()).require(file),
            programs.folder(),
            data.path(),
            Optional.ofNullable(interfaceName),
            asked);
    Report report = examine(patient);
    System.out.print(json ? JSON.writeValueAsString(report) + "\n" : report.text());
    return report.exitStatus();
  }

  private Report examine(Doctor.Case patient) throws InterruptedException {
    ApiClient client;
    try {
      client = new ApiClient(data.path());
      client.get("status");
    } catch (UserException e) {
      return Doctor.examine(patient, FrontDesk.closed(), Clock.systemUTC());
    }
    try (client) {
      return Doctor.examine(patient, FrontDesk.at(new Line(client)), Clock.systemUTC());
    }
  }

  private record Line(ApiClient client) implements FrontDesk.Line {
    @Override
    public FrontDesk.Seen seen() {
      FleetStatus status = JSON.treeToValue(client.get("status"), FleetStatus.class);
      Map<String, String> stuck = new HashMap<>();
      status.nodes().stream()
          .filter(node -> !node.why().isEmpty())
          .forEach(node -> stuck.put(node.name(), node.stage()));
      return new FrontDesk.Seen(
          status.counters(),
          status.strangers().stream().map(one -> one.mac() + " " + one.said()).toList(),
          stuck);
    }

    @Override
    public List<String> details() {
      List<String> details = new ArrayList<>();
      for (JsonNode event : client.get("events")) {
        details.add(event.get("detail").asString());
      }
      return details;
    }

    @Override
    public void invite(MacAddress mac) {
      client.post("guests/" + mac.hyphenated(), "");
    }
  }
}
