// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.answerfiles.RackFile;
import foundrybot.answerfiles.RackReading;
import foundrybot.appliance.Appliance;
import foundrybot.appliance.FileMark;
import foundrybot.appliance.ProgramFolder;
import foundrybot.appliance.notify.HookSetup;
import foundrybot.appliance.power.Bmcs;
import foundrybot.appliance.power.PowerSetup;
import foundrybot.appliance.store.Keeping;
import foundrybot.appliance.store.KeyRing;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs the appliance until it is told to end. */
@Command(
    name = "serve",
    mixinStandardHelpOptions = true,
    description = "Runs the appliance: DHCP, TFTP and HTTP in one process.")
final class ServeCommand implements Callable<Integer> {
  private static final int MOST_DAYS = 36_500;
  private static final int MOST_MB = 1024;

  @Mixin private RackOption rack = new RackOption();

  @Mixin private BootProgramsOption programs = new BootProgramsOption();

  @Mixin private DataOption data = new DataOption();

  @Option(
      names = "--keep-days",
      paramLabel = "N",
      defaultValue = "90",
      description =
          "How long the journal keeps evidence, which 'events' shows (default: ${DEFAULT-VALUE}"
              + " days). Where each node stands is kept for ever.")
  private int keepDays = 90;

  @Option(
      names = "--keep-mb",
      paramLabel = "N",
      defaultValue = "256",
      description =
          "How large the journal may be when it is looked through, once a day (default:"
              + " ${DEFAULT-VALUE} MB); the oldest evidence goes first.")
  private int keepMb = 256;

  @Option(
      names = "--log-format",
      paramLabel = "FORMAT",
      defaultValue = "text",
      description =
          "How the log on standard error is written: text, or json with an object in each line"
              + " (default: ${DEFAULT-VALUE}).")
  private LogFormat logFormat = LogFormat.TEXT;

  @Option(
      names = "--passphrase-file",
      paramLabel = "FILE",
      description = {
        "Whose first line is the passphrase of the keys, - for the standard input, /dev/fd/3 for a"
            + " descriptor; where they are encrypted ('keys protect').",
        "Without it: $FOUNDRYBOT_PASSPHRASE_FILE, the systemd credential, or the terminal."
      })
  private Optional<String> passphraseFile = Optional.empty();

  @Override
  public Integer call() throws InterruptedException {
    Optional<JsonLines> json =
        logFormat == LogFormat.JSON ? Optional.of(LogFormat.useJson()) : Optional.empty();
    RackSource source = rack.source();
    FirmwareSource firmware = FirmwareSource.beside(source.path());
    String rackMark = FileMark.of(source.path());
    String firmwareMark = FileMark.of(firmware.path());
    ProfileSource profiles = ProfileSource.beside(source.path());
    String profilesMark = profiles.mark();
    BesideFiles beside = new BesideFiles(source.folder());
    RackFile first = source.requireRehearsed(beside);
    String besideMark = beside.mark();
    String bootFilesMark = Appliance.bootFilesMark(data.path());
    AtomicInteger exit = new AtomicInteger();
    CountDownLatch end = new CountDownLatch(1);
    CountDownLatch ended = new CountDownLatch(1);
    KeyRing keys = data.keys(passphraseFile);
    keys.unlock();
    Bmcs bmcs = new Bmcs(source.folder(), keys, System.getenv(), first.appliance().address());
    Appliance.Setup setup =
        new Appliance.Setup(
            first,
            firmware.require(first),
            data.path(),
            ProgramFolder.choose(programs.folder(), data.path()),
            Clock.systemUTC(),
            problem -> {
              System.err.println("bootserver: " + problem);
              exit.set(Main.FAILED);
              end.countDown();
            },
            PowerSetup.of(bmcs),
            keeping(),
            HookSetup.of(source.folder(), System.getenv()),
            keys);
    try (Appliance appliance = Appliance.start(setup);
        HeapTrimmer _ = HeapTrimmer.start();
        RackWatcher _ =
            RackWatcher.start(
                source.path(), rackMark, () -> reload(source, beside, firmware, appliance));
        RackWatcher _ =
            RackWatcher.start(
                beside::mark, besideMark, () -> reload(source, beside, firmware, appliance));
        RackWatcher _ =
            RackWatcher.start(
                source.files()::mark,
                source.files().read(),
                () -> reload(source, beside, firmware, appliance));
        RackWatcher _ =
            RackWatcher.start(
                () -> Appliance.bootFilesMark(data.path()),
                bootFilesMark,
                () -> reload(source, beside, firmware, appliance));
        RackWatcher _ =
            RackWatcher.start(
                profiles::mark, profilesMark, () -> reload(source, beside, firmware, appliance));
        RackWatcher _ =
            RackWatcher.start(
                firmware.path(), firmwareMark, () -> reload(source, beside, firmware, appliance))) {
      json.ifPresent(lines -> lines.know(appliance::logNode));
      Runtime.getRuntime()
          .addShutdownHook(
              new Thread(
                  () -> {
                    end.countDown();
                    await(ended);
                    // An end that was asked for is a success; the JVM would say 143.
                    Runtime.getRuntime().halt(exit.get());
                  },
                  "shutdown"));
      System.out.println("bootserver: serving " + source.path() + "; Ctrl-C ends it");
      end.await();
    }
    System.out.println(exit.get() == 0 ? "bootserver: ended cleanly" : "bootserver: ended");
    System.out.flush();
    ended.countDown();
    return exit.get();
  }

  private Keeping keeping() {
    return new Keeping(
        Duration.ofDays(within("--keep-days", keepDays, MOST_DAYS)),
        (long) within("--keep-mb", keepMb, MOST_MB) << 20);
  }

  private static int within(String option, int value, int most) {
    if (value < 1 || value > most) {
      throw new UserException(Main.USAGE, option + ": " + value + " (expected: 1.." + most + ")");
    }
    return value;
  }

  static void reload(RackSource source, FirmwareSource firmware, Appliance appliance) {
    reload(source, new BesideFiles(source.folder()), firmware, appliance);
  }

  /** What was read has a watcher each; who comes last has read all last. */
  static synchronized void reload(
      RackSource source, BesideFiles beside, FirmwareSource firmware, Appliance appliance) {
    try {
      switch (source.rehearse(beside)) {
        case RackReading.Valid valid ->
            appliance.replaceRack(valid.rack(), firmware.require(valid.rack()));
        case RackReading.Invalid invalid ->
            appliance.refuseRack(RackSource.lines(invalid.faults()));
      }
    } catch (UserException e) {
      appliance.refuseRack(String.valueOf(e.getMessage()));
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      if (!latch.await(15, TimeUnit.SECONDS)) {
        System.err.println("bootserver: not ended after 15 s; giving up");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
