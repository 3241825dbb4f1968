package io.penstock.ingest.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingest.provider.Provider;
import io.penstock.ingest.provider.Providers;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Locale;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * Every file of {@code deploy} that lists the providers lists all of them. With {@code
 * -Dpenstock.docs.write} an entry that is missing is written: a source with a URL token, its
 * secret, a topic and the right to write to it.
 */
class ProviderListsTest {

  private static final boolean WRITE = System.getProperty("penstock.docs.write") != null;

  /**
   * A file that lists the providers.
   *
   * @param entry what it has for a provider, as a regular expression
   * @param missing the entry to add, from the provider's name and the file's text
   * @param before the entry is added before this text, or at the end if it is empty
   */
  record Listing(
      String file,
      UnaryOperator<String> entry,
      BiFunction<String, String, String> missing,
      UnaryOperator<String> before) {

    boolean names(Provider provider, String text) {
      return Pattern.compile("(?m)^" + entry.apply(provider.name())).matcher(text).find();
    }

    String with(Provider provider, String text) {
      String marker = before.apply(text);
      int at = marker.isEmpty() ? text.length() : text.indexOf(marker);
      return text.substring(0, at) + missing.apply(provider.name(), text) + text.substring(at);
    }

    @Override
    public String toString() {
      return file;
    }
  }

  static final List<Listing> FILES =
      List.of(
          new Listing(
              "deploy/compose/penstock.yaml",
              name -> "    provider: " + name + "$",
              (name, text) -> source(name, "env: " + variable(name)),
              text -> ""),
          new Listing(
              "deploy/compose/example-secrets.env",
              name -> name.toUpperCase(Locale.ROOT) + "_",
              (name, text) -> variable(name) + "=example-only\n",
              text -> ""),
          new Listing(
              "deploy/k8s/overlays/dev/penstock.yaml",
              name -> "    provider: " + name + "$",
              (name, text) -> source(name, "file: /etc/penstock/secrets/" + name + "-url-token"),
              text -> ""),
          new Listing(
              "deploy/k8s/overlays/dev/example-secrets.env",
              name -> name + "-",
              (name, text) -> name + "-url-token=development-only\n",
              text -> ""),
          new Listing(
              "deploy/k8s/strimzi/topics.yaml",
              name -> "  name: webhooks\\." + name + "$",
              (name, text) -> lastTopic(text).replaceAll("webhooks\\.\\w+", "webhooks." + name),
              ProviderListsTest::deadLetters),
          new Listing(
              "deploy/k8s/strimzi/users.yaml",
              name -> ".*name: webhooks\\." + name + ",",
              (name, text) ->
                  "      - resource: {type: topic, name: webhooks.%s, patternType: literal}\n"
                          .formatted(name)
                      + "        operations: [Describe, DescribeConfigs, Write]\n",
              text -> "      - resource: {type: topic, name: webhooks.dead-letter,"));

  private static String variable(String name) {
    return name.toUpperCase(Locale.ROOT) + "_URL_TOKEN";
  }

  private static String source(String name, String secret) {
    return """
      - name: %s
        provider: %s
        auth: [{type: url-token, tokens: [{%s}]}]
    """
        .formatted(name, name, secret);
  }

  private static List<String> topics(String text) {
    return Stream.of(text.split("(?<=\n---\n)")).toList();
  }

  /** The document of the dead letters' topic: those of events stand before it. */
  private static String deadLetters(String text) {
    return topics(text).stream()
        .filter(topic -> topic.contains("name: webhooks.dead-letter"))
        .findFirst()
        .orElseThrow();
  }

  private static String lastTopic(String text) {
    List<String> topics = topics(text);
    return topics.get(topics.indexOf(deadLetters(text)) - 1);
  }

  @ParameterizedTest
  @FieldSource("FILES")
  void namesEveryProvider(Listing listing) throws IOException {
    String text = Repository.text(listing.file);
    StringBuilder lacking = new StringBuilder();
    for (Provider provider : Providers.all()) {
      if (!listing.names(provider, text)) {
        lacking.append(listing.missing.apply(provider.name(), text));
        text = listing.with(provider, text);
      }
    }
    if (WRITE) {
      Files.writeString(Repository.ROOT.resolve(listing.file), text);
    } else {
      assertThat(lacking.toString())
          .as("what %s lacks: add it, or run this with -Dpenstock.docs.write", listing.file)
          .isEmpty();
    }
  }

  /** Adds a provider to each list: an entry that is written is one that is found. */
  @ParameterizedTest
  @FieldSource("FILES")
  void aMissingEntryCanBeWritten(Listing listing) {
    String text = Repository.text(listing.file);
    Provider last = Providers.all().getLast();
    String without =
        text.replaceAll(
            "(?m)" + listing.entry.apply(last.name()).replaceAll("^|\\$$", ""), "removed");
    assertThat(listing.names(last, without)).as("removed").isFalse();

    String completed = listing.with(last, without);

    assertThat(listing.names(last, completed)).isTrue();
    assertThat(completed).hasSizeGreaterThan(without.length() + last.name().length());
  }
}
