// SPDX-License-Identifier: Apache-2.0
@NullMarked
package foundrybot.bootserver.http;

import org.jspecify.annotations.NullMarked;
