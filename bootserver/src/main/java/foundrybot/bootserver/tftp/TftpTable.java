// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.tftp;

/**
 * What can be had by which name. A name from the wire is looked up here and never reaches the file
 * system. Called on event loops: a look-up in memory, never a wait.
 */
@FunctionalInterface
public interface TftpTable {
  TftpAnswer find(TftpRequest request);
}
