// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.appliance.tls.ImageSigner;
import foundrybot.bootserver.http.HttpAnswer;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/**
 * Answers with what iPXE's {@code imgverify} asks for. A signature says nothing that is secret: it
 * is of a digest, from which no script and no token in it follows.
 */
final class Signatures {
  private final Optional<ImageSigner> signer;
  private final Executor blocking;

  /**
   * Signs nothing yet.
   *
   * @param signer empty where the appliance has no CA of its own
   */
  Signatures(Optional<ImageSigner> signer, Executor blocking) {
    this.signer = signer;
    this.blocking = blocking;
  }

  /** Where nothing is signed. */
  static Signatures none() {
    return new Signatures(Optional.empty(), Runnable::run);
  }

  boolean areMade() {
    return signer.isPresent();
  }

  /**
   * The signature of what has that digest; not on this thread, since it may cost an RSA.
   *
   * @param sha256 64 hexadecimal digits
   * @param label of the answer
   */
  CompletionStage<HttpAnswer> of(String sha256, String label) {
    if (signer.isEmpty()) {
      return CompletableFuture.completedStage(Answers.notFound(label + ": nothing is signed here"));
    }
    ImageSigner by = signer.get();
    return CompletableFuture.supplyAsync(
        () -> HttpAnswer.Body.of(200, "application/octet-stream", by.signature(sha256), label),
        blocking);
  }
}
