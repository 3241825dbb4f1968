package io.penstock.ingest.ingress;

import java.util.List;

/** What a few headers list (RFC 9110, section 5.6.1). Costs time linear in what stands in them. */
final class ListHeaders {

  private ListHeaders() {}

  /**
   * Whether a body is not compressed: a compressed one is not read.
   *
   * @param contentEncodings all values of the header
   */
  static boolean isPlain(List<String> contentEncodings) {
    for (String value : contentEncodings) {
      for (String coding : value.split(",", -1)) {
        if (!coding.isBlank() && !coding.strip().equalsIgnoreCase("identity")) {
          return false;
        }
      }
    }
    return true;
  }

  /**
   * Whether a list has an element, of which case does not matter.
   *
   * @param values all values of the header
   */
  static boolean lists(List<String> values, String element) {
    for (String value : values) {
      for (String each : value.split(",", -1)) {
        if (each.strip().equalsIgnoreCase(element)) {
          return true;
        }
      }
    }
    return false;
  }
}
