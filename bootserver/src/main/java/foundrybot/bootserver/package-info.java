// SPDX-License-Identifier: Apache-2.0
@NullMarked
package foundrybot.bootserver;

import org.jspecify.annotations.NullMarked;
