package io.penstock.ingest.auth;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A header that a request must have exactly once, with a value that is not empty. */
public final class OneHeader {

  private OneHeader() {}

  /**
   * Its value.
   *
   * @param most characters that the value may have
   * @return null where the header is missing, repeated, empty or longer
   */
  public static @Nullable String of(RequestHead head, String name, int most) {
    List<String> values = head.headers(name);
    if (values.size() != 1) {
      return null;
    }
    String value = values.getFirst();
    return value.isEmpty() || value.length() > most ? null : value;
  }

  /** Why {@link #of} is null, in words that repeat nothing of the request. */
  public static String fault(RequestHead head, String name, int most) {
    List<String> values = head.headers(name);
    String fault =
        switch (values.size()) {
          case 0 -> "is missing";
          case 1 ->
              values.getFirst().isEmpty() ? "is empty" : "is longer than " + most + " characters";
          default -> "stands there more than once";
        };
    return "the header " + name + " " + fault;
  }
}
