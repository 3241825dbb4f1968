package io.penstock.ingest.provider;

import io.penstock.ingest.json.MemberNames;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where a provider's bodies have what tests look for. Derived from the layout; a provider without
 * one, which implements {@link Provider} itself, has an entry in {@link #WITHOUT_LAYOUT}.
 *
 * @param type the path of the member that names an event's type
 * @param content the path of the member that a type's record is read from; empty for the whole body
 * @param required the paths of the members that identify an event
 * @param times the paths of the members that may be an event's time
 * @param envelope the paths of the members that are read for every type
 * @param zone the zone of times that name none; null for none
 * @param names how the names of members follow from those of fields
 */
public record Shape(
    String type,
    String content,
    List<String> required,
    List<String> times,
    Set<String> envelope,
    @Nullable ZoneOffset zone,
    MemberNames names) {

  private static final Map<String, Shape> WITHOUT_LAYOUT =
      Map.of(
          "matterport",
          new Shape(
              "type",
              "body",
              List.of("modelId"),
              List.of("timestamp"),
              Set.of("type", "modelId", "timestamp", "data"),
              null,
              MemberNames.SAME));

  /** The shape of a provider's bodies. */
  public static Shape of(Provider provider) {
    if (provider instanceof EnvelopeProvider ordinary) {
      Layout layout = ordinary.layout();
      String content = layout.content();
      return new Shape(
          layout.type(),
          content == null ? "" : content,
          layout.required(),
          layout.times(),
          layout.paths(),
          layout.zone(),
          MemberNames.of(layout.schema()));
    }
    Shape shape = WITHOUT_LAYOUT.get(provider.name());
    if (shape == null) {
      throw new AssertionError(
          provider.name()
              + " is no EnvelopeProvider: add its shape to WITHOUT_LAYOUT in"
              + " ingest-service/src/test/java/io/penstock/ingest/provider/Shape.java");
    }
    return shape;
  }

  /** A path as a JSON pointer. */
  public static String pointer(String path) {
    return path.isEmpty() ? "" : "/" + path.replace('.', '/');
  }
}
