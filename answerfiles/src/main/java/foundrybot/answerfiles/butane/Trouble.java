// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles.butane;

/**
 * What is wrong at one place of an input.
 *
 * @param line counted from 1
 * @param column counted from 1
 * @param path such as {@code storage.files[0].path}; may be empty
 */
public record Trouble(int line, int column, String path, String value, String expected) {}
