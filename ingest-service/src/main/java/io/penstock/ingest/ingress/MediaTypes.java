package io.penstock.ingest.ingress;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Which bodies are JSON by their headers. */
final class MediaTypes {

  private MediaTypes() {}

  /**
   * Whether a body is to be read as plain JSON. One without a type is: not every provider documents
   * that it sends one.
   *
   * @param contentType null where absent
   * @param contentEncoding null where absent; a compressed body is none that we read
   */
  static boolean isPlainJson(@Nullable String contentType, @Nullable String contentEncoding) {
    if (contentEncoding != null
        && !contentEncoding.isBlank()
        && !contentEncoding.strip().equalsIgnoreCase("identity")) {
      return false;
    }
    if (contentType == null || contentType.equals("application/json")) {
      return true;
    }
    int parameters = contentType.indexOf(';');
    String type =
        (parameters < 0 ? contentType : contentType.substring(0, parameters))
            .strip()
            .toLowerCase(Locale.ROOT);
    return type.isEmpty()
        || type.equals("application/json")
        || type.equals("text/json")
        || (type.startsWith("application/") && type.endsWith("+json"));
  }
}
