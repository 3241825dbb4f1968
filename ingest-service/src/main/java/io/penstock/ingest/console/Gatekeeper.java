package io.penstock.ingest.console;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.ingest.auth.Secret;
import io.penstock.ingest.config.ConsoleConfig;
import io.penstock.ingest.console.ConsoleUser.Proof;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.CookieSameSite;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Decides about requests: whether their Host is ours, which user they are from, and whether a
 * request that changes something was made on one of the console's own pages. Never blocks. Safe for
 * use by any number of threads.
 */
final class Gatekeeper {

  /** The cookie of a session. */
  static final String SESSION = "penstock_console";

  /** The field of a form, and in lower case the header, with the proof of its page. */
  static final String CSRF_FIELD = "csrf";

  static final String CSRF_HEADER = "x-penstock-csrf";

  private static final Pattern LOOPBACK_NAME =
      Pattern.compile("localhost|127(\\.[0-9]{1,3}){3}|\\[?::1]?");

  private final ConsoleUsers users;
  private final Sessions sessions;
  private final @Nullable URI url;
  private final SecretKeySpec key;

  Gatekeeper(ConsoleConfig config, ConsoleUsers users, Sessions sessions, SecureRandom random) {
    this.users = users;
    this.sessions = sessions;
    this.url = config.url() == null ? null : URI.create(config.url());
    byte[] bytes = new byte[32];
    random.nextBytes(bytes);
    this.key = new SecretKeySpec(bytes, "HmacSHA256");
  }

  /**
   * Whether the request names a host that this console has. A page of another site whose name
   * resolves to this machine (DNS rebinding) names its own. Where users must prove themselves and
   * no address is configured, any name will do: the page of another site has no cookie of ours.
   */
  boolean isOurHost(HttpServerRequest request) {
    HostAndPort authority = request.authority();
    if (authority == null || request.headers().getAll("host").size() > 1) {
      return false;
    }
    String host = authority.host().toLowerCase(Locale.ROOT);
    if (LOOPBACK_NAME.matcher(host).matches()) {
      return true;
    }
    if (url != null) {
      return host.equals(url.getHost().toLowerCase(Locale.ROOT));
    }
    return !users.isOpen();
  }

  /** The user that a request is from; empty for a stranger. */
  Optional<ConsoleUser> user(HttpServerRequest request) {
    if (users.isOpen()) {
      return Optional.of(ConsoleUser.LOCAL);
    }
    List<String> authorization = request.headers().getAll("authorization");
    if (!authorization.isEmpty()) {
      return authorization.size() == 1
          ? users.byAuthorization(authorization.getFirst())
          : Optional.empty();
    }
    Optional<ConsoleUser> user = session(request).flatMap(sessions::user);
    return user.isPresent()
        ? user
        : users
            .proxyHeader()
            .flatMap(
                header ->
                    users.byProxy(
                        request.connection().remoteAddress(true).hostAddress(),
                        request.headers().getAll(header)));
  }

  /** The id of the session that the request's cookie names; perhaps of none that there is. */
  Optional<String> session(HttpServerRequest request) {
    return Optional.ofNullable(request.getCookie(SESSION)).map(Cookie::getValue);
  }

  /**
   * Whether a request was not sent by a page of another site. Every browser says where a POST comes
   * from; what says nothing is no browser, and then only an {@code Authorization} header counts,
   * which no browser adds to such a request by itself.
   */
  boolean isFromOurPages(HttpServerRequest request, @Nullable ConsoleUser user) {
    String site = request.getHeader("sec-fetch-site");
    if (site != null && !site.equals("same-origin")) {
      return false;
    }
    String origin = request.getHeader("origin");
    if (origin != null) {
      return isOurOrigin(origin, request);
    }
    return site != null || (user != null && user.proof() == Proof.AUTHORIZATION);
  }

  private boolean isOurOrigin(String origin, HttpServerRequest request) {
    if (url != null && origin.equalsIgnoreCase(url.getScheme() + "://" + url.getRawAuthority())) {
      return true;
    }
    String host = request.getHeader("host");
    return host != null
        && (origin.equalsIgnoreCase("http://" + host)
            || origin.equalsIgnoreCase("https://" + host));
  }

  /** What a form of this user's must send back, in this session. */
  String csrf(HttpServerRequest request, ConsoleUser user) {
    String subject = user.proof() + " " + user.name() + " " + session(request).orElse("");
    try {
      Mac mac = Mac.getInstance(key.getAlgorithm());
      mac.init(key);
      return Base64.getUrlEncoder()
          .withoutPadding()
          .encodeToString(mac.doFinal(subject.getBytes(UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has " + key.getAlgorithm(), e);
    }
  }

  /** Whether a form, or the header of a script's request, has what {@link #csrf} gave its page. */
  boolean hasCsrf(HttpServerRequest request, ConsoleUser user, @Nullable String field) {
    if (user.proof() == Proof.AUTHORIZATION) {
      return true; // not sent by a browser on its own
    }
    String sent = field == null ? request.getHeader(CSRF_HEADER) : field;
    return sent != null
        && !sent.isBlank()
        && Secret.of(csrf(request, user)).matches(sent.getBytes(US_ASCII));
  }

  /** The user of a login form, with a new session; empty where it proves none. */
  Optional<Login> login(String name, String secret) {
    return users
        .byForm(name, secret)
        .map(proven -> new Login(proven.user(), cookie(sessions.begin(proven))));
  }

  /** A login that has succeeded. */
  record Login(ConsoleUser user, Cookie cookie) {}

  /** Ends the session of a request; the cookie to answer with. */
  Cookie logout(HttpServerRequest request) {
    session(request).ifPresent(sessions::end);
    return cookie("").setMaxAge(0);
  }

  /**
   * Not sent with any request that another site makes, but for a link that is followed: that one
   * shows a page and changes nothing.
   */
  private Cookie cookie(String value) {
    return Cookie.cookie(SESSION, value)
        .setPath("/")
        .setHttpOnly(true)
        .setSameSite(CookieSameSite.LAX)
        .setSecure(url != null && "https".equals(url.getScheme()))
        .setMaxAge(Sessions.LIFE.toSeconds());
  }
}
