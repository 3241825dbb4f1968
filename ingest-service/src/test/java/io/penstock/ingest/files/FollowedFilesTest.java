package io.penstock.ingest.files;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.penstock.ingest.files.FollowedFiles.Followed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(300)
class FollowedFilesTest {

  private static final int MOST = 1024;
  private static final AtomicInteger TESTS = new AtomicInteger();

  @TempDir private Path directory;

  /** A name of its own: the thread of the test before may still be ending. */
  private final String threadName = "reader-" + TESTS.incrementAndGet();

  private final List<String> heard = new CopyOnWriteArrayList<>();
  private final AtomicBoolean refusesNewValues = new AtomicBoolean();
  private final FollowedFiles files = following(Duration.ofHours(1));

  private FollowedFiles following(Duration interval) {
    return new FollowedFiles(
        threadName,
        interval,
        new FollowedFiles.Listener() {
          @Override
          public void reloaded(Collection<Followed<?>> changed) {
            if (refusesNewValues.get()) {
              throw new IllegalStateException("a message with a value in it");
            }
            heard.add(
                "reloaded "
                    + changed.stream()
                        .map(each -> String.valueOf(each.value()))
                        .sorted()
                        .collect(Collectors.joining(" ")));
          }

          @Override
          public void failed(Followed<?> file, String problem) {
            heard.add("failed: " + problem.replace(directory + "/", ""));
          }
        });
  }

  @AfterEach
  void close() {
    files.close();
  }

  private Path write(String name, String content) throws IOException {
    return Files.writeString(directory.resolve(name), content);
  }

  /** Accepts anything that does not begin with "bad". */
  private static String parse(List<byte[]> contents) throws UnusableException {
    String text =
        contents.stream().map(each -> new String(each, UTF_8)).collect(Collectors.joining("+"));
    if (text.startsWith("bad")) {
      throw new UnusableException("what is there is bad");
    }
    return text;
  }

  private Followed<String> follow(Path... paths) throws UnusableException {
    return files.follow(List.of(paths), MOST, FollowedFilesTest::parse);
  }

  private void settle() {
    files.refresh();
    files.refresh();
  }

  // What is read.

  @Test
  void theFirstValueIsThereAtOnce() throws Exception {
    assertThat(follow(write("one", "value")).value()).isEqualTo("value");
  }

  @Test
  void aFileMayBeAsLargeAsItsBoundAndNoLarger() throws Exception {
    assertThat(follow(write("fits", "x".repeat(MOST))).value()).hasSize(MOST);
    Path large = write("large", "x".repeat(MOST + 1));
    assertThatExceptionOfType(UnusableException.class)
        .isThrownBy(() -> follow(large))
        .withMessage("file " + large + " is larger than 1KiB");
  }

  @Test
  void onlyRegularFilesAreRead() throws Exception {
    Path pipe = directory.resolve("pipe");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    for (Path path : List.of(pipe, directory, Path.of("/dev/zero"))) {
      assertThatExceptionOfType(UnusableException.class)
          .isThrownBy(() -> follow(path))
          .withMessage("file " + path + " is not a regular file")
          .satisfies(e -> assertThat(e.isAbsent()).isFalse());
    }
  }

  @Test
  void whyAFileCannotBeReadIsSaidInWords() throws Exception {
    Path absent = directory.resolve("absent");
    assertThatExceptionOfType(UnusableException.class)
        .isThrownBy(() -> follow(absent))
        .withMessage("file " + absent + " cannot be read: there is no such file")
        .satisfies(e -> assertThat(e.isAbsent()).isTrue());
    Path circle = directory.resolve("circle");
    Files.createSymbolicLink(circle, circle);
    assertThatExceptionOfType(UnusableException.class)
        .isThrownBy(() -> follow(circle))
        .withMessageContaining("cannot be read: ");
  }

  @Test
  void whatHasNoGoodValueAtFirstIsNotFollowed() throws Exception {
    Path path = write("one", "bad");
    assertThatExceptionOfType(UnusableException.class).isThrownBy(() -> follow(path));

    write("one", "good");
    settle();

    assertThat(heard).isEmpty();
    assertThat(files.failing()).isZero();
  }

