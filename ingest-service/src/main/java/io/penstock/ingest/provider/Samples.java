package io.penstock.ingest.provider;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/** Reads samples from files beside the provider's class: {@code samples/<name>.json}. */
public final class Samples {

  private Samples() {}

  /**
   * The samples of these names, in this order. The names are listed, not searched for: a jar has no
   * directories to list.
   */
  public static List<Sample> load(Class<? extends Provider> provider, List<String> names) {
    List<Sample> samples = new ArrayList<>();
    for (String name : names) {
      try (InputStream in = provider.getResourceAsStream("samples/" + name + ".json")) {
        if (in == null) {
          throw new IllegalStateException("No sample " + name + " of " + provider.getName());
        }
        samples.add(new Sample(name, in.readAllBytes()));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return List.copyOf(samples);
  }
}
