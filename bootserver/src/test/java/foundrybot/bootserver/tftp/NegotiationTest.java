// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.tftp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NegotiationTest {

  @Test
  void aClientWithoutOptionsGetsBlocksOf512AndNoOack() {
    Negotiation agreed = Negotiation.of(Map.of(), 1000, TftpSettings.Limits.USUAL, 65_464);

    assertEquals(512, agreed.blockSize());
    assertEquals(1, agreed.windowSize());
    assertEquals(Map.of(), agreed.accepted());
  }

  @ParameterizedTest
  @CsvSource({
    "blksize, 8, 8",
    "blksize, 1468, 1468",
    "blksize, 1469, 1468",
    "blksize, 65464, 1468",
    "blksize, 7, ",
    "blksize, 0, ",
    "blksize, -1, ",
    "blksize, x, ",
    "blksize, 99999999999999, ",
    "windowsize, 1, 1",
    "windowsize, 4, 4",
    "windowsize, 65535, 64",
    "windowsize, 0, ",
    "windowsize, 65536, ",
    "timeout, 1, 1",
    "timeout, 10, 10",
    "timeout, 0, ",
    "timeout, 255, ",
    "tsize, 0, 123456",
    "multicast, '', ",
  })
  void anOptionIsGrantedWithinTheLimitsOrLeftOut(String name, String asked, String granted) {
    Negotiation agreed =
        Negotiation.of(Map.of(name, asked), 123_456, TftpSettings.Limits.USUAL, 65_464);

    assertEquals(granted == null ? Map.of() : Map.of(name, granted), agreed.accepted());
  }

  @Test
  void theAnswerKeepsTheClientsOrder() {
    Map<String, String> asked = new LinkedHashMap<>();
    asked.put("windowsize", "4");
    asked.put("unknown", "1");
    asked.put("tsize", "0");
    asked.put("blksize", "1468");

    Negotiation agreed = Negotiation.of(asked, 5, TftpSettings.Limits.USUAL, 65_464);

    assertEquals(
        List.of("windowsize", "tsize", "blksize"), List.copyOf(agreed.accepted().keySet()));
  }

  @ParameterizedTest
  @CsvSource({"0, 1", "511, 1", "512, 2", "513, 2", "33554432, 65537"})
  void theLastBlockIsShorterThanABlockAndMayBeEmpty(long size, long last) {
    assertEquals(
        last, Negotiation.of(Map.of(), size, TftpSettings.Limits.USUAL, 65_464).lastBlock(size));
  }
}
