// SPDX-License-Identifier: Apache-2.0
/** Numbers for Prometheus: see README.md in this folder. */
@NullMarked
package foundrybot.appliance.metrics;

import org.jspecify.annotations.NullMarked;
