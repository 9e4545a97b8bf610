// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.answerfiles.Node;
import foundrybot.appliance.OwnFiles.OwnFile;
import foundrybot.bootserver.MacAddress;
import foundrybot.bootserver.http.HttpAnswer;
import foundrybot.bootserver.tftp.TftpAnswer;
import foundrybot.bootserver.tftp.TftpRequest;
import foundrybot.bootserver.tftp.TftpTable;
import foundrybot.ipxe.Autoexec;
import foundrybot.ipxe.BootProgram;
import foundrybot.ipxe.BootPrograms;
import foundrybot.ipxe.GrubConfig;
import foundrybot.ipxe.Script;
import foundrybot.ipxe.Scripts;
import foundrybot.ipxe.Trust;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * What machines can fetch before they have a script of their own, by TFTP and by HTTP alike: {@code
 * snponly.efi}, or {@code 52-54-00-aa-00-01/snponly.efi}, which is what we offer, so that each
 * transfer says whose it is; beside each program its {@code autoexec.ipxe}; and the user's own
 * files.
 *
 * <p>Of two things by one name, a file in the folder of the machine comes first, then a boot
 * program, which nothing in the common folder can replace, then a file there, then the script that
 * is made here.
 */
final class BootFiles implements TftpTable {
  static final String AUTOEXEC = "autoexec.ipxe";

  /** The site's DHCP server may start later than its machines; each attempt is iPXE's own DHCP. */
  static final Scripts.Patience PATIENCE =
      new Scripts.Patience(
          10, Duration.ofSeconds(5), Duration.ofSeconds(60), Scripts.Ending.REBOOT);

  /** What lies under a name. */
  private sealed interface Found {
    @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
    record Made(byte[] bytes) implements Found {}

    record Stored(OwnFile file) implements Found {}
  }

  private final Map<String, byte[]> programs = new HashMap<>();

  /** Of those whose digest was checked. */
  private final Map<String, String> digests = new HashMap<>();

  private final OwnFiles own;
  private final GrubFiles grub;
  private final Fleet fleet;
  private final PiSerials serials;
  private final URI appliance;
  private final Predicate<MacAddress> verifying;

  /**
   * Reads nothing; everything is in memory already.
   *
   * @param signed further programs, which machines with Secure Boot check themselves
   * @param appliance the HTTP server's root
   * @param verifying whether a machine's iPXE runs only what is signed
   */
  BootFiles(
      BootPrograms.Loaded loaded,
      Map<String, byte[]> signed,
      OwnFiles own,
      Fleet fleet,
      PiSerials serials,
      GrubFiles grub,
      URI appliance,
      Predicate<MacAddress> verifying) {
    for (BootProgram program : loaded.byName().values()) {
      programs.put(program.name(), program.bytes());
      digests.put(program.name(), program.sha256());
    }
    programs.putAll(signed);
    this.own = own;
    this.grub = grub;
    this.fleet = fleet;
    this.serials = serials;
    this.appliance = appliance;
    this.verifying = verifying;
  }

  @Override
  public TftpAnswer find(TftpRequest request) {
    Optional<MacAddress> mac = owner(request.name());
    return look(request.name(), mac, appliance)
        .<TftpAnswer>map(
            found ->
                switch (found) {
                  case Found.Made(byte[] bytes) -> new TftpAnswer.Bytes(bytes, mac);
                  case Found.Stored(OwnFile file) ->
                      new TftpAnswer.File(file.path(), file.size(), mac);
                })
        .or(
            () ->
                mac.flatMap(
                    owner -> grub.find(owner, last(request.name()), request.peer().getAddress())))
        .orElseGet(() -> new TftpAnswer.NotFound("neither a boot program nor a file of yours"));
  }

