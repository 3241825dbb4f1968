package io.penstock.ingest.auth;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an authenticator sees of a request before its body. Valid only during the call that it is
 * handed to.
 */
public interface RequestHead {

  /** The first value of a header, by its lower-case name; null where it is absent. */
  @Nullable String header(String name);

  /** All values of a header, by its lower-case name, in the order of their arrival. */
  List<String> headers(String name);

  /** The path segment after the source's name, decoded; null where there is none. */
  @Nullable String urlToken();

  /**
   * All values of a query parameter, decoded, in their order; one that cannot be decoded is empty.
   */
  List<String> queries(String name);

  /**
   * The address of the peer, as text: the proxy's where there is one. Not to be trusted, only to be
   * fair by.
   */
  String remoteAddress();
}
