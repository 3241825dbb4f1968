package io.penstock.ingest.config;

import io.penstock.ingest.files.UnusableException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** One reading of one configuration: what it was given, and what it has found so far. */
final class Reading {

  /** What a reference that leads nowhere is. */
  enum Unresolved {
    IS_AN_ERROR,
    IS_A_WARNING
  }

  private static final String PREFIX = "PENSTOCK_";

  /** Variables with the prefix that are not settings. */
  private static final Set<String> NOT_SETTINGS =
      Set.of(
          "PENSTOCK_JAVA_OPTS",
          "PENSTOCK_LOG_FORMAT",
          "PENSTOCK_LOG_LEVEL",
          "PENSTOCK_LOG_LEVEL_DELIVERIES",
          "PENSTOCK_LOG_LEVEL_KAFKA",
          "PENSTOCK_LOG_LEVEL_ROOT");

  /** What Kubernetes sets in every container for each Service of its namespace. */
  private static final Pattern SERVICE_LINK =
      Pattern.compile(".*_SERVICE_(HOST|PORT(_.*)?)|.*_PORT_[0-9]+_(TCP|UDP|SCTP)(_.*)?");

  private static final Pattern SERVICE_ADDRESS = Pattern.compile("(tcp|udp|sctp)://.*");

  private static final String SHARED =
      ": whoever knows one of them knows both, so give each its own";

  private final Map<String, String> environment;
  private final Path directory;
  private final Unresolved unresolved;
  private final SecretCheck secretCheck;
  private final List<Problem> errors = new ArrayList<>();
  private final List<Problem> warnings = new ArrayList<>();
  private final Set<String> keys = new LinkedHashSet<>();
  private final Set<String> variables = new TreeSet<>();
  private final Set<String> variablePrefixes = new TreeSet<>();
  private final Set<String> referencedVariables = new TreeSet<>();

  /** Where a secret was first referred to. */
  private final Map<SecretRef, String> secretPlaces = new HashMap<>();

  /**
   * @param directory where relative paths start
   * @param secretCheck judges the secrets that are there, where those that are not are warnings
   */
  Reading(
      Map<String, String> environment,
      Path directory,
      Unresolved unresolved,
      SecretCheck secretCheck) {
    this.environment = environment;
    this.directory = directory;
    this.unresolved = unresolved;
    this.secretCheck = secretCheck;
  }

  void error(String path, @Nullable Integer line, String message) {
    errors.add(new Problem(path, line, message));
  }

  void warning(String path, @Nullable Integer line, String message) {
    warnings.add(new Problem(path, line, message));
  }

  List<Problem> errors() {
    return inTheFilesOrder(errors);
  }

  List<Problem> warnings() {
    return inTheFilesOrder(warnings);
  }

  private static List<Problem> inTheFilesOrder(List<Problem> problems) {
    return problems.stream()
        .sorted(Comparator.comparingInt(p -> p.line() == null ? Integer.MAX_VALUE : p.line()))
        .toList();
  }

  /** Every key that was asked for, given or not. */
  Set<String> keys() {
    return keys;
  }

  /** Takes note of a key that may be given. */
  void asked(String path) {
    keys.add(path);
  }

  /** The variable that overrides a scalar: {@code http.port} is PENSTOCK_HTTP_PORT. */
  static String variable(String path) {
    return PREFIX + path.replace("]", "").replaceAll("[.\\-\\[]", "_").toUpperCase(Locale.ROOT);
  }

  /** The value that overrides a scalar; null where there is none. */
  @Nullable String override(String path) {
    String variable = variable(path);
    variables.add(variable);
    return valueOf(variable);
  }

  /** The variables that add to or override a mapping with free keys: what follows the prefix. */
  Map<String, String> overridesBelow(String path) {
    String prefix = variable(path) + "_";
    variablePrefixes.add(prefix);
    Map<String, String> suffixes = new TreeMap<>();
    for (String name : environment.keySet()) {
      if (name.startsWith(prefix) && name.length() > prefix.length() && valueOf(name) != null) {
        suffixes.put(name, name.substring(prefix.length()));
      }
    }
    return suffixes;
  }