  /**
   * The same over HTTP.
   *
   * @param root the appliance as it was asked: who came by HTTPS goes on by HTTPS
   */
  Optional<HttpAnswer> overHttp(String name, URI root) {
    String label = "boot program " + last(name);
    Optional<MacAddress> mac = owner(name);
    Optional<HttpAnswer> answer =
        look(name, mac, root)
            .map(
                found ->
                    switch (found) {
                      case Found.Made(byte[] bytes) ->
                          HttpAnswer.Body.of(200, "application/octet-stream", bytes, label);
                      case Found.Stored(OwnFile file) ->
                          HttpAnswer.File.of(
                              file.path(),
                              file.size(),
                              "application/octet-stream",
                              "\"" + file.version() + "\"",
                              label);
                    });
    return mac.isPresent() ? answer.map(a -> a.of(mac.get())) : answer;
  }

  /**
   * The digest of what lies beside its signature of this name: a boot program, or a file of the
   * user's that is vouched for ({@link OwnFiles}); empty for all else, as the scripts made here are
   * run before anything is verified. Which of two things by one name it is of is as it is served.
   */
  Optional<String> signedBy(String name) {
    if (!name.endsWith(Trust.SIGNATURE)) {
      return Optional.empty();
    }
    String program = name.substring(0, name.length() - Trust.SIGNATURE.length());
    Optional<MacAddress> mac = owner(program);
    String file = file(program, mac);
    Optional<OwnFile> ofOne = mac.flatMap(owner -> ofOne(owner, program, file));
    if (ofOne.isEmpty() && programs.containsKey(file)) {
      return Optional.ofNullable(digests.get(file));
    }
    return ofOne.or(() -> own.find(file)).flatMap(own::sha256);
  }

  /** Without the folder of its machine. */
  private static String file(String name, Optional<MacAddress> owner) {
    return owner.isEmpty() ? name : name.substring(name.indexOf('/') + 1);
  }

  private static String last(String name) {
    return name.substring(name.lastIndexOf('/') + 1);
  }

  /**
   * Whose name that is: it begins with a folder called by a MAC, by a node of the rack file, or by
   * the serial number of a Raspberry Pi that is one.
   */
  Optional<MacAddress> owner(String name) {
    int slash = name.indexOf('/');
    if (slash < 0) {
      return Optional.empty();
    }
    String folder = name.substring(0, slash);
    return MacAddress.parse(folder)
        .or(() -> fleet.nodeNamed(folder).map(node -> Answers.mac(node.mac())))
        .or(() -> serials.owner(folder));
  }

  private Optional<Found> look(String name, Optional<MacAddress> mac, URI root) {
    String file = file(name, mac);
    return mac.flatMap(owner -> ofOne(owner, name, file))
        .<Found>map(Found.Stored::new)
        .or(() -> Optional.ofNullable(programs.get(file)).map(Found.Made::new))
        .or(() -> own.find(file).map(Found.Stored::new))
        .or(() -> file.equals(AUTOEXEC) ? Optional.of(autoexec(mac, root)) : Optional.empty())
        .or(
            () ->
                file.equals(GrubConfig.FILE)
                    ? Optional.of(new Found.Made(GrubConfig.ofAnyone("/").bytes()))
                    : Optional.empty());
  }

  /** From the folder of a machine, whether that is called as asked, by its MAC or by its name. */
  private Optional<OwnFile> ofOne(MacAddress mac, String name, String file) {
    Optional<String> node = fleet.node(Answers.mac(mac)).map(Node::name);
    return own.find(name)
        .or(() -> own.find(mac.hyphenated() + "/" + file))
        .or(() -> node.flatMap(called -> own.find(called + "/" + file)));
  }

  private Found autoexec(Optional<MacAddress> mac, URI root) {
    if (mac.isEmpty()) {
      URI scripts = root.resolve(SignedScripts.folder(Trust.ANYTHING));
      return new Found.Made(Autoexec.ofAnyone(scripts, PATIENCE).bytes());
    }
    MacAddress owner = mac.get();
    Trust trust = verifying.test(owner) ? Trust.SIGNED : Trust.ANYTHING;
    URI folder = root.resolve(SignedScripts.folder(trust) + owner.hyphenated() + "/");
    Script script =
        switch (trust) {
          case ANYTHING -> Autoexec.of(owner.toString(), folder, PATIENCE);
          case SIGNED -> Autoexec.signed(owner.toString(), folder, PATIENCE);
        };
    return new Found.Made(script.bytes());
  }
}
