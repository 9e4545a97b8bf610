// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.sim;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the booted kernel would run: the deployer of a cast, or the Debian installer. Both do what
 * their answer file says, so that a wrong answer file fails here as it would on a machine.
 */
public final class InstallEnvironment {
  private static final Pattern SETTING = Pattern.compile("([A-Z][A-Z0-9_]*)='([^']*)'");
  private static final Pattern FETCH = Pattern.compile("wget -q -O \\S+ '?(http://[^\\s';&|]+)");
  private static final int ANSWER_TRIES = 10;
  private static final int EVIDENCE_TRIES = 4;
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

  private final Machine machine;
  private final Web http;
  private final Waits waits;
  private final Runnable answered;

  /** How a machine spends time. */
  public interface Waits {
    /** A wait that a program prescribes. */
    void pause(Duration prescribed) throws InterruptedException;

    /** One piece of work. */
    void work() throws InterruptedException;
  }

  /**
   * The environment of one boot.
   *
   * @param http its wget
   * @param answered called when the answer file has come
   */
  public InstallEnvironment(Machine machine, Web http, Waits waits, Runnable answered) {
    this.machine = machine;
    this.http = http;
    this.waits = waits;
    this.answered = answered;
  }

  /**
   * Does all of it.
   *
   * @param arguments the kernel's
   * @return the URL that the installed system reports to, from its disk
   */
  public URI install(List<String> arguments) throws IOException, InterruptedException {
    Optional<String> deployer = value(arguments, "foundrybot.url=");
    if (deployer.isPresent()) {
      return deploy(deployer.get());
    }
    String preseed =
        value(arguments, "url=")
            .orElseThrow(() -> new Setback("kernel arguments: no url= and no foundrybot.url="));
    return runInstaller(URI.create(preseed));
  }

  private static Optional<String> value(List<String> arguments, String key) {
    return arguments.stream()
        .filter(argument -> argument.startsWith(key))
        .map(argument -> argument.substring(key.length()))
        .findFirst();
  }

  private URI deploy(String url) throws IOException, InterruptedException {
    Map<String, String> conf = new HashMap<>();
    for (String line : answerFile(URI.create(url + "/deploy.conf")).lines().toList()) {
      Matcher matcher = SETTING.matcher(line);
      if (!matcher.matches()) {
        throw new Setback("deploy.conf: not KEY='value': " + line);
      }
      conf.put(matcher.group(1), matcher.group(2));
    }
    if (!machine.mac().equals(conf.get("MAC"))) {
      throw new Setback("deploy.conf: for " + conf.get("MAC") + ", not " + machine.mac());
    }
    answered.run();
    report(url, "installer-started", "simulated");
    waits.work();
    report(url, "partitioned", "/dev/simulated");
    writeImage(conf);
    report(url, "image-written", "sha256 " + conf.getOrDefault("IMAGE_SHA256", ""));
    waits.work();
    report(url, "identity-written", machine.name());
    waits.work();
    report(url, "bootloader-installed", machine.firmware().isUefi() ? "uefi" : "bios");
    untilTaken("POST", URI.create(url + "/report/installed?detail=simulated"));
    return URI.create(conf.getOrDefault("URL", url));
  }

  /** Streams and checks the image; the bytes are not kept. */
  private void writeImage(Map<String, String> conf) throws IOException, InterruptedException {
    waits.work();
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      URI image = URI.create(conf.getOrDefault("IMAGE_URL", ""));
      for (int i = 1; ; i++) {
        digest.reset();
        try {
          long length =
              http.fetch(image, new DigestOutputStream(OutputStream.nullOutputStream(), digest));
          String found = HexFormat.of().formatHex(digest.digest());
          if (!String.valueOf(length).equals(conf.get("IMAGE_SIZE"))
              || !found.equals(conf.get("IMAGE_SHA256"))) {
            throw new Setback("image: " + length + " bytes, sha256 " + found);
          }
          return;
        } catch (IOException e) {
          if (i >= ANSWER_TRIES) {
            throw e;
          }
          waits.pause(Duration.ofSeconds(2));
        }
      }
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** The commands of the preseed in their order, then those of the script that the last fetches. */
  private URI runInstaller(URI preseed) throws IOException, InterruptedException {
    String answers = answerFile(preseed);
    answered.run();
    List<URI> fetched = fetches(answers);
    if (fetched.isEmpty()) {
      throw new Setback("preseed: no command that reports");
    }
    URI late = fetched.getLast();
    for (URI evidence : fetched.subList(0, fetched.size() - 1)) {
      evidence("GET", evidence);
      waits.work();
    }
    waits.work();
    List<URI> last = fetches(answerFile(late));
    if (last.isEmpty()) {
      throw new Setback("late script: no command that reports");
    }
    waits.work();
    for (URI report : last) {
      untilTaken("GET", report);
    }
    return preseed.resolve(".");
  }

  private static List<URI> fetches(String text) {
    List<URI> uris = new ArrayList<>();
    // Lines that end in a backslash go on in the next one.
    Matcher matcher = FETCH.matcher(text.replace("\\\n", " "));
    while (matcher.find()) {
      uris.add(URI.create(matcher.group(1)));
    }
    return uris;
  }

  private String answerFile(URI uri) throws IOException, InterruptedException {
    for (int i = 1; ; i++) {
      try {
        return http.text(uri);
      } catch (IOException e) {
        if (i >= ANSWER_TRIES) {
          throw e;
        }
        waits.pause(Duration.ofSeconds(2));
      }
    }
  }

  private void report(String url, String event, String detail)
      throws IOException, InterruptedException {
    evidence(
        "POST", URI.create(url + "/report/" + event + "?detail=" + detail.replace(" ", "%20")));
  }

  /** Evidence that is lost is no failure; the work goes on. */
  private void evidence(String method, URI uri) throws IOException, InterruptedException {
    for (int i = 0; i < EVIDENCE_TRIES; i++) {
      try {
        int status = http.status(method, uri, "");
        if (status >= 400 && status < 500) {
          throw new Setback(uri.getPath().replaceAll(".*/", "report ") + ": status " + status);
        }
        if (status < 300) {
          return;
        }
      } catch (Setback e) {
        if (String.valueOf(e.getMessage()).startsWith("report ")) {
          throw e;
        }
      }
      waits.pause(Duration.ofSeconds(1L << i));
    }
  }

  /** The appliance must know this before the machine restarts, or it would begin again. */
  private void untilTaken(String method, URI uri) throws InterruptedException, Setback {
    Duration pause = Duration.ofSeconds(1);
    while (true) {
      Optional<Integer> status = tried(method, uri);
      if (status.isPresent() && status.get() < 300) {
        return;
      }
      if (status.isPresent() && status.get() < 500) {
        throw new Setback(uri.getPath().replaceAll(".*/", "report ") + ": status " + status.get());
      }
      waits.pause(pause);
      pause =
          pause.multipliedBy(2).compareTo(LONGEST_PAUSE) > 0
              ? LONGEST_PAUSE
              : pause.multipliedBy(2);
    }
  }

  private Optional<Integer> tried(String method, URI uri) {
    try {
      return Optional.of(http.status(method, uri, ""));
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
