package io.penstock.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.schemas.Contract.Topic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** Every schema may follow every version of it that was released. */
class ReleasedSchemasTest {

  private static final ReleasedSchemas RELEASED =
      new ReleasedSchemas(Contract.MODULE.resolve("released"));

  @Test
  void everySchemaMayFollowEveryReleasedVersion() {
    List<Topic> contract = Contract.topics();

    for (Topic topic : RELEASED.unreleased(contract)) {
      System.out.println(
          "NOTE: "
              + topic.schema().getName()
              + (RELEASED.versions(topic.schema().getName()).isEmpty()
                  ? " has no released version, and may change in any way"
                  : " has changes that were not released"));
    }
    assertThat(RELEASED.problems(contract))
        .as(
            "Schemas that consumers have may only grow (see schemas/released/README.md):\n%s\n",
            String.join("\n", RELEASED.problems(contract)))
        .isEmpty();
  }

  @Test
  void everyReleasedVersionFollowsThoseBeforeIt() {
    for (Topic topic : Contract.topics()) {
      List<Schema> versions = RELEASED.versions(topic.schema().getName());
      for (int i = 1; i < versions.size(); i++) {
        assertThat(SchemaEvolution.problems(versions.get(i - 1), versions.get(i))).isEmpty();
      }
    }
  }

  @Test
  @EnabledIfSystemProperty(named = "penstock.schemas.release", matches = ".*")
  void release() {
    assertThat(RELEASED.problems(Contract.topics())).isEmpty();

    RELEASED.release(Contract.topics());

    assertThat(RELEASED.unreleased(Contract.topics())).isEmpty();
  }

  private static Topic topic(String fields) {
    return new Topic(
        "x",
        new Schema.Parser()
            .parse(
                "{\"type\": \"record\", \"name\": \"X\", \"doc\": \"d\", \"fields\": ["
                    + fields
                    + "]}"));
  }

  private static final String A = "{\"name\": \"a\", \"type\": \"string\", \"doc\": \"d\"}";
  private static final String B =
      "{\"name\": \"b\", \"type\": [\"null\", \"long\"], \"default\": null, \"doc\": \"d\"}";
  private static final String OTHER_B =
      "{\"name\": \"b\", \"type\": [\"null\", \"string\"], \"default\": null, \"doc\": \"d\"}";

  @Test
  void whatWasNeverReleasedMayChange(@TempDir Path directory) {
    ReleasedSchemas released = new ReleasedSchemas(directory);

    assertThat(released.problems(List.of(topic(A)))).isEmpty();
    assertThat(released.unreleased(List.of(topic(A)))).hasSize(1);
  }

  @Test
  void aReleaseIsOneVersionMoreWhereSomethingChanged(@TempDir Path directory) {
    ReleasedSchemas released = new ReleasedSchemas(directory);

    released.release(List.of(topic(A)));
    released.release(List.of(topic(A)));
    released.release(List.of(topic(A + "," + B)));

    assertThat(directory.resolve("X"))
        .isDirectoryContaining("glob:**/1.avsc")
        .isDirectoryContaining("glob:**/2.avsc");
    assertThat(released.versions("X"))
        .containsExactly(topic(A).schema(), topic(A + "," + B).schema());
  }

  @Test
  void everyVersionCountsAndNotTheLastAlone(@TempDir Path directory) throws IOException {
    ReleasedSchemas released = new ReleasedSchemas(directory);
    released.release(List.of(topic(A + "," + B)));
    // as if somebody had released what may not follow
    Files.writeString(directory.resolve("X/2.avsc"), topic(A).schema().toString());

    assertThat(released.problems(List.of(topic(A + "," + OTHER_B))))
        .singleElement()
        .asString()
        .startsWith("X against its version 1: X.b was long and is string. ");
  }

  @Test
  void aReleasedSchemaMayNotGo(@TempDir Path directory) {
    ReleasedSchemas released = new ReleasedSchemas(directory);
    released.release(List.of(topic(A)));

    assertThat(released.problems(List.of()))
        .singleElement()
        .asString()
        .startsWith("X was released and is gone. ");
  }
}