  /** A variable's value; an empty one counts as not set. */
  @Nullable String valueOf(String variable) {
    String value = environment.get(variable);
    return value == null || value.isEmpty() ? null : value;
  }

  /** Where a path of the configuration leads. */
  Path resolve(String path) {
    return directory.resolve(path).normalize();
  }

  /**
   * Takes note of a secret whose value is not needed yet. A check looks whether it is there, and
   * whether it can work; a start does so by itself.
   *
   * @param spec the way of authenticating that it is for
   */
  void secret(AuthSpec spec, SecretRef reference, String path, @Nullable Integer line) {
    remember(reference);
    String before = secretPlaces.putIfAbsent(reference, path);
    if (before != null) {
      warning(path, line, "is the secret of " + before + " too" + SHARED);
    }
    if (!isCheck()) {
      return;
    }
    SecretCheck.Finding finding = secretCheck.look(spec, reference);
    if (finding instanceof SecretCheck.Finding.Unusable unusable) {
      error(path, line, unusable.sentence());
    } else if (finding instanceof SecretCheck.Finding.Usable usable) {
      usable.doubts().forEach(doubt -> warning(path, line, doubt));
    } else if (follow(reference, path, line).isPresent()
        && finding instanceof SecretCheck.Finding.Absent absent) {
      warning(path, line, absent.sentence());
    }
  }

  /**
   * Takes note of a secret whose value is not needed yet. A check looks whether it is there and
   * long enough; a start does so by itself.
   *
   * @param least how many bytes of UTF-8 it must have
   */
  void reference(SecretRef reference, int least, String path, @Nullable Integer line) {
    remember(reference);
    if (isCheck()) {
      follow(reference, path, line)
          .filter(value -> value.getBytes(StandardCharsets.UTF_8).length < least)
          .ifPresent(
              value ->
                  error(
                      path,
                      line,
                      References.name(reference)
                          + " is shorter than "
                          + least
                          + " bytes, and could be guessed"));
    }
  }

  /** The value that a reference leads to; empty where it leads nowhere, which is then reported. */
  Optional<String> follow(SecretRef reference, String path, @Nullable Integer line) {
    remember(reference);
    try {
      return Optional.of(References.follow(reference, environment));
    } catch (UnusableException e) {
      switch (unresolved) {
        case IS_AN_ERROR -> error(path, line, e.sentence());
        case IS_A_WARNING -> warning(path, line, e.sentence());
      }
      return Optional.empty();
    }
  }

  /** Whether it is read in order to judge it, perhaps on another machine than it is for. */
  private boolean isCheck() {
    return unresolved == Unresolved.IS_A_WARNING;
  }

  private void remember(SecretRef reference) {
    if (reference instanceof SecretRef.Env env) {
      referencedVariables.add(env.name());
    }
  }

  /** Once everything is bound: warns of variables that look like settings and are not. */
  void warnOfUnknownVariables() {
    for (String name : new TreeSet<>(environment.keySet())) {
      if (name.startsWith(PREFIX)
          && !variables.contains(name)
          && !NOT_SETTINGS.contains(name)
          && !referencedVariables.contains(name)
          && variablePrefixes.stream().noneMatch(name::startsWith)
          && !isServiceLink(name)) {
        warning(
            "",
            null,
            "the environment variable "
                + name
                + " overrides no setting"
                + Suggestions.didYouMean(name, variables));
      }
    }
  }

  /**
   * Whether Kubernetes set a variable. A Service named {@code penstock-http} makes it set
   * PENSTOCK_HTTP_PORT, which is a setting too, to {@code tcp://10.0.0.7:80}.
   */
  boolean isServiceLink(String variable) {
    return SERVICE_LINK.matcher(variable).matches()
        || SERVICE_ADDRESS.matcher(environment.getOrDefault(variable, "")).matches();
  }
}
