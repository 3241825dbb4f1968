package io.penstock.ingest.config;

import io.penstock.ingest.files.RegularFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.reader.ReaderException;

/**
 * Reads the configuration file and the environment variables that override it. Finds every problem
 * in one go, throws for none of them, and repeats no value that could be a secret. Safe for use by
 * any number of threads.
 *
 * <p>{@code docs/configuration.md} is the reference of what it reads.
 */
public final class ConfigurationReader {

  /** Far more than any configuration needs; keeps a mistaken path from filling the memory. */
  private static final int MAX_FILE_BYTES = 1024 * 1024;

  /** Where SnakeYAML's messages begin to quote the file, which may hold a secret just there. */
  private static final Pattern QUOTES =
      Pattern.compile(
          "(, but found"
              + "|(?<=found undefined alias)"
              + "|(?<=found undefined tag handle)"
              + "|(?<=duplicate tag handle)"
              + "|(?<=found unknown escape character)"
              + "|(?<=cannot represent a valid version)).*",
          Pattern.DOTALL);

  private final Map<String, String> environment;
  private final Map<String, Duration> knownProviders;
  private final List<AuthKind> authKinds;
  private final SecretCheck secretCheck;
  private final Collection<SubscriptionKind> subscriptionKinds;
  private final long maxHeap;

  /**
   * @param environment of this process: overrides, and the values of {@code {env: NAME}}
   * @param knownProviders the names that {@code sources[].provider} may have, and how long each may
   *     have to wait for its answer
   * @param authKinds what {@code sources[].auth[].type} may be, and how it is read
   * @param secretCheck judges the sources' secrets, in a check alone
   */
  public ConfigurationReader(
      Map<String, String> environment,
      Map<String, Duration> knownProviders,
      Collection<AuthKind> authKinds,
      SecretCheck secretCheck) {
    this(environment, knownProviders, authKinds, secretCheck, Runtime.getRuntime().maxMemory());
  }

  /**
   * One that knows registrations at providers too.
   *
   * @param subscriptionKinds what {@code sources[].subscription} may say, by provider
   */
  public ConfigurationReader(
      Map<String, String> environment,
      Map<String, Duration> knownProviders,
      Collection<AuthKind> authKinds,
      SecretCheck secretCheck,
      Collection<SubscriptionKind> subscriptionKinds) {
    this(
        environment,
        knownProviders,
        authKinds,
        secretCheck,
        subscriptionKinds,
        Runtime.getRuntime().maxMemory());
  }

  /**
   * @param maxHeap the most bytes that this process may use
   */
  ConfigurationReader(
      Map<String, String> environment,
      Map<String, Duration> knownProviders,
      Collection<AuthKind> authKinds,
      SecretCheck secretCheck,
      long maxHeap) {
    this(environment, knownProviders, authKinds, secretCheck, List.of(), maxHeap);
  }

  private ConfigurationReader(
      Map<String, String> environment,
      Map<String, Duration> knownProviders,
      Collection<AuthKind> authKinds,
      SecretCheck secretCheck,
      Collection<SubscriptionKind> subscriptionKinds,
      long maxHeap) {
    this.subscriptionKinds = List.copyOf(subscriptionKinds);
    this.environment = Map.copyOf(environment);
    this.knownProviders = Map.copyOf(knownProviders);
    this.authKinds = List.copyOf(authKinds);
    this.secretCheck = secretCheck;
    this.maxHeap = maxHeap;
  }

  /** What came of reading a configuration. */
  public sealed interface Result {

    /**
     * It can be used.
     *
     * @param warnings what is allowed and probably a mistake
     */
    record Valid(Configuration configuration, List<Problem> warnings) implements Result {
      public Valid {
        warnings = List.copyOf(warnings);
      }
    }

    /**
     * It cannot be used.
     *
     * @param problems all of them, in the order of the file; not empty
     */
    record Invalid(List<Problem> problems) implements Result {
      public Invalid {
        problems = List.copyOf(problems);
      }
    }
  }

