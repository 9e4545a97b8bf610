// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles.mesh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.answerfiles.Ran;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What nft, wg and openssl make of what nodes are told. */
@Tag("slow")
class MeshToolsTest {
  @TempDir Path folder = Path.of("");

  private Ran run(String... command) throws IOException, InterruptedException {
    return Ran.in(folder, command);
  }

  private void write(String name, List<String> lines) throws IOException {
    Files.writeString(folder.resolve(name), String.join("\n", lines) + "\n");
  }

  @Test
  void nftTakesTheRulesOfEveryNodeAlsoASecondTime() throws Exception {
    MeshPlan plan = Meshes.plan(Meshes.rack(), Map.of());
    for (Member member : plan.members()) {
      List<String> rules = NftRules.of(plan, member).lines();
      write("rules", rules);
      Ran ran =
          run(
              "unshare",
              "--net",
              "sh",
              "-euc",
              "nft -c -f rules; nft -f rules; nft -f rules; nft list tables;"
                  + " nft list table inet foundrybot_mesh | grep -c accept");
      long accepted = rules.stream().filter(line -> line.contains("accept")).count();
      assertEquals(new Ran(0, "table inet foundrybot_mesh\n" + accepted + "\n"), ran);
    }
  }

  @Test
  void wgHasExactlyThePeersThatItWasTold() throws Exception {
    MeshPlan plan = Meshes.plan(Meshes.rack(), Map.of());
    Member hub = plan.member(Meshes.mac(1)).orElseThrow();
    WgConfig config = Meshes.of(plan, hub.node().mac()).interfaces().get(1).config();
    write("config", config.lines());
    String device = "fb" + ProcessHandle.current().pid() % 1_000_000;
    Ran ran =
        run(
            "unshare",
            "--net",
            "sh",
            "-euc",
            """
            WG_PROCESS_FOREGROUND=1 wireguard-go -f "$1" >log 2>&1 &
            daemon=$!
            trap 'kill $daemon' EXIT
            tries=0
            until wg show "$1" >/dev/null 2>&1; do
              tries=$((tries + 1))
              [ $tries -lt 100 ] || { cat log; exit 1; }
              sleep 0.1
            done
            umask 077
            wg genkey >key
            { echo '[Interface]'; echo "PrivateKey = $(cat key)"; tail -n +2 config; } >whole
            wg syncconf "$1" whole
            wg show "$1" listen-port
            wg show "$1" allowed-ips | sort
            """,
            "sh",
            device);
    String expected =
        config.peers().stream()
            .map(peer -> peer.publicKey() + "\t" + String.join(" ", peer.allowedIps()) + "\n")
            .sorted()
            .collect(Collectors.joining());
    assertEquals(new Ran(0, config.listenPort() + "\n" + expected), ran);
  }

  @Test
  void opensslVerifiesABundleAndRefusesAnother() throws Exception {
    BundleSigner signer = BundleSigner.of("ab".repeat(32));
    byte[] signed = SignedBundle.sign(BundleTest.bundle(3, signer), signer);
    Files.writeString(folder.resolve("key.pem"), signer.publicPart().pem());
    Files.write(folder.resolve("bundle"), signed);
    String verify =
        "sed '$d' bundle >body; sed -n '$s/^signature=//p' bundle | openssl base64 -d -A >sig;"
            + " openssl pkeyutl -verify -pubin -inkey key.pem -rawin -in body -sigfile sig";
    assertEquals(new Ran(0, "Signature Verified Successfully\n"), run("sh", "-euc", verify));
    byte[] tampered = Arrays.copyOf(signed, signed.length);
    tampered[signed.length / 2] ^= 1;
    Files.write(folder.resolve("bundle"), tampered);
    assertNotEquals(0, run("sh", "-euc", verify).status());
    Files.write(folder.resolve("bundle"), signed);
    Files.writeString(
        folder.resolve("key.pem"), BundleSigner.of("cd".repeat(32)).publicPart().pem());
    Ran other = run("sh", "-euc", verify);
    assertTrue(other.status() != 0, other::toString);
  }
}
