package io.penstock.ingest.source;

import io.penstock.ingest.auth.AuthMethod;
import io.penstock.ingest.auth.Authentication;
import io.penstock.ingest.auth.Authenticator;
import io.penstock.ingest.auth.CarriedSecret;
import io.penstock.ingest.auth.MatchListener;
import io.penstock.ingest.auth.SecretException;
import io.penstock.ingest.auth.SecretFiles;
import io.penstock.ingest.auth.SecretFiles.Resolution;
import io.penstock.ingest.auth.bcrypt.BcryptPool;
import io.penstock.ingest.config.AuthSpec;
import io.penstock.ingest.config.ChallengeConfig;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.config.SecretCheck;
import io.penstock.ingest.json.JsonRedaction;
import io.penstock.ingest.provider.Provider;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All sources, by name. Immutable but for their secrets, which follow their files until closed. */
public final class Sources implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Sources.class);

  /** What stands in a body in the place of a secret. */
  private static final String MASK = "***";

  private final Map<String, Source> byName;
  private final SecretFiles files;
  private final BcryptPool pool;

  private Sources(Map<String, Source> byName, SecretFiles files, BcryptPool pool) {
    this.byName = byName;
    this.files = files;
    this.pool = pool;
  }

  /** Gives each authenticator the listener for the secrets that match. */
  @FunctionalInterface
  public interface MatchListeners {

    /** A listener that does nothing. */
    MatchListeners NONE = (source, spec) -> MatchListener.NONE;

    /** The listener for one authenticator of one source. */
    MatchListener of(String source, AuthSpec spec);
  }

  /**
   * Resolves all secrets, and keeps those in files up to date from here on.
   *
   * @param configured the sources as configured and checked
   * @param providers finds a provider by its name
   * @param files not yet started; closed with the result, or on failure
   * @param pool closed with the result, or on failure
   * @param clock tells how old a signature is
   * @throws SecretException if any secret cannot be resolved; names them all
   */
  public static Sources open(
      List<Configuration.SourceConfig> configured,
      Function<String, Optional<Provider>> providers,
      SecretFiles files,
      BcryptPool pool,
      MatchListeners listeners,
      InstantSource clock)
      throws SecretException {
    boolean opened = false;
    try {
      Sources sources = new Opening(providers, files, pool, listeners, clock).open(configured);
      files.start();
      opened = true;
      return sources;
    } finally {
      if (!opened) {
        files.close();
        pool.close();
      }
    }
  }

  /**
   * Says of a secret what {@link #open} would refuse it for, and what it would warn of.
   *
   * @param environment the environment variables
   */
  public static SecretCheck secretCheck(Map<String, String> environment) {
    return (spec, reference) -> {
      // Never started: it is read once.
      SecretFiles once =
          new SecretFiles(environment, Duration.ofSeconds(1), SecretFiles.Listener.NONE);
      return once.look(reference, AuthMethod.of(spec).form());
    };
  }

  /** The source of this name; null if there is none. */
  public @Nullable Source byName(String name) {
    return byName.get(name);
  }

  /** All of them, in the order of the configuration. */
  public Collection<Source> all() {
    return byName.values();
  }

  /** How many secret files cannot be read now. */
  public int failingSecrets() {
    return files.failing();
  }

  /** Ends what runs behind the sources. Secrets stay as they are; unknown tokens are shed. */
  @Override
  public void close() {
    files.close();
    pool.close();
  }

  /** What it takes to make sources, and what has gone wrong so far. */
  private static final class Opening {

    private final Function<String, Optional<Provider>> providers;
    private final SecretFiles files;
    private final BcryptPool pool;
    private final AuthMethod.Resources resources;
    private final MatchListeners listeners;
    private final Map<String, Source> byName = new LinkedHashMap<>();
    private final List<String> problems = new ArrayList<>();

    Opening(
        Function<String, Optional<Provider>> providers,
        SecretFiles files,
        BcryptPool pool,
        MatchListeners listeners,
        InstantSource clock) {
      this.providers = providers;
      this.files = files;
      this.pool = pool;
      this.resources = new AuthMethod.Resources(pool, clock);
      this.listeners = listeners;
    }

    Sources open(List<Configuration.SourceConfig> configured) throws SecretException {
      configured.forEach(this::add);
      if (!problems.isEmpty()) {
        throw new SecretException(problems);
      }
      return new Sources(Collections.unmodifiableMap(byName), files, pool);
    }

    private void add(Configuration.SourceConfig configured) {
      String name = configured.name();
      Provider provider =
          providers
              .apply(configured.provider())
              .orElseThrow(
                  () -> new IllegalArgumentException("no provider " + configured.provider()));
      List<AuthMethod> methods = configured.auth().stream().map(AuthMethod::of).toList();
      List<Authenticator> authenticators = new ArrayList<>();
      methods.stream()
          .sorted(Comparator.comparingInt(AuthMethod::order))
          .forEach(method -> authenticators.addAll(authenticator(name, method)));
      byName.put(
          name,
          new Source(
              name,
              provider,
              configured.maxBodySize(),
              methods.stream().anyMatch(AuthMethod::takesUrlToken),
              new Authentication(authenticators),
              configured.equalWithin(),
              configured.acknowledgementDeadline(),
              configured.limits(),
              redactions(provider, methods),
              challenge(name, configured.challenge())));
    }

    /** What a sender may ask; without tokens, and a problem, if they cannot be resolved. */
    private Challenge challenge(String source, @Nullable ChallengeConfig configured) {
      return switch (configured) {
        case null -> Challenge.NONE;
        case ChallengeConfig.UrlVerification verification -> new Challenge.UrlVerification();
        case ChallengeConfig.ValidationToken token ->
            new Challenge.ValidationToken(token.parameter());
        case ChallengeConfig.Echo echo ->
            switch (files.resolve(echo.tokens(), CarriedSecret.QUERY)) {
              case Resolution.Resolved resolved ->
                  new Challenge.Echo(echo.parameter(), echo.tokenParameter(), resolved.secrets());
              case Resolution.Unresolved unresolved -> {
                unresolved
                    .problems()
                    .forEach(
                        problem -> problems.add("source " + source + ", challenge: " + problem));
                yield Challenge.NONE;
              }
            };
      };
    }

    /** The provider's rules take out its own credential; what else is a secret here has a mask. */
    private static List<JsonRedaction> redactions(Provider provider, List<AuthMethod> methods) {
      return methods.stream()
          .flatMap(method -> method.bodyMember().stream())
          .filter(member -> !provider.credentialMembers().contains(member))
          .map(member -> new JsonRedaction(member, secret -> MASK, Set.of()))
          .toList();
    }

    /** One, or none if its secrets cannot be resolved; then nothing will be opened. */
    private List<Authenticator> authenticator(String source, AuthMethod method) {
      return switch (files.resolve(method.references(), method.form())) {
        case Resolution.Resolved resolved -> {
          for (String doubt : resolved.doubts()) {
            log.atWarn()
                .addKeyValue("source", source)
                .addKeyValue("type", method.type())
                .addKeyValue("doubt", doubt)
                .log("A secret works, but is probably a mistake");
          }
          yield List.of(
              method.authenticator(resolved.secrets(), listeners.of(source, method), resources));
        }
        case Resolution.Unresolved unresolved -> {
          for (String problem : unresolved.problems()) {
            problems.add("source " + source + ", " + method.type() + ": " + problem);
          }
          yield List.of();
        }
      };
    }
  }
}
