// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.http;

import java.util.regex.Pattern;

/**
 * Where the bytes of an {@link HttpAnswer.Stream} come from, for one client. The server asks for
 * more only when the client has taken what it had, so what waits is kept by the feed, which bounds
 * it.
 *
 * <p>All methods are called on the connection's event loop, one at a time, and must not wait.
 */
public interface Feed {
  /** What there is to send now. */
  sealed interface Next {
    /**
     * The bytes that come next.
     *
     * @param bytes 1 to {@link #MOST_BYTES} of them, not to be changed afterwards
     */
    @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
    record Bytes(byte[] bytes) implements Next {
      public Bytes {
        if (bytes.length == 0 || bytes.length > MOST_BYTES) {
          throw new IllegalArgumentException(
              "bytes of a feed: %d (expected: 1..%d)".formatted(bytes.length, MOST_BYTES));
        }
      }
    }

    /** Nothing until the feed says that it is ready. */
    record Nothing() implements Next {}

    /**
     * Nothing more, ever.
     *
     * @param reason a stable token for the counter, such as {@code too-slow}
     */
    record End(String reason) implements Next {
      private static final Pattern TOKEN = Pattern.compile("[a-z][a-z-]{0,30}");

      public End {
        if (!TOKEN.matcher(reason).matches()) {
          throw new IllegalArgumentException(
              "end of a feed: " + reason + " (expected: lower-case words with hyphens)");
        }
      }
    }
  }

  /** Bytes that are handed over at a time: what a client that takes nothing costs the server. */
  int MOST_BYTES = 64 * 1024;

  /**
   * The client waits; the server asks for the first bytes after this.
   *
   * @param ready to be run, by any thread and as often as one likes, when there is something to ask
   *     for
   */
  void begin(Runnable ready);

  /** What to send next; it counts as taken. */
  Next next();

  /**
   * What is sent where there was nothing for a while, so that each side notices when the other one
   * is gone.
   */
  byte[] pulse();

  /** The client is gone, or was never there; said once, and nothing is asked after it. */
  void ended();
}
