// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.mesh;

import foundrybot.answerfiles.Mac;
import foundrybot.answerfiles.Node;
import foundrybot.answerfiles.mesh.BundleSigner;
import foundrybot.appliance.lifecycle.Fact;
import foundrybot.appliance.lifecycle.FactKind;
import foundrybot.appliance.lifecycle.MeshKind;
import foundrybot.appliance.tpm.EkHash;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the journal says of the mesh, in memory. */
public final class MeshBook {
  /**
   * The bundles that nodes have been given.
   *
   * @param serial of the newest
   * @param digest of what they were made from
   */
  record Issue(long serial, String digest) {
    static final Issue NONE = new Issue(0, "");

    String detail() {
      return serial + " " + digest;
    }

    static Optional<Issue> of(String detail) {
      String[] words = detail.split(" ", -1);
      return words.length == 2 && words[0].matches("[1-9][0-9]{0,17}")
          ? Optional.of(new Issue(Long.parseLong(words[0]), words[1]))
          : Optional.empty();
    }
  }

  /**
   * All of it at one moment.
   *
   * @param version grows with each fact
   */
  record Page(
      long version,
      Map<Mac, MeshKeys> keys,
      Map<Mac, Integer> numbers,
      Map<Mac, Integer> rotations,
      Issue issued) {
    /** How often a node was to make its keys anew. */
    int rotation(Mac mac) {
      return rotations.getOrDefault(mac, 0);
    }
  }

  /** The detail of a fact of a node's keys after which it has none. */
  public static final String NO_KEYS = "none";

  /** The kinds of facts that it takes. */
  public static final Set<String> KINDS =
      Stream.concat(MeshKind.texts().stream(), Stream.of(FactKind.NODE_RELEASED.text()))
          .collect(Collectors.toUnmodifiableSet());

  private final Map<Mac, MeshKeys> keys = new HashMap<>();
  private final Map<String, Mac> owners = new HashMap<>();
  private final Map<Mac, Integer> numbers = new LinkedHashMap<>();
  private final Map<Mac, Integer> rotations = new HashMap<>();
  private final Map<Mac, EkHash> eks = new HashMap<>();
  private Issue issued = Issue.NONE;
  private long version;

  /** Takes one durable fact, in the order of the journal; whether it was about the mesh alone. */
  public synchronized boolean apply(Fact fact) {
    if (fact.kind().equals(FactKind.NODE_RELEASED.text())) {
      Mac.parse(fact.mac()).ifPresent(this::release);
      return false;
    }
    Optional<MeshKind> kind = MeshKind.of(fact.kind());
    if (kind.isEmpty()) {
      return false;
    }
    if (kind.get() == MeshKind.SERIAL) {
      issued = Issue.of(fact.detail()).orElse(issued);
    } else {
      Mac.parse(fact.mac()).ifPresent(mac -> apply(kind.get(), mac, fact.detail()));
      // No bundle tells of a TPM.
      version += kind.get() == MeshKind.EK ? 0 : 1;
    }
    return true;
  }

  private void release(Mac mac) {
    forget(mac);
    eks.remove(mac);
  }

  /** Others are told of it no more, and it is not known any more when it asks. */
  private void forget(Mac mac) {
    MeshKeys before = keys.remove(mac);
    if (before != null) {
      before.texts().forEach(owners::remove);
      version++;
    }
  }

  private void apply(MeshKind kind, Mac mac, String detail) {
    switch (kind) {
      case KEYS -> {
        forget(mac);
        MeshKeys.of(detail)
            .ifPresent(
                now -> {
                  keys.put(mac, now);
                  now.texts().forEach(key -> owners.put(key, mac));
                });
      }
      case NUMBER ->
          MeshKeys.number(detail)
              .filter(number -> number > 0)
              .ifPresentOrElse(number -> numbers.put(mac, number), () -> numbers.remove(mac));
      case ROTATION -> MeshKeys.number(detail).ifPresent(count -> rotations.put(mac, count));
      case EK ->
          EkHash.parse(detail).ifPresentOrElse(ek -> eks.put(mac, ek), () -> eks.remove(mac));
      case SERIAL -> throw new IllegalStateException("of no machine");
    }
  }

  /** The keys of a node; empty before it has sent any. */
  synchronized Optional<MeshKeys> keysOf(Mac mac) {
    return Optional.ofNullable(keys.get(mac));
  }

  /** By which TPM that node has proved itself; empty before it has, or once that is forgotten. */
  public synchronized Optional<EkHash> pinned(Mac mac) {
    return Optional.ofNullable(eks.get(mac));
  }

  /** Who else has proved itself by that TPM. */
  synchronized List<Mac> othersWith(EkHash ek, Mac self) {
    return eks.entrySet().stream()
        .filter(entry -> entry.getValue().equals(ek) && !entry.getKey().equals(self))
        .map(Map.Entry::getKey)
        .toList();
  }

  /** Whether that node has sent keys. */
  public boolean knows(Mac mac) {
    return keysOf(mac).isPresent();
  }

  /** Why it is not that node who asks, if another identity than its own does. */
  Optional<String> stranger(Node node, BundleSigner.PublicPart identity) {
    return keysOf(node.mac()).filter(keys -> keys.identity().equals(identity)).isPresent()
        ? Optional.empty()
        : Optional.of("identity: not the one that " + node.name() + " has sent with its token");
  }

  /** Who else has one of these keys. */
  synchronized Optional<Mac> otherWith(MeshKeys keys, Mac self) {
    return keys.texts().stream()
        .flatMap(key -> Optional.ofNullable(owners.get(key)).stream())
        .filter(owner -> !owner.equals(self))
        .findFirst();
  }

  synchronized long version() {
    return version;
  }

  synchronized int rotation(Mac mac) {
    return rotations.getOrDefault(mac, 0);
  }

  /** Whether nodes have been given bundles. */
  public synchronized boolean hasIssued() {
    return issued.serial() > 0;
  }

  synchronized Page page() {
    return new Page(
        version, Map.copyOf(keys), new LinkedHashMap<>(numbers), Map.copyOf(rotations), issued);
  }
}
