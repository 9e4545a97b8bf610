// SPDX-License-Identifier: Apache-2.0
package foundrybot.ipxe;

/** What an iPXE runs. */
public enum Trust {
  /** Whatever it has fetched: most builds cannot tell. */
  ANYTHING,
  /**
   * What a code signer of its CA vouches for, and nothing else: {@code imgtrust --permanent}, then
   * {@code imgverify} for each file. For builds with {@code IMAGE_TRUST_CMD} alone; any other one
   * answers "command not found", which fails.
   */
  SIGNED;

  /** Behind the location of a file: where its detached signature is (CMS, RFC 5652, in DER). */
  public static final String SIGNATURE = ".cms";
}
