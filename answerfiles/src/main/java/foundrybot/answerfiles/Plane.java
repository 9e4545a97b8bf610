// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The networks of the mesh, each with a WireGuard interface of its own. */
public enum Plane {
  /** The first that works, and the way in for people. */
  BOOTSTRAP("wg0", 51820),
  /** What steers the cluster and watches it. */
  CONTROL("wg1", 51821),
  /** What the cluster's programs say to each other. */
  DATA("wg2", 51822),
  /** Disks across the network. */
  STORAGE("wg3", 51823);

  private final String interfaceName;
  private final int usualPort;

  Plane(String interfaceName, int usualPort) {
    this.interfaceName = interfaceName;
    this.usualPort = usualPort;
  }

  /** The interface on every node, such as {@code wg1}. */
  public String interfaceName() {
    return interfaceName;
  }

  /** UDP; what holds where the rack file names none. */
  public int usualPort() {
    return usualPort;
  }

  /** The rack file's word for it. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The one that has this word. */
  public static Optional<Plane> of(String text) {
    return Arrays.stream(values()).filter(plane -> plane.text().equals(text)).findFirst();
  }

  static List<String> texts() {
    return Arrays.stream(values()).map(Plane::text).toList();
  }
}
