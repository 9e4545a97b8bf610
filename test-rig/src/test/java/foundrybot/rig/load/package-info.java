// SPDX-License-Identifier: Apache-2.0
@NullMarked
package foundrybot.rig.load;

import org.jspecify.annotations.NullMarked;
