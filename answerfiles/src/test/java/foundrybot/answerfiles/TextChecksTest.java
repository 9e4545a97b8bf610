// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.dataformat.toml.TomlMapper;

class TextChecksTest {
  @Test
  void aPreseedMayHaveCommentsEmptyValuesAndContinuedLines() {
    assertDoesNotThrow(
        () ->
            PreseedText.check(
                "p", "# a \\\n\nd-i a/b string\nd-i a/c boolean true\nd-i a/d string x \\\n  y\n"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "d-i a/b|p:1: not a line of: owner question type value",
        "d-i  a/b string x|p:1: not a line of: owner question type value",
        "d-i a/b strin x|p:1: not a line of: owner question type value",
        "d-i a/b boolean yes|p:1: a/b: neither true nor false",
        "d-i a/b boolean|p:1: a/b: neither true nor false",
        "d-i a/b string x\u001by|p:1: a/b: a control character",
        "d-i a/b string x\\|p:1: continued beyond the end",
      })
  void aBrokenPreseedIsRefusedWithItsLine(String line, String message) {
    RenderException refused =
        assertThrows(RenderException.class, () -> PreseedText.check("p", line + "\n"));
    assertEquals(message, refused.getMessage());
  }

  @Test
  void aQuestionAnsweredTwiceIsRefused() {
    RenderException refused =
        assertThrows(
            RenderException.class,
            () -> PreseedText.check("p", "d-i a/b string x\nd-i a/b string y\n"));
    assertEquals("p:2: d-i a/b: answered in line 1 already", refused.getMessage());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "KEY=x\n",
        "KEY='x\n",
        "KEY='a'b'\n",
        "key='x'\n",
        "A='1'\nA='2'\n",
        "A='1'",
        " A='1'\n",
        "A='\u00e4'\n",
        "\n"
      })
  void aBrokenDeployConfIsRefused(String text) {
    assertThrows(RenderException.class, () -> DeployConf.check("deploy.conf", text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"'", "a\nb", "\u0000", "\u00e4", "\u007f"})
  void aValueThatTheDeployerRefusesIsRefusedHere(String value) {
    assertThrows(RenderException.class, () -> DeployConf.line("KEY", value));
  }

  @ParameterizedTest
  @ValueSource(strings = {"echo 'a", "echo \"a", "echo 'a'\\''b", "echo \"'\" '"})
  void aScriptWithAnOpenQuoteIsRefused(String line) {
    assertThrows(
        RenderException.class, () -> ShellText.check("s", "#!/bin/sh\n" + line + "\nexit 0\n"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"# it's fine", "echo 'a'\\''b'", "echo \"it's\"", "echo \\'", "x=${x#*.} # don't"})
  void aScriptWithClosedQuotesIsTaken(String line) {
    assertDoesNotThrow(() -> ShellText.check("s", "#!/bin/sh\n" + line + "\nexit 0\n"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "[]",
        "- { path: /etc/x, mode: '0644', text: x }",
        "- { path: etc/../x, mode: '0644', text: x }",
        "- { path: ../x, link: y }",
        "- { path: etc/x, mode: '0944', text: x }",
        "- { path: etc/x, mode: '4755', text: x }",
        "- { path: etc/x, mode: '0644', text: x, uid: 1 }",
        "- { path: etc/x, link: y }\n- { path: etc/x, link: z }",
        "- { path: 'e\\n', link: y }",
      })
  void anOverlayThatLeadsElsewhereIsRefused(String text) {
    assertThrows(RenderException.class, () -> Overlay.check("o", text));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{ a = 1;|n:1: { is never closed",
        "{ a = [ 1 }; }|n:1: } closes nothing",
        "{ a = \"x; }|n:1: \" is never closed",
        "{ a = ''x; }|n:1: '' is never closed",
        "{ } /* x|n:1: /* is never closed",
        "{ a = \"${b\"; }|n:1: \" is never closed",
      })
  void brokenNixIsRefusedWithItsLine(String text, String message) {
    RenderException refused = assertThrows(RenderException.class, () -> NixText.check("n", text));
    assertEquals(message, refused.getMessage());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{ a = \"}\\\"\"; } # ]\n/* { */",
        "{ a = ''it's ''${x} ''\\n ''' ${toString { b = [ ]; }} ''; }",
        "x: { inherit (x) y; }",
      })
  void wholeNixIsTaken(String text) {
    assertDoesNotThrow(() -> NixText.check("n", text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"a = 1\na = 2\n", "[t]\n[t]\n", "a = \"x\n", "a = b\n", "a: 1\n"})
  void brokenTomlIsRefusedWithItsLine(String text) {
    RenderException refused = assertThrows(RenderException.class, () -> DataText.toml("t", text));
    assertTrue(String.valueOf(refused.getMessage()).matches("t:\\d+: .+"), refused.getMessage());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\"", "\\", "a\nb\tc", "\u0000\u007f", "\u00e4\ud83d\ude00", "#'x"})
  void whateverAValueHoldsItIsOneStringOfToml(String value) {
    String text = "a = " + Escapers.toml(value) + "\nb = 1\n";
    DataText.toml("t", text);
    assertEquals(value, TomlMapper.shared().readTree(text).path("a").asString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\"", "\\", "a\nb\tc", "\u007f", "\u00e4\ud83d\ude00", "#'x"})
  void aValueOfYamlHasNoHalfCharacters(String value) {
    String text = Escapers.yaml(value);
    assertTrue(text.matches("[ -~]*") && !text.contains("\\ud"), text);
    DataText.yaml("y", "a: " + text + "\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"it's", "a\\b", "a\nb"})
  void aValueThatPythonWouldReadOtherwiseEntersNoSectionForEsxi(String value) {
    assertThrows(RenderException.class, () -> TextFormat.ESXI.escape(value));
  }

  @Test
  void aKickstartMayHaveCommandsIncludesAndSections() {
    String text =
        """
        # it's
        timezone 'UTC' --utc
        %include /tmp/x
        %packages --exclude-weakdeps
        @core
        %end
        %post --interpreter=/usr/bin/python3
        print("it's")
        %end
        """;
    assertDoesNotThrow(() -> KickstartText.check("k", text));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'passwd': {}, 'pasword': {}|i: pasword (expected: one of [ignition, kernelArguments, pass",
        "'storage': {'files': [{'path': 'etc/x'}]}|i: path: etc/x (expected: an absolute path)",
        "'storage': {'files': [{'path': '/x'}], 'links': [{'path': '/x'}]}|i: /x: a second time",
        "'systemd': {'units': [{'name': 'x'}]}|i: name: x (expected: a unit, such as x.service)",
        "'passwd': {'users': [{}]}|i: name:  (expected: an account)",
      })
  void anIgnitionConfigurationThatIgnitionWouldRefuseIsRefused(String part, String message) {
    String text = "{'ignition': {'version': '3.3.0'}, " + part + "}";
    RenderException refused =
        assertThrows(RenderException.class, () -> DataText.ignition("i", text.replace('\'', '"')));
    assertTrue(String.valueOf(refused.getMessage()).startsWith(message), refused.getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "timezone UTC --isUtc|an option that RHEL 10 or Fedora has no more (expected: --utc, and",
        "timezone UTC --ntpservers=a|the command timesource)",
        "authconfig --enableshadow|k:1: authconfig: not in RHEL 10 or Fedora any more (expected:"
            + " auths",
        "install|k:1: install: not in RHEL 10 or Fedora any more (expected: the source alone",
        "autoprat|k:1: autoprat (expected: a command of kickstart; did you mean autopart?)",
        "lang 'en_US|k:1: lang: a quote is never closed",
        "%anaconda|k:1: %anaconda (expected: one of addon, certificate, onerror, packages, post, ",
        "%packages --excludeWeakdeps|(expected: --exclude-weakdeps, --inst-langs)",
        "%post|k:1: %post is never closed (expected: %end)",
        "%end|k:1: %end without a section",
      })
  void aBrokenKickstartIsRefusedWithItsLine(String line, String said) {
    RenderException refused =
        assertThrows(RenderException.class, () -> KickstartText.check("k", line + "\n"));
    String message = String.valueOf(refused.getMessage());
    assertTrue(message.contains(said), message);
  }

  @Test
  void aCommandThatWouldSilentlyWinOverItsLikeIsRefused() {
    RenderException refused =
        assertThrows(
            RenderException.class, () -> KickstartText.check("k", "autopart\nautopart --nohome\n"));
    assertEquals("k:2: autopart: a second time", refused.getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "<profile xmlns='http://www.suse.com/1.0/yast2ns'>|a:2: ",
        "<profile/>|a: <profile> (expected: <profile xmlns=\"http://www.suse.com/1.0/yast2ns\">)",
        "<a:x xmlns:a='http://www.suse.com/1.0/yast2ns'/>|a: <a:x> (expected: <profile ",
      })
  void anAutoYastProfileThatYastWouldTakeForAnEmptyOneIsRefused(String text, String said) {
    RenderException refused =
        assertThrows(RenderException.class, () -> TextFormat.AUTOYAST.check("a", text + "\n"));
    String message = String.valueOf(refused.getMessage());
    assertTrue(message.startsWith(said), message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "install --firstdisk|e: no vmaccepteula (expected: before the sections)",
        "vmaccepteula|e: no install (expected: the command, with a disk)",
        "instal --firstdisk|e:1: instal --firstdisk (expected: a command of ESXi's installation"
            + " script; did you mean install?)",
        "autopart|e:1: autopart (expected: a command of ESXi's installation script",
        "reboot;reboot|e:2: reboot: a second time",
        "vmaccepteula;install;%onerror|e:3: %onerror (expected: %pre, %post or %firstboot, ",
        "vmaccepteula;install;%pre --interpreter=perl|e:3: %pre --interpreter=perl (expected: ",
        "vmaccepteula;install;%post;x;%end|e:5: %end (expected: %pre, %post or %firstboot, ",
        "vmaccepteula;install;%post;echo \"|e:4: a quote is never closed",
      })
  void aBrokenScriptForEsxiIsRefusedWithItsLine(String lines, String said) {
    RenderException refused =
        assertThrows(
            RenderException.class,
            () -> TextFormat.ESXI.check("e", lines.replace(';', '\n') + "\n"));
    String message = String.valueOf(refused.getMessage());
    assertTrue(message.startsWith(said), message);
  }
}
