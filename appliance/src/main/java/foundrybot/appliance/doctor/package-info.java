// SPDX-License-Identifier: Apache-2.0
@NullMarked
package foundrybot.appliance.doctor;

import org.jspecify.annotations.NullMarked;
