// SPDX-License-Identifier: Apache-2.0
/**
 * Butane's YAML for people, translated to Ignition's JSON for machines, and merged with what a
 * profile gives by itself. Pure: files beside the input are handed in.
 */
@org.jspecify.annotations.NullMarked
package foundrybot.answerfiles.butane;
