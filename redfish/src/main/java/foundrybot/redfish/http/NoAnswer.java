// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.http;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;

/** Why there was no answer, in words for people. */
public final class NoAnswer {
  private NoAnswer() {}

  /** What went wrong, for one that was waited for as long as the limit. */
  public static String reason(IOException e, Duration limit) {
    Throwable cause = e instanceof Wire.Unsent ? e.getCause() : e;
    if (Thread.currentThread().isInterrupted()) {
      return "interrupted";
    }
    return switch (Objects.requireNonNullElse(cause, e)) {
      case ConnectException c -> String.valueOf(c.getMessage());
      case SocketTimeoutException c -> "no answer in time: " + c.getMessage();
      case InterruptedIOException c -> "no answer in " + limit.toSeconds() + " s";
      case SSLException c -> "no TLS: " + c.getMessage();
      case Throwable c -> "the connection broke: " + c.getMessage();
    };
  }

  /** What is wrong with the certificate, if that is the reason. */
  public static Optional<String> untrusted(IOException e) {
    Throwable cause = e;
    for (int depth = 0; cause != null && depth < 10; depth++) {
      if (cause instanceof CertificateException || cause instanceof SSLPeerUnverifiedException) {
        return String.valueOf(cause.getMessage()).lines().findFirst();
      }
      cause = cause.getCause();
    }
    return Optional.empty();
  }
}
