// SPDX-License-Identifier: Apache-2.0
@NullMarked
package foundrybot.answerfiles;

import org.jspecify.annotations.NullMarked;
