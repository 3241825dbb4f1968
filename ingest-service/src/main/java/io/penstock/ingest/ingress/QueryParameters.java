package io.penstock.ingest.ingress;

import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of an address's query: pairs with {@code &} between, encoded as forms are, so that
 * a plus sign is a space. Whatever the query holds, nothing is thrown, and each character is looked
 * at a few times at most.
 */
final class QueryParameters {

  private QueryParameters() {}

  /**
   * All values of one parameter, in their order. One that cannot be decoded is empty.
   *
   * @param query as it stands in the address, without the question mark; null for none
   */
  static List<String> values(@Nullable CharSequence query, String name) {
    List<String> values = new ArrayList<>();
    if (query == null) {
      return values;
    }
    int start = 0;
    int equals = -1; // of this pair, the first
    for (int at = 0; at <= query.length(); at++) {
      char c = at == query.length() ? '&' : query.charAt(at);
      if (c == '=' && equals < 0) {
        equals = at;
      } else if (c == '&') {
        boolean hasValue = equals >= 0;
        if (name.equals(decoded(query, start, hasValue ? equals : at, name.length()))) {
          String value = hasValue ? decoded(query, equals + 1, at, Integer.MAX_VALUE) : "";
          values.add(value == null ? "" : value);
        }
        start = at + 1;
        equals = -1;
      }
    }
    return values;
  }

  /**
   * A part of the query, decoded; null where it cannot be.
   *
   * @param longest how many characters it may have; beyond them it may be null
   */
  private static @Nullable String decoded(CharSequence query, int start, int end, int longest) {
    // A character takes twelve of a query's at most: four bytes, each a sign and two digits.
    if (end - start > 12L * longest) {
      return null;
    }
    try {
      return QueryStringDecoder.decodeComponent(query.subSequence(start, end).toString());
    } catch (IllegalArgumentException e) {
      return null;
    }
  }
}
