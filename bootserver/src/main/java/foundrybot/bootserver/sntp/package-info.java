// SPDX-License-Identifier: Apache-2.0
@NullMarked
package foundrybot.bootserver.sntp;

import org.jspecify.annotations.NullMarked;
