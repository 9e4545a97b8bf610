// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.tftp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.bootserver.tftp.Sender.Step;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** All times are milliseconds of a clock that the test turns. */
class SenderTest {
  private static final Sender.Timing TIMING = new Sender.Timing(40, 1000, 4000, 30_000, 0, 3);

  @Test
  void oneBlockAfterTheOtherUntilTheLastIsAcknowledged() {
    Sender sender = new Sender(3, 1, false, TIMING);

    assertEquals(Step.SEND_WINDOW, sender.start(0));
    assertWindow(sender, 1, 1);
    assertEquals(Step.SEND_WINDOW, sender.acknowledged(1, 1));
    assertWindow(sender, 2, 2);
    assertEquals(Step.SEND_WINDOW, sender.acknowledged(2, 2));
    assertEquals(Step.DONE, sender.acknowledged(3, 3));
  }

  @Test
  void theOptionsAreAcknowledgedBeforeDataFlows() {
    Sender sender = new Sender(10, 4, true, TIMING);

    assertEquals(Step.SEND_OACK, sender.start(0));
    assertEquals(Step.NOTHING, sender.acknowledged(1, 1));
    assertFalse(sender.answered());
    assertEquals(Step.SEND_WINDOW, sender.acknowledged(0, 2));
    assertTrue(sender.answered());
    assertWindow(sender, 1, 4);
    assertEquals(Step.SEND_WINDOW, sender.acknowledged(4, 3));
    assertWindow(sender, 5, 8);
    assertEquals(Step.SEND_WINDOW, sender.acknowledged(8, 4));
    assertWindow(sender, 9, 10);
    assertEquals(Step.DONE, sender.acknowledged(10, 5));
  }

  @Test
  void anOldAcknowledgementSendsNothing() {
    Sender sender = new Sender(10, 1, false, TIMING);
    sender.start(0);
    sender.acknowledged(1, 1);
    sender.acknowledged(2, 2);

    assertEquals(Step.NOTHING, sender.acknowledged(2, 3));
    assertEquals(Step.NOTHING, sender.acknowledged(1, 4));
    assertEquals(Step.NOTHING, sender.acknowledged(0, 5));
    assertEquals(Step.NOTHING, sender.acknowledged(4, 6));
    assertEquals(Step.NOTHING, sender.acknowledged(65535, 7));
    assertWindow(sender, 3, 3);
  }

  @Test
  void aGapInAWindowIsFilledFromTheLastBlockThatArrived() {
    Sender sender = new Sender(100, 8, true, TIMING);
    sender.start(0);
    sender.acknowledged(0, 1);

    assertEquals(Step.SEND_WINDOW, sender.acknowledged(3, 2));
    assertWindow(sender, 4, 11);
  }

  @Test
  void aLostFirstBlockOfAWindowIsSentAgainOnce() {
    Sender sender = new Sender(100, 8, true, TIMING);
    sender.start(0);
    sender.acknowledged(0, 1);
    sender.acknowledged(8, 2);

    assertEquals(Step.SEND_WINDOW, sender.acknowledged(8, 3));
    assertWindow(sender, 9, 16);
    assertEquals(Step.NOTHING, sender.acknowledged(8, 4));
    assertEquals(Step.SEND_WINDOW, sender.timeout(sender.deadline()));
    assertEquals(Step.SEND_WINDOW, sender.acknowledged(8, sender.deadline() - 1));
  }

  @Test
  void afterBlock65535ComesBlock0() {
    Sender sender = new Sender(200_000, 1, false, TIMING);
    Step step = sender.start(0);
    for (long block = 1; block < 200_000; block++) {
      assertEquals(Step.SEND_WINDOW, step);
      assertWindow(sender, block, block);
      step = sender.acknowledged((int) (block & 0xffff), block);
      assertEquals(Step.NOTHING, sender.acknowledged((int) (block & 0xffff), block));
    }
    assertEquals(Step.DONE, sender.acknowledged(200_000 & 0xffff, 200_000));
  }

  @Test
  void aWindowAcrossTheRollOverIsAcknowledged() {
    Sender sender = new Sender(70_000, 64, true, TIMING);
    sender.start(0);
    sender.acknowledged(0, 0);
    long acked = 0;
    for (long block = 50; block < 70_000; block += 50) {
      assertEquals(Step.SEND_WINDOW, sender.acknowledged((int) (block & 0xffff), block));
      assertWindow(sender, block + 1, Math.min(block + 64, 70_000));
      acked = block;
    }
    assertEquals(acked, sender.acked());
  }

