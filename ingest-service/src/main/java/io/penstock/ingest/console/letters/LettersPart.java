package io.penstock.ingest.console.letters;

import io.penstock.ingest.cluster.Topics;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.console.ConsolePart;
import io.penstock.ingest.console.ConsoleRoutes;
import io.penstock.ingest.console.NotReadableException;
import io.penstock.ingest.console.PageAnswer;
import io.penstock.ingest.console.Visit;
import io.penstock.ingest.console.delivery.BodyText;
import io.penstock.ingest.console.delivery.FateWords;
import io.penstock.ingest.deadletter.DeadLetter;
import io.penstock.ingest.deadletter.DeadLetters;
import io.penstock.ingest.deadletter.Redrive;
import io.penstock.ingest.lookup.PlainText;
import io.penstock.ingest.provider.ProviderCatalog;
import io.penstock.ingest.registry.RegistryUnavailableException;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;
import org.apache.kafka.common.KafkaException;

/** The place Dead letters: groups, letters, and driving them again. */
public final class LettersPart implements ConsolePart {

  /** How long a page reads letters before it shows what it has. */
  private static final Duration READING = Duration.ofSeconds(8);

  /** How many letters a page reads. */
  private static final int MOST = 50_000;

  private final Configuration configuration;
  private final InstantSource clock;
  private final RedriveRuns runs;
  private final String inbound;

  /** How many pages read letters at a time. */
  private final Semaphore places = new Semaphore(4);

  /** Connects to nothing yet. */
  public LettersPart(Configuration configuration, InstantSource clock) {
    this.configuration = configuration;
    this.clock = clock;
    runs = new RedriveRuns(configuration, clock);
    inbound = new Topics(configuration.topics().prefix()).inbound();
  }

  @Override
  public void addTo(ConsoleRoutes routes) {
    routes
        .page("/dead-letters", reading(this::groups))
        .page("/dead-letters/preview", reading(this::preview))
        .page("/dead-letters/runs/:id", this::run)
        .page("/dead-letters/:position", reading(this::letter))
        .page("/dead-letters/:position/body.txt", reading(this::text))
        .action("/dead-letters/redrive", "redrive-dead-letters", reading(this::redrive));
  }

  private ConsoleRoutes.Work reading(ConsoleRoutes.Work work) {
    return visit -> {
      if (configuration.schemaRegistry().url().isEmpty()) {
        throw new NotReadableException("schema-registry.url is needed to read dead letters.");
      }
      places.acquire();
      try {
        return work.answer(visit);
      } catch (KafkaException e) {
        throw new NotReadableException(
            "The dead letters cannot be read: Kafka: " + e.getClass().getSimpleName());
      } catch (RegistryUnavailableException e) {
        throw new NotReadableException(
            "The dead letters cannot be read: the schema registry does not answer.");
      } finally {
        places.release();
      }
    };
  }

  private PageAnswer groups(Visit visit) {
    LetterChoice choice;
    try {
      choice = LetterChoice.of(visit.query());
    } catch (IllegalArgumentException e) {
      return PageAnswer.problem(400, "Not a choice", String.valueOf(e.getMessage()));
    }
    LetterGroups groups = new LetterGroups();
    long[] count = new long[1];
    LetterReading reading =
        read(
            choice,
            letter -> {
              groups.add(letter);
              count[0]++;
            },
            () -> count[0] >= MOST);
    Map<String, Object> model = new HashMap<>();
    model.put("choice", choice);
    model.put("sources", sources());
    model.put("times", LetterChoice.TIMES.keySet());
    model.put("groups", groups.all(choice));
    model.put("count", count[0]);
    model.put("others", groups.others());
    model.put("stopped", reading.isStopped());
    model.put("problems", reading.problems());
    model.put("runs", runs.all());
    return PageAnswer.page("letters", model);
  }

  private List<String> sources() {
    return configuration.sources().stream().map(Configuration.SourceConfig::name).sorted().toList();
  }

  private LetterReading read(
      LetterChoice choice,
      java.util.function.Consumer<DeadLetter> letters,
      BooleanSupplier isEnough) {
    long until = clock.millis() + READING.toMillis();
    LetterReading reading =
        new LetterReading(choice, letters, () -> isEnough.getAsBoolean() || clock.millis() > until);
    try (DeadLetters topic = new DeadLetters(configuration, READING)) {
      topic.visit(choice.selection(clock.instant()), reading);
    }
    return reading;
  }

  // One letter.

