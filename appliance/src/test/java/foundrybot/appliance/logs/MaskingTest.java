// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.logs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import foundrybot.answerfiles.Mac;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MaskingTest {
  private static final Mac W1 = Mac.parse("52:54:00:aa:00:01").orElseThrow();
  private static final Mac W2 = Mac.parse("52:54:00:aa:00:02").orElseThrow();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "passwd/root-password password hunter2|passwd/root-password password ***",
        "d-i passwd/user-password-again password two words|d-i passwd/user-password-again password"
            + " ***",
        "debconf: --> SET passwd/root-password hunter2|debconf: --> SET passwd/root-password ***",
        "partman-crypto/passphrase string open sesame|partman-crypto/passphrase string ***",
        "rootpw hunter2|rootpw ***",
        "rootpw --plaintext hunter2|rootpw --plaintext ***",
        "rootpw hunter2 --allow-ssh|rootpw *** --allow-ssh",
        "rootpw --iscrypted $6$ab$cdefghijklmn|rootpw --iscrypted ***",
        "user --name=bob --password=hunter2 --plaintext|user --name=bob --password=*** --plaintext",
        "grub-mkpasswd --password hunter2 -l 3|grub-mkpasswd --password *** -l 3",
        "get http://bob:hunter2@mirror/x|get http://bob:***@mirror/x",
        "{\"password\": \"open sesame\", \"a\": 1}|{\"password\": ***, \"a\": 1}",
        "psk=hunter2|psk=***",
        "key whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw|key whsec_***",
        "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v4VpuZ4uN1Sm1wkFYt1sQ8ptZ2Z3x3k9XYabc|***",
        "x -----BEGIN PRIVATE KEY-----MC4C-----END PRIVATE KEY----- y|"
            + "x -----BEGIN PRIVATE KEY-----***-----END PRIVATE KEY----- y",
        "x -----BEGIN EC PRIVATE KEY-----\\nMC4C|x -----BEGIN EC PRIVATE KEY-----***"
      })
  void whatInstallersPrintOfSecretsIsMasked(String line, String masked) {
    assertEquals(masked, Secrets.masked(line));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "no disk: /dev/vda",
        "SHA-256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "/sys/devices/virtual/block/dm/holders/of/something/long/enough/to/look/so",
        "the password was refused",
        "http://10.77.0.1:8080/debian",
        "-----BEGIN CERTIFICATE-----",
        "apt-setup/uri string http://mirror/debian"
      })
  void whatIsNoneStays(String line) {
    assertEquals(line, Secrets.masked(line));
  }

  private static String masked(KeyBlocks blocks, Speaker speaker, String line) {
    return blocks.hides(speaker, line) ? Secrets.MASK : Secrets.masked(line);
  }

  /** A line of syslog is masked on the thread that answers DHCP. */
  @ParameterizedTest
  @ValueSource(strings = {"", "SET ", "SET password ", "/a password ", "-----BEGIN "})
  void aLineThatAlmostLooksLikeAQuestionCostsNoTime(String before) {
    for (String part : List.of("/psk", "/psk/", "a/secret ", "psk='", "/SET ", "/psk text")) {
      String line = before + part.repeat(256);
      assertTimeoutPreemptively(Duration.ofSeconds(5), () -> Secrets.masked(line), line);
    }
  }

  @Test
  void aQuestionIsFoundInWhateverLineItStands() {
    assertEquals("get /a/psk string ***", Secrets.masked("get /a/psk string x password y"));
    assertEquals("x string y z/psk note ***", Secrets.masked("x string y z/psk note a b"));
    assertEquals("/psk string x", Secrets.masked("/psk string x"), "no question: no owner");
  }

  @Test
  void aKeyThatComesLineByLineIsMaskedUpToItsEndAndOfItsSpeakerAlone() {
    KeyBlocks blocks = new KeyBlocks();
    Speaker syslog = new Speaker(W1, false);
    assertEquals(
        List.of("-----BEGIN RSA PRIVATE KEY-----***", "***", "***", "after"),
        List.of(
            masked(blocks, syslog, "-----BEGIN RSA PRIVATE KEY-----"),
            masked(blocks, syslog, "short+last=="),
            masked(blocks, syslog, "-----END RSA PRIVATE KEY-----"),
            masked(blocks, syslog, "after")));
    masked(blocks, syslog, "-----BEGIN PRIVATE KEY-----");
    Speaker console = new Speaker(W1, true);
    assertEquals("on its console", masked(blocks, console, "on its console"));
    masked(blocks, console, "-----END PRIVATE KEY-----");
    assertEquals("of another", masked(blocks, new Speaker(W2, false), "of another"));
    List<String> endless =
        IntStream.range(0, 130).mapToObj(i -> masked(blocks, syslog, "line")).toList();
    assertEquals(128, endless.stream().filter("***"::equals).count());
    assertEquals("line", endless.getLast());
  }
}
