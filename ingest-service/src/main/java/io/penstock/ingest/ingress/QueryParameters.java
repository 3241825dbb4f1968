package io.penstock.ingest.ingress;

import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of an address's query: pairs with {@code &} between, encoded as forms are, so that
 * a plus sign is a space. Whatever the query holds, nothing is thrown.
 */
final class QueryParameters {

  private QueryParameters() {}

  /**
   * All values of one parameter, in their order. One that cannot be decoded is empty.
   *
   * @param query as it stands in the address, without the question mark; null for none
   */
  static List<String> values(@Nullable String query, String name) {
    List<String> values = new ArrayList<>();
    if (query == null) {
      return values;
    }
    int start = 0;
    while (start <= query.length()) {
      int next = query.indexOf('&', start);
      int end = next < 0 ? query.length() : next;
      int equals = query.indexOf('=', start);
      boolean hasValue = equals >= 0 && equals < end;
      String pairName = decoded(query.substring(start, hasValue ? equals : end));
      if (name.equals(pairName)) {
        String value = decoded(hasValue ? query.substring(equals + 1, end) : "");
        values.add(value == null ? "" : value);
      }
      start = end + 1;
    }
    return values;
  }

  private static @Nullable String decoded(String component) {
    try {
      return QueryStringDecoder.decodeComponent(component);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }
}
