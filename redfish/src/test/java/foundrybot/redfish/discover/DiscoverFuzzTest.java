// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.discover;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Optional;
import java.util.stream.Stream;

/** Whatever answers in a network that is searched. */
final class DiscoverFuzzTest {
  /** A place that somebody names is a web server's, and holds no password. */
  @FuzzTest
  void search(byte[] datagram) {
    Optional<SsdpAnswer> answer = SsdpAnswer.decode(datagram);
    answer.ifPresent(
        found -> {
          assertTrue(found.url().getScheme().toLowerCase(java.util.Locale.ROOT).startsWith("http"));
          assertFalse(found.url().getHost().isEmpty());
          assertTrue(found.url().getPort() >= -1 && found.url().getPort() <= 65535);
        });
  }

  @FuzzTest
  void ping(byte[] datagram) {
    AsfPong.decode(datagram).ifPresent(pong -> assertTrue(pong.tag() >= 0 && pong.tag() <= 255));
  }

  /** Texts are short and cannot steer a terminal. */
  @FuzzTest
  void root(byte[] body) {
    ServiceRoot.decode(body)
        .ifPresent(
            root ->
                Stream.of(root.version(), root.vendor(), root.product(), root.uuid())
                    .forEach(
                        text ->
                            assertTrue(
                                text.length() <= 100
                                    && text.chars().noneMatch(Character::isISOControl),
                                text)));
  }
}