  // What becomes of changes.

  @Test
  void aChangeCountsOnceItHasBeenReadTwice() throws Exception {
    Path path = write("one", "old");
    Followed<String> one = follow(path);

    write("one", "new");
    files.refresh();
    assertThat(one.value()).isEqualTo("old");
    files.refresh();

    assertThat(one.value()).isEqualTo("new");
    assertThat(heard).containsExactly("reloaded new");
  }

  @Test
  void aFileThatIsHalfWrittenIsNeverUsed() throws Exception {
    Path path = write("one", "old");
    Followed<String> one = follow(path);

    for (String written : List.of("", "n", "ne", "new")) {
      write("one", written);
      files.refresh();
      assertThat(one.value()).isEqualTo("old");
    }
    files.refresh();

    assertThat(one.value()).isEqualTo("new");
    assertThat(heard).containsExactly("reloaded new");
  }

  @Test
  void aFileThatIsGoneForOneReadingChangesNothing() throws Exception {
    Path path = write("one", "old");
    Followed<String> one = follow(path);

    Files.delete(path);
    files.refresh();
    write("one", "old");
    settle();

    assertThat(one.value()).isEqualTo("old");
    assertThat(heard).isEmpty();
  }

  @Test
  void theSymbolicLinksThatKubernetesSwitchesAreFollowed() throws Exception {
    Path first = Files.createDirectory(directory.resolve("..first"));
    Path second = Files.createDirectory(directory.resolve("..second"));
    Files.writeString(first.resolve("token"), "old");
    Files.writeString(second.resolve("token"), "new");
    // Size and time are equal: only the content differs.
    Files.setLastModifiedTime(
        second.resolve("token"), Files.getLastModifiedTime(first.resolve("token")));
    Path data = Files.createSymbolicLink(directory.resolve("..data"), first.getFileName());
    Path token = Files.createSymbolicLink(directory.resolve("token"), Path.of("..data", "token"));
    Followed<String> followed = follow(token);

    Path next = Files.createSymbolicLink(directory.resolve("..data_tmp"), second.getFileName());
    Files.move(next, data, StandardCopyOption.ATOMIC_MOVE);
    settle();

    assertThat(followed.value()).isEqualTo("new");
  }

  @ParameterizedTest
  @ValueSource(strings = {"removed", "a directory", "too large", "bad"})
  void theLastGoodValueStaysWhileAFileCannotBeUsed(String what) throws Exception {
    Path path = write("one", "good");
    Followed<String> one = follow(path);

    switch (what) {
      case "removed" -> Files.delete(path);
      case "a directory" -> {
        Files.delete(path);
        Files.createDirectory(path);
      }
      case "too large" -> write("one", "x".repeat(MOST + 1));
      default -> write("one", "bad");
    }
    for (int i = 0; i < 3; i++) {
      settle();
    }

    assertThat(one.value()).isEqualTo("good");
    assertThat(files.failing()).isEqualTo(1);
    assertThat(heard).singleElement().asString().startsWith("failed: ");
  }

  @Test
  void aFileThatComesBackAsItWasIsWellAgain() throws Exception {
    Path path = write("one", "good");
    Followed<String> one = follow(path);
    Files.delete(path);
    settle();

    write("one", "good");
    settle();

    assertThat(one.value()).isEqualTo("good");
    assertThat(files.failing()).isZero();
    assertThat(heard)
        .containsExactly("failed: file one cannot be read: there is no such file", "reloaded good");
  }

  @Test
  void theLastGoodValueStaysWhileThePermissionIsMissing() throws Exception {
    Path path = write("one", "good");
    Followed<String> one = follow(path);
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("---------"));
    assumeThat(Files.isReadable(path)).as("root reads everything").isFalse();

    settle();

