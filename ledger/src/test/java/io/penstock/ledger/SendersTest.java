package io.penstock.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The fault suite sends as every provider does whose schema is released. */
class SendersTest {

  private static final Path RELEASED = Path.of("../schemas/released");
  private static final String EVENT = "Event";

  private static Set<String> released() throws IOException {
    try (Stream<Path> schemas = Files.list(RELEASED)) {
      return schemas
          .map(schema -> schema.getFileName().toString())
          .filter(name -> name.endsWith(EVENT))
          .map(name -> name.substring(0, name.length() - EVENT.length()).toLowerCase(Locale.ROOT))
          .collect(Collectors.toSet());
    }
  }

  @Test
  void everyReleasedProviderHasASender() throws IOException {
    for (List<Sender> senders : List.of(Sender.all(), Sender.colliding())) {
      assertThat(senders.stream().map(Sender::provider))
          .as(
              "providers with a sender: add a class beside CsmSender for a new one, and name it in"
                  + " Sender.all and Sender.colliding (ledger/src/main/java/io/penstock/ledger)")
          .containsExactlyInAnyOrderElementsOf(released());
    }
  }
}
