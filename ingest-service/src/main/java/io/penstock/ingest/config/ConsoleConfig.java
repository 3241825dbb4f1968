package io.penstock.ingest.config;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The web console.
 *
 * @param host the address that its port listens on; a loopback address where {@code access} is
 *     empty
 * @param port 0 for any free one
 * @param url where browsers reach it, without a slash at its end; null: by host and port
 * @param ingressUrl where providers reach the ingress, without a slash at its end; null: not known
 * @param samples whether an operator may send samples to the sources
 * @param instances the management addresses of the instances that it shows, without a slash at the
 *     end; empty: of its own process
 * @param access how users are known; empty: everyone who reaches the loopback port is an operator
 */
public record ConsoleConfig(
    String host,
    int port,
    @Nullable String url,
    @Nullable String ingressUrl,
    boolean samples,
    List<String> instances,
    List<Access> access) {

  /** Of {@code console.port}. */
  public static final int DEFAULT_PORT = 9095;

  /**
   * How many bytes the secret of a user has at least: nobody guesses as many, so that failed
   * attempts need no lock, which could be used to lock users out.
   */
  public static final int LEAST_SECRET_BYTES = 16;

  /** Of {@code console.host}. */
  static final String DEFAULT_HOST = "127.0.0.1";

  /** On this machine alone, for its own process. */
  public static final ConsoleConfig DEFAULT =
      new ConsoleConfig(DEFAULT_HOST, DEFAULT_PORT, null, null, false, List.of(), List.of());

  public ConsoleConfig {
    instances = List.copyOf(instances);
    access = List.copyOf(access);
  }

  /** What a user may do. */
  public enum Right {
    /** Look at everything. */
    READ_ONLY,
    /** Change things too: drive letters again, pause sources, send samples. */
    OPERATOR
  }

  /** One way in which users are known. */
  public sealed interface Access {

    /**
     * A secret that a user sends as a bearer token, or enters in the login form.
     *
     * @param name what the user is called in the log
     */
    record Token(String name, Right right, List<SecretRef> secrets) implements Access {
      public Token {
        secrets = List.copyOf(secrets);
      }
    }

    /** A name and a password, as HTTP's basic authentication or in the login form. */
    record Basic(String name, Right right, List<SecretRef> secrets) implements Access {
      public Basic {
        secrets = List.copyOf(secrets);
      }
    }

    /**
     * A proxy in front that has authenticated the user.
     *
     * @param header the name of the header with the user's name
     * @param addresses of the proxies, as literals; from any other address the header counts for
     *     nothing
     * @param right of the users that are not in {@code operators}
     */
    record Proxy(String header, Set<String> addresses, Right right, Set<String> operators)
        implements Access {
      public Proxy {
        addresses = Set.copyOf(addresses);
        operators = Set.copyOf(operators);
      }
    }
  }
}
