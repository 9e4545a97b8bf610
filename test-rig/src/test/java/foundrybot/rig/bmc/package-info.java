// SPDX-License-Identifier: Apache-2.0
@NullMarked
package foundrybot.rig.bmc;

import org.jspecify.annotations.NullMarked;
