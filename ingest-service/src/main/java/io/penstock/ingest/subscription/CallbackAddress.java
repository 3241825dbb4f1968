package io.penstock.ingest.subscription;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Where a registration leads: an address without its query. The path may hold a token, so {@link
 * #shown} is the only text of it that may be printed.
 *
 * @param scheme in lower case
 * @param host in lower case
 * @param port never absent: that of the scheme where none is given
 * @param path as it is sent, with a slash in front
 */
public record CallbackAddress(String scheme, String host, int port, String path) {

  /** A segment that may be shown although the configuration does not have it: no secret is so. */
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9._-]{0,7}");

  private static final String HIDDEN = "***";

  public CallbackAddress {
    scheme = scheme.toLowerCase(Locale.ROOT);
    host = host.toLowerCase(Locale.ROOT);
    path = path.startsWith("/") ? path : "/" + path;
  }

  /** That of a URL whose parts are known to be there. */
  public static CallbackAddress of(URI url) {
    String scheme = String.valueOf(url.getScheme());
    String path = url.getRawPath() == null ? "" : url.getRawPath();
    return new CallbackAddress(
        scheme,
        String.valueOf(url.getHost()),
        url.getPort() < 0 ? portOf(scheme) : url.getPort(),
        path);
  }

  /** That of a text of a provider; empty where it is no address of HTTP. */
  public static Optional<CallbackAddress> parse(String text) {
    try {
      URI url = new URI(text);
      return url.getHost() == null || url.getScheme() == null
          ? Optional.empty()
          : Optional.of(of(url));
    } catch (URISyntaxException e) {
      return Optional.empty();
    }
  }

  /** The port where none is given. */
  public static int portOf(String scheme) {
    return scheme.equalsIgnoreCase("http") ? 80 : 443;
  }

  /** The same with another segment at its end. */
  CallbackAddress with(String segment) {
    return new CallbackAddress(scheme, host, port, path + "/" + segment);
  }

  /** The path without its last segment, of the address without a token. */
  private static String directory(String path) {
    return path.substring(0, path.lastIndexOf('/') + 1);
  }

  /**
   * Whether this may be the address of the same source after a change by hand: on the same host and
   * port, below the same path.
   *
   * @param configured the source's address without a token
   */
  boolean isNear(CallbackAddress configured) {
    return host.equals(configured.host)
        && port == configured.port
        && path.startsWith(directory(configured.path));
  }

  /** As a URL, with whatever token it has: to be sent, not printed. */
  public String url() {
    boolean usual = port == portOf(scheme);
    return scheme + "://" + host + (usual ? "" : ":" + port) + path;
  }

  /**
   * It as it may be printed: segments of the path that could be a secret are hidden.
   *
   * @param known segments of configured addresses
   */
  public String shown(Set<String> known) {
    List<String> segments = new ArrayList<>();
    for (String segment : path.substring(1).split("/", -1)) {
      segments.add(known.contains(segment) || PLAIN.matcher(segment).matches() ? segment : HIDDEN);
    }
    return new CallbackAddress(scheme, host, port, String.join("/", segments)).url();
  }

  /** The segments of its path. */
  List<String> segments() {
    return List.of(path.substring(1).split("/", -1));
  }

  @Override
  public String toString() {
    return "CallbackAddress[" + shown(Set.of()) + "]";
  }
}
