// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish;

import java.util.List;

/**
 * A host that virtual machines are made on. One machine's power, boot order and media are a {@link
 * Bmc}'s; this makes and unmakes them.
 *
 * <p>As with a BMC, calls block, one at a time, an interrupt ends them soon, and what goes wrong is
 * an {@link Outcome}, not an exception. Whoever makes a machine marks it, in the machine's own
 * definition, so that every appliance knows later which machines may be deleted.
 */
public interface Hypervisor extends AutoCloseable {

  /** Kind and address for logs and people, without secrets: {@code libvirt+ssh://ops@h/system}. */
  String describe();

  /** All machines there, whoever made them, by name. */
  Outcome<List<VirtualMachine>> machines();

  /**
   * Makes a machine, which stays off. One of the same name that is as wanted is left alone ({@link
   * Creation#fresh} is false), whoever made it. One that differs is a failure that names each
   * difference, and is not touched; so is a card's MAC that another machine has. What was made of a
   * machine before something failed is removed again, or named in the failure.
   */
  Outcome<Creation> create(MachineSpec wanted);

  /**
   * Switches a machine off and deletes it, with those of its disks that were made with it; others
   * are kept, and a warning names each. One that is not there is a failure (NO_SUCH_SYSTEM).
   *
   * @param card which one of its cards must have, so that a name alone deletes no other machine
   * @return the machine as it was
   */
  Outcome<VirtualMachine> delete(String name, HardwareAddress card, Whose whose);

  /** Which machines may be deleted. */
  enum Whose {
    /** Those with the mark of {@link #create}; any other is a failure (REFUSED). */
    OURS,
    /** Whoever made it; its disks were not made with it, so they are kept. */
    ANYBODYS
  }

  /**
   * A machine that is as wanted.
   *
   * @param fresh whether it was made just now
   */
  record Creation(VirtualMachine machine, boolean fresh) {}

  /** Logs out where that matters; never throws. */
  @Override
  void close();
}
