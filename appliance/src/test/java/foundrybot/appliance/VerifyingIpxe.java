// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cms.CMSException;
import org.bouncycastle.cms.CMSProcessableByteArray;
import org.bouncycastle.cms.CMSSignedData;
import org.bouncycastle.cms.SignerInformation;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoVerifierBuilder;
import org.bouncycastle.operator.OperatorCreationException;

/**
 * As much of an iPXE with IMAGE_TRUST_CMD as our scripts use, over real HTTP, with its rules of
 * trust: once that is asked for, nothing starts that was not verified since it was fetched; and a
 * script that takes the place of another is looked at when that one is gone.
 */
final class VerifyingIpxe {
  private static final String CODE_SIGNING = "1.3.6.1.5.5.7.3.3";
  private static final int MOST_STEPS = 5_000;

  @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
  private record Image(byte[] content, boolean trusted) {}

  private final X509Certificate ca;
  private final BiFunction<URI, byte[], byte[]> way;
  private final Map<String, String> settings = new HashMap<>();
  private final Map<String, Image> images = new LinkedHashMap<>();
  private final List<String> fetched = new ArrayList<>();
  private Optional<Image> replacement = Optional.empty();
  private boolean trustsNothing;
  private boolean started;
  private boolean over;
  private String kernel = "";
  private String target = "";

  /**
   * Of a machine with one card, under UEFI.
   *
   * @param ca what it was built with as TRUST
   * @param way what becomes of a file between the appliance and the machine
   */
  VerifyingIpxe(X509Certificate ca, String mac, BiFunction<URI, byte[], byte[]> way) {
    this.ca = ca;
    this.way = way;
    settings.putAll(Map.of("net0/mac", mac, "platform", "efi", "buildarch", "x86_64"));
  }

  /** Paths that were asked for, in order. */
  List<String> fetched() {
    return List.copyOf(fetched);
  }

  /** Whether each image that the kernel was started with had been verified. */
  boolean hasOnlyVerified() {
    return !images.isEmpty() && images.values().stream().allMatch(Image::trusted);
  }

  /** Runs the script that is built in, and what follows it; true if a kernel was started. */
  boolean boots(byte[] builtIn) throws Exception {
    replacement = Optional.of(new Image(builtIn, true));
    while (replacement.isPresent()) {
      Image script = replacement.get();
      replacement = Optional.empty();
      over = false;
      if (!trustsNothing || script.trusted()) {
        run(new String(script.content(), StandardCharsets.US_ASCII).lines().toList());
      }
    }
    return started;
  }

  private void run(List<String> lines) throws Exception {
    if (!lines.getFirst().equals("#!ipxe")) {
      return;
    }
    int next = 1;
    for (int step = 0; next < lines.size() && !over; step++) {
      if (step == MOST_STEPS) {
        throw new AssertionError("a script without an end");
      }
      target = "";
      String line = lines.get(next++).strip();
      if (!line.startsWith(":") && !line(line) && target.isEmpty()) {
        return;
      }
      if (!target.isEmpty()) {
        next = lines.indexOf(":" + target) + 1;
      }
    }
  }

  private boolean line(String line) throws Exception {
    boolean good = true;
    boolean wanted = true;
    List<String> words = new ArrayList<>();
    for (String word : (line + " ;").split(" ", -1)) {
      if (!List.of("||", "&&", ";").contains(word)) {
        words.add(word);
        continue;
      }
      if (wanted && !words.isEmpty()) {
        good = command(words.stream().map(this::expanded).toList());
        if (over || !target.isEmpty()) {
          return good;
        }
      } else if (wanted) {
        good = true;
      }
      words.clear();
      wanted = word.equals(";") || good == word.equals("&&");
    }
    return good;
  }

