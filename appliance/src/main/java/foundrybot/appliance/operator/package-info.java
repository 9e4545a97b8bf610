// SPDX-License-Identifier: Apache-2.0
/** Who may tell the appliance what to do, and what was done and tried: values and their texts. */
@NullMarked
package foundrybot.appliance.operator;

import org.jspecify.annotations.NullMarked;
