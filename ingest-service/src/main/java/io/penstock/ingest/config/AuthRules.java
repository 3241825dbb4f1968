package io.penstock.ingest.config;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which ways of authenticating can stand beside each other. All of a source must pass, and what
 * proves the sender must stand in a request once: so two that read the same place pass together
 * only where one text satisfies both.
 */
final class AuthRules {

  /** Headers that say how a request is to be read: none of them can be a secret's place. */
  private static final Set<String> TAKEN_HEADERS =
      Set.of(
          "connection",
          "content-encoding",
          "content-length",
          "content-type",
          "expect",
          "host",
          "keep-alive",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade");

  /** What a signature of Standard Webhooks needs, and changes with each delivery. */
  private static final Set<String> SIGNATURE_HEADERS =
      Set.of(
          "svix-id",
          "svix-timestamp",
          "svix-signature",
          "webhook-id",
          "webhook-timestamp",
          "webhook-signature");

  private AuthRules() {}

  /** Reports what is wrong with the ways of one source, in the order of the file. */
  static void apply(List<AuthSpec> specs, Section source) {
    Set<String> told = new HashSet<>();
    for (int i = 0; i < specs.size(); i++) {
      for (int j = i + 1; j < specs.size(); j++) {
        String place = sharedPlace(specs.get(i), specs.get(j));
        if (place != null && told.add(place)) {
          report(source, specs.get(i), specs.get(j), place);
        }
      }
    }
  }

  /** Whether a header is one that no secret can stand in. */
  static boolean isTaken(String header) {
    return TAKEN_HEADERS.contains(header);
  }

  private static void report(Section source, AuthSpec one, AuthSpec other, String place) {
    boolean alike = one.getClass() == other.getClass() && user(one).equals(user(other));
    if (one instanceof AuthSpec.StandardWebhooks && alike) {
      source.warning(
          "auth",
          "two of type standard-webhooks pass only what is signed with a secret of each: to let"
              + " either pass, list all secrets in one of them");
    } else if (alike && !Collections.disjoint(one.references(), other.references())) {
      source.warning(
          "auth",
          "more than one of these needs "
              + place
              + ", so that only the secrets which all of them list let a request pass: list them in"
              + " one");
    } else {
      source.problem(
          "auth",
          "no request can pass: more than one of these needs "
              + place
              + (alike && !place.endsWith(" authorization")
                  ? "; to let either secret pass, list both in one of them"
                  : ""));
    }
  }

  private static String user(AuthSpec spec) {
    return spec instanceof AuthSpec.Basic basic ? basic.username() : "";
  }

  /** What both read; null where there is nothing. */
  private static @Nullable String sharedPlace(AuthSpec one, AuthSpec other) {
    List<String> shared = new ArrayList<>(places(one));
    shared.retainAll(places(other));
    return shared.isEmpty() ? null : shared.getFirst();
  }

  private static List<String> places(AuthSpec spec) {
    return switch (spec) {
      case AuthSpec.UrlToken url -> List.of("the last segment of the address");
      case AuthSpec.Basic basic -> List.of("the header authorization");
      case AuthSpec.Bearer bearer -> List.of("the header authorization");
      case AuthSpec.Header header -> List.of("the header " + header.name());
      case AuthSpec.BcryptToken bcrypt -> List.of("the header " + bcrypt.header());
      case AuthSpec.Query query -> List.of("the parameter " + query.parameter());
      case AuthSpec.BodyField field -> List.of("the member " + field.field());
      case AuthSpec.StandardWebhooks webhooks ->
          SIGNATURE_HEADERS.stream().sorted().map(name -> "the header " + name).toList();
    };
  }
}