  private boolean command(List<String> argv) throws Exception {
    List<String> rest = argv.subList(1, argv.size());
    String name = rest.size() > 1 && rest.getFirst().equals("--name") ? rest.get(1) : "";
    List<String> operands =
        rest.stream()
            .skip(name.isEmpty() ? 0 : 2)
            .dropWhile(word -> word.startsWith("--") && !word.equals("---"))
            .toList();
    String first = operands.isEmpty() ? "" : operands.getFirst();
    return switch (argv.getFirst()) {
      case "echo", "sleep", "dhcp" -> true;
      case "isset" -> !first.isEmpty();
      case "iseq" -> first.equals(operands.get(1));
      case "set" -> {
        settings.put(
            first.replaceFirst(":.*", ""), String.join(" ", operands.subList(1, operands.size())));
        yield true;
      }
      case "inc" -> {
        settings.merge(first, "1", (old, one) -> String.valueOf(Integer.parseInt(old) + 1));
        yield true;
      }
      case "goto" -> {
        target = first;
        yield true;
      }
      case "imgfree" -> {
        images.clear();
        yield true;
      }
      case "imgtrust" -> {
        trustsNothing = true;
        yield true;
      }
      case "kernel" -> {
        kernel = name;
        yield fetch(name, first);
      }
      case "imgfetch", "initrd" -> fetch(name, first);
      case "imgverify" -> verify(first, operands.get(1));
      case "imgexec" -> replace(first);
      case "boot" -> starts();
      case "reboot", "exit" -> {
        over = true;
        yield true;
      }
      default -> false;
    };
  }

  private String expanded(String word) {
    String text = word;
    for (int start = text.indexOf("${"); start >= 0; start = text.indexOf("${")) {
      int end = text.indexOf('}', start);
      String setting = text.substring(start + 2, end);
      String value = settings.getOrDefault(setting.replaceFirst(":.*", ""), "");
      String written = setting.endsWith(":hexhyp") ? value.replace(':', '-') : value;
      text = text.substring(0, start) + written + text.substring(end + 1);
    }
    return text;
  }

  private boolean fetch(String name, String location) throws Exception {
    Optional<byte[]> content = fetched(URI.create(location));
    content.ifPresent(bytes -> images.putIfAbsent(name, new Image(bytes, false)));
    return content.isPresent();
  }

  private Optional<byte[]> fetched(URI location) throws IOException, InterruptedException {
    fetched.add(location.getPath());
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<byte[]> answer =
          client.send(
              HttpRequest.newBuilder(location).build(), HttpResponse.BodyHandlers.ofByteArray());
      return answer.statusCode() == 200
          ? Optional.of(way.apply(location, answer.body()))
          : Optional.empty();
    }
  }

  private boolean verify(String name, String location) throws Exception {
    Image image = images.get(name);
    Optional<byte[]> signature = fetched(URI.create(location));
    if (image == null || signature.isEmpty() || !isSigned(image.content(), signature.get())) {
      return false;
    }
    images.put(name, new Image(image.content(), true));
    return true;
  }

  private boolean isSigned(byte[] content, byte[] signature) {
    try {
      CMSSignedData message = new CMSSignedData(new CMSProcessableByteArray(content), signature);
      SignerInformation signer = message.getSignerInfos().getSigners().iterator().next();
      for (X509CertificateHolder holder : message.getCertificates().getMatches(null)) {
        if (signer.getSID().match(holder)) {
          X509Certificate signing = new JcaX509CertificateConverter().getCertificate(holder);
          signing.verify(ca.getPublicKey());
          List<String> uses = signing.getExtendedKeyUsage();
          return uses != null
              && uses.contains(CODE_SIGNING)
              && signer.verify(new JcaSimpleSignerInfoVerifierBuilder().build(signing));
        }
      }
      return false;
    } catch (CMSException | GeneralSecurityException | OperatorCreationException e) {
      return false;
    }
  }

  /** Whether that may be is seen when this script is gone. */
  private boolean replace(String name) {
    replacement = Optional.ofNullable(images.remove(name));
    over = replacement.isPresent();
    return over;
  }

  private boolean starts() {
    Image image = images.get(kernel);
    if (image == null || (trustsNothing && !image.trusted())) {
      return false;
    }
    started = true;
    over = true;
    return true;
  }
}
