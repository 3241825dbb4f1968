package io.penstock.schemas;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.penstock.schemas.Contract.Topic;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.avro.Schema;

/**
 * The schemas that consumers may have: {@code <directory>/<record>/<version>.avsc}, each with
 * everything that it refers to inside it, versions counted from 1.
 */
final class ReleasedSchemas {

  private final Path directory;

  ReleasedSchemas(Path directory) {
    this.directory = directory;
  }

  /** All versions of a record, the oldest first; empty if none was released. */
  List<Schema> versions(String record) {
    int count = list(directory.resolve(record)).size();
    return IntStream.rangeClosed(1, count)
        .mapToObj(version -> parse(directory.resolve(record).resolve(version + ".avsc")))
        .toList();
  }

  /**
   * What of the contract may not follow what was released.
   *
   * @return one text for each problem: record, version, field, what to do
   */
  List<String> problems(List<Topic> contract) {
    List<String> problems = new ArrayList<>();
    for (Topic topic : contract) {
      String record = topic.schema().getName();
      List<Schema> versions = versions(record);
      if (versions.isEmpty()) {
        SchemaRules.problems(topic.schema())
            .forEach(problem -> problems.add(record + ": " + problem));
      }
      for (int i = 0; i < versions.size(); i++) {
        for (SchemaEvolution.Problem problem :
            SchemaEvolution.problems(versions.get(i), topic.schema())) {
          problems.add(record + " against its version " + (i + 1) + ": " + problem);
        }
      }
    }
    Set<String> records =
        contract.stream().map(topic -> topic.schema().getName()).collect(Collectors.toSet());
    for (String released : list(directory)) {
      if (!records.contains(released) && Files.isDirectory(directory.resolve(released))) {
        problems.add(
            released
                + " was released and is gone. Put its schema back: its topic may be read for as"
                + " long as it has records.");
      }
    }
    return problems;
  }

  /** The records whose schema, as it is, was not released. */
  List<Topic> unreleased(List<Topic> contract) {
    return contract.stream()
        .filter(
            topic -> {
              List<Schema> versions = versions(topic.schema().getName());
              return versions.isEmpty()
                  || !versions
                      .get(versions.size() - 1)
                      .toString()
                      .equals(topic.schema().toString());
            })
        .toList();
  }

  /** Makes what is not released the newest version. */
  void release(List<Topic> contract) {
    for (Topic topic : unreleased(contract)) {
      Path versions = directory.resolve(topic.schema().getName());
      int next = list(versions).size() + 1;
      try {
        Files.createDirectories(versions);
        Files.writeString(versions.resolve(next + ".avsc"), pretty(topic.schema()) + "\n");
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static String pretty(Schema schema) throws IOException {
    return new ObjectMapper().readTree(schema.toString()).toPrettyString();
  }

  private static List<String> list(Path directory) {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Schema parse(Path file) {
    try {
      return new Schema.Parser().parse(file.toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
