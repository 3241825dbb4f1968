package io.penstock.ingest.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TemplatesTest {

  private static final Path DIRECTORY = Path.of("src/main/resources/console");

  private final Templates templates = new Templates(() -> Instant.parse("2026-11-26T12:03:04Z"));

  private static Map<String, String> files(String ending) {
    Map<String, String> files = new TreeMap<>();
    try (Stream<Path> all = Files.walk(DIRECTORY)) {
      all.filter(file -> file.toString().endsWith(ending))
          .forEach(
              file -> {
                try {
                  files.put(DIRECTORY.relativize(file).toString(), Files.readString(file));
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    assertThat(files).isNotEmpty();
    return files;
  }

  static Map<String, Object> shell(Map<String, Object> model) {
    Map<String, Object> all = new HashMap<>(model);
    all.putAll(
        Map.of(
            "user", "alice",
            "operator", true,
            "session", false,
            "csrf", "c",
            "path", "/x",
            "place", "/x",
            "version", "1",
            "theme", "auto",
            "find", ""));
    return all;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "' autofocus onfocus='alert(1)",
        "</title><script>alert(1)</script>",
        "&lt;already&gt;",
        "{{ 7 * 7 }}{% if true %}",
        "\u001b]0;title\u0007 \u202e\u2066 \ud800 \udc00 \u0000"
      })
  void hostileTextStaysText(String hostile) {
    String html =
        templates.render(
            "problem", shell(Map.of("title", hostile, "sentence", hostile, "find", hostile)));

    assertThat(html)
        .doesNotContain("<script>alert")
        .doesNotContain("<img")
        .doesNotContain("onfocus='")
        .doesNotContain("49")
        .doesNotContain("</title><script");
  }

  @Test
  void timesHaveOneForm() {
    String html =
        templates.render(
            "problem",
            shell(
                Map.of(
                    "title",
                    "t",
                    "sentence",
                    Templates.time(Instant.parse("2026-11-26T00:00:00Z")))));

    assertThat(html).contains("2026-11-26 00:00:00.000 UTC");
  }

  @Test
  void whatTurnsTheOrderOfTextAroundOrIsObeyedStandsAsAnEscape() {
    String hostile = "\u202egpj.exe\u001b[31m\ud800<b>\n\t";
    String html =
        templates.render(
            "login", Map.of("secrets", true, "names", false, "problem", hostile, "next", hostile));

    assertThat(html)
        .contains(">\\u202egpj.exe\\u001b[31m\\ud800&lt;b&gt;\n\t<")
        .as("what a form sends back")
        .contains("value=\"" + hostile.replace("<b>", "&lt;b&gt;"))
        .doesNotContain("<b>");
  }

  @Test
  void noTemplateSwitchesEscapingOff() {
    Pattern off =
        Pattern.compile(
            "\\|\\s*raw|autoescape|\\|\\s*escape\\(|\\beval\\b|\\|\\s*json",
            Pattern.CASE_INSENSITIVE);
    files(".html").forEach((name, text) -> assertThat(text).as(name).doesNotContainPattern(off));
  }

  /** HTML's escaping suits text and quoted attributes, and nothing else. */
  @Test
  void expressionsStandOnlyWhereEscapingForHtmlIsEnough() {
    List<Pattern> never =
        List.of(
            Pattern.compile("<(script|style)[^>]*>[^<]*\\{"),
            Pattern.compile("\\son[a-z]+\\s*="),
            Pattern.compile("\\sstyle\\s*="),
            Pattern.compile("\\s[a-z-]+=\\s*\\{\\{"),
            Pattern.compile("(href|src|action|formaction)=\"\\s*\\{\\{"),
            Pattern.compile("<\\{\\{|</\\{\\{"),
            Pattern.compile("srcdoc|javascript:", Pattern.CASE_INSENSITIVE));
    files(".html")
        .forEach(
            (name, text) ->
                never.forEach(pattern -> assertThat(text).as(name).doesNotContainPattern(pattern)));
  }

  @Test
  void nothingIsLoadedFromElsewhere() {
    Pattern elsewhere =
        Pattern.compile("(src|href|url\\(|import|from)\\s*[=(]?\\s*[\"']?(https?:)?//");
    Stream.of(".html", ".css", ".js", ".svg")
        .forEach(
            ending ->
                files(ending)
                    .forEach(
                        (name, text) ->
                            assertThat(text).as(name).doesNotContainPattern(elsewhere)));
  }

  @Test
  void scriptsMakeNoMarkupOfText() {
    Pattern markup =
        Pattern.compile(
            "innerHTML|outerHTML|insertAdjacentHTML|document\\.write|\\beval\\(|new Function");
    files(".js").forEach((name, text) -> assertThat(text).as(name).doesNotContainPattern(markup));
  }
}
