// SPDX-License-Identifier: Apache-2.0
@NullMarked
package foundrybot.rig.qemu;

import org.jspecify.annotations.NullMarked;
