package io.penstock.ingest.provider.webhook;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Proposes a provider of its own from samples of its sender, in the shape of
 * docs/adding-a-provider.md. Names of members and of types stand in it, and no other value of a
 * sample.
 */
public sealed interface ProviderDraft {

  /**
   * Files of a checkout.
   *
   * @param byPath their contents, by their paths
   * @param types the types of events that the samples have
   */
  record Files(Map<String, String> byPath, List<String> types) implements ProviderDraft {
    public Files {
      types = List.copyOf(types);
    }
  }

  /**
   * The samples do not show what a provider needs.
   *
   * @param why in words
   */
  record Impossible(String why) implements ProviderDraft {}

  /**
   * What the samples show.
   *
   * @param type the path of the member that names the type
   * @param entity the path of the entity's id
   * @param id the path of the event's id; null: a digest of the body
   * @param time the path of the time; null for none
   */
  record Shape(String type, String entity, @Nullable String id, @Nullable String time) {}

  /**
   * The files of a provider.
   *
   * @param name the provider's, of lower case letters and digits
   * @param schema the content of its schema
   * @param types the types of events
   */
  static Files files(
      String name, String className, String schema, Shape shape, List<String> types) {
    String code = "ingest-service/src/main/java/io/penstock/ingest/provider/" + name + "/";
    Map<String, String> files = new LinkedHashMap<>();
    files.put("schemas/src/main/avro/" + className + "Event.avsc", schema);
    files.put(code + className + ".java", rules(name, className, shape, types));
    files.put(
        code + "package-info.java",
        """
        /** TODO: what %1$s is. */
        @NullMarked
        package io.penstock.ingest.provider.%2$s;

        import org.jspecify.annotations.NullMarked;
        """
            .formatted(className, name));
    return new Files(files, types);
  }

  private static String rules(String name, String className, Shape shape, List<String> types) {
    String id = shape.id();
    boolean isEntity = shape.entity().equals(id);
    String required = quoted(shape.entity()) + (id == null || isEntity ? "" : ", " + quoted(id));
    return """
        package io.penstock.ingest.provider.%1$s;

        import io.penstock.ingest.provider.Envelope;
        import io.penstock.ingest.provider.EnvelopeProvider;
        %2$simport io.penstock.ingest.provider.Identification.Identified;
        import io.penstock.ingest.provider.Layout;

        /** TODO: what %3$s sends, and where that is documented. A draft from samples. */
        public final class %3$s extends EnvelopeProvider {

          /** The rules of %3$s. */
          public %3$s() {
            super(
                "%1$s",
                Layout.of("%3$sEvent")
                    .type(%4$s)
                    .requires(%5$s)
        %6$s            .build(),
                // TODO: a sample of each, in the directory samples; dev sends the first.
        %7$s);
          }

          // TODO: is this the same in every retry of an event, and different for any two events?
          @Override
          protected Identified identify(Envelope envelope) {
            return Identified.of(envelope.id(%8$s), %9$s);
          }
        }
        """
        .formatted(
            name,
            id == null ? "import io.penstock.ingest.provider.Identification;\n" : "",
            className,
            quoted(shape.type()),
            required,
            shape.time() == null ? "" : "            .time(" + quoted(shape.time()) + ")\n",
            types.stream()
                .map(type -> "        " + quoted(fileName(type)))
                .collect(Collectors.joining(",\n")),
            quoted(shape.entity()),
            id == null
                ? "Identification.allOf(envelope.body())"
                : "envelope.id(" + quoted(id) + ")");
  }

  private static String fileName(String type) {
    return type.replaceAll("[^A-Za-z0-9._-]", "-");
  }

  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
