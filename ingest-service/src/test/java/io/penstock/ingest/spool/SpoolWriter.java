package io.penstock.ingest.spool;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.Semaphore;

/**
 * A process that appends until it is killed, and says on its standard output what was reported as
 * durable ({@code +ID}) and as failed ({@code -ID}). Its arguments: the directory, what the ids
 * begin with, the size of a body, how many bytes the spool may take.
 */
final class SpoolWriter {

  static final int LANES = 3;

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
    Semaphore waiting = new Semaphore(32);
    for (int i = 0; ; i++) {
      waiting.acquire();
      while (!spool.accepts()) {
        Thread.sleep(5);
      }
      String id = arguments[1] + i;
      spool.append(
          i % LANES,
          SpoolFixture.value(id, Integer.parseInt(arguments[2])),
          SpoolFixture.RECEIVED_AT,
          outcome -> {
            out.println((outcome == Spool.Appended.DURABLE ? "+" : "-") + id);
            out.flush();
            waiting.release();
          });
    }
  }
}
