// SPDX-License-Identifier: Apache-2.0
@NullMarked
package foundrybot.rig;

import org.jspecify.annotations.NullMarked;
