package io.penstock.ingest.json;

import java.util.List;
import java.util.Locale;

/** The name of a member that holds a secret, in all the spellings that are taken for it. */
final class SecretMember {

  private final String name;
  private final String plain;
  private final TextFinder finder;

  /**
   * The spellings of a name.
   *
   * @param name as documented, in camel case
   */
  SecretMember(String name) {
    this.name = name;
    this.plain = name.toLowerCase(Locale.ROOT);
    this.finder = new TextFinder(List.of(plain, spaced("_"), spaced("-"), spaced(" ")));
  }

  /** The name with something between its words. */
  private String spaced(String between) {
    return name.replaceAll("(?<=[a-z])(?=[A-Z])", between);
  }

  /** The documented name. */
  String name() {
    return name;
  }

  /** Whether a member's name is this one: in any case, with _, - or a space between its words. */
  boolean isNamed(String name) {
    if (name.length() < plain.length()) {
      return false;
    }
    int matched = 0;
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (matched < plain.length() && Character.toLowerCase(c) == plain.charAt(matched)) {
        matched++;
      } else if (c != '_' && c != '-' && c != ' ') {
        return false;
      }
    }
    return matched == plain.length();
  }

  /** Whether the name stands somewhere in the rest of a body, which may be no JSON. */
  boolean mayStandIn(byte[] body, int from) {
    return !finder.find(body, from, body.length).isEmpty();
  }
}