  /**
   * Reads a file in order to run by it. Relative paths in it start at its directory.
   *
   * <p>A property of Kafka's or the registry's client whose {@code {env: …}} or {@code {file: …}}
   * leads nowhere is an error. Secrets of sources are not looked up.
   */
  public Result read(Path file) {
    return readFile(file, Reading.Unresolved.IS_AN_ERROR);
  }

  /**
   * Reads a text in order to run by it, as {@link #read(Path)} does.
   *
   * @param directory where relative paths in it start
   */
  public Result read(String yaml, Path directory) {
    return read(yaml, reading(directory, Reading.Unresolved.IS_AN_ERROR));
  }

  /**
   * Reads a file in order to judge it, perhaps on a machine that has none of its secrets: whatever
   * {@code {env: …}} or {@code {file: …}} leads nowhere is a warning, and a client property without
   * its value is left out. A source's secret that is there and could not be one is an error.
   */
  public Result check(Path file) {
    return readFile(file, Reading.Unresolved.IS_A_WARNING);
  }

  /** Reads a text in order to judge it, as {@link #check(Path)} does. */
  public Result check(String yaml, Path directory) {
    return read(yaml, reading(directory, Reading.Unresolved.IS_A_WARNING));
  }

  private Reading reading(Path directory, Reading.Unresolved unresolved) {
    return new Reading(environment, directory, unresolved, secretCheck);
  }

  private Result readFile(Path file, Reading.Unresolved unresolved) {
    Path absolute = file.toAbsolutePath();
    Path directory = absolute.getParent();
    Reading reading = reading(directory == null ? absolute : directory, unresolved);
    String yaml = null;
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(MAX_FILE_BYTES + 1);
      if (bytes.length > MAX_FILE_BYTES) {
        reading.error("", null, file + " is larger than " + Units.format(MAX_FILE_BYTES));
      } else {
        yaml = References.utf8(bytes);
      }
    } catch (IOException e) {
      reading.error("", null, file + " cannot be read: " + RegularFile.why(e));
    }
    return yaml == null ? new Result.Invalid(reading.errors()) : read(yaml, reading);
  }

  Result read(String yaml, Reading reading) {
    Node root = compose(yaml, reading);
    if (!reading.errors().isEmpty()) {
      return new Result.Invalid(reading.errors());
    }
    ConfigurationBinder binder =
        new ConfigurationBinder(
            new HttpSettings(maxHeap),
            new SourceSettings(
                knownProviders,
                new AuthSettings(authKinds),
                new SubscriptionSettings(subscriptionKinds)));
    Configuration configuration = Section.root(reading, root, binder::bind);
    reading.warnOfUnknownVariables();
    return reading.errors().isEmpty()
        ? new Result.Valid(configuration, reading.warnings())
        : new Result.Invalid(reading.errors());
  }

  private static @Nullable Node compose(String yaml, Reading reading) {
    try {
      // Nodes only: nothing is constructed from tags. The options bound depth, aliases and length.
      return new Yaml(new LoaderOptions()).compose(new StringReader(yaml));
    } catch (MarkedYAMLException e) {
      String context = e.getContext() == null ? "" : e.getContext() + ": ";
      String problem = QUOTES.matcher(String.valueOf(e.getProblem())).replaceFirst("");
      Integer line = e.getProblemMark() == null ? null : e.getProblemMark().getLine() + 1;
      reading.error("", line, "not valid YAML: " + context + problem);
    } catch (ReaderException e) {
      String character = String.format("U+%04X", e.getCodePoint());
      reading.error("", null, "not valid YAML: the character " + character + " is not allowed");
    } catch (RuntimeException e) {
      // Some malformed input escapes SnakeYAML as NumberFormatException and the like.
      reading.error("", null, "not valid YAML");
    }
    return null;
  }
}
