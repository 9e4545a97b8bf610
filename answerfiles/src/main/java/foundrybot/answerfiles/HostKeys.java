// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import foundrybot.answerfiles.Shape.Items;
import foundrybot.answerfiles.Shape.Mapping;
import foundrybot.answerfiles.Shape.Scalar;
import foundrybot.answerfiles.Shape.Table;
import foundrybot.answerfiles.Shape.Text;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** The keys of roles and nodes about what a system gets beside packages, and their rules. */
final class HostKeys {
  static final int LONGEST_FILE = 32 << 10;

  /** An answer file has 256 KiB, in which each quote of these may count several times. */
  static final int LONGEST_FILES = 64 << 10;

  private static final int MOST_FILES = 64;
  private static final int MOST_UNITS = 64;
  private static final int MOST_SYSCTLS = 128;
  private static final int MOST_LABELS = 64;
  private static final int LONGEST_PATH = 255;
  private static final int LONGEST_SOURCE = 255;
  private static final int LONGEST_LABEL = 253 + 1 + 63;

  /** What a profile can put on a system; {@link Profile#carries}. */
  static final List<String> ABILITIES =
      List.of("packages", "files", "owners", "services", "units", "sysctls", "labels", "ready");

  static final Rule ABILITY = Rule.oneOf(ABILITIES);

  private static final String SEGMENT = "[A-Za-z0-9._@:+=,%~-]+";
  private static final String PATH = "(/" + SEGMENT + ")+";
  private static final Pattern DOTS = Pattern.compile(".*/\\.{1,2}(/.*)?");

  /** Made anew at each start, or no files at all; and what this product keeps there itself. */
  private static final Pattern RESERVED =
      Pattern.compile("/(dev|proc|run|sys|tmp)(/.*)?|.*foundrybot.*");

  private static final Rule FILE_PATH =
      Rule.matching(
          "the absolute path of a file without . and .. and doubled slashes, such as /etc/motd; not"
              + " below /dev, /proc, /run, /sys or /tmp, nor one with foundrybot in it, which"
              + " belongs to FoundryBot",
          PATH,
          text ->
              text.length() <= LONGEST_PATH
                  && text.matches(PATH)
                  && !DOTS.matcher(text).matches()
                  && !RESERVED.matcher(text).matches());

  /** A folder in which a profile can make files. */
  static final Rule FOLDER =
      Rule.matching(
          "an absolute path, such as /etc",
          PATH,
          text -> text.matches(PATH) && !DOTS.matcher(text).matches());

  private static final Rule MODE =
      Rule.pattern(
          "an octal mode of three digits, with or without a 0 before them, such as 0644",
          "0?[0-7]{3}");
  private static final String ACCOUNT = "[a-z_][a-z0-9_-]{0,31}";
  private static final Rule OWNER =
      Rule.pattern(
          "an account's name, or with a colon its group behind it, such as haproxy:adm",
          ACCOUNT + "(:" + ACCOUNT + ")?");
  static final Rule CONTENT =
      new Rule(
          "text of at most "
              + LONGEST_FILE
              + " bytes without control characters but line break and tab",
          HostKeys::isText,
          Map.of("type", "string", "maxLength", LONGEST_FILE),
          List.of());
  private static final String BESIDE = "[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*";
  private static final Rule SOURCE =
      Rule.matching(
          "the name of a file beside the rack file or in a folder there, such as files/haproxy.cfg",
          BESIDE,
          text -> text.length() <= LONGEST_SOURCE && text.matches(BESIDE));

  private static final String TYPES = "service|socket|timer|path|target|mount|automount|swap|slice";
  private static final String UNIT = "[A-Za-z0-9][A-Za-z0-9_.:@-]{0,127}";
  private static final Rule UNIT_NAME =
      Rule.matching(
          "the name of a unit, such as haproxy, fstrim.timer or wg-quick@wg9.service, and none of"
              + " FoundryBot's own",
          UNIT,
          text ->
              text.matches(UNIT)
                  && !text.startsWith("foundrybot")
                  && !text.matches(".*@(\\.(" + TYPES + "))?"));

  private static final String SYSCTL = "[a-z][a-z0-9_]*(\\.[A-Za-z0-9_/-]+)+";
  private static final Rule SYSCTL_NAME =
      Rule.matching(
          "the name of a kernel's setting with dots, such as net.ipv4.ip_forward",
          SYSCTL,
          text -> text.length() <= 128 && text.matches(SYSCTL));
  private static final Rule SYSCTL_VALUE =
      Rule.pattern(
          "1..256 printable ASCII characters that begin and end with no blank",
          "[!-~]([ -~]{0,254}[!-~])?");

