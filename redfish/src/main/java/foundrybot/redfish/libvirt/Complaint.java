// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.libvirt;

import java.util.regex.Pattern;

/** Which kind of trouble virsh's words are about. */
enum Complaint {
  HOST_KEY("Host key verification failed|host key has changed"),
  LOGIN(
      "Permission denied \\((publickey|password)|authentication failed|Permission denied, please"),
  PRIVILEGE(
      "access denied|authentication unavailable|Failed to connect socket to .*: Permission denied"
          + "|Operation not permitted"),
  NO_DOMAIN("failed to get domain|Domain not found"),
  NO_POOL("failed to get pool|Storage pool not found"),
  POOL_STOPPED("storage pool '.*' is not active"),
  NO_VOLUME("failed to get vol |Storage volume not found"),
  NO_NETWORK("failed to get network|Network not found"),
  NO_CONNECTION("failed to connect to the hypervisor|client socket is closed|Cannot recv data"),
  OTHER("");

  private final Pattern words;

  Complaint(String words) {
    this.words = Pattern.compile(words);
  }

  /** Whether what was asked for is not there. */
  boolean isAbsence() {
    return switch (this) {
      case NO_DOMAIN, NO_POOL, NO_VOLUME, NO_NETWORK -> true;
      default -> false;
    };
  }

  static Complaint read(String text) {
    for (Complaint complaint : values()) {
      if (complaint.words.matcher(text).find()) {
        return complaint;
      }
    }
    return OTHER;
  }
}
