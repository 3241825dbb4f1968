package io.penstock.ingest.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateDirectoryTest {

  private static final Duration RETENTION = Duration.ofMinutes(70);

  private final String cluster = "test-" + UUID.randomUUID();

  @AfterEach
  void deleteWhatWasTaken() throws IOException {
    Path base;
    try (StateDirectory taken = take()) {
      base = taken.path().resolve("../..").normalize();
    }
    try (var paths = Files.walk(base)) {
      for (Path path : paths.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  private StateDirectory take() throws IOException {
    return StateDirectory.take(null, cluster, "application", RETENTION);
  }

  @Test
  void twoHoldersGetDifferentDirectories() throws IOException {
    try (StateDirectory one = take();
        StateDirectory two = take();
        StateDirectory three = take()) {
      assertThat(one.path()).isDirectory().isNotEqualTo(two.path()).isNotEqualTo(three.path());
      assertThat(two.path()).isDirectory().isNotEqualTo(three.path());
    }
  }

  @Test
  void theNextHolderFindsWhatTheLastOneLeft() throws IOException {
    // given
    try (StateDirectory last = take()) {
      Files.writeString(last.path().resolve("store"), "state");
    }
    // when
    try (StateDirectory next = take()) {
      // then
      assertThat(next.path().resolve("store")).hasContent("state");
    }
  }

  @Test
  void aDirectoryThatWasGivenBackIsTakenBeforeANewOne() throws IOException {
    // given
    StateDirectory one = take();
    Path given = one.path();
    try (StateDirectory two = take()) {
      // when
      one.close();
      // then
      try (StateDirectory three = take()) {
        assertThat(three.path()).isEqualTo(given).isNotEqualTo(two.path());
      }
    }
  }

  @Test
  void clustersAndApplicationsAreKeptApart() throws IOException {
    try (StateDirectory one = take();
        StateDirectory otherApplication =
            StateDirectory.take(null, cluster, "another", RETENTION)) {
      assertThat(one.path().toString()).contains(cluster);
      assertThat(otherApplication.path().getParent()).isNotEqualTo(one.path().getParent());
    }
  }

  @Test
  void aConfiguredDirectoryIsUsedWithOneBelowItForEachCluster(@TempDir Path configured)
      throws IOException {
    // given
    Path wished = configured.resolve("not/there/yet");
    // when
    try (StateDirectory one = StateDirectory.take(wished, "cluster-1", "application", RETENTION);
        StateDirectory two = StateDirectory.take(wished, "cluster-2", "application", RETENTION)) {
      // then
      assertThat(one.path()).isDirectory().isEqualTo(wished.resolve("cluster-1"));
      assertThat(two.path()).isDirectory().isEqualTo(wished.resolve("cluster-2"));
    }
  }

  @Test
  void aConfiguredDirectoryThatCannotBeMadeIsToldAsSuch(@TempDir Path configured)
      throws IOException {
    // given
    Path file = Files.writeString(configured.resolve("file"), "");
    // then
    assertThatThrownBy(() -> StateDirectory.take(file, cluster, "application", RETENTION))
        .isInstanceOf(IOException.class);
  }

  @Test
  void aStoreThatIsDividedByAnotherTimeIsFilledAnew(@TempDir Path wished) throws IOException {
    // given
    Path segment;
    try (StateDirectory last = StateDirectory.take(wished, cluster, "application", RETENTION)) {
      segment = last.path().resolve("application/0_0/rocksdb/deduplication/deduplication.0");
      Files.createDirectories(segment);
      Files.writeString(segment.resolve("data"), "ids");
    }
    String name;
    // when
    try (StateDirectory same = StateDirectory.take(wished, cluster, "application", RETENTION)) {
      name = same.instanceId();
      // then
      assertThat(segment.resolve("data")).exists();
    }
    try (StateDirectory other =
        StateDirectory.take(wished, cluster, "application", RETENTION.plusMinutes(1))) {
      assertThat(segment).doesNotExist();
      assertThat(other.instanceId()).isEqualTo(name);
      Files.createDirectories(segment);
    }
    try (StateDirectory again =
        StateDirectory.take(wished, cluster, "application", RETENTION.plusMinutes(1))) {
      assertThat(again.path()).isDirectory();
      assertThat(segment).exists();
    }
  }
}
