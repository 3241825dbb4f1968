package io.penstock.ledger;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Sends, from its start until {@link #finish}: each entity on a thread of its own, one delivery
 * after the other, with the retries of its provider. What breaks meanwhile is its owner's business.
 */
public final class Run implements AutoCloseable {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);

  /** A retry of the same request follows a failed connection only if it failed as fast as this. */
  private static final Duration AT_ONCE = Duration.ofSeconds(1);

  /** How far back of its last deliveries an entity has one sent again. */
  private static final int REMEMBERED = 20;

  private final Load load;
  private final Ledger ledger;
  private final Rotation rotation;
  private final InstantSource clock;
  private final HttpClient http;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final List<Future<?>> entities = new ArrayList<>();
  private final List<Delivery> deliveries = new ArrayList<>();
  private final AtomicInteger acknowledged = new AtomicInteger();
  private final Pacer pacer;
  private volatile boolean stopping;

  private Run(Load load, Ledger ledger, Rotation rotation, InstantSource clock) {
    this.load = load;
    this.ledger = ledger;
    this.rotation = rotation;
    this.clock = clock;
    this.pacer = new Pacer(load.interval());
    this.http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT_TIMEOUT)
            .executor(threads)
            .build();
  }

  /**
   * Begins to send.
   *
   * @param clock the providers'
   */
  public static Run start(
      Load load, List<Sender> senders, Ledger ledger, Rotation rotation, InstantSource clock) {
    Run run = new Run(load, ledger, rotation, clock);
    int number = ledger.nextRun();
    for (Sender sender : senders) {
      for (int i = 0; i < load.entities(); i++) {
        String entity = sender.entity(number, i);
        RandomGenerator random = new Random(entity.hashCode());
        run.entities.add(run.threads.submit(() -> run.send(sender, entity, random)));
      }
    }
    return run;
  }

  /** Waits until so many more deliveries are acknowledged than are now. */
  public void awaitAcknowledged(int more, Duration timeout) {
    awaitTotal(acknowledged.get() + more, timeout);
  }

  /** How many deliveries are acknowledged so far. */
  public int acknowledged() {
    return acknowledged.get();
  }

  /** How many requests were refused for a reason, so far. */
  public long refused(String reason) {
    synchronized (deliveries) {
      return deliveries.stream()
          .flatMap(delivery -> delivery.answers().stream())
          .filter(answer -> answer.reason().equals(reason))
          .count();
    }
  }

  private void awaitTotal(int total, Duration timeout) {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (acknowledged.get() < total) {
      entities.stream().filter(Future::isDone).forEach(Run::get);
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException(
            acknowledged.get() + " of " + total + " deliveries acknowledged in " + timeout);
      }
      pause(Duration.ofMillis(10));
    }
  }

  /**
   * Sends until the load's number is acknowledged, begins no delivery any more, and brings those
   * that are under way to their end, with all retries.
   *
   * @param timeout for the first of it
   * @return what this run sent
   */
  public List<Delivery> finish(Duration timeout) {
    awaitTotal(load.acknowledged(), timeout);
    stopping = true;
    entities.forEach(Run::get);
    synchronized (deliveries) {
      return List.copyOf(deliveries);
    }
  }

  private static void get(Future<?> entity) {
    try {
      entity.get();
    } catch (InterruptedException e) {
      throw interrupted(e);
    } catch (java.util.concurrent.ExecutionException e) {
      throw new IllegalStateException("An entity's thread failed", e.getCause());
    }
  }

  // An entity's thread.

  private void send(Sender sender, String entity, RandomGenerator random) {
    List<Ledger.Entry> last = new ArrayList<>();
    while (pacer.await() && !stopping) {
      Ledger.Entry entry = ledger.open(sender, entity, Texts.anything(random, load.textBytes()));
      synchronized (deliveries) {
        deliveries.add(entry.delivery());
      }
      boolean copied = sender.hasIds() && random.nextDouble() < load.copied();
      if (!deliver(sender, entry, copied ? load.copies() : 1)) {
        continue;
      }
      acknowledged.incrementAndGet();
      if (sender.hasIds()) {
        last.add(entry);
        if (last.size() > REMEMBERED) {
          last.removeFirst();
        }
        if (random.nextDouble() < load.copied()) {
          // As when somebody presses "resend" in the provider's console.
          attempt(sender, last.get(random.nextInt(last.size())), 1);
        }
      }
    }
  }

  private boolean deliver(Sender sender, Ledger.Entry entry, int copies) {
    List<Duration> delays = sender.retries().delays();
    for (int tries = 0; ; tries++) {
      if (attempt(sender, entry, tries == 0 ? copies : 1)) {
        return true;
      }
      if (tries == delays.size()) {
        return false;
      }
      pause(load.pace().of(delays.get(tries)));
    }
  }

  private boolean attempt(Sender sender, Ledger.Entry entry, int copies) {
    List<URI> targets = rotation.next(copies);
    if (targets.isEmpty()) {
      entry
          .delivery()
          .answered(new Answer(Answer.Kind.UNREACHED, 0, "no instance is there", Duration.ZERO));
      return false;
    }
    HttpRequest.Builder request = request(sender, entry);
    List<Answer> answers = post(request, sender.path(), targets);
    answers.forEach(entry.delivery()::answered);
    boolean done = answers.stream().anyMatch(Answer::isAcknowledged);
    if (!done && sender.retries().resendsAtOnce() && failedFast(answers)) {
      List<Answer> again = post(request, sender.path(), rotation.next(1));
      again.forEach(entry.delivery()::answered);
      done = again.stream().anyMatch(Answer::isAcknowledged);
    }
    return done;
  }

  private static boolean failedFast(List<Answer> answers) {
    return answers.stream()
        .allMatch(
            answer ->
                (answer.kind() == Answer.Kind.CUT || answer.kind() == Answer.Kind.UNREACHED)
                    && answer.latency().compareTo(AT_ONCE) < 0);
  }

  private HttpRequest.Builder request(Sender sender, Ledger.Entry entry) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder()
            .timeout(sender.retries().timeout())
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofByteArray(entry.body().getBytes(UTF_8)));
    sender
        .headers(entry.body(), entry.delivery().number(), clock.instant())
        .forEach(request::header);
    return request;
  }

  /** Sends one request to all addresses at once, and waits for all answers. */
  private List<Answer> post(HttpRequest.Builder request, String path, List<URI> addresses) {
    List<CompletableFuture<Answer>> answers = new ArrayList<>();
    for (URI address : addresses) {
      HttpRequest addressed = request.copy().uri(address.resolve(path)).build();
      long start = System.nanoTime();
      answers.add(
          http.sendAsync(addressed, HttpResponse.BodyHandlers.ofString())
              .handle(
                  (response, failure) ->
                      answer(response, failure, Duration.ofNanos(System.nanoTime() - start))));
    }
    return answers.stream().map(CompletableFuture::join).toList();
  }

  private static Answer answer(
      @Nullable HttpResponse<String> response, @Nullable Throwable failure, Duration latency) {
    if (response == null) {
      Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
      if (causedBy(cause, ConnectException.class) || cause instanceof HttpConnectTimeoutException) {
        return new Answer(Answer.Kind.UNREACHED, 0, "no connection", latency);
      }
      return cause instanceof HttpTimeoutException
          ? new Answer(Answer.Kind.LATE, 0, "late", latency)
          : new Answer(Answer.Kind.CUT, 0, "cut off", latency);
    }
    int status = response.statusCode();
    if (status == 200
        && response.body().equals("{\"success\": true}")
        && response.headers().firstValue("content-type").orElse("").equals("application/json")) {
      return Answer.acknowledged(latency);
    }
    boolean saysWhen = response.headers().firstValue("retry-after").isPresent();
    return new Answer(
        (status == 503 || status == 429) && saysWhen ? Answer.Kind.REFUSED : Answer.Kind.WRONG,
        status,
        reason(response.body()),
        latency);
  }

  private static boolean causedBy(@Nullable Throwable failure, Class<?> kind) {
    for (Throwable t = failure; t != null; t = t.getCause()) {
      if (kind.isInstance(t)) {
        return true;
      }
    }
    return false;
  }

  private static String reason(String body) {
    try {
      JsonNode type = JSON.readTree(body).path("type");
      return type.isTextual() ? type.asText() : "no reason";
    } catch (IOException e) {
      return "no problem document";
    }
  }

  private static void pause(Duration time) {
    try {
      TimeUnit.NANOSECONDS.sleep(time.toNanos());
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static IllegalStateException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new IllegalStateException(e);
  }

  /** Ends at once what is still under way. */
  @Override
  public void close() {
    stopping = true;
    http.shutdownNow();
    threads.shutdownNow();
  }

  /** Hands out moments at equal distances; those that nobody took are not made up for. */
  private final class Pacer {

    private final long intervalNanos;
    private long next = System.nanoTime();

    private Pacer(Duration interval) {
      this.intervalNanos = interval.toNanos();
    }

    /** Waits for the next moment; false if the run is to end instead. */
    private boolean await() {
      long moment;
      synchronized (this) {
        moment = Math.max(next, System.nanoTime());
        next = moment + intervalNanos;
      }
      pause(Duration.ofNanos(Math.max(0, moment - System.nanoTime())));
      return !stopping;
    }
  }
}
