package io.penstock.ingest.auth;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import io.penstock.ingest.auth.SecretFiles.Resolution;
import io.penstock.ingest.config.SecretRef;
import io.penstock.ingest.files.FollowedFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SecretFilesTest {

  @TempDir private Path directory;

  private final Heard heard = new Heard();
  private final SecretFiles files =
      new SecretFiles(Map.of("FROM_ENV", "env-value", "BLANK", "  "), Duration.ofMillis(5), heard);

  /** Notes what it hears, without the directory. */
  private static final class Heard implements SecretFiles.Listener {
    final List<String> all = new CopyOnWriteArrayList<>();

    @Override
    public void reloaded(Path file) {
      all.add("reloaded " + file.getFileName());
    }

    @Override
    public void failed(Path file, String problem) {
      all.add("failed " + file.getFileName() + ": " + problem.replace(file.toString(), "FILE"));
    }
  }

  @AfterEach
  void close() {
    files.close();
  }

  private Path write(String name, String content) throws IOException {
    return Files.writeString(directory.resolve(name), content);
  }

  private SecretList resolve(SecretRef... references) {
    return resolve(files, references);
  }

  private static SecretList resolve(SecretFiles files, SecretRef... references) {
    return switch (files.resolve(List.of(references))) {
      case Resolution.Resolved resolved -> resolved.secrets();
      case Resolution.Unresolved unresolved -> throw new AssertionError(unresolved.toString());
    };
  }

  private static SecretRef file(Path path) {
    return new SecretRef.File(path);
  }

  private static int indexOf(SecretList list, String value) {
    return list.current().indexOf(value.getBytes(UTF_8));
  }

  /** Twice, since a change counts once it has been read twice. */
  private void settle() {
    files.refresh();
    files.refresh();
  }

  @Test
  void resolvesVariablesAndFilesInOrder() throws Exception {
    Path path = write("secret", "file-value\n");

    SecretList list = resolve(new SecretRef.Env("FROM_ENV"), file(path));

    assertThat(indexOf(list, "env-value")).isZero();
    assertThat(indexOf(list, "file-value")).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({
    "'v', 'v'",
    "'v\n', 'v'",
    "'v\r\n', 'v'",
    "'v\n\n', 'v\n'",
    "'v\r', 'v\r'",
    "' v ', ' v '"
  })
  void stripsOneLineBreakAndNoMore(String content, String value) throws Exception {
    Path path = Files.write(directory.resolve("secret"), content.getBytes(UTF_8));

    assertThat(indexOf(resolve(file(path)), value)).isZero();
  }

  @Test
  void namesEverythingThatCannotBeResolvedAtOnce() throws Exception {
    Path absent = directory.resolve("absent");
    Path blank = write("blank", " \n");
    Path huge = Files.write(directory.resolve("huge"), new byte[SecretFiles.MAX_SIZE + 1]);

    Resolution resolution =
        files.resolve(
            List.of(
                new SecretRef.Env("UNSET"),
                new SecretRef.Env("FROM_ENV"),
                new SecretRef.Env("BLANK"),
                file(absent),
                file(blank),
                file(directory),
                file(huge)));

    assertThat(resolution)
        .isEqualTo(
            new Resolution.Unresolved(
                List.of(
                    "environment variable UNSET is not set",
                    "environment variable BLANK is empty",
                    "file " + absent + " cannot be read: there is no such file",
                    "file " + blank + " is empty",
                    "file " + directory + " is not a regular file",
                    "file " + huge + " is larger than 64KiB")));
  }

  @Test
  void neverSaysAValue() throws Exception {
    Path path = write("secret", "file-value");

    SecretList list = resolve(new SecretRef.Env("FROM_ENV"), file(path));
    Resolution failure = files.resolve(List.of(new SecretRef.Env("UNSET"), file(path)));
    Resolution success = files.resolve(List.of(file(path)));
    SecretException exception = new SecretException(List.of("environment variable A is not set"));

    assertThat(List.of(list, list.current(), failure, success, files, exception).toString())
        .doesNotContain("file-value", "env-value");
    assertThat(exception.problems()).containsExactly("environment variable A is not set");
    assertThat(exception).hasMessage("environment variable A is not set");
  }

  @Test
  void takesAChangeOnceItHasBeenReadTwice() throws Exception {
    Path path = write("secret", "old");
    SecretList list = resolve(file(path));
    SecretList.Snapshot before = list.current();

    write("secret", "ne");
    files.refresh();
    write("secret", "new");
    files.refresh();
    assertThat(list.current()).as("half a value is never taken").isSameAs(before);

    files.refresh();
    assertThat(indexOf(list, "new")).isZero();
    assertThat(indexOf(list, "old")).isEqualTo(-1);
    assertThat(list.current().version()).isGreaterThan(before.version());
    assertThat(heard.all).containsExactly("reloaded secret");
  }

  // Rotation: a value moves from one file of a list to another, and is never in neither.

  @ParameterizedTest
  @CsvSource({"current, previous", "previous, current"})
  void aValueThatMovesToAnotherFileOfItsListIsNeverMissing(String first, String second)
      throws Exception {
    Map<String, String> before = Map.of("current", "A", "previous", "Z");
    Map<String, String> after = Map.of("current", "B", "previous", "A");
    // Wherever between two readings the two files are replaced, and in whatever order they are
    // read.
    for (String writtenFirst : List.of(first, second)) {
      for (int readingsBetween = 0; readingsBetween < 2; readingsBetween++) {
        for (Map.Entry<String, String> file : before.entrySet()) {
          write(file.getKey(), file.getValue());
        }
        SecretFiles fresh =
            new SecretFiles(Map.of(), Duration.ofHours(1), SecretFiles.Listener.NONE);
        SecretList list =
            resolve(fresh, file(directory.resolve(first)), file(directory.resolve(second)));
        String writtenSecond = writtenFirst.equals(first) ? second : first;

        write(writtenFirst, after.getOrDefault(writtenFirst, ""));
        for (int i = 0; i < readingsBetween; i++) {
          fresh.refresh();
          assertThat(indexOf(list, "A")).isNotNegative();
        }
        write(writtenSecond, after.getOrDefault(writtenSecond, ""));
        for (int i = 0; i < 4; i++) {
          fresh.refresh();
          assertThat(indexOf(list, "A"))
              .as("%s first, %d between, reading %d", writtenFirst, readingsBetween, i)
              .isNotNegative();
        }

        assertThat(indexOf(list, "B")).isNotNegative();
        assertThat(indexOf(list, "Z")).isEqualTo(-1);
      }
    }
  }

  @Test
  void filesOfListsThatShareOneChangeTogether() throws Exception {
    Path one = write("one", "1");
    Path two = write("two", "2");
    Path three = write("three", "3");
    Path apart = write("apart", "4");
    SecretList first = resolve(file(one), file(two));
    resolve(file(two), file(three));
    SecretList other = resolve(file(apart));

    write("one", "1'");
    write("apart", "4'");
    files.refresh();
    write("three", "3'");
    files.refresh();
    assertThat(indexOf(first, "1")).as("its neighbour's neighbour has just changed").isZero();
    assertThat(indexOf(other, "4'")).as("nothing to do with them").isZero();

    files.refresh();
    assertThat(indexOf(first, "1'")).isZero();
  }

  @Test
  void aFileThatNeverComesToRestHoldsUpTheOthersForAWhileOnly() throws Exception {
    Path quiet = write("quiet", "old");
    Path restless = write("restless", "0");
    SecretList list = resolve(file(restless), file(quiet));

    write("quiet", "new");
    for (int i = 1; i <= FollowedFiles.MOST_DELAYED; i++) {
      write("restless", "0" + i);
      files.refresh();
      assertThat(indexOf(list, "old")).isEqualTo(1);
    }
    write("restless", "0x");
    files.refresh();

    assertThat(indexOf(list, "new")).isEqualTo(1);
    assertThat(indexOf(list, "0")).isZero();
  }

  @Test
  void whatIsReplacedBetweenTheFirstReadingAndTheStartIsInForceAtOnce() throws Exception {
    Path path = write("secret", "old");
    SecretFiles slow = new SecretFiles(Map.of(), Duration.ofHours(1), heard);
    SecretList list = resolve(slow, file(path));

    write("secret", "new");
    slow.start();
    slow.close();

    assertThat(indexOf(list, "new")).isZero();
  }

  @Test
  void leavesASnapshotAlone() throws Exception {
    Path path = write("secret", "old");
    SecretList.Snapshot before = resolve(file(path)).current();

    write("secret", "new");
    settle();

    assertThat(before.indexOf("old".getBytes(UTF_8))).isZero();
  }

  @Test
  void keepsTheOtherEntriesAndOtherListsAsTheyAre() throws Exception {
    Path one = write("one", "1");
    Path two = write("two", "2");
    SecretList both = resolve(file(one), new SecretRef.Env("FROM_ENV"), file(two));
    SecretList other = resolve(file(two));
    Secret kept = both.current().secrets().getFirst();
    SecretList.Snapshot otherBefore = other.current();

    write("two", "2");
    write("one", "1");
    settle();
    assertThat(heard.all).as("written, but not changed").isEmpty();

    write("one", "x");
    settle();
    assertThat(both.current().secrets()).doesNotContain(kept).hasSize(3);
    assertThat(indexOf(both, "env-value")).isEqualTo(1);
    assertThat(indexOf(both, "2")).isEqualTo(2);
    assertThat(other.current()).isSameAs(otherBefore);
  }

  @Test
  void changesAllListsThatNameAFile() throws Exception {
    Path path = write("secret", "old");
    SecretList one = resolve(file(path));
    SecretList two = resolve(new SecretRef.Env("FROM_ENV"), file(path));

    write("secret", "new");
    settle();

    assertThat(indexOf(one, "new")).isZero();
    assertThat(indexOf(two, "new")).isEqualTo(1);
  }

  @Test
  void followsTheSymbolicLinksThatKubernetesSwitches() throws Exception {
    Path first = Files.createDirectory(directory.resolve("..2026_11_21_first"));
    Path second = Files.createDirectory(directory.resolve("..2026_11_21_second"));
    Files.writeString(first.resolve("token"), "old");
    Files.writeString(second.resolve("token"), "new");
    Path data = Files.createSymbolicLink(directory.resolve("..data"), first.getFileName());
    Path token = Files.createSymbolicLink(directory.resolve("token"), Path.of("..data", "token"));
    // The same size and time: nothing but the content tells.
    Files.setLastModifiedTime(
        second.resolve("token"), Files.getLastModifiedTime(first.resolve("token")));
    SecretList list = resolve(file(token));

    Path swap = Files.createSymbolicLink(directory.resolve("..data_tmp"), second.getFileName());
    Files.move(swap, data, StandardCopyOption.ATOMIC_MOVE);
    Files.delete(first.resolve("token"));
    Files.delete(first);
    settle();

    assertThat(indexOf(list, "new")).isZero();
    assertThat(indexOf(list, "old")).isEqualTo(-1);
    assertThat(heard.all).containsExactly("reloaded token");
  }

  @Test
  void keepsTheLastGoodValueWhileAFileCannotBeUsed() throws Exception {
    Path path = write("secret", "good");
    SecretList list = resolve(file(path));
    SecretList.Snapshot before = list.current();

    Files.delete(path);
    settle();
    settle();
    write("secret", "\n");
    settle();

    assertThat(list.current()).isSameAs(before);
    assertThat(files.failing()).isEqualTo(1);
    assertThat(heard.all)
        .containsExactly(
            "failed secret: file FILE cannot be read: there is no such file",
            "failed secret: file FILE is empty");

    write("secret", "better");
    settle();
    assertThat(indexOf(list, "better")).isZero();
    assertThat(files.failing()).isZero();
    assertThat(heard.all.getLast()).isEqualTo("reloaded secret");
  }

  @Test
  void doesNotChangeTheVersionWhenAFileComesBackAsItWas() throws Exception {
    Path path = write("secret", "good");
    SecretList list = resolve(file(path));
    SecretList.Snapshot before = list.current();

    Files.delete(path);
    settle();
    write("secret", "good");
    settle();

    assertThat(list.current()).isSameAs(before);
    assertThat(heard.all.getLast()).isEqualTo("reloaded secret");
  }

  @Test
  void readsAgainByItselfUntilClosed() throws Exception {
    Path path = write("secret", "old");
    SecretList list = resolve(file(path));
    files.start();
    Thread watcher = thread();
    assertThat(watcher.isDaemon()).isTrue();

    write("secret", "new");
    await().untilAsserted(() -> assertThat(indexOf(list, "new")).isZero());

    files.close();
    await().untilAsserted(() -> assertThat(watcher.isAlive()).isFalse());
    assertThat(indexOf(list, "new")).isZero();
  }

  private static Thread thread() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(each -> each.getName().equals("penstock-secrets"))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void startsOnce() throws Exception {
    resolve(file(write("secret", "value")));
    files.start();

    assertThatIllegalStateException().isThrownBy(files::start);
  }

  @Test
  void needsAnInterval() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new SecretFiles(Map.of(), Duration.ZERO, SecretFiles.Listener.NONE));
  }

  // Secrets that must have a form.

  private static final SecretForm EVEN =
      secret -> secret.compute(bytes -> bytes.length % 2 == 0) ? null : "is of odd length";

  @Test
  void namesWhatDoesNotHaveTheFormThatIsAskedFor() throws Exception {
    Path odd = write("odd", "secret-value-\n");
    Path even = write("even", "secret-value\n");

    assertThat(files.resolve(List.of(new SecretRef.Env("FROM_ENV"), file(odd), file(even)), EVEN))
        .isEqualTo(
            new Resolution.Unresolved(
                List.of(
                    "environment variable FROM_ENV is of odd length",
                    "file " + odd + " is of odd length")));
  }

  @Test
  void keepsTheLastGoodValueWhileAFileDoesNotHaveItsForm() throws Exception {
    Path path = write("secret", "good\n");
    SecretList any = resolve(file(path));
    SecretList even = formed(path);

    write("secret", "bad\n");
    settle();

    assertThat(indexOf(even, "good")).isZero();
    assertThat(indexOf(any, "good")).as("one file, one value").isZero();
    assertThat(files.failing()).isEqualTo(1);

    write("secret", "better\n");
    settle();

    assertThat(indexOf(even, "better")).isZero();
    assertThat(indexOf(any, "better")).isZero();
    assertThat(files.failing()).isZero();
    assertThat(heard.all)
        .containsExactly("failed secret: file FILE is of odd length", "reloaded secret");
  }

  /** As a careless editor leaves it: of two line breaks, one is taken for the secret's. */
  @Test
  void keepsTheLastGoodValueWhileAFileHoldsWhatItsPlaceCannotCarry() throws Exception {
    Path path = write("secret", "good-secret\n");
    SecretList header =
        switch (files.resolve(List.of(file(path)), CarriedSecret.HEADER)) {
          case Resolution.Resolved resolved -> resolved.secrets();
          case Resolution.Unresolved unresolved -> throw new AssertionError(unresolved.toString());
        };

    write("secret", "next-secret\n\n");
    settle();

    assertThat(indexOf(header, "good-secret")).isZero();
    assertThat(files.failing()).isEqualTo(1);
    assertThat(heard.all)
        .singleElement()
        .asString()
        .startsWith("failed secret: file FILE ends in a line break")
        .doesNotContain("next-secret");

    write("secret", "next-secret\n");
    settle();

    assertThat(indexOf(header, "next-secret")).isZero();
    assertThat(files.failing()).isZero();
  }

  @Test
  void asksForTheFormOfAFileThatIsKnownAlready() throws Exception {
    Path path = write("secret", "odd\n");
    resolve(file(path));

    assertThat(files.resolve(List.of(file(path)), EVEN))
        .isEqualTo(new Resolution.Unresolved(List.of("file " + path + " is of odd length")));
  }

  private SecretList formed(Path path) {
    return switch (files.resolve(List.of(file(path)), EVEN)) {
      case Resolution.Resolved resolved -> resolved.secrets();
      case Resolution.Unresolved unresolved -> throw new AssertionError(unresolved.toString());
    };
  }
}
