package io.penstock.ingest.console;

import io.pebbletemplates.pebble.PebbleEngine;
import io.pebbletemplates.pebble.extension.AbstractExtension;
import io.pebbletemplates.pebble.extension.Filter;
import io.pebbletemplates.pebble.extension.escaper.SafeString;
import io.pebbletemplates.pebble.loader.ClasspathLoader;
import io.pebbletemplates.pebble.template.EvaluationContext;
import io.pebbletemplates.pebble.template.PebbleTemplate;
import io.penstock.ingest.lookup.PlainText;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Makes HTML of templates, which are {@code console/templates/NAME.html} of the jar. Every
 * expression of a template is escaped for HTML; a test refuses templates that switch this off, or
 * that have an expression where that escaping is not enough. Blocks no longer than it takes to
 * calculate; safe for use by any number of threads.
 */
final class Templates {

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSS", Locale.ROOT).withZone(ZoneOffset.UTC);

  private static final DateTimeFormatter ISO =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  /** The name of the one way in which values are escaped. */
  private static final String PLAIN = "plain";

  private static final List<String> ON_EVENT_LOOPS = List.of("layout", "login", "problem");

  private final PebbleEngine engine;

  /**
   * @param clock tells how long ago something was
   */
  Templates(InstantSource clock) {
    ClasspathLoader loader = new ClasspathLoader(Templates.class.getClassLoader());
    loader.setPrefix("console/templates");
    loader.setSuffix(".html");
    this.engine =
        new PebbleEngine.Builder()
            .loader(loader)
            .autoEscaping(true)
            .addEscapingStrategy(PLAIN, Templates::escaped)
            .defaultEscapingStrategy(PLAIN)
            .strictVariables(true)
            .defaultLocale(Locale.ROOT)
            .extension(new Forms(clock))
            .build();
    prepare();
  }

  /**
   * Reads what event loops render: that takes 200 ms, which would block the event loop of the first
   * request.
   */
  private void prepare() {
    ON_EVENT_LOOPS.forEach(engine::getTemplate);
    try {
      engine
          .getLiteralTemplate("{{ text }}")
          .evaluate(new StringWriter(), Map.of("text", "<"), Locale.ROOT);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // a StringWriter throws none
    }
  }

  /**
   * Fills a template in.
   *
   * @param name without the ending
   * @throws IllegalStateException if the template does not fit the model: a fault of the program
   */
  String render(String name, Map<String, Object> model) {
    try {
      PebbleTemplate template = engine.getTemplate(name);
      StringWriter html = new StringWriter(8192);
      template.evaluate(html, model, Locale.ROOT);
      return html.toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // a StringWriter throws none
    }
  }

  /**
   * A value as text of HTML, in which what would be obeyed or would turn the order of what is read
   * stands as an escape: whatever a page shows may be a sender's or another user's.
   */
  static String escaped(String value) {
    return html(PlainText.lines(value));
  }

  private static String html(String text) {
    StringBuilder html = new StringBuilder(text.length() + 32);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '&' -> html.append("&amp;");
        case '<' -> html.append("&lt;");
        case '>' -> html.append("&gt;");
        case '"' -> html.append("&quot;");
        case '\'' -> html.append("&#39;");
        default -> html.append(c);
      }
    }
    return html.toString();
  }

  /** A time as every page shows it: 24 h, milliseconds, the zone named. */
  static String time(Instant instant) {
    return TIME.format(instant) + " UTC";
  }

  /** A time as machines read it. */
  static String iso(Instant instant) {
    return ISO.format(instant);
  }

  /** A duration in a word or two, such as {@code 3 h} or {@code 250 ms}. */
  static String words(Duration duration) {
    long millis = Math.abs(duration.toMillis());
    if (millis < 1000) {
      return millis + " ms";
    }
    long seconds = millis / 1000;
    if (seconds < 120) {
      return seconds + " s";
    }
    if (seconds < 2 * 3600) {
      return seconds / 60 + " min";
    }
    return seconds < 48 * 3600 ? seconds / 3600 + " h" : seconds / 86_400 + " d";
  }

  /** A number with a narrow space between groups of three digits. */
  static String grouped(long number) {
    return String.format(Locale.ROOT, "%,d", number).replace(',', '\u202f');
  }

  /** The filters of our templates. */
  private static final class Forms extends AbstractExtension {

    private final InstantSource clock;

    Forms(InstantSource clock) {
      this.clock = clock;
    }

    @Override
    public Map<String, Filter> getFilters() {
      return Map.of(
          // For the value of a form's field, which comes back as it is.
          "exact", new Form(input -> new SafeString(html(input.toString()))),
          "time", new Form(this::timeElement),
          "ago", new Form(input -> input instanceof Instant at ? ago(at) : ""),
          "words", new Form(input -> input instanceof Duration each ? words(each) : ""),
          "grouped",
              new Form(input -> input instanceof Number each ? grouped(each.longValue()) : ""));
    }

    private SafeString timeElement(Object input) {
      if (!(input instanceof Instant at)) {
        return new SafeString("");
      }
      // Digits and punctuation of our own: nothing here needs to be escaped.
      return new SafeString(
          "<time datetime=\"" + iso(at) + "\" class=\"time\">" + time(at) + "</time>");
    }

    private String ago(Instant at) {
      Duration since = Duration.between(at, clock.instant());
      return since.isNegative() ? "in " + words(since) : words(since) + " ago";
    }
  }

  /** A filter without arguments; an absent value stays absent. */
  private record Form(java.util.function.Function<Object, Object> of) implements Filter {

    @Override
    public List<String> getArgumentNames() {
      return List.of();
    }

    @Override
    public @Nullable Object apply(
        @Nullable Object input,
        Map<String, Object> arguments,
        PebbleTemplate self,
        EvaluationContext context,
        int line) {
      return input == null ? "" : of.apply(input);
    }
  }
}
