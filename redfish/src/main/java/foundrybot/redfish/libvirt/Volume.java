// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.libvirt;

/** A volume of a storage pool (libvirt.org/formatstorage.html). */
record Volume(String pool, String name) {

  /** For people, and how {@link DomainXml#source} has it: {@code default/n1-0.qcow2}. */
  String text() {
    return pool + "/" + name;
  }
}
