// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import foundrybot.answerfiles.Faults.Position;
import foundrybot.answerfiles.Profile.FileTemplate;
import foundrybot.answerfiles.Profile.KernelArgument;
import foundrybot.answerfiles.Tree.Branch;
import foundrybot.answerfiles.Tree.Leaf;
import foundrybot.answerfiles.Tree.Row;
import foundrybot.answerfiles.butane.ButaneInput;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/** From a checked tree and the texts beside it to a profile. */
final class ProfileBuilder {
  /** What profiles did before there was anything else. */
  private static final List<String> PACKAGES = List.of("packages");

  private final String name;
  private final boolean ofUser;
  private final String folder;
  private final Function<String, Optional<String>> texts;
  private final Faults faults;
  private final ButaneFiles inputs;

  /** Of templates, which are files of their own. */
  private final List<Fault> templateFaults = new ArrayList<>();

  ProfileBuilder(
      String name,
      boolean ofUser,
      String folder,
      Function<String, Optional<String>> texts,
      Faults faults) {
    this.name = name;
    this.ofUser = ofUser;
    this.folder = folder;
    this.texts = texts;
    this.faults = faults;
    this.inputs = new ButaneFiles(folder + "/", file -> beside(texts, file));
  }

  private static Optional<byte[]> beside(Function<String, Optional<String>> texts, String file) {
    return ProfileFiles.isFileName(file)
        ? texts.apply(file).map(text -> text.getBytes(StandardCharsets.UTF_8))
        : Optional.empty();
  }

  ProfileReading build(Branch root) {
    List<KernelArgument> arguments = arguments(root);
    Map<String, FileTemplate> files =
        root.branch("files").map(this::files).orElseGet(LinkedHashMap::new);
    Profile.Kind kind =
        root.text("way")
            .map(way -> Profile.Kind.valueOf(way.toUpperCase(Locale.ROOT)))
            .orElse(Profile.Kind.INSTALLER);
    if (kind != Profile.Kind.CAST && templateFaults.isEmpty()) {
      checkCallbacks(root, arguments, files);
      checkFetches(root, files);
    }
    Optional<ButaneInput> butane =
        root.leaf(ButaneKeys.KEY)
            .flatMap(leaf -> inputs.read(leaf, ButaneKeys.KEY, faults))
            .filter(input -> isTaken(root, files, input));
    List<Fault> all = new ArrayList<>(faults.isEmpty() ? List.of() : faults.sorted());
    all.addAll(templateFaults);
    all.addAll(inputs.faults());
    if (!all.isEmpty()) {
      return new ProfileReading.Invalid(all);
    }
    return new ProfileReading.Valid(
        new Profile(
            name,
            ofUser,
            folder,
            kind,
            root.text("system").orElseThrow(),
            root.text("version").orElseThrow(),
            root.text("suite").orElse(""),
            root.text("artifacts").orElse(name),
            root.text("kernel").orElseThrow(),
            root.texts("initrd"),
            arguments,
            files,
            root.text("package-source").filter(text -> !text.equals("site")).map(URI::create),
            root.texts("packages"),
            root.table("package-names"),
            new LinkedHashSet<>(root.texts("callbacks")),
            root.text("secure-boot").map("on"::equals).orElse(true),
            layouts(root),
            new LinkedHashSet<>(root.texts("networks")),
            new LinkedHashSet<>(root.has("carries") ? root.texts("carries") : PACKAGES),
            root.texts("file-folders"),
            root.table("values"),
            new LinkedHashSet<>(root.texts("fetches-by-https")),
            butane));
  }

  private boolean isTaken(Branch root, Map<String, FileTemplate> files, ButaneInput input) {
    List<String> taken = files.values().stream().flatMap(it -> it.butane().stream()).toList();
    if (!taken.contains(input.variant())) {
      String expected = "a file of this profile with butane: " + input.variant();
      faults.add(root.at(ButaneKeys.KEY), ButaneKeys.KEY, input.variant(), expected);
    }
    return taken.contains(input.variant());
  }

  /** One disk is what every installer can do. */
  private static Set<String> layouts(Branch root) {
    Set<String> layouts = new LinkedHashSet<>(List.of("single"));
    layouts.addAll(root.texts("layouts"));
    return layouts;
  }

  private List<KernelArgument> arguments(Branch root) {
    List<KernelArgument> arguments = new ArrayList<>();
    for (Leaf leaf : leaves(root, "arguments")) {
      template(folder + "/" + ProfileFiles.FILE, leaf.at(), leaf.text(), TextFormat.ARGUMENT)
          .ifPresent(template -> arguments.add(new KernelArgument(template)));
    }
    return arguments;
  }

