// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.mesh;

import foundrybot.answerfiles.Plane;
import foundrybot.answerfiles.mesh.BundleSigner;
import foundrybot.answerfiles.mesh.MeshRequest;
import foundrybot.answerfiles.mesh.WgKey;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The public keys of one node as the journal keeps them.
 *
 * @param run in which it sent its first ones
 * @param rotation of these
 * @param identity what its requests are verified with
 * @param keys of all planes
 */
record MeshKeys(int run, int rotation, BundleSigner.PublicPart identity, Map<Plane, WgKey> keys) {
  MeshKeys {
    keys = Collections.unmodifiableMap(new EnumMap<>(keys));
  }

  static MeshKeys of(int run, MeshRequest request) {
    return new MeshKeys(run, request.rotation(), request.identity(), request.keys());
  }

  /** Whether a request says that its node has exactly these. */
  boolean areThoseOf(MeshRequest request) {
    return rotation == request.rotation()
        && identity.equals(request.identity())
        && keys.equals(request.keys());
  }

  /** Each key that no other node may have. */
  List<String> texts() {
    return Stream.concat(keys.values().stream().map(WgKey::text), Stream.of(identity.base64()))
        .toList();
  }

  /** The detail of the fact. */
  String detail() {
    StringBuilder text =
        new StringBuilder("run=" + run + " rotation=" + rotation + " id=" + identity.base64());
    keys.forEach(
        (plane, key) -> text.append(' ').append(plane.interfaceName()).append('=').append(key));
    return text.toString();
  }

  /** Reads {@link #detail}; empty for anything else, and then the node has no keys. */
  static Optional<MeshKeys> of(String detail) {
    Map<String, String> words = new HashMap<>();
    for (String word : detail.split(" ", -1)) {
      int equals = word.indexOf('=');
      words.put(word.substring(0, Math.max(equals, 0)), word.substring(equals + 1));
    }
    Map<Plane, WgKey> keys = new EnumMap<>(Plane.class);
    for (Plane plane : Plane.values()) {
      WgKey.parse(words.getOrDefault(plane.interfaceName(), ""))
          .ifPresent(key -> keys.put(plane, key));
    }
    Optional<BundleSigner.PublicPart> identity =
        BundleSigner.PublicPart.parse(words.getOrDefault("id", ""));
    Optional<Integer> run = number(words.getOrDefault("run", ""));
    Optional<Integer> rotation = number(words.getOrDefault("rotation", ""));
    return keys.size() == Plane.values().length
            && identity.isPresent()
            && run.isPresent()
            && rotation.isPresent()
        ? Optional.of(new MeshKeys(run.get(), rotation.get(), identity.get(), keys))
        : Optional.empty();
  }

  static Optional<Integer> number(String text) {
    return text.matches("[0-9]{1,9}") ? Optional.of(Integer.parseInt(text)) : Optional.empty();
  }
}
