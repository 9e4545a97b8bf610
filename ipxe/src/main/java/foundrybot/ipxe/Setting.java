// SPDX-License-Identifier: Apache-2.0
package foundrybot.ipxe;

import java.util.regex.Pattern;

/**
 * A value that iPXE itself puts in when it runs the script: {@code ${net0/mac:hexhyp}}.
 *
 * <p>What a setting holds is the machine's word (SMBIOS strings, DHCP options), so it may hold
 * anything. iPXE splits a line into words before it expands settings: a value can therefore never
 * become a further command. It can become a further kernel argument or a further part of a URL,
 * which is why only some formats are allowed there.
 *
 * @param name block and setting, as in {@code netX/mac} or {@code serial}
 * @param format how the value is written out
 */
public record Setting(String name, Format format) implements Text.Part {

  private static final Pattern NAME =
      Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*");
  private static final int MAX_NAME = 64;

  /**
   * How iPXE writes a value; all of these are known to builds of 2019.
   *
   * <p>Percent-encoding by iPXE covers spaces and URL delimiters, but not double quotes, bars and
   * braces (seen with the build of 2019), so it is good in a URL and not on a kernel command line.
   */
  public enum Format {
    /** As the setting's own type says. */
    NATURAL("", Fits.TEXT),
    /** The raw bytes as text. */
    STRING(":string", Fits.TEXT),
    /** Text with what would end a part of a URL percent-encoded. */
    URISTRING(":uristring", Fits.URI),
    /** Hexadecimal bytes with colons. */
    HEX(":hex", Fits.KERNEL_ARGUMENT),
    /** Hexadecimal bytes with hyphens. */
    HEXHYP(":hexhyp", Fits.KERNEL_ARGUMENT),
    /** Hexadecimal bytes with nothing between. */
    HEXRAW(":hexraw", Fits.KERNEL_ARGUMENT),
    UUID(":uuid", Fits.KERNEL_ARGUMENT),
    IPV4(":ipv4", Fits.KERNEL_ARGUMENT),
    INT32(":int32", Fits.KERNEL_ARGUMENT),
    UINT32(":uint32", Fits.KERNEL_ARGUMENT);

    private final String suffix;
    private final Fits fits;

    Format(String suffix, Fits fits) {
      this.suffix = suffix;
      this.fits = fits;
    }

    String suffix() {
      return suffix;
    }

    boolean fits(Fits place) {
      return fits.compareTo(place) >= 0;
    }
  }

  /** Places for a value, each stricter than the one before. */
  enum Fits {
    TEXT,
    URI,
    KERNEL_ARGUMENT
  }

  public Setting {
    if (name.length() > MAX_NAME || !NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "setting: "
              + Syntax.shown(name)
              + " (expected: names of letters, digits, '.', '_', '-',"
              + " with '/' between, at most "
              + MAX_NAME
              + " characters)");
    }
  }

  /** A setting in its natural format. */
  public static Setting of(String name) {
    return new Setting(name, Format.NATURAL);
  }

  /** The same setting, written in another way. */
  public Setting as(Format other) {
    return new Setting(name, other);
  }

  @Override
  public String source() {
    return "${" + name + format.suffix() + "}";
  }
}
