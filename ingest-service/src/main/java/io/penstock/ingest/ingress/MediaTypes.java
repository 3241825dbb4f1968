package io.penstock.ingest.ingress;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Which bodies are read, by their headers. */
final class MediaTypes {

  private MediaTypes() {}

  /**
   * Whether a body is as it was written: a compressed one is none that we read.
   *
   * @param contentEncoding null where absent
   */
  static boolean isPlain(@Nullable String contentEncoding) {
    return contentEncoding == null
        || contentEncoding.isBlank()
        || contentEncoding.strip().equalsIgnoreCase("identity");
  }

  /**
   * Whether a body is to be read as JSON. One without a type is: not every provider documents that
   * it sends one.
   *
   * @param contentType null where absent
   */
  static boolean isJson(@Nullable String contentType) {
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
