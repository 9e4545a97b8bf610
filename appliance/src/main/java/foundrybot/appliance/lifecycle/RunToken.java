// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.lifecycle;

/**
 * A node token as the journal keeps it: enough to know it again. With the key file of the data
 * folder the salt is enough to make it again, without the key it is worth nothing.
 *
 * @param hash SHA-256 of the token, hexadecimal
 * @param salt from which it was made, hexadecimal; empty for one that cannot be made again
 * @param used whether somebody has come with it
 */
public record RunToken(String hash, String salt, boolean used) {

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
   */
  public String usedDetail(String what) {
    return hash + " " + what;
  }

  RunToken inUse() {
    return new RunToken(hash, salt, true);
  }

  /** Without the salt. */
  @Override
  public String toString() {
    return "RunToken[" + hash + (used ? ", used]" : "]");
  }
}
