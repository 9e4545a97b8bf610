// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.net.Inet4Address;

/** A subnet that is reached through a router other than the default gateway. */
public record Route(Cidr destination, Inet4Address router) {}
