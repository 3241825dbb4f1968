package io.penstock.ingest.spool;

import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;

/**
 * A process that appends until it is killed, and says on its standard output what was reported as
 * durable ({@code +ID}) and as failed ({@code -ID}). Its arguments: the directory, what the ids
 * begin with, the size of a body, how many bytes the spool may take.
 */
final class SpoolWriter {

  static final int LANES = 3;

  private static final int TOGETHER = 32;

  private SpoolWriter() {}

  public static void main(String[] arguments) throws Exception {
    PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    Spool spool =
        Spool.open(
            Path.of(arguments[0]),
            Long.parseLong(arguments[3]),
            SpoolFixture.PREFIX,
            SpoolFixture.PLACEMENT,
            InstantSource.system(),
            System::nanoTime,
            new SimpleMeterRegistry());
    Semaphore waiting = new Semaphore(TOGETHER);
    int next = 0;
    for (int round = 0; ; round++) {
      // Once in a while many come together: behind the first of them they are one batch.
      List<String> ids = new ArrayList<>();
      for (int i = 0; i < (round % 20 == 1 ? TOGETHER : 1); i++) {
        ids.add(arguments[1] + next++);
      }
      List<byte[]> values =
          ids.stream().map(id -> SpoolFixture.value(id, Integer.parseInt(arguments[2]))).toList();
      waiting.acquire(ids.size());
      if (!spool.accepts()) {
        await()
            .atMost(Duration.ofMinutes(2))
            .pollDelay(Duration.ZERO)
            .pollInterval(Duration.ofMillis(5))
            .until(spool::accepts);
      }
      for (int i = 0; i < ids.size(); i++) {
        String id = ids.get(i);
        int number = next - ids.size() + i;
        spool.append(
            number % LANES,
            values.get(i),
            SpoolFixture.RECEIVED_AT,
            outcome -> {
              out.println((outcome == Spool.Appended.DURABLE ? "+" : "-") + id);
              out.flush();
              waiting.release();
            });
      }
    }
  }
}
