// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

/**
 * A further subcommand of {@code bootserver}, found by {@link java.util.ServiceLoader}: so the test
 * rig can bring the demo without the product knowing the test rig.
 */
public interface CommandProvider {
  /** An object annotated with picocli's {@code @Command} that is a {@code Callable<Integer>}. */
  Object command();
}
