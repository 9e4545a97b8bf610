// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.logs;

import foundrybot.answerfiles.Mac;

/** Where a machine's lines come from: what one of both says is nothing of the other's. */
record Speaker(Mac mac, boolean console) {}
