// SPDX-License-Identifier: Apache-2.0
@NullMarked
package foundrybot.images.cast;

import org.jspecify.annotations.NullMarked;