    assertThat(one.value()).isEqualTo("good");
    assertThat(heard).containsExactly("failed: file one cannot be read: permission denied");
  }

  @Test
  void aValueThatCannotBePutToUseCountsAsFailingAndItsMessageIsNotRepeated() throws Exception {
    follow(write("one", "old"));
    refusesNewValues.set(true);

    write("one", "new");
    settle();
    assertThat(files.failing()).isEqualTo(1);
    assertThat(heard).containsExactly("failed: IllegalStateException");

    refusesNewValues.set(false);
    write("one", "newer");
    settle();
    assertThat(files.failing()).isZero();
    assertThat(heard).endsWith("reloaded newer");
  }

  // Files that belong together.

  @Test
  void filesThatMakeOneValueAreReadTogether() throws Exception {
    Path certificate = write("certificate", "c1");
    Path key = write("key", "k1");
    Followed<String> pair = follow(certificate, key);

    write("certificate", "c2");
    files.refresh();
    write("key", "k2");
    files.refresh();
    assertThat(pair.value()).isEqualTo("c1+k1");
    files.refresh();

    assertThat(pair.value()).isEqualTo("c2+k2");
    assertThat(heard).containsExactly("reloaded c2+k2");
  }

  @Test
  void contentThatMovesFromOneFileOfAValueToTheNextIsAChange() throws Exception {
    Path one = write("one", "ab");
    Path two = write("two", "c");
    Followed<String> pair = follow(one, two);

    write("one", "a");
    write("two", "bc");
    settle();

    assertThat(pair.value()).isEqualTo("a+bc");
  }

  @Test
  void filesOfOneGroupChangeAtOnce() throws Exception {
    Followed<String> current = follow(write("current", "A"));
    Followed<String> previous = follow(write("previous", "Z"));
    Followed<String> apart = follow(write("apart", "1"));
    files.group(List.of(current, previous));

    write("apart", "2");
    write("current", "B");
    files.refresh();
    write("previous", "A");
    files.refresh();
    assertThat(current.value()).as("its neighbour has just changed").isEqualTo("A");
    assertThat(apart.value()).isEqualTo("2");
    files.refresh();

    assertThat(current.value()).isEqualTo("B");
    assertThat(previous.value()).isEqualTo("A");
    assertThat(heard).containsExactly("reloaded 2", "reloaded A B");
  }

  @Test
  void aFileThatNeverComesToRestDelaysItsGroupForAWhileOnly() throws Exception {
    Followed<String> quiet = follow(write("quiet", "old"));
    Followed<String> restless = follow(write("restless", "0"));
    files.group(List.of(quiet, restless));

    write("quiet", "new");
    for (int i = 1; i <= FollowedFiles.MOST_DELAYED; i++) {
      write("restless", "0" + i);
      files.refresh();
      assertThat(quiet.value()).isEqualTo("old");
    }
    write("restless", "0x");
    files.refresh();

    assertThat(quiet.value()).isEqualTo("new");
    assertThat(restless.value()).isEqualTo("0");
  }

  // The thread.

  @Test
  void theThreadReadsUntilItIsClosed() throws Exception {
    FollowedFiles often = following(Duration.ofMillis(5));
    Path path = write("one", "old");
    Followed<String> one = often.follow(List.of(path), MOST, FollowedFilesTest::parse);
    often.start();
    Thread reader = reader();
    assertThat(reader.isDaemon()).isTrue();
    assertThatIllegalStateException().isThrownBy(often::start);

    write("one", "new");
    await().untilAsserted(() -> assertThat(one.value()).isEqualTo("new"));

    often.close();
    reader.join();
    assertThat(heard).as("the end is no failure").containsExactly("reloaded new");
  }

  private Thread reader() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(each -> each.getName().equals(threadName))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void closingEndsAThreadThatWaitsForItsInterval() throws Exception {
    follow(write("one", "value"));
    files.start();
    Thread reader = reader();

    files.close();

    reader.join();
    assertThat(reader.isAlive()).isFalse();
  }

  @Test
  void whatChangesBeforeTheStartIsInForceAtTheStart() throws Exception {
    Followed<String> one = follow(write("one", "old"));

    write("one", "new");
    files.start();

    assertThat(one.value()).isEqualTo("new");
  }

  @Test
  void withoutFilesThereIsNoThread() {
    files.start();
    assertThat(Thread.getAllStackTraces().keySet())
        .extracting(Thread::getName)
        .doesNotContain(threadName);
  }

  @Test
  void needsAnInterval() {
    assertThatIllegalArgumentException().isThrownBy(() -> following(Duration.ZERO));
  }
}
