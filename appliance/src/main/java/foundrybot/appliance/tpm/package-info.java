// SPDX-License-Identifier: Apache-2.0
@NullMarked
package foundrybot.appliance.tpm;

import org.jspecify.annotations.NullMarked;
