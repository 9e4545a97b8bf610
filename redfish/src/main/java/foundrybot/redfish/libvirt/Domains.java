// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.libvirt;

import foundrybot.redfish.BmcFault.Kind;
import foundrybot.redfish.Inventory;
import foundrybot.redfish.PowerState;
import foundrybot.redfish.Trouble;
import foundrybot.redfish.VirtualMachine;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/** All domains of a host with their definitions, in few connections. */
final class Domains {
  /** Of one connection, so that the answer stays far below {@link Virsh#MAX_OUTPUT}. */
  private static final int TOGETHER = 50;

  private static final int TRIES = 3;
  private static final Pattern ID = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

  private final Virsh virsh;
  private final Supplier<UUID> random;

  /** Separates what virsh prints by words that no definition can hold. */
  Domains(Virsh virsh, Supplier<UUID> random) {
    this.virsh = virsh;
    this.random = random;
  }

  /**
   * A domain.
   *
   * @param xml as it is defined, not as it runs
   */
  record Found(PowerState power, DomainXml xml) {
    String name() {
      return xml.name();
    }

    VirtualMachine machine() {
      Inventory inventory = xml.inventory();
      return new VirtualMachine(
          xml.name(),
          inventory.uuid(),
          power,
          inventory.nics().stream().map(Inventory.Nic::mac).toList(),
          inventory.cpus().stream().mapToInt(Inventory.Cpu::cores).sum(),
          inventory.memoryMiB(),
          Mark.read(xml).isPresent());
    }
  }

  /** By name. */
  List<Found> all() {
    for (int attempt = 1; ; attempt++) {
      try {
        return look();
      } catch (Trouble e) {
        // Somebody deleted one between the list and the look at it.
        if (!e.is(Kind.NO_SUCH_SYSTEM) || attempt == TRIES) {
          throw e;
        }
      }
    }
  }

  /** The domain of that id, as it is defined now. */
  Optional<DomainXml> find(String id) {
    return virsh.find("dumpxml", "--domain", id, "--inactive").map(this::definition);
  }

  private List<Found> look() {
    List<String> ids =
        virsh
            .run("list", "--all", "--uuid")
            .lines()
            .map(String::strip)
            .filter(line -> ID.matcher(line).matches())
            .toList();
    List<Found> found = new ArrayList<>();
    for (int i = 0; i < ids.size(); i += TOGETHER) {
      found.addAll(look(ids.subList(i, Math.min(ids.size(), i + TOGETHER))));
    }
    found.sort(Comparator.comparing(Found::name));
    return List.copyOf(found);
  }

  private List<Found> look(List<String> ids) {
    String mark = random.get().toString();
    List<List<String>> commands = new ArrayList<>();
    for (String id : ids) {
      commands.add(List.of("echo", mark));
      commands.add(List.of("domstate", "--domain", id));
      commands.add(List.of("dumpxml", "--domain", id, "--inactive"));
    }
    String told = virsh.batch(commands);
    String[] parts = told.split(Pattern.quote(mark), -1);
    if (parts.length != ids.size() + 1) {
      throw virsh.fault(
          Kind.BROKEN,
          "virsh dumpxml",
          (parts.length - 1) + " definitions of " + ids.size(),
          "update libvirt");
    }
    return List.of(parts).subList(1, parts.length).stream().map(this::found).toList();
  }

  private Found found(String told) {
    int xml = Math.max(0, told.indexOf('<'));
    PowerState power = DomainPower.state(told.substring(0, xml).strip());
    return new Found(power, definition(told.substring(xml)));
  }

  private DomainXml definition(String text) {
    return DomainXml.read(text)
        .orElseThrow(
            () ->
                virsh.fault(
                    Kind.BROKEN, "virsh dumpxml", "no definition of a domain", "update libvirt"));
  }
}
