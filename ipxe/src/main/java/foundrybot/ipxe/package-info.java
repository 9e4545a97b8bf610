// SPDX-License-Identifier: Apache-2.0
@NullMarked
package foundrybot.ipxe;

import org.jspecify.annotations.NullMarked;
