// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dns;

/** One record of class IN; {@code ttl} in seconds. */
record Rr(Name owner, int ttl, Rdata data) {}
