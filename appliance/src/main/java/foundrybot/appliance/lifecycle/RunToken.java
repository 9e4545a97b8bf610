// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.lifecycle;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A node token as the journal keeps it: enough to know it again. With the key file of the data
 * folder the salt is enough to make it again, without the key it is worth nothing.
 *
 * @param hash SHA-256 of the token, hexadecimal
 * @param salt from which it was made, hexadecimal; empty for one that cannot be made again
 * @param used whether somebody has come with it
 * @param user the address from which somebody first came with it; empty if that is not known
 * @param holders what may be had once with it, and the address that has had it
 */
public record RunToken(
    String hash, String salt, boolean used, String user, Map<String, String> holders) {
  private static final String FROM = " from ";

  public RunToken {
    holders = Map.copyOf(holders);
  }

  /** Of which nothing was had. */
  public RunToken(String hash, String salt, boolean used) {
    this(hash, salt, used, "", Map.of());
  }

  /**
   * Reads the detail of a fact of minting. Journals of before tokens had a salt hold the hash
   * alone.
   */
  static RunToken minted(String detail) {
    int space = detail.indexOf(' ');
    return space < 0
        ? new RunToken(detail, "", true)
        : new RunToken(detail.substring(0, space), detail.substring(space + 1), false);
  }

  /** The detail of the fact that it was minted. */
  public String mintedDetail() {
    return hash + " " + salt;
  }

  /**
   * The detail of the fact that somebody came with it for the first time.
   *
   * @param what was asked for, in words without a secret
   * @param address of who came
   */
  public String usedDetail(String what, String address) {
    return hash + " " + what + FROM + address;
  }

  /** Somebody came with it; journals of before hold no address. */
  RunToken inUse(String usedDetail) {
    int from = usedDetail.lastIndexOf(FROM);
    String by = from < 0 ? "" : usedDetail.substring(from + FROM.length());
    return new RunToken(hash, salt, true, by, holders);
  }

  /** The address that has had it; empty if nobody has. */
  public Optional<String> holder(String what) {
    return Optional.ofNullable(holders.get(what));
  }

  RunToken heldBy(String address, String what) {
    Map<String, String> more = new HashMap<>(holders);
    more.putIfAbsent(what, address);
    return new RunToken(hash, salt, used, user, more);
  }

  /** Without the salt. */
  @Override
  public String toString() {
    return "RunToken[" + hash + (used ? ", used]" : "]");
  }
}