  private static final String LABEL = "[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?";
  private static final String DOMAIN =
      "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*";
  private static final String LABEL_FORM = "(" + DOMAIN + "/)?" + LABEL;

  /** Those of Kubernetes' own that a kubelet may say of its node. */
  private static final Set<String> KUBELETS =
      Set.of(
          "kubernetes.io/hostname",
          "kubernetes.io/arch",
          "kubernetes.io/os",
          "topology.kubernetes.io/region",
          "topology.kubernetes.io/zone",
          "node.kubernetes.io/instance-type");

  private static final Rule LABEL_KEY =
      Rule.matching(
          "a label's key as Kubernetes knows them: 1..63 letters, digits, -, _ and . between two"
              + " letters or digits, perhaps with a domain and a slash before them, such as"
              + " example.org/row; of Kubernetes' own domains only what a kubelet may say:"
              + " node.kubernetes.io/..., kubelet.kubernetes.io/..., topology.kubernetes.io/zone",
          LABEL_FORM,
          HostKeys::isLabelKey);
  private static final Rule LABEL_VALUE =
      Rule.pattern(
          "a label's value as Kubernetes knows them: nothing, or 1..63 letters, digits, -, _ and ."
              + " between two letters or digits",
          "(" + LABEL + ")?");

  private HostKeys() {}

  /**
   * All that roles and nodes have in common.
   *
   * @param fallback what holds without them
   */
  static List<Shape.Key> keys(String fallback) {
    return List.of(
        Shape.Key.optional(
            "files",
            new Table(FILE_PATH, file(), 0, MOST_FILES),
            fallback,
            "Files that are put on the system, by their paths."),
        Shape.Key.optional(
            "services",
            services(),
            fallback,
            "Units of systemd, or services of OpenRC, that start with the system or do not."),
        Shape.Key.optional(
            "sysctls",
            new Table(SYSCTL_NAME, new Scalar(SYSCTL_VALUE), 0, MOST_SYSCTLS),
            fallback,
            "Settings of the kernel by name, such as net.ipv4.ip_forward."),
        Shape.Key.optional(
            "labels",
            new Table(LABEL_KEY, new Scalar(LABEL_VALUE), 0, MOST_LABELS),
            fallback,
            "For the Kubernetes node: values by key."),
        Shape.Key.optional(
            "ready",
            PhaseKeys.checks(),
            fallback,
            "What proves a node ready beside the checks of its phase, by name."));
  }

  /** One list of keys behind the other. */
  static List<Shape.Key> join(List<Shape.Key> keys, List<Shape.Key> more) {
    List<Shape.Key> all = new ArrayList<>(keys);
    all.addAll(more);
    return List.copyOf(all);
  }

  private static Mapping file() {
    return new Mapping(
        List.of(
            Shape.Key.optional(
                "content", new Text(CONTENT), "required, or source-file", "Its text; no secrets."),
            Shape.Key.optional(
                "source-file",
                new Scalar(SOURCE),
                "required, or content",
                "A file beside the rack file that has its text."),
            Shape.Key.optional("mode", new Scalar(MODE), "0644", "Its rights, octal."),
            Shape.Key.optional(
                "owner",
                new Scalar(OWNER),
                "root",
                "USER or USER:GROUP of the system; else the group has the user's name.")));
  }

  private static Mapping services() {
    return new Mapping(
        List.of(
            Shape.Key.optional(
                "enable", new Items(UNIT_NAME, 0, MOST_UNITS), "none", "Those that start with it."),
            Shape.Key.optional(
                "disable", new Items(UNIT_NAME, 0, MOST_UNITS), "none", "Those that do not.")));
  }

  /** The unit's whole name: without a type it is a service. */
  static String unit(String text) {
    return text.matches(".*\\.(" + TYPES + ")") ? text : text + ".service";
  }

  /** The mode with four digits. */
  static String mode(String text) {
    return text.length() == 3 ? "0" + text : text;
  }

  private static boolean isText(String text) {
    return text.length() <= LONGEST_FILE
        && text.getBytes(StandardCharsets.UTF_8).length <= LONGEST_FILE
        && text.codePoints().noneMatch(c -> c != '\n' && c != '\t' && Values.isControl(c));
  }

  /** A kubelet that is told another one of Kubernetes' own does not start. */
  private static boolean isLabelKey(String text) {
    if (text.length() > LONGEST_LABEL || !text.matches(LABEL_FORM)) {
      return false;
    }
    String domain = text.substring(0, Math.max(0, text.indexOf('/')));
    boolean reserved = domain.matches("(.*\\.)?(kubernetes|k8s)\\.io");
    return domain.length() <= 253
        && (!reserved
            || KUBELETS.contains(text)
            || domain.matches("(.*\\.)?(node|kubelet)\\.kubernetes\\.io"));
  }
}
