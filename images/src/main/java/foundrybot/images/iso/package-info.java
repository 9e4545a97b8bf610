// SPDX-License-Identifier: Apache-2.0
/**
 * Boot media: an ISO image that starts iPXE with a script of its own, for a BMC's virtual drive.
 */
@NullMarked
package foundrybot.images.iso;

import org.jspecify.annotations.NullMarked;
