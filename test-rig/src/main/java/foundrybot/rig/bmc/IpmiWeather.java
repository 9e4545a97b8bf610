// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import java.time.Duration;
import java.util.Random;

/** What the network does to datagrams, by a seed. */
final class IpmiWeather {
  private final IpmiFaults faults;
  private final Random random;
  private int received;
  private int lost;
  private int doubled;
  private int delayed;

  /** How many datagrams came, and what was done to them and to answers. */
  record Tally(int received, int lost, int doubled, int delayed) {}

  IpmiWeather(IpmiFaults faults, long seed) {
    this.faults = faults;
    this.random = new Random(seed);
  }

  /** How often a request arrives: 0, 1 or 2 times. */
  synchronized int requestArrives() {
    received++;
    return faults.silent() ? 0 : arrives(faults.requests());
  }

  /** How often an answer arrives. */
  synchronized int answerArrives() {
    return arrives(faults.answers());
  }

  private int arrives(IpmiFaults.Way way) {
    if (random.nextDouble() < way.lost()) {
      lost++;
      return 0;
    }
    if (random.nextDouble() < way.doubled()) {
      doubled++;
      return 2;
    }
    return 1;
  }

  /** By how much one is late. */
  synchronized Duration late() {
    if (random.nextDouble() < faults.answers().delayed()) {
      delayed++;
      return faults.answers().delay();
    }
    return Duration.ZERO;
  }

  synchronized Tally tally() {
    return new Tally(received, lost, doubled, delayed);
  }
}
