package io.penstock.ingest.config;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads how a source's senders authenticate. All that a source lists must pass, and what
 * authenticates must stand in a request once: so two that read the same place pass together only
 * where one text satisfies both.
 */
final class AuthSettings {

  /** The one type that asks for no proof. */
  private static final String NONE = "none";

  private final Map<String, AuthKind> kinds = new LinkedHashMap<>();

  AuthSettings(Collection<AuthKind> kinds) {
    kinds.forEach(kind -> this.kinds.put(kind.type(), kind));
  }

  /** What {@code type} may be. */
  Set<String> types() {
    Set<String> types = new HashSet<>(kinds.keySet());
    types.add(NONE);
    return types;
  }

  List<AuthSpec> read(Section source) {
    boolean open = source.value("allow-unauthenticated").bool(false);
    List<Section> nones = new ArrayList<>();
    List<AuthSpec> specs = new ArrayList<>();
    List<Section> all =
        source.sections(
            "auth",
            section -> {
              String type = section.required("type").oneOf(types(), "type", "");
              AuthKind kind = kinds.get(type);
              if (kind != null) {
                AuthSpec spec = kind.reader().apply(section);
                section.judgeSecrets(spec);
                specs.add(spec);
              } else if (type.equals(NONE)) {
                nones.add(section);
              } else {
                section.toleratesUnknownKeys();
              }
              return section;
            });
    for (Section none : nones) {
      if (all.size() > 1) {
        none.problem("type none cannot stand beside others");
      } else if (!open) {
        none.problem("type none needs allow-unauthenticated: true beside auth");
      }
    }
    keepApart(specs, source);
    if (open && nones.isEmpty()) {
      source.problem("allow-unauthenticated", "goes only with auth: [{type: none}]");
    }
    return specs;
  }

  private static void keepApart(List<AuthSpec> specs, Section source) {
    Set<String> reported = new HashSet<>();
    for (int i = 0; i < specs.size(); i++) {
      for (int j = i + 1; j < specs.size(); j++) {
        String place = sharedPlace(specs.get(i), specs.get(j));
        if (place != null && reported.add(place)) {
          report(source, specs.get(i), specs.get(j), place);
        }
      }
    }
  }

  /** What both read; null where there is nothing. */
  private static @Nullable String sharedPlace(AuthSpec one, AuthSpec other) {
    return one.places().stream().filter(other.places()::contains).findFirst().orElse(null);
  }

  private static void report(Section source, AuthSpec one, AuthSpec other, String place) {
    boolean alike = one.isLike(other);
    if (alike && one.takesSeveralProofs()) {
      source.warning(
          "auth",
          "two of type "
              + one.type()
              + " pass only what is signed with a secret of each: to let"
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
}
