package io.penstock.ingest.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.penstock.ingest.registry.SchemaIds.Result.Resolved;
import io.penstock.ingest.registry.SchemaIds.Result.Unresolved;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.assertj.core.api.AbstractListAssert;
import org.assertj.core.api.ObjectAssert;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SchemaIdsTest {

  private static final Schema ONE = SchemaBuilder.record("One").fields().endRecord();
  private static final Schema TWO = SchemaBuilder.record("Two").fields().endRecord();

  private final FakeRegistry registry = new FakeRegistry();

  @AfterEach
  void close() {
    registry.close();
  }

  private SchemaIds schemaIds(boolean autoRegister) {
    return new SchemaIds(
        registry.configuration(autoRegister), Map.of("one-value", ONE, "two-value", TWO));
  }

  private static AbstractListAssert<?, ?, String, ObjectAssert<String>> assertUnresolved(
      SchemaIds.Result result) {
    return assertThat(result)
        .asInstanceOf(type(Unresolved.class))
        .extracting(Unresolved::problems)
        .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.list(String.class));
  }

  @Test
  void anIdIsNotToBeHadBeforeItIsResolved() {
    // given
    SchemaIds ids = schemaIds(false);
    // then
    assertThat(ids.areResolved()).isFalse();
    assertThatIllegalStateException()
        .isThrownBy(() -> ids.id("one-value"))
        .withMessageContaining("one-value");
    assertThat(registry.requests()).isEmpty();
  }

  @Test
  void resolvesWhatTheRegistryKnowsAndRegistersNothing() {
    // given
    registry.knows("one-value", 7);
    registry.knows("two-value", 8);
    SchemaIds ids = schemaIds(false);
    // when
    SchemaIds.Result result = ids.resolve();
    // then
    assertThat(result).isEqualTo(new Resolved());
    assertThat(ids.areResolved()).isTrue();
    assertThat(ids.id("one-value")).isEqualTo(7);
    assertThat(ids.id("two-value")).isEqualTo(8);
    assertThat(registry.requests())
        .containsExactlyInAnyOrder("POST /subjects/one-value", "POST /subjects/two-value");
  }

  @Test
  void aRegistryThatCannotBeReachedIsNamedWithTheCauseAndWithoutCredentials() {
    // given
    SchemaIds ids =
        new SchemaIds(
            new io.penstock.ingest.config.Configuration.SchemaRegistryConfig(
                "http://someone:their-password@127.0.0.1:1", false, Map.of()),
            Map.of("one-value", ONE));
    // then
    assertUnresolved(ids.resolve())
        .singleElement()
        .asString()
        .contains("the schema registry at http://127.0.0.1:1 cannot be reached")
        .contains("ConnectException")
        .doesNotContain("their-password")
        .doesNotContain("someone");
  }

  @Test
  void isNotResolvedByHalf() {
    // given
    registry.knows("one-value", 7);
    SchemaIds ids = schemaIds(false);
    // when
    SchemaIds.Result result = ids.resolve();
    // then
    assertUnresolved(result)
        .singleElement()
        .asString()
        .contains("two-value", "schema-registry.auto-register");
    assertThat(ids.areResolved()).isFalse();
    assertThatIllegalStateException().isThrownBy(() -> ids.id("one-value"));
  }

  @Test
  void namesEverySubjectThatLacks() {
    assertUnresolved(schemaIds(false).resolve())
        .hasSize(2)
        .anySatisfy(problem -> assertThat(problem).contains("one-value"))
        .anySatisfy(problem -> assertThat(problem).contains("two-value"));
  }

  @Test
  void saysThatASchemaIsIncompatible() {
    // given
    registry.fails("one-value", 409);
    // when
    SchemaIds.Result result = schemaIds(true).resolve();
    // then
    assertUnresolved(result).singleElement().asString().contains("one-value", "incompatible");
  }

  @ParameterizedTest
  @ValueSource(ints = {401, 422, 500})
  void saysWhatTheRegistryAnswered(int status) {
    // given
    registry.knows("two-value", 8);
    registry.fails("one-value", status);
    // when
    SchemaIds.Result result = schemaIds(false).resolve();
    // then
    assertUnresolved(result)
        .singleElement()
        .asString()
        .contains(Integer.toString(status), "one-value");
  }

  @Test
  void saysThatTheRegistryCannotBeReached() {
    // given
    SchemaIds ids = schemaIds(false);
    registry.close();
    // when
    SchemaIds.Result result = ids.resolve();
    // then
    assertUnresolved(result)
        .singleElement()
        .asString()
        .contains(registry.configuration(false).url(), "cannot be reached");
  }

  @Test
  void idsStayKnownWhenTheRegistryFailsLater() {
    // given
    registry.knows("one-value", 7);
    registry.knows("two-value", 8);
    SchemaIds ids = schemaIds(false);
    ids.resolve();
    // when
    registry.fails("one-value", 404);
    SchemaIds.Result failed = ids.resolve();
    registry.close();
    SchemaIds.Result unreachable = ids.resolve();
    // then
    assertThat(failed).isInstanceOf(Unresolved.class);
    assertThat(unreachable).isInstanceOf(Unresolved.class);
    assertThat(ids.areResolved()).isTrue();
    assertThat(ids.id("one-value")).isEqualTo(7);
  }

  @Test
  void asksAnewAndFollowsARegistryThatWasReplaced() {
    // given
    registry.knows("one-value", 7);
    registry.knows("two-value", 8);
    SchemaIds ids = schemaIds(false);
    ids.resolve();
    // when
    registry.knows("one-value", 70);
    ids.resolve();
    // then
    assertThat(ids.id("one-value")).isEqualTo(70);
  }

  @Test
  void protectsASubjectBeforeItsFirstRegistration() {
    // given
    SchemaIds ids = new SchemaIds(registry.configuration(true), Map.of("webhooks.csm-value", ONE));
    // when
    SchemaIds.Result result = ids.resolve();
    // then
    assertThat(result).isEqualTo(new Resolved());
    assertThat(registry.requests())
        .containsExactly(
            "PUT /config/webhooks.csm-value FULL_TRANSITIVE",
            "POST /subjects/webhooks.csm-value/versions");
  }

  @Test
  void protectsASubjectAfterItsFirstRegistrationWhereTheRegistryKnowsNoEmptyOnes() {
    // given
    registry.configuresOnlyKnownSubjects();
    SchemaIds ids = new SchemaIds(registry.configuration(true), Map.of("webhooks.csm-value", ONE));
    // when
    SchemaIds.Result result = ids.resolve();
    // then
    assertThat(result).isEqualTo(new Resolved());
    assertThat(registry.requests())
        .containsExactly(
            "PUT /config/webhooks.csm-value FULL_TRANSITIVE",
            "POST /subjects/webhooks.csm-value/versions",
            "PUT /config/webhooks.csm-value FULL_TRANSITIVE");
  }
}
