// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What a template's text is: how a value enters it, and how the whole is read again before it is
 * served.
 *
 * <p>In the formats that have strings of their own (YAML, JSON, TOML, Nix) a value is a whole
 * string with its quotes; in those of the shell it is a whole word with its quotes; in the others
 * it is its characters, of which those are refused that would mean something.
 */
enum TextFormat {
  /** debconf's answers for the Debian installer. */
  PRESEED,
  /** A POSIX shell script, or a file of assignments that a shell reads. */
  SHELL,
  /** Lines {@code KEY='value'}, as the deployer reads them. */
  CONF,
  /** YAML 1.2, one document. */
  YAML,
  /** YAML of cloud-init, which knows its own by the first line. */
  CLOUD_CONFIG,
  /** YAML of cloud-init, and in it the answers for Ubuntu's installer. */
  AUTOINSTALL,
  /** JSON (RFC 8259). */
  JSON,
  /** JSON of Ignition's specification 3. */
  IGNITION,
  /** The language of Nix, one expression. */
  NIX,
  /** TOML 1.0. */
  TOML,
  /** TOML of the answers for Proxmox VE's installer. */
  PROXMOX,
  /** YAML that is served as the archive it describes, an overlay of Alpine Linux. */
  APKOVL,
  /** XML 1.0 without a document type. */
  XML,
  /** XML of an AutoYaST profile. */
  AUTOYAST,
  /** Kickstart: commands by line, and sections that end with %end. */
  KICKSTART,
  /** VMware's kind of kickstart, for ESXi. */
  ESXI,
  /** JSON of an Agama profile. */
  AGAMA,
  /** YAML of Talos Linux, its machine configuration v1alpha1. */
  TALOS,
  /** Any other text; a value is one line. */
  TEXT,
  /** One argument on a kernel's command line; no file's format. */
  ARGUMENT;

  /** The word for it in {@code profile.yaml}. */
  String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static Optional<TextFormat> of(String word) {
    return ofFiles().stream().filter(format -> format.word().equals(word)).findFirst();
  }

  /** All that a file can have. */
  static List<TextFormat> ofFiles() {
    return Arrays.stream(values()).filter(format -> format != ARGUMENT).toList();
  }

  /** For the header Content-Type. */
  String contentType() {
    if (this == APKOVL) {
      return "application/gzip";
    }
    String type =
        switch (this) {
          case SHELL -> "text/x-shellscript";
          case CLOUD_CONFIG, AUTOINSTALL -> "text/cloud-config";
          case JSON, AGAMA -> "application/json";
          case IGNITION -> "application/vnd.coreos.ignition+json";
          case TOML, PROXMOX -> "application/toml";
          case XML, AUTOYAST -> "application/xml";
          case PRESEED, CONF, YAML, TALOS, APKOVL, NIX, KICKSTART, ESXI, TEXT, ARGUMENT ->
              "text/plain";
        };
    return type + "; charset=utf-8";
  }

  /**
   * The value as it enters the text.
   *
   * @throws RenderException if the format cannot hold it
   */
  String escape(String value) {
    return switch (this) {
      case PRESEED -> Escapers.preseed(value);
      case SHELL -> Escapers.shell(value);
      case CONF -> Escapers.conf(value);
      case YAML, TALOS, APKOVL, CLOUD_CONFIG, AUTOINSTALL -> Escapers.yaml(value);
      case JSON, AGAMA, IGNITION -> Escapers.json(value);
      case NIX -> Escapers.nix(value);
      case TOML, PROXMOX -> Escapers.toml(value);
      case XML, AUTOYAST -> Escapers.xml(value);
      case KICKSTART -> Escapers.kickstart(value);
      case ESXI -> Escapers.esxi(value);
      case TEXT -> Escapers.line(value);
      case ARGUMENT -> Escapers.argument(value);
    };
  }

  /**
   * Reads what was rendered as its reader will.
   *
   * @param name the file's, for messages
   * @throws RenderException if it is broken, with the line where that can be told
   */
  void check(String name, String text) {
    switch (this) {
      case PRESEED -> PreseedText.check(name, text);
      case SHELL -> ShellText.check(name, text);
      case CONF -> DeployConf.check(name, text);
      case YAML -> DataText.yaml(name, text);
      case AGAMA -> AgamaText.check(name, text);
      case TALOS -> TalosText.check(name, text);
      case CLOUD_CONFIG -> DataText.cloudConfig(name, text);
      case AUTOINSTALL -> AutoinstallText.check(name, text);
      case JSON -> DataText.json(name, text);
      case IGNITION -> DataText.ignition(name, text);
      case NIX -> NixText.check(name, text);
      case TOML -> {
        var _ = DataText.toml(name, text);
      }
      case PROXMOX -> ProxmoxText.check(name, text);
      case APKOVL -> Overlay.check(name, text);
      case XML -> {
        var _ = DataText.xml(name, text);
      }
      case AUTOYAST -> DataText.autoyast(name, text);
      case KICKSTART -> KickstartText.check(name, text);
      case ESXI -> EsxiText.check(name, text);
      case TEXT, ARGUMENT -> {
        // Whatever it holds, its values have been seen.
      }
    }
  }
}
