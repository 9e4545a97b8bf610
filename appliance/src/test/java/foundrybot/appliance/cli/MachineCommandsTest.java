// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What needs no hypervisor; machines are made and deleted by tests that have one. */
class MachineCommandsTest {
  private static final String RACK =
      """
      cluster: alpha
      domain: alpha.rack
      appliance: { address: 10.77.0.1/24 }
      admin: { user: ops, ssh-keys: ["%s"] }
      machine-defaults: { bridge: br0, tpm: on }
      nodes:
        52:54:00:aa:00:01:
          role: etcd
          name: e1
          bmc: "libvirt+unix:///system?socket=/nowhere"
          machine: { cores: 1, memory: 512 MiB, disks: [1 GiB, 2 GiB in bulk], format: raw }
        52:54:00:aa:00:02:
          role: worker
          name: w1
          bmc: { url: "libvirt+unix:///system?socket=/nowhere", system: worker.one }
          machine: { network: rack, firmware: bios, tpm: off }
        52:54:00:aa:00:03: { role: worker, name: w2 }
      """;
  private static final String KEY =
      "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEPcG9ET9+/PDxejT9bvmKcMjtXEkoXsZ/oCTPCXFMyz rig";

  @RegisterExtension private final Printed printed = new Printed();

  @TempDir private Path folder;
  private Path rack = Path.of("rack.yaml");

  @BeforeEach
  void listen() throws Exception {
    rack = Files.writeString(folder.resolve("rack.yaml"), RACK.formatted(KEY));
  }

  private int run(String... words) {
    List<String> line = new ArrayList<>(List.of("machine"));
    line.addAll(List.of(words));
    line.addAll(List.of("--rack", rack.toString(), "--data", folder.toString()));
    return printed.run(line.toArray());
  }

  private String out() {
    return printed.out();
  }

  private String err() {
    return printed.err();
  }

  @Test
  void aDryRunPrintsWhatWouldBeMadeOfEachNodeThatHasAMachine() {
    assertEquals(0, run("create", "--dry-run"), this::err);
    assertEquals(
        """
        e1: would be made on libvirt+unix:///system?socket=/nowhere as e1: 1 core, 512 MiB, disk of\
         1024 MiB raw, disk of 2048 MiB raw in bulk, 52:54:00:aa:00:01 on bridge br0, uefi, TPM 2.0
        w1: would be made on libvirt+unix:///system?socket=/nowhere as worker.one: 2 cores,\
         4096 MiB, disk of 20480 MiB, 52:54:00:aa:00:02 on network rack, bios
        """,
        out());
    assertEquals(0, run("create", "--dry-run", "--role", "worker"), this::err);
    assertEquals(1, out().lines().count(), this::out);
  }

  @Test
  void whoIsNoMachineIsNamed() {
    assertEquals(1, run("create", "w2"));
    assertTrue(err().contains("w2: no machine in the rack file (expected: machine:"), this::err);
    assertEquals(1, run("create", "w9"));
    assertTrue(err().contains("node: w9: not in "), this::err);
    assertTrue(err().contains("(expected: one of e1, w1, w2)"), this::err);
    assertEquals(1, run("list", "--role", "storage"));
    assertTrue(err().contains("no node of role storage with machine:"), this::err);
    assertEquals(64, run("create", "../x"));
  }

  @Test
  void nothingIsDeletedWithoutNamesOrWithoutAWord() {
    assertEquals(64, run("delete"));
    assertTrue(err().contains("NODE: missing (expected: names, --role or --all)"), this::err);
    assertEquals(64, run("delete", "w1", "--all", "--yes"));
    assertTrue(err().contains("--all: given beside names"), this::err);
    assertEquals(0, run("delete", "--all", "--dry-run"), this::err);
    assertEquals(
        """
        e1: would be deleted on libvirt+unix:///system?socket=/nowhere: e1 with its disks
        w1: would be deleted on libvirt+unix:///system?socket=/nowhere: worker.one with its disks
        """,
        out());
  }

  @Test
  void aHypervisorThatDoesNotAnswerIsNamedForEachNode() {
    assertEquals(1, run("create"));
    assertTrue(err().contains("e1: libvirt libvirt+unix:///system: asked virsh"), this::err);
    assertTrue(err().contains("w1: libvirt libvirt+unix:///system: asked virsh"), this::err);
    assertEquals(1, run("delete", "e1", "--yes"));
    assertEquals(1, run("list"));
    assertTrue(out().startsWith("NODE "), this::out);
    assertEquals(1, err().lines().count(), this::err);
  }

  @Test
  void aNameThatNoMachineCanHaveIsRefusedBeforeAnyIsMade() throws Exception {
    Files.writeString(rack, RACK.formatted(KEY).replace("worker.one", "'105'"));
    assertEquals(1, run("create"));
    assertTrue(
        err().startsWith("bootserver: w1: machine: name: 105 (expected: letters"), this::err);
    assertTrue(err().contains("leave that out"), this::err);
    assertEquals(1, err().lines().count(), this::err);
  }

  @Test
  void theCommandsSayByWhatStatusTheyEnd() {
    for (String command : List.of("create", "list", "delete")) {
      assertEquals(0, Main.run("machine", command, "--help"));
      assertTrue(out().contains("Exit status:") && out().contains("64"), this::out);
    }
    assertEquals(64, Main.run("machine"));
  }
}
