// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.appliance.OfflineAudit;
import foundrybot.appliance.store.KeyProtection;
import foundrybot.appliance.store.KeyRing;
import foundrybot.appliance.store.KeyRing.Form;
import foundrybot.appliance.store.Store;
import foundrybot.appliance.store.StoreException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Says how the appliance's secret keys are protected, and changes it. */
@Command(
    name = "keys",
    mixinStandardHelpOptions = true,
    description = {
      "Says how the appliance's secret keys lie on its disk, and changes that: as files that only"
          + " their owner can read, or encrypted by a passphrase or by a systemd credential."
    },
    subcommands = {KeysCommand.Status.class, KeysCommand.Protect.class})
final class KeysCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    spec.commandLine().usage(System.out);
    return Main.USAGE;
  }

  /** Looks, and needs no passphrase. */
  @Command(
      name = "status",
      mixinStandardHelpOptions = true,
      description = "Says how each key lies there; needs no passphrase.",
      exitCodeListHeading = "%nExit status:%n",
      exitCodeList = {
        "0:all are as they ought to be",
        "1:one can be read by others, or is not encrypted as the others are",
        "64:wrong use of the command line"
      })
  static final class Status implements Callable<Integer> {
    @Mixin private DataOption data = new DataOption();

    @Option(names = "--json", description = "JSON instead of a table.")
    private boolean json;

    @Override
    public Integer call() {
      KeyRing keys = KeyRing.plain(data.path());
      Optional<KeyProtection> protection = keys.protection();
      String how = protection.map(KeyProtection::from).orElse("file");
      ObjectNode told = JsonMapper.shared().createObjectNode().put("protection", how);
      ArrayNode rows = told.putArray("keys");
      boolean faulty = false;
      for (String name : KeyRing.FILES) {
        Form form = keys.form(name);
        String rights = keys.rights(name).orElse("");
        String fault = fault(form, rights, protection.isPresent());
        faulty |= !fault.isEmpty();
        rows.addObject()
            .put("file", name)
            .put("form", form.toString())
            .put("rights", rights)
            .put("fault", fault);
      }
      if (json) {
        System.out.println(told.toPrettyString());
      } else {
        System.out.println("protection: " + how);
        rows.forEach(
            row ->
                System.out.println(
                    String.format(
                            "%-20s %-10s %-10s %s",
                            row.get("file").asString(),
                            row.get("form").asString(),
                            row.get("rights").asString(),
                            row.get("fault").asString())
                        .stripTrailing()));
      }
      return faulty ? Main.FAILED : 0;
    }

    private static String fault(Form form, String rights, boolean encrypted) {
      if (form == Form.MISSING) {
        return "";
      }
      if (!rights.isEmpty() && !rights.endsWith("------")) {
        return "others can read or write it: chmod 600";
      }
      boolean wanted = encrypted == (form == Form.ENCRYPTED);
      return wanted
          ? ""
          : encrypted
              ? "not encrypted yet: run 'keys protect' again; the appliance does not start"
              : "keys.protection is missing";
    }
  }

  /** Changes it. */
  @Command(
      name = "protect",
      mixinStandardHelpOptions = true,
      description = {
        "Changes how the keys are protected, or the passphrase; the appliance must not run"
            + " meanwhile.",
        "Who is killed in between runs it again; until then each key can be read, and the"
            + " appliance does not start."
      })
  static final class Protect implements Callable<Integer> {
    /** By what. */
    enum With {
      FILE,
      PASSPHRASE,
      CREDENTIAL
    }

    @Mixin private DataOption data = new DataOption();

    @Option(
        names = "--with",
        required = true,
        paramLabel = "WAY",
        description = {
          "file: unencrypted, readable for their owner alone.",
          "passphrase: encrypted; who starts the appliance is asked for it.",
          "credential: the same, and the passphrase is a credential of systemd."
        })
    private With with = With.FILE;

    @Option(
        names = "--name",
        paramLabel = "NAME",
        defaultValue = "foundrybot-keys",
        description = "Of the credential (default: ${DEFAULT-VALUE}).")
    private String name = "";

    @Option(
        names = "--passphrase-file",
        paramLabel = "FILE",
        description = "The passphrase until now, in line 1; - for the standard input.")
    private Optional<String> file = Optional.empty();

    @Option(
        names = "--new-passphrase-file",
        paramLabel = "FILE",
        description = "The passphrase from now on, likewise; of a credential, what is in it.")
    private Optional<String> newFile = Optional.empty();

    @Override
    public Integer call() throws IOException {
      if (!KeyProtection.CREDENTIAL.matcher(name).matches()) {
        throw new UserException(
            Main.USAGE,
            "--name: " + name + " (expected: letters, digits, '.', '_' and '-', at most 64)");
      }
      if (!Files.isDirectory(data.path())) {
        throw new StoreException(
            data.path() + ": no such folder (expected: an appliance's, which has been started)");
      }
      KeyRing keys = KeyRing.of(data.path(), new Passphrase(data.path(), file));
      keys.unlock();
      String what = "keys protect " + with.name().toLowerCase(Locale.ROOT);
      OfflineAudit log = new OfflineAudit(data.path(), Clock.systemUTC());
      // Refused while an appliance runs, which has read its keys already.
      log.asked(what);
      String result = "failed";
      try (Closeable _ = Store.hold(data.path())) {
        List<String> changed = change(keys);
        result = "done";
        System.out.println(
            "keys: "
                + (with == With.FILE ? "decrypted " : "encrypted ")
                + (changed.isEmpty() ? "none" : String.join(", ", changed))
                + "; protected by "
                + keys.protection().map(KeyProtection::from).orElse("the rights of their files"));
      } finally {
        log.answered(what, result);
      }
      return 0;
    }

    private List<String> change(KeyRing keys) throws IOException {
      if (with == With.FILE) {
        return keys.expose();
      }
      Optional<String> credential = with == With.CREDENTIAL ? Optional.of(name) : Optional.empty();
      byte[] passphrase =
          newFile
              .map(path -> Passphrase.ofFile("--new-passphrase-file", path))
              .orElseGet(
                  () -> credential.map(Passphrase::ofCredential).orElseGet(Passphrase::chosen));
      if (passphrase.length < Passphrase.LEAST) {
        throw new StoreException(
            "passphrase: "
                + passphrase.length
                + " bytes (expected: at least "
                + Passphrase.LEAST
                + "); nothing was changed");
      }
      return keys.protect(passphrase, credential);
    }
  }
}
