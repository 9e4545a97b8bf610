// SPDX-License-Identifier: Apache-2.0
@NullMarked
package foundrybot.bootserver.syslog;

import org.jspecify.annotations.NullMarked;
