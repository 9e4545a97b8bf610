// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.util.List;

/** The account for people on every node: keys only, no password, may use sudo. */
public record Admin(String user, List<String> sshKeys) {
  public Admin {
    sshKeys = List.copyOf(sshKeys);
  }
}
