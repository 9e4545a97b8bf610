// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.page;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;

/**
 * The files that a browser fetches beside a page, all of them from this program: it works where
 * there is no other network. Their names have a digest in them, so that browsers may keep them.
 */
public final class Assets {
  /** Where they lie. */
  public static final String ROOT = "asset";

  private static final String WEBJARS = "/META-INF/resources/webjars/";

  /** A file as it is sent. */
  @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
  public record Asset(String contentType, byte[] bytes) {}

  private static final Map<String, Asset> FILES =
      Map.of(
          "page.css", load("page.css", "text/css; charset=utf-8"),
          "page.js", load("page.js", "text/javascript; charset=utf-8"),
          "icon.svg", load("icon.svg", "image/svg+xml"),
          "htmx.js",
              load(WEBJARS + "htmx.org/2.0.10/dist/htmx.min.js", "text/javascript; charset=utf-8"),
          "sse.js", load(WEBJARS + "htmx-ext-sse/2.2.2/sse.js", "text/javascript; charset=utf-8"));

  private static final String VERSION = version();

  private Assets() {}

  private static Asset load(String name, String contentType) {
    return new Asset(contentType, load(name));
  }

  /** A file that lies beside this class. */
  static byte[] load(String name) {
    try (InputStream in = Assets.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("page: " + name + " is not in the program");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String version() {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      FILES.entrySet().stream()
          .sorted(Map.Entry.comparingByKey())
          .forEach(entry -> digest.update(entry.getValue().bytes()));
      return HexFormat.of().formatHex(digest.digest(), 0, 6);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** Where a page finds it. */
  static String path(String name) {
    return "/ui/" + ROOT + "/" + VERSION + "/" + name;
  }

  /** The file of that name, if the version is the one of this program. */
  public static Optional<Asset> find(String version, String name) {
    return version.equals(VERSION) ? Optional.ofNullable(FILES.get(name)) : Optional.empty();
  }
}
