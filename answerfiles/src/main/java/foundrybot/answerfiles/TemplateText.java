// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import com.samskivert.mustache.Mustache;
import com.samskivert.mustache.MustacheException;
import com.samskivert.mustache.MustacheParseException;
import com.samskivert.mustache.Template;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One template, rendered so that a mistake is an error and never a gap in the text.
 *
 * <p>A name without a value fails with file, line and name, also in a section; templates see maps
 * and lists only, never a Java object's methods; they cannot load other files, nor take a value
 * past the escaper of their format; and what comes out has a limit.
 *
 * <p>A section of one of four names puts together one value from several: {@code text} as they are,
 * {@code shell} as a command whose values are words of the shell, {@code base64} as they are and
 * encoded, {@code word} without quotes if none are needed. What comes out of it enters the text
 * around it as any value does, but for {@code word}.
 */
final class TemplateText {
  static final int LONGEST_OUTPUT = 256 << 10;

  /** What a template may have, for messages. */
  static final String TAGS = "{{name}}, {{#name}}, {{^name}}, {{/name}} or {{! comment}}";

  /** How values are written at the place that is being rendered. */
  private static final ScopedValue<UnaryOperator<String>> ESCAPING = ScopedValue.newInstance();

  /**
   * What would go past the escaper or make a tag of something else, and a tag without a name, at
   * which the engine throws whatever comes: none is ever needed.
   */
  private static final Pattern REFUSED =
      Pattern.compile("\\{\\{[\\x00- ]*+([{&=>$<]|[#^/]?[\\x00- ]*+}})");

  private final String file;
  private final int line;
  private final String source;
  private final TextFormat format;
  private final Template template;

  /** What the sections of {@link #render} are called by. */
  private final Map<String, Object> sections =
      Map.of(
          "text", nested(UnaryOperator.identity(), UnaryOperator.identity(), false),
          "shell", nested(Escapers::shell, UnaryOperator.identity(), false),
          "base64", nested(UnaryOperator.identity(), TemplateText::base64, false),
          "word", nested(UnaryOperator.identity(), Escapers::word, true));

  private TemplateText(String file, int line, String source, TextFormat format, Template template) {
    this.file = file;
    this.line = line;
    this.source = source;
    this.format = format;
    this.template = template;
  }

  /**
   * Reads a template.
   *
   * @param file for messages
   * @param line of the file in which the template begins, counted from 1
   * @throws RenderException with file and line
   */
  static TemplateText of(String file, int line, String source, TextFormat format) {
    Matcher refused = REFUSED.matcher(source);
    if (refused.find()) {
      int before =
          (int) source.substring(0, refused.start()).chars().filter(c -> c == '\n').count();
      throw new RenderException(file, line + before, refused.group());
    }
    try {
      Template template =
          Mustache.compiler()
              .strictSections(true)
              .withCollector(new MapsOnly())
              .withEscaper(value -> ESCAPING.get().apply(value))
              .compile(source);
      return new TemplateText(file, line, source, format, template);
    } catch (MustacheParseException e) {
      Matcher place = Pattern.compile("(.*) @ line (\\d+)").matcher(String.valueOf(e.getMessage()));
      boolean known = place.matches();
      throw new RenderException(
          file,
          line + (known ? Integer.parseInt(place.group(2)) - 1 : 0),
          known ? place.group(1) : String.valueOf(e.getMessage()),
          e);
    }
  }

  String file() {
    return file;
  }

  String source() {
    return source;
  }

  int line() {
    return line;
  }

  /**
   * The text with these values in it.
   *
   * @throws RenderException with file, and with line and name where a value is missing
   */
  String render(Map<String, Object> values) {
    Map<String, Object> all = new LazyValues(List.of(() -> sections, () -> values));
    StringWriter text = new Capped(file);
    try {
      ScopedValue.where(ESCAPING, format::escape).run(() -> template.execute(all, text));
      return text.toString();
    } catch (MustacheException.Context e) {
      String hint = Suggestion.append("a name of docs/answer-files.md", e.key, all.keySet());
      String what = e.key + ": no value for this name (expected: " + hint + ")";
      throw new RenderException(file, line + e.lineNo - 1, what, e);
    } catch (MustacheException e) {
      // The engine wraps what an escaper or the writer threw; those messages are the better ones.
      String why =
          e.getCause() instanceof RenderException cause ? cause.getMessage() : e.getMessage();
      throw new RenderException(file + ": " + why, e);
    } catch (RenderException e) {
      throw new RenderException(file + ": " + e.getMessage(), e);
    }
  }

  private Mustache.Lambda nested(
      UnaryOperator<String> inside, UnaryOperator<String> whole, boolean bare) {
    return (fragment, out) -> {
      StringWriter inner = new Capped(file);
      ScopedValue.where(ESCAPING, inside).run(() -> fragment.execute(inner));
      String value = whole.apply(inner.toString());
      out.write(bare ? value : ESCAPING.get().apply(value));
    };
  }

  private static String base64(String value) {
    return Base64.getEncoder().encodeToString(value.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof TemplateText that
        && file.equals(that.file)
        && line == that.line
        && source.equals(that.source)
        && format == that.format;
  }

  @Override
  public int hashCode() {
    return Objects.hash(file, line, source, format);
  }

  @Override
  public String toString() {
    return file + ":" + line;
  }

  /** Stops a template that would write without end. */
  private static final class Capped extends StringWriter {
    private final String name;

    Capped(String name) {
      this.name = name;
    }

    @Override
    public void write(String text) {
      check(text.length());
      super.write(text);
    }

    @Override
    public void write(String text, int offset, int length) {
      check(length);
      super.write(text, offset, length);
    }

    @Override
    public void write(char[] text, int offset, int length) {
      check(length);
      super.write(text, offset, length);
    }

    @Override
    public void write(int character) {
      check(1);
      super.write(character);
    }

    private void check(int more) {
      if (getBuffer().length() + more > LONGEST_OUTPUT) {
        throw new RenderException(
            name + ": output (expected: at most " + LONGEST_OUTPUT + " characters)");
      }
    }
  }

  /** Gives templates the entries of maps and the items of lists, and nothing else. */
  private static final class MapsOnly implements Mustache.Collector {
    @Override
    public @Nullable Iterator<?> toIterator(Object value) {
      return value instanceof List<?> list ? list.iterator() : null;
    }

    @Override
    public Mustache.@Nullable VariableFetcher createFetcher(Object context, String name) {
      return context instanceof Map<?, ?> ? MapsOnly::fetch : null;
    }

    private static Object fetch(Object context, String name) {
      Object value = ((Map<?, ?>) context).get(name);
      return value == null ? Template.NO_FETCHER_FOUND : value;
    }

    @Override
    public <K, V> Map<K, V> createFetcherCache() {
      // One template is rendered for many nodes at a time.
      return new ConcurrentHashMap<>();
    }
  }
}
