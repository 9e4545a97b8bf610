// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.qemu;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The product as its users run it: {@code bin/bootserver serve} as a process of its own in the
 * rack's namespace, on the protocols' own ports, asked only through its command line.
 */
public final class ApplianceProcess implements AutoCloseable {
  private static final Duration ANSWER = Duration.ofSeconds(60);

  /** The exit status of {@code bootserver status} when there is nobody to ask. */
  private static final int UNREACHABLE = 4;

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final RackNetwork network;
  private final Path command;
  private final Path folder;
  private final Path data;
  private final StatusFeed feed;
  private Optional<Child> serving = Optional.empty();

  /**
   * An appliance that does not run yet.
   *
   * @param command {@code bin/bootserver}
   * @param folder holds {@code rack.yaml} and gets {@code appliance.log}
   * @param data what the appliance keeps
   */
  ApplianceProcess(RackNetwork network, Path command, Path folder, Path data) {
    this.network = network;
    this.command = command;
    this.folder = folder;
    this.data = data;
    Path file = folder.resolve("status.log");
    this.feed =
        new StatusFeed(
            file,
            () -> Child.start("bootserver status", file, line("status", "--watch", "--json")));
  }

  /** Begins to serve; returns at once. */
  public void start() {
    if (isServing()) {
      throw new IllegalStateException("the appliance runs already");
    }
    serving =
        Optional.of(
            Child.start("bootserver serve", log(), line("serve", "--rack", rackFile().toString())));
  }

  private List<String> line(String... arguments) {
    List<String> line = new ArrayList<>(List.of(command.toString()));
    line.addAll(List.of(arguments));
    line.addAll(List.of("--data", data.toString()));
    return network.inRack(line);
  }

  public boolean isServing() {
    return serving.filter(Child::isAlive).isPresent();
  }

  /** Whether it answers its command line. */
  public boolean answers() {
    return ask("status").status() < UNREACHABLE;
  }

  /** SIGKILL, as when the power goes. */
  public void kill() {
    serving.ifPresent(Child::kill);
    serving = Optional.empty();
  }

  Path log() {
    return folder.resolve("appliance.log");
  }

  /** What {@code bootserver status} last said; empty before the first answer. */
  public Optional<JsonNode> latestStatus() {
    return feed.latest();
  }

  /** A fresh {@code bootserver status --json}. */
  public record Status(int exitStatus, JsonNode json) {}

  public Status status() {
    Child.Outcome outcome = ask("status", "--json");
    return new Status(outcome.status(), JSON.readTree(outcome.output()));
  }

  /** {@code bootserver events NODE}: one line per event, oldest first. */
  public List<String> events(String node) {
    Child.Outcome outcome = ask("events", node);
    if (outcome.status() != 0) {
      throw new RigException(
          "bootserver events " + node + ": exit status " + outcome.status() + "; see " + errors());
    }
    return outcome.output().lines().toList();
  }

  /** What commands that speak to BMCs themselves are told. */
  Path rackFile() {
    return folder.resolve("rack.yaml");
  }

  /** Another command of {@code bootserver}; what it says on its error output is kept. */
  Child.Outcome run(Duration limit, String... arguments) {
    return Child.run(errors(), limit, line(arguments));
  }

  /** A command that asks the running appliance for something that may take a while. */
  Child.Outcome tell(Duration limit, String... arguments) {
    return Child.run(errors(), limit, line(arguments));
  }

  private Child.Outcome ask(String... arguments) {
    return run(ANSWER, arguments);
  }

  /** What commands have said on their error output. */
  Path errors() {
    return folder.resolve("bootserver-errors.log");
  }

  @Override
  public void close() {
    feed.close();
    serving.ifPresent(Child::close);
    serving = Optional.empty();
  }
}
