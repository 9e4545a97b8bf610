// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

/**
 * The SRV records by which etcd finds its members. It joins what it finds under the names with and
 * without TLS into one list, so that a domain must have the one kind only.
 */
public enum EtcdDiscovery {
  /** {@code _etcd-server-ssl._tcp} and {@code _etcd-client-ssl._tcp}. */
  TLS,
  /** {@code _etcd-server._tcp} and {@code _etcd-client._tcp}. */
  PLAIN,
  /** None. */
  OFF
}
