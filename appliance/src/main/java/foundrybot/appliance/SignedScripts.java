// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.appliance.lifecycle.Mark;
import foundrybot.bootserver.MacAddress;
import foundrybot.bootserver.http.HttpAnswer;
import foundrybot.ipxe.Trust;
import java.net.InetAddress;
import java.net.URI;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The scripts of machines whose iPXE verifies what it runs, and beside each its signature. They are
 * given by the same rules as all scripts.
 *
 * <p>What is signed is what was served last, byte for byte: the digest of that is kept, so whoever
 * asks for a signature mints no token, uses none and moves no machine; and who has not asked for
 * the script gets none. After a restart the machine's next attempt fetches both.
 */
final class SignedScripts {
  /** The first part of their paths. */
  static final String ROOT = "verified";

  private static final String LABEL = "script's signature";

  /**
   * One script.
   *
   * @param whose the MAC of a machine of the rack file; empty for all others, who get the same
   * @param root the appliance as it was asked: by it the URLs in the script differ
   */
  private record Asked(String whose, ScriptKind kind, URI root) {}

  private final Fleet fleet;
  private final FlightRecorder recorder;
  private final ScriptRoutes scripts;
  private final Signatures signatures;

  // Only machines of the rack file, and few scripts of each.
  private final Map<Asked, String> served = new ConcurrentHashMap<>();

  SignedScripts(Fleet fleet, FlightRecorder recorder, ScriptRoutes scripts, Signatures signatures) {
    this.fleet = fleet;
    this.recorder = recorder;
    this.scripts = scripts;
    this.signatures = signatures;
  }

  /** What a machine of these rows runs. */
  static Trust trust(FirmwareTable.Choice choice) {
    return choice.verifiesImages() ? Trust.SIGNED : Trust.ANYTHING;
  }

  /** Above the folders of all machines' scripts, with slashes around it. */
  static String folder(Trust trust) {
    return switch (trust) {
      case ANYTHING -> "/boot/";
      case SIGNED -> "/" + ROOT + "/";
    };
  }

  /**
   * {@code /verified/MAC/uefi.ipxe}, or {@code uefi.ipxe.cms} there.
   *
   * @param head whether only the header is asked for
   * @param from whom
   * @param root the appliance as it was asked
   */
  CompletionStage<HttpAnswer> find(
      String macText, String file, boolean head, InetAddress from, URI root) {
    boolean signature = file.endsWith(Trust.SIGNATURE);
    String name = signature ? file.substring(0, file.length() - Trust.SIGNATURE.length()) : file;
    Optional<MacAddress> mac = MacAddress.parse(macText);
    Optional<ScriptKind> kind = ScriptKind.called(name);
    if (mac.isEmpty() || kind.isEmpty() || !signatures.areMade()) {
      return CompletableFuture.completedStage(Answers.notFound("script to be verified: none"));
    }
    boolean known = fleet.node(Answers.mac(mac.get())).isPresent();
    Asked asked = new Asked(known ? mac.get().toString() : "", kind.get(), root);
    return signature
        ? signature(asked, mac.get(), head)
        : scripts
            .script(macText, file, Trust.SIGNED, head, from, root)
            .thenApply(
                answer -> {
                  if (!head && answer instanceof HttpAnswer.Body body && body.status() == 200) {
                    served.put(asked, sha256(body.bytes()));
                  }
                  return answer;
                });
  }

  private CompletionStage<HttpAnswer> signature(Asked asked, MacAddress mac, boolean head) {
    String digest = served.get(asked);
    if (digest == null) {
      return CompletableFuture.completedStage(
          Answers.notFound(LABEL + ": nobody has the script").of(mac));
    }
    if (!head) {
      recorder.noteClaimed(mac, Mark.SIGNATURE, asked.kind().file());
    }
    return signatures.of(digest, LABEL).thenApply(answer -> answer.of(mac));
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
