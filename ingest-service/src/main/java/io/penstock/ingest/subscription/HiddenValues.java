package io.penstock.ingest.subscription;

import io.penstock.ingest.auth.Secret;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.regex.Pattern;

/** Keeps a provider's texts from repeating a secret that it was sent. Any thread. */
public final class HiddenValues {

  /** So many characters of a secret in a row are too many. */
  private static final int MOST_IN_A_ROW = 5;

  private static final int MOST_CHARACTERS = 300;

  private static final Pattern SIGNING_KEY = Pattern.compile("wh(sec|sk|pk)_\\S*");

  private static final Pattern UNPRINTABLE = Pattern.compile("\\p{C}");

  private final List<Secret> values;

  /** Hides these, as they are and as base64. */
  public HiddenValues(Collection<Secret> values) {
    List<Secret> all = new ArrayList<>(values);
    for (Secret value : values) {
      String base64 = value.compute(bytes -> Base64.getEncoder().encodeToString(bytes));
      all.add(Secret.of(base64));
    }
    this.values = List.copyOf(all);
  }

  /**
   * A text of a provider, cut to a line without controls; or a note in its place where it quotes a
   * secret.
   */
  public String safe(String text) {
    if (SIGNING_KEY.matcher(text).find()
        || values.stream().anyMatch(value -> value.compute(bytes -> quotes(text, bytes)))) {
      return "(its message is left out, since it quotes what was sent)";
    }
    String cut = text.length() > MOST_CHARACTERS ? text.substring(0, MOST_CHARACTERS) + "…" : text;
    return UNPRINTABLE.matcher(cut).replaceAll("?");
  }

  private static boolean quotes(String text, byte[] bytes) {
    String value = new String(bytes, StandardCharsets.UTF_8);
    int length = Math.min(value.length(), MOST_IN_A_ROW + 1);
    for (int i = 0; i + length <= value.length(); i++) {
      if (text.contains(value.substring(i, i + length))) {
        return true;
      }
    }
    return false;
  }
}
