package io.penstock.ingest.provider;

import io.penstock.ingest.json.JsonScan.Members;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A body that its provider's {@link Layout} has been applied to.
 *
 * @param body its exact bytes; not to be changed
 * @param headers those of {@link Provider#headers} that the request had
 * @param members what the layout's paths lead to
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Envelope(Layout layout, byte[] body, Map<String, String> headers, Members members) {

  /** The provider's own name of the event's type. */
  public String type() {
    return present(layout.type());
  }

  /**
   * A member that {@link Layout.Builder#requires} declares: never absent.
   *
   * @throws IllegalArgumentException if it is not declared
   */
  public String id(String path) {
    if (!layout.required().contains(path)) {
      throw new IllegalArgumentException("The layout does not require " + path);
    }
    return present(path);
  }

  private String present(String path) {
    String value = members.stringOrNumber(path);
    if (value == null) {
      throw new IllegalStateException("A body without " + path + " is not an event");
    }
    return value;
  }

  /** The value of a root field that {@link Layout.Builder#id} declares; null if there is none. */
  public @Nullable String idField(String field) {
    return layout.id(field, members);
  }

  /** The exact JSON text of a member, which must be there. */
  public String exactText(String path) {
    int start = members.start(path);
    return new String(body, start, members.end(path) - start, StandardCharsets.UTF_8);
  }
}
