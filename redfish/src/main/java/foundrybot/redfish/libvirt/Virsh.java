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

  private final String name;
  private final String uri;

  /** How it is called in evidence, and what virsh calls it. */
  Virsh(String name, String uri) {
    this.name = name;
    this.uri = uri;
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
    return run(Optional.empty(), command);
  }

  /** Runs one that reads a document, which it takes as {@code /dev/stdin}. */
  String feed(String document, String... command) {
    return run(Optional.of(document), command);
  }

  private String run(Optional<String> document, String... command) {
    String asked = "virsh " + command[0];
    List<String> vector = new ArrayList<>(List.of("virsh", "-q", "-c", uri));
    vector.addAll(List.of(command));
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

  private String talk(Process process, String asked, Optional<String> document) {
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
      if (process.exitValue() != 0) {
        throw refusal(asked, complained);
      }
      return printed;
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
              "connect by ssh once as the same user, and check the key it shows");
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
      case OTHER -> fault(Kind.REFUSED, asked, shown, "see libvirt's log on the hypervisor");
    };
  }
}
