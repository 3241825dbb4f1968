package io.penstock.ingest.provider;

import io.penstock.ingest.provider.csm.Csm;
import io.penstock.ingest.provider.echo3d.Echo3d;
import io.penstock.ingest.provider.matterport.Matterport;
import io.penstock.ingest.provider.move.Move;
import io.penstock.ingest.provider.smartshape.SmartShape;
import io.penstock.ingest.provider.webhook.Webhook;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The providers that this program knows by code. A new one is one line here, one package and one
 * schema.
 */
public final class Providers {

  private static final List<Provider> ALL =
      List.of(
          new SmartShape(), //
          new Csm(),
          new Move(),
          new Matterport(),
          new Echo3d());

  private Providers() {}

  /** All of them, always in the same order. */
  public static List<Provider> all() {
    return ALL;
  }

  /** What a source may select: all of them, and the generic one, whose rules the source has. */
  public static List<Provider> selectable() {
    List<Provider> selectable = new ArrayList<>(ALL);
    selectable.add(new Webhook());
    return selectable;
  }

  /** The one with this {@link Provider#name()}. */
  public static Optional<Provider> byName(String name) {
    return ALL.stream().filter(provider -> provider.name().equals(name)).findFirst();
  }
}
