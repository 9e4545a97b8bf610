// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.bootserver.MacAddress;
import foundrybot.bootserver.tftp.TftpAnswer;
import foundrybot.bootserver.tftp.TftpRequest;
import foundrybot.bootserver.tftp.TftpTable;
import foundrybot.ipxe.BootProgram;
import foundrybot.ipxe.BootPrograms;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The names of the boot programs: {@code snponly.efi}, or {@code 52-54-00-aa-00-01/snponly.efi},
 * which is what we offer, so that each transfer says whose it is.
 */
final class BootFiles implements TftpTable {
  private final Map<String, byte[]> contents = new HashMap<>();

  BootFiles(BootPrograms.Loaded programs) {
    for (BootProgram program : programs.byName().values()) {
      byte[] bytes = new byte[program.size()];
      program.content().get(bytes);
      contents.put(program.name(), bytes);
    }
  }

  @Override
  public TftpAnswer find(TftpRequest request) {
    int slash = request.name().indexOf('/');
    Optional<MacAddress> mac =
        slash < 0 ? Optional.empty() : MacAddress.parse(request.name().substring(0, slash));
    String file = mac.isPresent() ? request.name().substring(slash + 1) : request.name();
    return content(file)
        .<TftpAnswer>map(bytes -> new TftpAnswer.Bytes(bytes, mac))
        .orElseGet(() -> new TftpAnswer.NotFound("not a boot program"));
  }

  Optional<byte[]> content(String file) {
    return Optional.ofNullable(contents.get(file));
  }
}
