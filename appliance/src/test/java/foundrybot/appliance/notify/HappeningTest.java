// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.notify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.answerfiles.WebhookSettings;
import foundrybot.appliance.lifecycle.Fact;
import foundrybot.appliance.operator.AuditEntry;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HappeningTest {
  private static final Instant AT = Instant.parse("2026-01-01T00:00:00Z");
  private static final String MAC = "52:54:00:aa:00:01";
  private static final Notice.Condition STUCK =
      new Notice.Condition(
          "cp-1", "ok", "stuck", "dhcp", 2, 3, "no-request", "it says a | b\nc", "look: there");

  private static Fact fact(Notice notice, String mac) {
    return new Fact(AT, mac, notice.kind().text(), notice.detail());
  }

  private static String body(Fact fact) {
    return Happening.of(fact)
        .map(it -> new String(it.body("alpha"), StandardCharsets.UTF_8))
        .orElse("");
  }

  @Test
  void whatIsNotedIsReadBack() {
    List<Notice> notices =
        List.of(
            new Notice.Stage("w1", "first-boot", "enrolled", 1, 2),
            STUCK,
            new Notice.Condition("w1", "stuck", "ok", "script", 1, 2, "", "", ""),
            new Notice.Condition("w1", "ok", "held", "script", 1, 2, "held", "why: [x] y", ""),
            new Notice.Phase("etcd", "running", "blocked", 1, 3, 3, "e-1: silent; e-2: off"),
            new Notice.Phase("etcd", "blocked", "done", 3, 3, 3, ""),
            new Notice.Cluster("alpha", "incomplete", "complete"));
    for (Notice notice : notices) {
      assertEquals(Optional.of(notice), Notice.of(fact(notice, MAC)));
    }
  }

  @Test
  void theLongestNoticeFitsIntoTheJournal() {
    Notice.Condition longest =
        new Notice.Condition(
            "n".repeat(63),
            "waiting",
            "stuck",
            "installing",
            999_999_999,
            999_999_999,
            "reported-failure",
            "ß".repeat(2_000),
            "ü".repeat(2_000));
    Fact fact = fact(longest, MAC);
    assertTrue(fact.detail().length() <= Fact.MAX_NOTICE);
    assertEquals(Optional.of(longest), Notice.of(fact));
    assertTrue(longest.why().endsWith("…") && longest.tryNext().endsWith("…"));
  }

  @Test
  void aBodyHasTypeTimestampAndData() {
    assertEquals(
        """
        {"type":"node.condition","timestamp":"2026-01-01T00:00:00Z","data":{"cluster":"alpha",\
        "node":"cp-1","mac":"52:54:00:aa:00:01","from":"ok","to":"stuck","stage":"dhcp","run":2,\
        "attempt":3,"code":"no-request","why":"it says a / b c","try":"look: there"}}\
        """,
        body(fact(STUCK, MAC)));
    assertEquals(
        """
        {"type":"command.ended","timestamp":"2026-01-01T00:00:00Z","data":{"cluster":"alpha",\
        "id":"0123abcd","by":"ops","what":"reinstall w1","mac":"52:54:00:aa:00:01",\
        "result":"done"}}\
        """,
        body(
            new Fact(
                AT,
                MAC,
                AuditEntry.ANSWERED,
                AuditEntry.answered("ops", "socket", "0123abcd", "reinstall w1", "done"))));
  }

  @Test
  void everyTypeIsOneThatTheRackFileNames() {
    List<Fact> facts = new ArrayList<>();
    facts.add(fact(new Notice.Stage("w1", "dhcp", "script", 1, 1), MAC));
    facts.add(fact(STUCK, MAC));
    facts.add(fact(new Notice.Phase("p", "running", "done", 1, 1, 1, ""), ""));
    facts.add(fact(new Notice.Phase("p", "running", "blocked", 0, 1, 1, "x"), ""));
    facts.add(fact(new Notice.Cluster("a", "incomplete", "complete"), ""));
    facts.add(new Fact(AT, "", AuditEntry.ASKED, "ops socket 0123abcd resume"));
    facts.add(new Fact(AT, "", AuditEntry.ANSWERED, "ops socket 0123abcd resume | done"));
    assertEquals(
        WebhookSettings.EVENTS,
        facts.stream().map(it -> Happening.of(it).orElseThrow().type()).toList());
  }

  @Test
  void whatIsNoChangeOrNobodysBusinessIsNotTold() {
    for (Fact fact :
        List.of(
            fact(new Notice.Stage("w1", Notice.UNKNOWN, "enrolled", 1, 1), MAC),
            fact(new Notice.Phase("p", "waiting", "running", 0, 1, 1, ""), ""),
            fact(new Notice.Cluster("a", "complete", "incomplete"), ""),
            new Fact(AT, MAC, "token.minted", "hash salt"),
            new Fact(AT, MAC, "answer.served", "preseed.cfg"),
            new Fact(AT, "", AuditEntry.REFUSED, "- 10.0.0.1 no operator"),
            new Fact(AT, "", AuditEntry.BEGUN, "0123456789abcdef ops deploy"),
            new Fact(AT, "", Courier.DEAD, "chat x"),
            new Fact(AT, MAC, "notice.stage", "unreadable"))) {
      assertEquals(Optional.empty(), Happening.of(fact), fact.kind());
    }
  }

  @Test
  void secretsThatMachinesSaidAreMasked() {
    String token = "0123456789abcdef0123456789abcdef";
    Notice leaky =
        new Notice.Condition(
            "w1",
            "ok",
            "stuck",
            "installing",
            1,
            1,
            "reported-failure",
            "GET /node/" + token + "/x failed, password=hunter2",
            "$6$salt$abcdefghijklmnop");
    String body = body(fact(leaky, MAC));
    assertFalse(
        body.contains(token) || body.contains("hunter2") || body.contains("abcdefghijklmnop"),
        body);
    assertTrue(body.contains("***"), body);
  }

  @Test
  void anIdIsOfTheReceiverThePlaceAndTheFact() {
    Fact fact = fact(STUCK, MAC);
    String id = Happening.id("chat", 77, fact);
    assertTrue(id.matches("msg_[0-9a-f]{24}"), id);
    assertEquals(id, Happening.id("chat", 77, fact(STUCK, MAC)));
    assertNotEquals(id, Happening.id("pager", 77, fact));
    assertNotEquals(id, Happening.id("chat", 78, fact));
    assertNotEquals(
        id, Happening.id("chat", 77, new Fact(AT.plusSeconds(1), MAC, fact.kind(), fact.detail())));
  }
}
