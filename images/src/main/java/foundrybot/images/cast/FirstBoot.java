// SPDX-License-Identifier: Apache-2.0
package foundrybot.images.cast;

/**
 * The first-boot script and its unit as text, so that machines put up by an installer enroll with
 * the very script that cast machines carry.
 *
 * <p>The installer's last step must write {@link #script} to {@link #SCRIPT_PATH} (mode 0755),
 * {@link #unit} to {@link #UNIT_PATH}, one line {@code URL='http://...'} to {@link #CONF_PATH}
 * (mode 0600), and enable {@link #UNIT_NAME}. The script needs curl or wget.
 */
public final class FirstBoot {
  public static final String SCRIPT_PATH = "/usr/local/lib/foundrybot/first-boot";
  public static final String UNIT_NAME = "foundrybot-first-boot.service";
  public static final String UNIT_PATH = "/etc/systemd/system/" + UNIT_NAME;
  public static final String CONF_PATH = "/etc/foundrybot/run.conf";

  private static final String SCRIPT = CastResource.text("first-boot.sh");
  private static final String UNIT = CastResource.text(UNIT_NAME);

  private FirstBoot() {}

  /** A POSIX shell script. */
  public static String script() {
    return SCRIPT;
  }

  /** A systemd unit that runs {@link #SCRIPT_PATH} while {@link #CONF_PATH} exists. */
  public static String unit() {
    return UNIT;
  }
}
