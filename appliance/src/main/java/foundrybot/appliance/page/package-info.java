// SPDX-License-Identifier: Apache-2.0
/** The page for people: values in, HTML out; knows neither the fleet nor the network. */
@NullMarked
package foundrybot.appliance.page;

import org.jspecify.annotations.NullMarked;
