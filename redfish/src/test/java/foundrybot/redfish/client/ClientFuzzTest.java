// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import foundrybot.redfish.HardwareAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Whatever a BMC answers. */
final class ClientFuzzTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final String[] BOOT = {"Boot", "BootSourceOverrideTarget"};

  /**
   * The one name that no message can be about: a fuzzer learns every shorter text it is compared
   * with.
   */
  private static final String LONGER_THAN_ANY_TEXT = "x".repeat(4097);

  /** A body is a resource or none; nothing that is asked of it fails, and all texts are bounded. */
  @FuzzTest
  void body(byte[] bytes) {
    Optional<Props> read = Props.read(bytes);
    if (read.isEmpty()) {
      return;
    }
    Props props = read.get();
    for (Props item : props.items("Members")) {
      item.link("@odata.id");
      item.number("Count");
    }
    assertTrue(props.items("Members").size() <= Props.MAX_ITEMS);
    assertTrue(props.textOrEmpty(BOOT).length() <= 4096);
    props.link("Systems");
    props.flag("Inserted");
    for (Message message : Message.in(props)) {
      message.meaning();
      assertFalse(message.about(LONGER_THAN_ANY_TEXT), message::toString);
    }
    BootView.Shown shown = BootView.Shown.of(props.at("Boot"));
    assertEquals(shown.active(), shown.active());
    shown.setting();
    PowerControl.state(props);
  }

  /** What goes into If-Match is one line of ASCII; each form is sent once. */
  @FuzzTest
  void etag(byte[] bytes) {
    Optional<Etag> etag = Etag.read(new String(bytes, StandardCharsets.UTF_8));
    for (Etag.Form form : etag.map(e -> e.forms(Etag.Form.STRONG)).orElse(List.of())) {
      Optional<String> sent = etag.get().in(form);
      assertTrue(sent.isEmpty() || sent.get().matches("[ -~]{1,258}"), sent::toString);
      assertTrue(sent.isEmpty() || !sent.get().equals("\"\""), sent::toString);
    }
  }

  /** Never longer than the cap, never negative. */
  @FuzzTest
  void retryAfter(byte[] bytes) {
    RetryAfter.read(new String(bytes, StandardCharsets.UTF_8), NOW)
        .ifPresent(
            wait -> {
              assertFalse(wait.isNegative(), wait::toString);
              assertTrue(wait.compareTo(Duration.ofSeconds(60)) <= 0, wait::toString);
            });
  }

  /** One card's address, which reads as itself again. */
  @FuzzTest
  void mac(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    for (Optional<HardwareAddress> mac : List.of(Macs.read(text), Macs.readDevicePath(text))) {
      mac.ifPresent(m -> assertEquals(Optional.of(m), Macs.read(m.text())));
    }
  }
}
