package io.penstock.ingest.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;

/** Guesses what was meant by a name that is not known. */
final class Suggestions {

  private Suggestions() {}

  /** {@code ; did you mean 'port'?}, or nothing where no known name is near. */
  static String didYouMean(String name, Collection<String> known) {
    String given = letters(name);
    int tolerated = Math.clamp((given.length() + 2) / 3, 1, 3);
    return known.stream()
        .filter(candidate -> distance(given, letters(candidate)) <= tolerated)
        .min(Comparator.comparingInt(candidate -> distance(given, letters(candidate))))
        .map(candidate -> "; did you mean '" + candidate + "'?")
        .orElse("");
  }

  /** What is left when spelling habits are ignored: maxBodySize, max_body_size, max-body-size. */
  private static String letters(String name) {
    return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "");
  }

  /** How many letters to insert, delete or replace (Levenshtein). */
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }
}
