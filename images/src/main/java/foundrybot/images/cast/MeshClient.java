// SPDX-License-Identifier: Apache-2.0
package foundrybot.images.cast;

/**
 * The program that keeps a node in the mesh, and its units, as text; for machines put up by an
 * installer as {@link FirstBoot} is, which runs it before it enrols.
 *
 * <p>It does nothing on a machine without {@code /etc/foundrybot/mesh.conf}. It needs openssl,
 * wireguard-tools, iproute2, nftables and flock.
 */
public final class MeshClient {
  public static final String SCRIPT_PATH = "/usr/local/lib/foundrybot/mesh";
  static final String SERVICE_PATH = "/etc/systemd/system/foundrybot-mesh.service";
  static final String TIMER_NAME = "foundrybot-mesh.timer";
  static final String TIMER_PATH = "/etc/systemd/system/" + TIMER_NAME;

  private MeshClient() {}

  /** A POSIX shell script. */
  public static String script() {
    return CastResource.text("mesh.sh");
  }

  /** A systemd unit that asks once. */
  public static String service() {
    return CastResource.text("foundrybot-mesh.service");
  }

  /** A systemd timer that starts it, at the boot and each minute. */
  public static String timer() {
    return CastResource.text(TIMER_NAME);
  }
}
