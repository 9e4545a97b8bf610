// SPDX-License-Identifier: Apache-2.0
@NullMarked
package foundrybot.bootserver.dns;

import org.jspecify.annotations.NullMarked;