  @Test
  void theWaitDoublesUpToItsLimitAndEndsInGivingUp() {
    Sender sender = new Sender(10, 1, false, TIMING);
    sender.start(0);
    sender.acknowledged(1, 1000);
    List<Long> waits = new ArrayList<>();
    long now = 1000;
    Step step;
    do {
      assertEquals(Step.NOTHING, sender.timeout(sender.deadline() - 1));
      waits.add(sender.deadline() - now);
      now = sender.deadline();
      step = sender.timeout(now);
    } while (step == Step.SEND_WINDOW);

    assertEquals(Step.GIVE_UP, step);
    assertEquals(3000L, waits.getFirst());
    assertEquals(List.of(4000L), waits.subList(1, waits.size()).stream().distinct().toList());
    assertTrue(now - 1000 >= 30_000 && now - 1000 < 35_000, "gave up after " + (now - 1000));
  }

  @Test
  void theWaitFollowsTheRoundTrip() {
    Sender sender = new Sender(1000, 1, false, TIMING);
    sender.start(0);
    long now = 0;
    for (int block = 1; block < 50; block++) {
      now += 5;
      sender.acknowledged(block, now);
    }
    assertEquals(40, sender.deadline() - now);

    for (int block = 50; block < 100; block++) {
      now += 200;
      sender.acknowledged(block, now);
    }
    assertTrue(sender.deadline() - now >= 200, "wait " + (sender.deadline() - now));
    assertTrue(sender.deadline() - now < 400, "wait " + (sender.deadline() - now));
  }

  @Test
  void theWaitLeavesTimeForOtherTransfers() {
    Sender sender = new Sender(1000, 1, false, TIMING);
    sender.start(0);
    long now = 0;
    for (int block = 1; block < 50; block++) {
      now += 5;
      sender.crowded(300);
      sender.acknowledged(block, now);
    }
    long wait = sender.deadline() - now;
    assertTrue(wait >= 305 && wait < 320, "wait " + wait);
    sender.crowded(60_000);
    sender.acknowledged(50, now + 5);
    assertEquals(4000, sender.deadline() - (now + 5));
    sender.crowded(0);
    sender.acknowledged(51, now + 10);
    assertEquals(40, sender.deadline() - (now + 10));
  }

  @Test
  void aBlockSentTwiceDoesNotMeasureTheRoundTrip() {
    Sender sender = new Sender(1000, 1, false, TIMING);
    sender.start(0);
    long now = sender.deadline();
    sender.timeout(now);
    sender.acknowledged(1, now + 1);

    assertEquals(2000, sender.deadline() - (now + 1));
  }

  @Test
  void theClientsOwnTimeoutIsKept() {
    Sender sender = new Sender(10, 1, false, new Sender.Timing(40, 1000, 4000, 30_000, 7000, 3));
    sender.start(0);
    sender.acknowledged(1, 5);
    assertEquals(7005, sender.deadline());
    sender.timeout(7005);
    assertEquals(14_005, sender.deadline());
  }

  @Test
  void anAddressThatNeverAnsweredGetsItsOptionsTenTimesAtMost() {
    Sender sender = new Sender(10, 4, true, TIMING);
    int packets = sender.start(0) == Step.SEND_OACK ? 1 : 0;
    for (int i = 0; i < 20; i++) {
      packets += sender.again(i) == Step.SEND_OACK ? 1 : 0;
    }
    assertEquals(10, packets);
    assertEquals(Step.NOTHING, sender.timeout(sender.deadline()));
    assertEquals(30_000, sender.deadline());
    assertEquals(Step.GIVE_UP, sender.timeout(sender.deadline()));
  }

  @Test
  void anAckThatGetsThroughAfterTheLastResendStartsTheTransferAllTheSame() {
    Sender sender = new Sender(10, 4, true, TIMING);
    sender.start(0);
    while (sender.timeout(sender.deadline()) == Step.SEND_OACK) {
      // The client has the options, but none of its ACKs arrives.
    }
    assertEquals(Step.SEND_WINDOW, sender.acknowledged(0, 29_000));
    assertWindow(sender, 1, 4);
  }

  private static void assertWindow(Sender sender, long from, long to) {
    assertEquals(from, sender.from());
    assertEquals(to, sender.to());
  }
}
