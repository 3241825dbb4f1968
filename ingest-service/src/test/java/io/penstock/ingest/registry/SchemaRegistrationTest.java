package io.penstock.ingest.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.penstock.ingest.registry.SchemaRegistration.State;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Incompatible schemas are {@code PreparationIT}'s, with a real registry. */
class SchemaRegistrationTest {

  private static final Schema ONE = SchemaBuilder.record("One").fields().endRecord();
  private static final Schema TWO = SchemaBuilder.record("Two").fields().endRecord();

  private final FakeRegistry registry = new FakeRegistry();

  @AfterEach
  void close() {
    registry.close();
  }

  private SchemaRegistration registration() {
    return new SchemaRegistration(
        registry.configuration(false), Map.of("one-value", ONE, "two-value", TWO));
  }

  @Test
  void aCheckChangesNothingAndARegistrationProtectsItsSubjectFirst() {
    registry.knows("one-value", 7);
    try (SchemaRegistration registration = registration()) {
      assertThat(registration.check())
          .containsOnly(
              Map.entry("one-value", new State.Registered(7)),
              Map.entry("two-value", new State.Missing()));
      assertThat(registry.requests()).noneMatch(request -> request.startsWith("PUT"));

      registration.register("two-value");
      assertThat(registry.requests())
          .containsSubsequence(
              "PUT /config/two-value FULL_TRANSITIVE", "POST /subjects/two-value/versions");
      assertThatIllegalArgumentException().isThrownBy(() -> registration.register("three-value"));
    }
  }

  @Test
  void aRegistryThatRefusesIsToldApartFromOneThatDoesNotAnswer() {
    registry.fails("one-value", 403);
    try (SchemaRegistration registration = registration()) {
      assertThatExceptionOfType(RegistryUnavailableException.class)
          .isThrownBy(registration::check)
          .withMessageStartingWith("the registry refuses: ")
          .withMessageContaining("40301");
      registry.close();
      assertThatExceptionOfType(RegistryUnavailableException.class)
          .isThrownBy(registration::check)
          .withMessageStartingWith("the registry does not answer: ");
    }
  }
}
