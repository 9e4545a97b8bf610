// SPDX-License-Identifier: Apache-2.0
@NullMarked
package foundrybot.rig.demo;

import org.jspecify.annotations.NullMarked;