  private Optional<DeadLetter> letter(String position) {
    List<DeadLetter> found = new ArrayList<>();
    try {
      LetterChoice choice =
          new LetterChoice(
              List.of(DeadLetter.Position.parse(position)), "", "", Optional.empty(), "all");
      read(choice, found::add, () -> !found.isEmpty());
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
    return found.stream().findFirst();
  }

  private PageAnswer letter(Visit visit) {
    Optional<DeadLetter> found = letter(visit.pathParameter("position"));
    if (found.isEmpty()) {
      return notThere(visit);
    }
    DeadLetter letter = found.get();
    Redrive.Plan plan;
    try (DeadLetters letters = new DeadLetters(configuration, READING);
        Redrive redrive =
            new Redrive(configuration, ProviderCatalog.of(configuration)::byName, letters)) {
      plan = redrive.plan(letter);
    }
    Map<String, Object> model = new HashMap<>();
    model.put("position", letter.position().toString());
    model.put("reason", PlainText.of(letter.reason()));
    model.put("detail", letter.detail() == null ? "" : PlainText.of(letter.detail()));
    model.put("todo", FateWords.todo(letter.reason()));
    model.put("source", PlainText.of(letter.source()));
    model.put("provider", PlainText.of(letter.provider()));
    model.put("entity", letter.entityKey() == null ? "" : PlainText.of(letter.entityKey()));
    model.put("event", letter.eventId() == null ? "" : letter.eventId());
    model.put("receipt", PlainText.of(letter.receiptId()));
    model.put("received", letter.receivedAt());
    model.put("landed", letter.landedAt());
    DeadLetter.Landed landed = letter.landed();
    model.put(
        "delivery",
        landed != null && landed.topic().equals(inbound)
            ? landed.topic() + "/" + landed.partition() + "/" + landed.offset()
            : "");
    model.put("query", "p=" + letter.position());
    model.put("plan", plan(plan));
    model.put("drivable", plan instanceof Redrive.Plan.Ready);
    model.put("text", BodyText.pretty(letter.body()));
    Map<String, String> headers = new TreeMap<>();
    letter.headers().forEach((name, value) -> headers.put(PlainText.of(name), PlainText.of(value)));
    model.put("headers", headers);
    return PageAnswer.page("letter", model);
  }

  private static String plan(Redrive.Plan plan) {
    return switch (plan) {
      case Redrive.Plan.Ready ready ->
          "By today's rules it is an event: driving it again publishes it.";
      case Redrive.Plan.Copy copy ->
          "It would be left out: it is a copy of the letter " + copy.first() + ".";
      case Redrive.Plan.Hopeless hopeless ->
          "It would stay a dead letter: " + PlainText.of(hopeless.why()) + ".";
    };
  }

  private PageAnswer text(Visit visit) {
    return letter(visit.pathParameter("position"))
        .<PageAnswer>map(
            letter -> new PageAnswer.Bytes(200, "text/plain; charset=utf-8", "", letter.body()))
        .orElseGet(() -> notThere(visit));
  }

  private static PageAnswer notThere(Visit visit) {
    return PageAnswer.problem(
        404,
        "Not there",
        "There is no dead letter "
            + PlainText.of(visit.pathParameter("position"))
            + ": Kafka no longer keeps it, or never had it.");
  }

  // Driving.

  private PageAnswer preview(Visit visit) {
    LetterChoice choice;
    try {
      choice = LetterChoice.of(visit.query());
    } catch (IllegalArgumentException e) {
      return PageAnswer.problem(400, "Not a choice", String.valueOf(e.getMessage()));
    }
    long until = clock.millis() + READING.toMillis();
    RedriveRun dry =
        new RedriveRun(configuration, choice, "preview", visit.user().name(), false, clock);
    dry.work(() -> clock.millis() > until);
    RunReport report = dry.report();
    Map<String, Object> model = new HashMap<>();
    model.put("choice", choice);
    model.put("report", report);
    model.put("most", RedriveRun.MOST);
    model.put("busy", runs.all().stream().anyMatch(RunReport::isRunning));
    return PageAnswer.page("letters-preview", model);
  }

  private PageAnswer redrive(Visit visit) {
    LetterChoice choice;
    try {
      choice = LetterChoice.of(visit.form());
    } catch (IllegalArgumentException e) {
      return PageAnswer.problem(400, "Not a choice", String.valueOf(e.getMessage()));
    }
    visit.note("chosen", choice.words());
    Optional<RunReport> begun = runs.begin(choice, visit.user().name());
    return begun
        .<PageAnswer>map(report -> new PageAnswer.Redirect("/dead-letters/runs/" + report.id()))
        .orElseGet(
            () ->
                PageAnswer.problem(
                    409,
                    "Another run goes on",
                    "Letters are driven again one run at a time. Look at Dead letters how far it"
                        + " is."));
  }

  private PageAnswer run(Visit visit) {
    Optional<RunReport> report = runs.byId(visit.pathParameter("id"));
    if (report.isEmpty()) {
      return PageAnswer.problem(
          404,
          "Not kept",
          "The console keeps the reports of its last runs until it is started again. The log has"
              + " all of them.");
    }
    if (visit.wantsJson()) {
      return PageAnswer.json(json(report.get()).encode().getBytes(StandardCharsets.UTF_8));
    }
    return PageAnswer.page("letters-run", Map.of("report", report.get()));
  }

  private static JsonObject json(RunReport report) {
    return new JsonObject()
        .put("id", report.id())
        .put("running", report.isRunning())
        .put("driven", report.driven())
        .put("copies", report.copies())
        .put("kept", report.keptCount());
  }

  @Override
  public void close() {
    runs.close();
  }
}
