package io.penstock.ingest.auth;

import io.penstock.ingest.auth.Verdict.Refused;
import java.util.List;

/**
 * The refusals for what stands in one place of a request: made once for each authenticator, so that
 * none costs anything when it is needed. Which one holds depends on how the request is built and
 * not on any secret; it is looked for only once the comparison has failed.
 *
 * @param missing nothing stands there
 * @param repeated more than one value does
 * @param empty what stands there is empty
 * @param wrong it was compared, and is no secret of the list
 */
record Objections(Refused missing, Refused repeated, Refused empty, Refused wrong) {

  /**
   * @param type the authenticator's
   * @param place such as "the header x-key"
   * @param what is compared, such as "the value of the header x-key"
   */
  static Objections of(String type, String place, String what) {
    return new Objections(
        new Refused(type, place + " is missing"),
        new Refused(type, place + " stands there more than once"),
        new Refused(type, place + " is empty"),
        new Refused(type, what + " is of no configured secret"));
  }

  /** Whether exactly one value stands there, and is not empty. */
  static boolean isOne(List<String> values) {
    return values.size() == 1 && !values.getFirst().isEmpty();
  }

  /** The objection to these values of the place. */
  Refused to(List<String> values) {
    return switch (values.size()) {
      case 0 -> missing;
      case 1 -> values.getFirst().isEmpty() ? empty : wrong;
      default -> repeated;
    };
  }
}
