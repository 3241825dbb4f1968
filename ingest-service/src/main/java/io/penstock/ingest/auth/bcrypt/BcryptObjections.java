package io.penstock.ingest.auth.bcrypt;

import io.penstock.ingest.auth.RequestHead;
import io.penstock.ingest.auth.Verdict.Refused;
import java.util.List;

/** The words for what can be wrong with a bcrypt token, none of which depends on a secret. */
final class BcryptObjections {

  private static final String TYPE = "bcrypt-token";

  private final String header;
  private final int maxCost;
  private final Refused missing;
  private final Refused repeated;
  private final Refused malformed;
  private final Refused wrong;

  /**
   * @param header its name, in lower case
   * @param maxCost the highest cost that is computed
   */
  BcryptObjections(String header, int maxCost) {
    this.header = header;
    this.maxCost = maxCost;
    missing = new Refused(TYPE, "the header " + header + " is missing");
    repeated = new Refused(TYPE, "the header " + header + " stands there more than once");
    malformed =
        new Refused(
            TYPE,
            "the header "
                + header
                + " holds no bcrypt hash, which has "
                + BcryptToken.LENGTH
                + " characters and begins with $2a$, $2b$ or $2y$");
    wrong = new Refused(TYPE, "the hash in the header " + header + " was made of another secret");
  }

  /** The objection to a token that is the hash of no secret of the list. */
  Refused wrong() {
    return wrong;
  }

  /** The objection to a head without exactly one token of the right form and cost. */
  Refused to(RequestHead head) {
    List<String> values = head.headers(header);
    if (values.size() != 1) {
      return values.isEmpty() ? missing : repeated;
    }
    BcryptToken token = BcryptToken.parse(values.getFirst());
    return token == null
        ? malformed
        : new Refused(
            TYPE,
            "the hash in the header "
                + header
                + " has the cost "
                + token.cost()
                + ", and the source computes no more than "
                + maxCost
                + " (max-cost)");
  }
}
