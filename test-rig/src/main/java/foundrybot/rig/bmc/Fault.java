// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import java.util.Locale;

/** What can be wrong with a BMC. */
public enum Fault {
  /** A write is answered with success, and nothing happens. */
  NO_OP(When.WRITE),
  /** 500 with an error of Redfish's form. */
  ERROR_500(When.ANY),
  /** 503 with Retry-After. */
  BUSY_503(When.ANY),
  /** The connection is reset, and nothing was carried out. */
  RESET_BEFORE(When.ANY),
  /** The write is carried out, then the connection is reset. */
  RESET_AFTER(When.WRITE),
  /** Every request but the first of a connection is answered by a reset. */
  RESET_REUSED(When.ANY),
  /** The answer takes long. */
  SLOW(When.ANY),
  /** The answer never comes. */
  SILENT(When.ANY),
  /** For a while after a write everything is shown as it was before. */
  STALE(When.WRITE),
  /** The session is forgotten: 401. */
  LOST_SESSION(When.ANY),
  /** The certificate has expired. */
  EXPIRED_CERTIFICATE(When.ALWAYS),
  /** Another password than the one that one believes. */
  WRONG_PASSWORD(When.ALWAYS),
  /** Who logs in must first change the password: 403. */
  PASSWORD_CHANGE(When.ALWAYS),
  /** The power state is the old one for a while. */
  LAG(When.WRITE),
  /** The write is answered with 202, and its task is done after a while. */
  TASK(When.WRITE),
  /** The write is answered with 202; its task ends with an exception, and nothing has happened. */
  TASK_FAILS(When.WRITE),
  /** 200 with a page for people. */
  HTML(When.ANY),
  /** The body ends too early. */
  CUT(When.ANY),
  /** No session is free. */
  SESSIONS_FULL(When.ALWAYS),
  /** The operating system does not shut down when asked. */
  IGNORES_SHUTDOWN(When.ALWAYS),
  /** It takes an image only from a server whose certificate is of a public authority. */
  MEDIA_CERTIFICATE(When.MEDIA),
  /** It asks for an image's length by HEAD, and takes none without Content-Length. */
  MEDIA_HEAD(When.MEDIA),
  /** It takes no image whose address has a query. */
  MEDIA_NO_QUERY(When.MEDIA),
  /** Reading from an image takes long. */
  MEDIA_SLOW(When.MEDIA),
  /** The image's server is gone: from then on nothing can be read of it. */
  MEDIA_LOST(When.MEDIA);

  /** Which requests it can hit. */
  enum When {
    /** Every one. */
    ANY,
    /** Those that change something; not log-in and log-out. */
    WRITE,
    /** It is a property of the BMC and not of a request. */
    ALWAYS,
    /** What it fetches of images, where it fetches any. */
    MEDIA
  }

  private final When when;

  Fault(When when) {
    this.when = when;
  }

  When when() {
    return when;
  }

  /** As on the command line: {@code busy-503}. */
  public String text() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
