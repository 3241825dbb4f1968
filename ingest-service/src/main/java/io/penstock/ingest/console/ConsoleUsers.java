package io.penstock.ingest.console;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.ingest.auth.Secret;
import io.penstock.ingest.auth.SecretException;
import io.penstock.ingest.auth.SecretFiles;
import io.penstock.ingest.auth.SecretFiles.Resolution;
import io.penstock.ingest.auth.SecretForm;
import io.penstock.ingest.auth.SecretList;
import io.penstock.ingest.config.ConsoleConfig;
import io.penstock.ingest.config.ConsoleConfig.Access;
import io.penstock.ingest.config.ConsoleConfig.Right;
import io.penstock.ingest.config.SecretRef;
import io.penstock.ingest.console.ConsoleUser.Proof;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The users that the configuration names, with the current values of their secrets. Every
 * comparison with a secret takes the same time whatever the two have in common. Safe for use by any
 * number of threads.
 */
final class ConsoleUsers implements AutoCloseable {

  private static final Pattern USER = Pattern.compile("[A-Za-z0-9._@+:/-]{1,100}");

  private final List<Known> known;
  private final Access.@Nullable Proxy proxy;
  private final boolean open;
  private final SecretFiles files;

  /**
   * An entry of the configuration.
   *
   * @param basic whether the name must be given too
   */
  private record Known(String name, Right right, boolean basic, SecretList secrets) {}

  /**
   * A proven user, for as long as the secret stays in its list.
   *
   * @param list that the secret was found in
   */
  record Proven(ConsoleUser user, SecretList list, Secret secret) {

    /** Whether the secret is in force still. */
    boolean holds() {
      return list.current().secrets().contains(secret);
    }
  }

  private ConsoleUsers(
      List<Known> known, Access.@Nullable Proxy proxy, boolean open, SecretFiles files) {
    this.known = List.copyOf(known);
    this.proxy = proxy;
    this.open = open;
    this.files = files;
  }

  /**
   * Resolves the secrets of all users, and keeps those in files up to date from here on.
   *
   * @param files not yet started; closed with the result, or on failure
   * @throws SecretException if any secret cannot be resolved; names them all
   */
  static ConsoleUsers open(ConsoleConfig config, SecretFiles files) throws SecretException {
    List<Known> known = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    Access.Proxy proxy = null;
    for (Access access : config.access()) {
      switch (access) {
        case Access.Token token ->
            resolve(files, token.name(), token.secrets(), problems)
                .ifPresent(list -> known.add(new Known(token.name(), token.right(), false, list)));
        case Access.Basic basic ->
            resolve(files, basic.name(), basic.secrets(), problems)
                .ifPresent(list -> known.add(new Known(basic.name(), basic.right(), true, list)));
        case Access.Proxy given -> proxy = given;
      }
    }
    if (!problems.isEmpty()) {
      files.close();
      throw new SecretException(problems);
    }
    files.start();
    return new ConsoleUsers(known, proxy, config.access().isEmpty(), files);
  }

  private static Optional<SecretList> resolve(
      SecretFiles files, String name, List<SecretRef> secrets, List<String> problems) {
    return switch (files.resolve(secrets, new LongEnough())) {
      case Resolution.Resolved resolved -> Optional.of(resolved.secrets());
      case Resolution.Unresolved unresolved -> {
        unresolved
            .problems()
            .forEach(problem -> problems.add("console.access, user " + name + ": " + problem));
        yield Optional.empty();
      }
    };
  }

  /** A form without state: all instances are equal. */
  private record LongEnough() implements SecretForm {
    @Override
    public @Nullable String complaint(Secret secret) {
      boolean isShort = secret.compute(bytes -> bytes.length < ConsoleConfig.LEAST_SECRET_BYTES);
      return isShort
          ? "is shorter than " + ConsoleConfig.LEAST_SECRET_BYTES + " bytes, and could be guessed"
          : null;
    }
  }

  /** Whether everybody who reaches the port is an operator: the port is a loopback one then. */
  boolean isOpen() {
    return open;
  }

  /** Whether a login form leads anywhere. */
  boolean haveSecrets() {
    return !known.isEmpty();
  }

  /** Whether the form must ask for a name too. */
  boolean haveNames() {
    return known.stream().anyMatch(Known::basic);
  }

  /** The user that an {@code Authorization} header proves; empty where it proves none. */
  Optional<ConsoleUser> byAuthorization(String header) {
    int space = header.indexOf(' ');
    if (space < 0) {
      return Optional.empty();
    }
    String scheme = header.substring(0, space);
    String credentials = header.substring(space + 1).strip();
    if (scheme.equalsIgnoreCase("Bearer")) {
      return proven("", credentials, Proof.AUTHORIZATION).map(Proven::user);
    }
    if (scheme.equalsIgnoreCase("Basic")) {
      try {
        String pair = new String(Base64.getDecoder().decode(credentials), UTF_8);
        int colon = pair.indexOf(':');
        return colon <= 0
            ? Optional.empty()
            : proven(pair.substring(0, colon), pair.substring(colon + 1), Proof.AUTHORIZATION)
                .map(Proven::user);
      } catch (IllegalArgumentException e) {
        return Optional.empty(); // not base64
      }
    }
    return Optional.empty();
  }

  /** The user of the login form. */
  Optional<Proven> byForm(String name, String secret) {
    return proven(name.strip(), secret.strip(), Proof.SESSION);
  }

  /** A token needs no name, and a password the right one. Every list is compared. */
  private Optional<Proven> proven(String name, String secret, Proof proof) {
    byte[] presented = secret.getBytes(UTF_8);
    Optional<Proven> found = Optional.empty();
    for (Known each : known) {
      SecretList.Snapshot secrets = each.secrets().current();
      int entry = secrets.indexOf(presented);
      boolean named = each.basic() ? name.equals(each.name()) : name.isEmpty();
      if (entry >= 0 && named) {
        found =
            Optional.of(
                new Proven(
                    new ConsoleUser(each.name(), each.right(), proof),
                    each.secrets(),
                    secrets.secrets().get(entry)));
      }
    }
    return found;
  }

  /** The header in which a proxy names its users; empty where no proxy is trusted. */
  Optional<String> proxyHeader() {
    return Optional.ofNullable(proxy).map(Access.Proxy::header);
  }

  /**
   * The user that a proxy names.
   *
   * @param remote the address of the connection, as a literal
   * @param names every value of the header; more than one proves nothing
   */
  Optional<ConsoleUser> byProxy(String remote, List<String> names) {
    if (proxy == null || names.size() != 1 || !proxy.addresses().contains(remote)) {
      return Optional.empty();
    }
    String name = names.getFirst().strip();
    if (!USER.matcher(name).matches()) {
      return Optional.empty();
    }
    Right right = proxy.operators().contains(name) ? Right.OPERATOR : proxy.right();
    return Optional.of(new ConsoleUser(name, right, Proof.PROXY));
  }

  /** Ends the reading of files. */
  @Override
  public void close() {
    files.close();
  }
}
