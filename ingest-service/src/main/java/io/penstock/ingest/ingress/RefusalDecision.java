package io.penstock.ingest.ingress;

import io.penstock.ingest.auth.Verdict;
import io.penstock.ingest.delivery.Reason;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A decision that a request is not acknowledged: what its sender is told, and what the operator
 * alone is.
 *
 * @param reason both are told
 * @param certain whether the delivery is not kept, or only as a refusal; otherwise it may be kept
 *     all the same
 * @param challenges the sender is told, for {@link Reason#AUTHENTICATION_FAILED}: how it can prove
 *     itself, the same whatever was wrong
 * @param detail both are told: what is wrong, in the service's own words; null where the reason
 *     says it all
 * @param headers of the answer, by name
 * @param authenticator the operator is told: the type of the one that refused; empty where none did
 * @param why the operator is told: what is wrong, in words that hold nothing of the request; empty
 *     where the detail says it
 */
record RefusalDecision(
    Reason reason,
    boolean certain,
    List<String> challenges,
    @Nullable String detail,
    Map<String, String> headers,
    String authenticator,
    String why) {

  /** The header that says which methods an address takes. */
  static final String ALLOW = "allow";

  /** Of an address that takes challenges by GET. */
  static final String GET_AND_POST = "GET, POST";

  /** Of another method at an address that takes challenges by GET. */
  static final RefusalDecision NEITHER_GET_NOR_POST =
      notAllowed(RefusalWords.why(Reason.METHOD_NOT_ALLOWED));

  /** Made once, since a flood may need many. */
  private static final Map<Reason, RefusalDecision> PLAIN = plain();

  private static Map<Reason, RefusalDecision> plain() {
    Map<Reason, RefusalDecision> plain = new EnumMap<>(Reason.class);
    for (Reason reason : Reason.values()) {
      plain.put(reason, because(reason, RefusalWords.why(reason)));
    }
    return plain;
  }

  /** One of which there is no more to say. */
  static RefusalDecision of(Reason reason) {
    return Objects.requireNonNull(PLAIN.get(reason));
  }

  /** One of which the operator is told more. */
  static RefusalDecision because(Reason reason, String why) {
    return new RefusalDecision(reason, true, List.of(), null, Map.of(), "", why);
  }

  /** Of a request that an address which takes challenges by GET does not take. */
  static RefusalDecision notAllowed(String why) {
    return new RefusalDecision(
        Reason.METHOD_NOT_ALLOWED, true, List.of(), null, Map.of(ALLOW, GET_AND_POST), "", why);
  }

  /** The delivery may be kept all the same. */
  static RefusalDecision leftOpen(Reason reason) {
    return new RefusalDecision(
        reason, false, List.of(), null, Map.of(), "", RefusalWords.why(reason));
  }

  /** Of a sender that is not authenticated. */
  static RefusalDecision of(Verdict.Refused verdict, List<String> challenges) {
    return new RefusalDecision(
        Reason.AUTHENTICATION_FAILED,
        true,
        challenges,
        null,
        Map.of(),
        verdict.authenticator(),
        verdict.why());
  }

  /**
   * Of an authentic delivery that is no event; kept as a refusal.
   *
   * @param detail null where the reason says it all
   */
  static RefusalDecision ofContent(
      Reason reason, @Nullable String detail, Map<String, String> headers) {
    return new RefusalDecision(
        reason,
        true,
        List.of(),
        detail,
        headers,
        "",
        detail == null ? RefusalWords.why(reason) : "");
  }
}