  private static List<Leaf> leaves(Branch root, String key) {
    Tree.Entry entry = root.entries().get(key);
    return entry != null && entry.value() instanceof Row row ? row.items() : List.of();
  }

  private Map<String, FileTemplate> files(Branch table) {
    Map<String, FileTemplate> files = new LinkedHashMap<>();
    for (Map.Entry<String, Tree.Entry> each : table.entries().entrySet()) {
      if (each.getValue().value() instanceof Branch file) {
        Optional<TextFormat> format = file.text("format").flatMap(TextFormat::of);
        Optional<Leaf> leaf = file.leaf("template");
        if (format.isPresent() && leaf.isPresent()) {
          file(each.getKey(), leaf.get(), format.get(), variant(each.getKey(), file, format.get()))
              .ifPresent(template -> files.put(each.getKey(), template));
        }
      }
    }
    return files;
  }

  private Optional<String> variant(String served, Branch file, TextFormat format) {
    Optional<Leaf> leaf = file.leaf(ButaneKeys.KEY);
    if (leaf.isPresent() && format != TextFormat.IGNITION) {
      String path = "files." + served + "." + ButaneKeys.KEY;
      faults.add(leaf.get().at(), path, format.word(), "format: ignition beside it");
    }
    return leaf.map(Leaf::text);
  }

  private Optional<FileTemplate> file(
      String served, Leaf leaf, TextFormat format, Optional<String> butane) {
    int slash = leaf.text().indexOf('/');
    String owner = slash < 0 ? "" : leaf.text().substring(0, slash);
    String file = leaf.text().substring(slash + 1);
    Optional<String> text = owner.isEmpty() ? texts.apply(file) : BuiltInProfiles.text(owner, file);
    String path = "files." + served + ".template";
    if (text.isEmpty()) {
      String expected =
          owner.isEmpty()
              ? "a file of " + folder
              : "a file of a built-in profile: " + String.join(", ", BuiltInProfiles.names());
      faults.add(leaf.at(), path, leaf.text(), expected);
      return Optional.empty();
    }
    if (text.get().length() > ProfileFiles.LONGEST_TEMPLATE) {
      String expected = "at most " + ProfileFiles.LONGEST_TEMPLATE;
      faults.add(leaf.at(), path, text.get().length() + " characters", expected);
      return Optional.empty();
    }
    String place = (owner.isEmpty() ? folder : "built-in:profiles/" + owner) + "/" + file;
    return template(place, Position.START, text.get(), format)
        .map(template -> new FileTemplate(format, template, butane));
  }

  private Optional<TemplateText> template(
      String file, Position at, String source, TextFormat format) {
    try {
      return Optional.of(TemplateText.of(file, at.line(), source, format));
    } catch (RenderException e) {
      String what = String.valueOf(e.getMessage()).replaceFirst("^\\Q" + file + "\\E:\\d+: ", "");
      templateFaults.add(new Fault(file, e.line(), 1, "", Values.shown(what), TemplateText.TAGS));
      return Optional.empty();
    }
  }

  /** Who says that a file comes by HTTPS must not have it fetched by HTTP all the same. */
  private void checkFetches(Branch root, Map<String, FileTemplate> files) {
    for (Leaf file : leaves(root, "fetches-by-https")) {
      boolean secure = false;
      boolean plain = false;
      for (FileTemplate each : files.values()) {
        String source = each.template().source();
        secure |= source.contains("{{secureNodeUrl}}/" + file.text());
        plain |= source.contains("{{nodeUrl}}/" + file.text());
      }
      if (!files.containsKey(file.text()) || !secure || plain) {
        String expected =
            "a file of this profile, behind {{secureNodeUrl}}/ and nowhere behind {{nodeUrl}}/";
        faults.add(file.at(), "fetches-by-https", file.text(), expected);
      }
    }
  }

  /** Who promises a report and never makes it lets the appliance wait for it. */
  private void checkCallbacks(
      Branch root, List<KernelArgument> arguments, Map<String, FileTemplate> files) {
    List<String> sources =
        Stream.concat(
                arguments.stream().map(KernelArgument::source),
                files.values().stream().map(file -> file.template().source()))
            .toList();
    for (Leaf event : leaves(root, "callbacks")) {
      String call = "report/" + event.text();
      if (sources.stream().noneMatch(source -> source.contains(call))) {
        String expected = call + " in a template of this profile";
        faults.add(event.at(), "callbacks", event.text(), expected);
      }
    }
  }
}
