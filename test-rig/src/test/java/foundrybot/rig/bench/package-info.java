// SPDX-License-Identifier: Apache-2.0
@NullMarked
package foundrybot.rig.bench;

import org.jspecify.annotations.NullMarked;
