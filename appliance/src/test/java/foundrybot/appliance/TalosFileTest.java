// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.answerfiles.AnswerFiles;
import foundrybot.answerfiles.Node;
import foundrybot.answerfiles.RackFile;
import foundrybot.answerfiles.RackFiles;
import foundrybot.answerfiles.RackReading;
import foundrybot.answerfiles.RenderException;
import foundrybot.answerfiles.TalosSecrets;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The one file with secrets that live longer than an installation, and who sees them. */
class TalosFileTest {
  private static final String SECRETS =
      """
      cluster: { id: aWQ=, secret: VERY-SECRET-1 }
      secrets: { bootstraptoken: VERY.SECRET-2, secretboxencryptionsecret: VERY-SECRET-3 }
      trustdinfo: { token: VERY.SECRET-4 }
      certs:
        etcd: { crt: c1, key: VERY-SECRET-5 }
        k8s: { crt: c2, key: VERY-SECRET-6 }
        k8saggregator: { crt: c3, key: VERY-SECRET-7 }
        k8sserviceaccount: { key: VERY-SECRET-8 }
        os: { crt: c4, key: VERY-SECRET-9 }
      """;

  @TempDir Path folder = Path.of("");

  private Path file() {
    return folder.resolve("secrets.yaml");
  }

  private void write(String text, String rights) throws IOException {
    Files.writeString(file(), text);
    Files.setPosixFilePermissions(file(), PosixFilePermissions.fromString(rights));
  }

  private RackFile rack() {
    String yaml =
        """
        cluster: alpha
        domain: alpha.rack
        appliance: { address: 10.77.0.1/24 }
        admin:
          user: ops
          ssh-keys:
            - "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILewWhH5CTUU3in33UCXnZpwKItYQiqYj2VFSj6dsC8/ me"
        nodes:
          52:54:00:aa:00:01: { role: control-plane, name: c1, profile: talos }
          52:54:00:aa:00:02: { role: hub, name: h1 }
        talos: { endpoint: "https://10.77.0.10:6443", secrets: %s }
        """
            .formatted(file());
    return switch (RackFiles.read(yaml, "rack.yaml")) {
      case RackReading.Valid valid -> valid.rack();
      case RackReading.Invalid invalid -> throw new AssertionError(invalid.faults().toString());
    };
  }

  private static Node node(RackFile rack, String name) {
    return rack.node(name).orElseThrow();
  }

  @Test
  void theMachineIsGivenThemAndWhatIsKeptOrShownHasNone() throws Exception {
    write(SECRETS, "rw-------");
    RackFile rack = rack();
    Node node = node(rack, "c1");
    TalosFile.check(rack);
    Optional<TalosSecrets> secrets = TalosFile.of(rack, node);
    String served =
        AnswerFiles.render(rack, node, Rehearsals.run(rack).withTalos(secrets), "machine.yaml")
            .text();
    assertEquals(9, served.split("VERY[.-]SECRET-[1-9]", -1).length - 1);
    assertFalse(NodePlan.texts(rack, node).toString().contains("VERY"));
    assertFalse((secrets + " " + Rehearsals.run(rack).withTalos(secrets)).contains("VERY"));
    assertEquals(Optional.empty(), TalosFile.of(rack, node(rack, "h1")));
  }

  @Test
  void withoutAFileThatOnlyItsOwnerCanReadTheApplianceDoesNotStart() throws Exception {
    RackFile rack = rack();
    refused(rack, "cannot be read (expected: what 'talosctl gen secrets -o' has written)");
    write(SECRETS, "rw-r-----");
    refused(rack, "rights rw-r----- (expected: rw-------)");
    write(SECRETS.replace("{ token:", "{ tken:"), "rw-------");
    refused(rack, "trustdinfo.token: missing or malformed");
    write("x".repeat((64 << 10) + 1), "rw-------");
    refused(rack, "more than 64 KiB");
  }

  private void refused(RackFile rack, String why) {
    StartException start = assertThrows(StartException.class, () -> TalosFile.check(rack));
    String message = String.valueOf(start.getMessage());
    assertTrue(message.startsWith("talos.secrets: " + file()), message);
    assertTrue(message.contains(why), message);
    assertFalse(message.contains("VERY"), message);
    assertThrows(RenderException.class, () -> TalosFile.of(rack, node(rack, "c1")));
  }
}
