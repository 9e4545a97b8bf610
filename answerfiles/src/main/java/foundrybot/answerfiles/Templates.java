// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import com.samskivert.mustache.Mustache;
import com.samskivert.mustache.MustacheException;
import com.samskivert.mustache.Template;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The templates of this module, rendered so that a mistake is an error and never a gap in the text.
 *
 * <p>A name without a value fails with file, line and name, also in a section; templates see maps
 * and lists only, never a Java object's methods; they cannot load other files; and what comes out
 * has a limit.
 */
final class Templates {
  static final int LONGEST_OUTPUT = 256 << 10;

  private Templates() {}

  /** Renders a template of this package's resources. */
  static String render(String name, Map<String, Object> values, Mustache.Escaper escaper) {
    return render(name, source(name), values, escaper);
  }

  static String render(
      String name, String source, Map<String, Object> values, Mustache.Escaper escaper) {
    Mustache.Compiler compiler =
        Mustache.compiler()
            .strictSections(true)
            .withCollector(new MapsOnly())
            .withLoader(part -> refuse(name, part))
            .withEscaper(escaper);
    try {
      StringWriter text = new Capped(name);
      compiler.compile(source).execute(values, text);
      return text.toString();
    } catch (MustacheException.Context e) {
      String where = name + ":" + e.lineNo + ": " + e.key;
      throw new RenderException(where + ": no value for this name", e);
    } catch (MustacheException e) {
      // The engine wraps what an escaper or the writer threw; those messages are the better ones.
      String why =
          e.getCause() instanceof RenderException cause ? cause.getMessage() : e.getMessage();
      throw new RenderException(name + ": " + why, e);
    } catch (RenderException e) {
      throw new RenderException(name + ": " + e.getMessage(), e);
    }
  }

  private static java.io.Reader refuse(String name, String part) {
    throw new RenderException(name + ": " + part + " (expected: no other template)");
  }

  private static String source(String name) {
    String resource = name + ".mustache";
    try (InputStream in = Templates.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new RenderException(resource + ": no such template");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new RenderException(resource + ": cannot be read", e);
    }
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
      return new HashMap<>();
    }
  }
}
