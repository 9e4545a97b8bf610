// SPDX-License-Identifier: Apache-2.0
@NullMarked
package foundrybot.appliance.tls;

import org.jspecify.annotations.NullMarked;
