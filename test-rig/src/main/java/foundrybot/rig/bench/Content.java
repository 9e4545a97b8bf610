// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bench;

/** The files that every server serves: noise, the same in each run, of the sizes of real ones. */
enum Content {
  /** A boot program. */
  PROGRAM("ipxe.efi", 300 << 10),
  /** Something larger for TFTP. */
  LARGE("big.bin", 1 << 20),
  KERNEL("vmlinuz", 512 << 10),
  INITRD("initrd", 2 << 20),
  /** A root image or an installer's initrd. */
  IMAGE("image", 60 << 20);

  /** The name of the script that servers of plain files serve. */
  static final String SCRIPT = "boot.ipxe";

  private static final int SCRIPT_LINES = 20;

  private final String file;
  private final int size;

  Content(String file, int size) {
    this.file = file;
    this.size = size;
  }

  String file() {
    return file;
  }

  int size() {
    return size;
  }

  /** A script about as long as the one that the appliance writes for each node. */
  static String script(String server) {
    StringBuilder text = new StringBuilder("#!ipxe\n");
    for (int i = 0; i < SCRIPT_LINES; i++) {
      text.append("echo line ").append(i).append(" of a script of a usual length\n");
    }
    String base = "http://" + server + "/";
    return text.append("kernel --name linux " + base + KERNEL.file + " initrd=initrd.img\n")
        .append("initrd --name initrd.img " + base + INITRD.file + "\nboot\n")
        .toString();
  }
}
