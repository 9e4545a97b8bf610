// SPDX-License-Identifier: Apache-2.0
/** The package mirror: fetched by the machine's own apt, signed by a key of our own. */
@NullMarked
package foundrybot.images.mirror;

import org.jspecify.annotations.NullMarked;
