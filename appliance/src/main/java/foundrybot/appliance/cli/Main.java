// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.appliance.Appliance;
import foundrybot.appliance.StartException;
import foundrybot.appliance.power.PowerException;
import foundrybot.appliance.store.StoreException;
import foundrybot.appliance.tls.TlsException;
import foundrybot.bootserver.BindException;
import foundrybot.images.BuildException;
import java.util.ServiceLoader;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line {@code bootserver}. */
@Command(
    name = "bootserver",
    mixinStandardHelpOptions = true,
    version = "FoundryBot " + Appliance.VERSION,
    description = "Turns powered-off machines into a cluster, over the network.",
    subcommands = {
      ServeCommand.class,
      StatusCommand.class,
      WhyCommand.class,
      EventsCommand.class,
      LogsCommand.class,
      AuditCommand.class,
      ReportCommand.class,
      WebhooksCommand.class,
      OperatorCommand.class,
      DeployCommand.class,
      ReinstallCommand.class,
      RescueCommand.class,
      InspectCommand.class,
      EraseCommand.class,
      ReleaseCommand.class,
      HoldCommand.class,
      ResumeCommand.class,
      ArmCommand.class,
      ValidateCommand.class,
      ProfileCommand.class,
      AnswerCommand.class,
      PlanCommand.class,
      ImportCommand.class,
      SchemaCommand.class,
      DocsCommand.class,
      LoadersCommand.class,
      ImageCommand.class,
      MirrorCommand.class,
      ExplainCommand.class,
      DoctorCommand.class,
      SnippetCommand.class,
      WakeCommand.class,
      PowerCommand.class,
      BmcCommand.class,
      MachineCommand.class,
      MediumCommand.class,
      CaCommand.class,
      KeysCommand.class,
      BundleCommand.class,
      RotateCommand.class,
      RevokeCommand.class,
      TpmCommand.class,
      CommandLine.HelpCommand.class
    },
    footer = {
      "",
      "Exit status of status: 0 complete, 2 in progress, 3 a node is stuck, 4 unreachable or"
          + " failed.",
      "Begin with: bootserver demo"
    })
public final class Main implements Callable<Integer> {
  /** Wrong use of the command line (EX_USAGE of sysexits). */
  static final int USAGE = 64;

  static final int FAILED = 1;

  /** Ended by Ctrl-C: 128 and the number of SIGINT, as shells have it. */
  static final int INTERRUPTED = 130;

  @Spec private CommandSpec spec = CommandSpec.create();

  public static void main(String[] arguments) {
    System.exit(run(arguments));
  }

  /** Does what is asked, in this process; returns the exit status. */
  public static int run(String... arguments) {
    CommandLine line = new CommandLine(new Main());
    for (CommandProvider provider : ServiceLoader.load(CommandProvider.class)) {
      line.addSubcommand(provider.command());
    }
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setExecutionExceptionHandler((problem, _, _) -> explain(problem));
    line.setParameterExceptionHandler(Main::misused);
    return line.execute(arguments);
  }

  @Override
  public Integer call() {
    spec.commandLine().usage(System.out);
    return USAGE;
  }

  /** What a user can mend is one line; only what is our own fault shows a trace. */
  private static int explain(Exception problem) throws Exception {
    if (problem instanceof InterruptedException
        || (problem instanceof UserException user && user.exitStatus() == INTERRUPTED)) {
      return INTERRUPTED;
    }
    if (problem instanceof StartException
        || problem instanceof StoreException
        || problem instanceof BindException
        || problem instanceof BuildException
        || problem instanceof TlsException
        || problem instanceof PowerException
        || problem instanceof UserException) {
      System.err.println("bootserver: " + problem.getMessage());
      return problem instanceof UserException user ? user.exitStatus() : FAILED;
    }
    throw problem;
  }

  private static int misused(ParameterException problem, String[] arguments) {
    System.err.println("bootserver: " + Misuse.sentence(problem));
    return USAGE;
  }
}
