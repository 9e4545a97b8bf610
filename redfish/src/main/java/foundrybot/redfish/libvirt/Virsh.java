// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.libvirt;

import foundrybot.redfish.BmcFault;
import foundrybot.redfish.BmcFault.Kind;
import foundrybot.redfish.Trouble;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Runs virsh: one process for each command, by an argument vector, its answer in English.
 *
 * <p>libvirt's wire protocol is declared internal to it ("do not use it", remote_protocol.x), and
 * its library is native; virsh is its public, stable command, and knows all ways to a host.
 */
final class Virsh {
  /** Of one answer. */
  static final int MAX_OUTPUT = 8 << 20;

  /** virsh has no limit of its own on a host that is silent. */
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private static final int SHOWN = 300;
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9._-]+");

  private final String name;
  private final String uri;
  private final Optional<String> knownHosts;

  /** How it is called in evidence, and what virsh calls it. */
  Virsh(String name, String uri) {
    this(name, uri, Optional.empty());
  }

  /**
   * The same by ssh.
   *
   * @param knownHosts the file of the only host keys to accept; absent: those that ssh knows
   */
  Virsh(String name, String uri, Optional<String> knownHosts) {
    this.name = name;
    this.uri = uri;
    this.knownHosts = knownHosts;
  }

  String name() {
    return name;
  }

  /**
   * Runs a command.
   *
   * @return what it printed
   * @throws Trouble if it failed
   */
  String run(String... command) {
    return required(command[0], run(List.of(command), Optional.empty()));
  }

  /** Runs one that reads a document, which it takes as {@code /dev/stdin}. */
  String feed(String document, String... command) {
    return required(command[0], run(List.of(command), Optional.of(document)));
  }

  /** Runs a command; nothing where what it names is not there. */
  Optional<String> find(String... command) {
    Ended ended = run(List.of(command), Optional.empty());
    boolean absent = ended.status() != 0 && Complaint.read(ended.complained()).isAbsence();
    return absent ? Optional.empty() : Optional.of(required(command[0], ended));
  }

  /**
   * Runs several commands in one process, which is one connection.
   *
   * @param commands words without blanks and quotes, since virsh splits their line itself
   * @return what they printed, one after the other
   */
  String batch(List<List<String>> commands) {
    String script =
        commands.stream()
            .map(words -> String.join(" ", words.stream().map(Virsh::plain).toList()))
            .collect(Collectors.joining("; "));
    return required(
        commands.getFirst().getFirst() + ", ...", run(List.of(script), Optional.empty()));
  }

  private static String plain(String word) {
    if (!PLAIN.matcher(word).matches()) {
      throw new IllegalArgumentException("word: " + word + " (expected: " + PLAIN + ")");
    }
    return word;
  }

  /** How a process ended. */
  private record Ended(int status, String printed, String complained) {}

  private String required(String command, Ended ended) {
    if (ended.status() != 0) {
      throw refusal("virsh " + command, ended.complained());
    }
    return ended.printed();
  }

  private Ended run(List<String> command, Optional<String> document) {
    String asked = "virsh " + command.getFirst().split("[ ;]", 2)[0];
    if (knownHosts.isEmpty()) {
      return run(asked, uri, command, document);
    }
    try (SshProgram ssh = SshProgram.trusting(knownHosts.get())) {
      return run(asked, uri + "&command=" + ssh.path(), command, document);
    } catch (IOException e) {
      throw fault(
          Kind.NOT_SENT,
          asked,
          "no program can be written for ssh: " + e,
          "see to the folder for temporary files");
    }
  }

  private Ended run(String asked, String place, List<String> command, Optional<String> document) {
    List<String> vector = new ArrayList<>(List.of("virsh", "-q", "-c", place));
    vector.addAll(command);
    ProcessBuilder builder = new ProcessBuilder(vector);
    builder.environment().put("LC_ALL", "C");
    builder.environment().put("LIBVIRT_AUTH_FILE", "/dev/null");
    Process process;
    try {
      process = builder.start();
    } catch (IOException e) {
      throw fault(
          Kind.UNREACHABLE,
          asked,
          String.valueOf(e.getMessage()),
          "install libvirt's command on the machine that runs this: apt install libvirt-clients");
    }
    try {
      return talk(process, asked, document);
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  private Ended talk(Process process, String asked, Optional<String> document) {
    CompletableFuture<String> out = reading(process.getInputStream());
    CompletableFuture<String> err = reading(process.getErrorStream());
    CompletableFuture<String> in = writing(process.getOutputStream(), document.orElse(""));
    try {
      if (!process.waitFor(LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
        throw fault(
            Kind.UNKNOWN_OUTCOME,
            asked,
            "no answer in " + LIMIT.toSeconds() + " s",
            "look at the hypervisor: is libvirtd (or virtqemud) well, and the network to it?");
      }
      String printed = out.get(10, TimeUnit.SECONDS);
      String complained = err.get(10, TimeUnit.SECONDS);
      in.get(10, TimeUnit.SECONDS);
      return new Ended(process.exitValue(), printed, complained);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw fault(Kind.UNKNOWN_OUTCOME, asked, "interrupted", "ask again");
    } catch (java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException e) {
      throw fault(Kind.BROKEN, asked, "its output cannot be read", "try again");
    }
  }

  /** On a virtual thread, since a process stops where nobody reads what it says. */
  private static CompletableFuture<String> reading(InputStream stream) {
    CompletableFuture<String> all = new CompletableFuture<>();
    Thread.startVirtualThread(
        () -> {
          try (stream) {
            byte[] bytes = stream.readNBytes(MAX_OUTPUT + 1);
            if (bytes.length > MAX_OUTPUT) {
              throw new IOException("more than " + MAX_OUTPUT + " bytes");
            }
            all.complete(new String(bytes, StandardCharsets.UTF_8));
          } catch (IOException | UncheckedIOException e) {
            all.completeExceptionally(e);
          }
        });
    return all;
  }

  private static CompletableFuture<String> writing(OutputStream stream, String document) {
    CompletableFuture<String> all = new CompletableFuture<>();
    Thread.startVirtualThread(
        () -> {
          try (stream) {
            stream.write(document.getBytes(StandardCharsets.UTF_8));
          } catch (IOException e) {
            // It ended before it had read all, and its exit status says why.
            all.complete("");
            return;
          }
          all.complete(document);
        });
    return all;
  }

  Trouble fault(Kind kind, String asked, String answered, String advice) {
    return Trouble.failed(new BmcFault(kind, name, asked, answered, advice));
  }

  /** What virsh complains about, as the kind of trouble that it is. */
  private Trouble refusal(String asked, String complained) {
    String line =
        String.join(
            "; ",
            complained
                .lines()
                .map(text -> text.replaceFirst("^error: ", "").strip())
                // ssh frames its warning.
                .map(text -> text.replaceAll("@{3,}|^@ +| +@$", "").strip())
                .filter(text -> !text.isEmpty())
                .toList());
    String shown = line.length() <= SHOWN ? line : line.substring(0, SHOWN) + "...";
    return switch (Complaint.read(line)) {
      case NO_DOMAIN ->
          fault(Kind.NO_SUCH_SYSTEM, asked, shown, "see 'system' in the rack file, 'virsh list'");
      case HOST_KEY ->
          fault(
              Kind.NOT_TRUSTED,
              asked,
              shown,
              "compare its key with the one that the host itself shows ('ssh-keygen -lf"
                  + " /etc/ssh/ssh_host_ed25519_key.pub' there), then put it into the file of"
                  + " known_hosts, or connect by ssh once as the same user");
      case LOGIN ->
          fault(
              Kind.WRONG_PASSWORD,
              asked,
              shown,
              "ssh must log in by a key without a question; it is not tried again");
      case PRIVILEGE ->
          fault(
              Kind.NO_PRIVILEGE,
              asked,
              shown,
              "put the user into the group 'libvirt' on the hypervisor");
      case NO_CONNECTION ->
          fault(
              Kind.UNREACHABLE,
              asked,
              shown,
              "check the URL, and that libvirtd or virtqemud runs there");
      case NO_POOL ->
          fault(
              Kind.REFUSED,
              asked,
              shown,
              "see 'pool' in the rack file and 'virsh pool-list --all'; a folder becomes one by"
                  + " 'virsh pool-define-as default dir --target /var/lib/libvirt/images', then"
                  + " 'virsh pool-start default' and 'virsh pool-autostart default'");
      case POOL_STOPPED ->
          fault(
              Kind.REFUSED,
              asked,
              shown,
              "'virsh pool-start' and 'virsh pool-autostart' that pool");
      case NO_VOLUME -> fault(Kind.REFUSED, asked, shown, "see 'virsh vol-list' of that pool");
      case NO_NETWORK ->
          fault(
              Kind.REFUSED,
              asked,
              shown,
              "see 'network' in the rack file and 'virsh net-list --all'");
      case OTHER -> fault(Kind.REFUSED, asked, shown, "see libvirt's log on the hypervisor");
    };
  }
}
