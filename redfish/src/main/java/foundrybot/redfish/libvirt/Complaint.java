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
  NO_CONNECTION("failed to connect to the hypervisor|client socket is closed|Cannot recv data"),
  OTHER("");

  private final Pattern words;

  Complaint(String words) {
    this.words = Pattern.compile(words);
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
