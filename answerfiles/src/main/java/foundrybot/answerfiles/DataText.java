// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.io.IOException;
import java.io.StringReader;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.w3c.dom.Element;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;
import org.xml.sax.SAXParseException;
import org.xml.sax.helpers.DefaultHandler;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.toml.TomlMapper;

/** Reads rendered YAML, JSON, TOML and XML, and refuses what is broken. */
final class DataText {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private static final TomlMapper TOML = TomlMapper.builder().build();

  private static final Pattern IGNITION_VERSION = Pattern.compile("3\\.[0-9]+\\.[0-9]+");

  /** Of a configuration's first level (specification 3.3). */
  private static final List<String> IGNITION_KEYS =
      List.of("ignition", "kernelArguments", "passwd", "storage", "systemd");

  private static final String YAST = "http://www.suse.com/1.0/yast2ns";

  private DataText() {}

  /** One document; the library refuses a key that is there twice when it makes values of it. */
  static void yaml(String name, String text) {
    Faults faults = new Faults(name);
    Optional<Node> root = YamlText.compose(text, name, faults);
    if (root.isEmpty()) {
      Fault first = faults.sorted().getFirst();
      throw new RenderException(name + ":" + first.line() + ": " + first.value());
    }
    try {
      var _ = new Load(LoadSettings.builder().setLabel(name).build()).loadFromString(text);
    } catch (YamlEngineException e) {
      throw new RenderException(name + ": " + oneLine(e.getMessage()), e);
    }
  }

  /** cloud-init takes a file without this first line for something else and says nothing. */
  static void cloudConfig(String name, String text) {
    if (!text.startsWith("#cloud-config\n")) {
      throw new RenderException(name + ":1: no #cloud-config (expected: as the first line)");
    }
    yaml(name, text);
    Optional<Node> root = YamlText.compose(text, name, new Faults(name));
    if (root.filter(MappingNode.class::isInstance).isEmpty()) {
      throw new RenderException(name + ": not a mapping (expected: cloud-init's keys)");
    }
  }

  /** TOML knows neither a key nor a table that is there twice, and its reader refuses both. */
  static JsonNode toml(String name, String text) {
    try {
      return TOML.readTree(text);
    } catch (JacksonException e) {
      int line = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
      throw new RenderException(name + ":" + line + ": " + oneLine(e.getOriginalMessage()), e);
    }
  }

  static JsonNode json(String name, String text) {
    try {
      return JSON.readTree(text);
    } catch (JacksonException e) {
      int line = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
      throw new RenderException(name + ":" + line + ": " + oneLine(e.getOriginalMessage()), e);
    }
  }

  /**
   * The version decides how the rest is read, so it is the first thing to be right; Ignition takes
   * no key that it does not know, no relative path, and nothing twice.
   */
  static void ignition(String name, String text) {
    JsonNode root = json(name, text);
    String version = root.path("ignition").path("version").asString("");
    if (!IGNITION_VERSION.matcher(version).matches()) {
      throw new RenderException(
          name + ": ignition.version: " + Values.shown(version) + " (expected: 3.x.y)");
    }
    for (String key : root.propertyNames()) {
      if (!IGNITION_KEYS.contains(key)) {
        throw new RenderException(
            name + ": " + Values.shown(key) + " (expected: one of " + IGNITION_KEYS + ")");
      }
    }
    Set<String> paths = new HashSet<>();
    for (String kind : List.of("files", "links", "directories")) {
      once(name, root.path("storage").path(kind), "path", "/.+", "an absolute path", paths);
    }
    once(
        name,
        root.path("systemd").path("units"),
        "name",
        "[^/]+\\.[a-z]+",
        "a unit, such as x.service",
        new HashSet<>());
    once(name, root.path("passwd").path("users"), "name", ".+", "an account", new HashSet<>());
  }

  private static void once(
      String name, JsonNode items, String key, String form, String expected, Set<String> seen) {
    for (JsonNode item : items) {
      String value = item.path(key).asString("");
      if (!value.matches(form)) {
        throw new RenderException(
            name + ": " + key + ": " + Values.shown(value) + " (expected: " + expected + ")");
      }
      if (!seen.add(value)) {
        throw new RenderException(name + ": " + Values.shown(value) + ": a second time");
      }
    }
  }

  /** No document type: it can name other files, and no installer here needs one. */
  static Element xml(String name, String text) {
    try {
      DocumentBuilderFactory factory = DocumentBuilderFactory.newDefaultInstance();
      factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
      factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
      factory.setNamespaceAware(true);
      factory.setXIncludeAware(false);
      DocumentBuilder builder = factory.newDocumentBuilder();
      // Without a handler of ours the parser writes to standard error.
      builder.setErrorHandler(new DefaultHandler());
      return builder.parse(new InputSource(new StringReader(text))).getDocumentElement();
    } catch (SAXParseException e) {
      throw new RenderException(name + ":" + e.getLineNumber() + ": " + oneLine(e.getMessage()), e);
    } catch (SAXException | IOException e) {
      throw new RenderException(name + ": " + oneLine(e.getMessage()), e);
    } catch (ParserConfigurationException e) {
      throw new IllegalStateException("every JDK has a safe XML parser", e);
    }
  }

  /** YaST takes a document with another root, or of another namespace, for an empty profile. */
  static void autoyast(String name, String text) {
    Element root = xml(name, text);
    if (!YAST.equals(root.getNamespaceURI()) || !root.getLocalName().equals("profile")) {
      throw new RenderException(
          name
              + ": <"
              + Values.shown(root.getTagName())
              + "> (expected: <profile xmlns=\""
              + YAST
              + "\">)");
    }
  }

  private static String oneLine(@org.jspecify.annotations.Nullable String message) {
    List<String> lines = String.valueOf(message).lines().map(String::strip).toList();
    return Values.shown(String.join(" ", lines));
  }
}
