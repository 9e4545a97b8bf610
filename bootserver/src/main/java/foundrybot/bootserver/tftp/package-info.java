// SPDX-License-Identifier: Apache-2.0
@NullMarked
package foundrybot.bootserver.tftp;

import org.jspecify.annotations.NullMarked;
