package io.penstock.ingest.console;

import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.console.Console.Surroundings;
import io.penstock.ingest.pausing.PauseControl;
import io.penstock.ingest.pausing.PausedSources;
import io.penstock.ingest.pausing.SourceState;
import io.penstock.ingest.pausing.SourceState.Decision;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Pauses and resumes sources, as the command {@code penstock sources} does. */
final class PausePages implements ConsolePart {

  private static final Duration LIFE = Duration.ofSeconds(2);

  private final Surroundings surroundings;
  private final Recent<Fact<PausedSources>> recent;

  PausePages(Surroundings surroundings) {
    this.surroundings = surroundings;
    this.recent =
        Fact.recent("The control topic", LIFE, () -> control().read(), surroundings.clock());
  }

  /** One at a time for each caller: it is cheap to make, and not for several threads. */
  private PauseControl control() {
    return new PauseControl(surroundings.configuration(), surroundings.clock());
  }

  /**
   * What is decided about sources, for the page of sources.
   *
   * @param states by the names of the sources that were ever paused
   * @param unknown why that is not known, or nothing can be paused; empty where it can
   */
  record Decided(Map<String, SourceState> states, String unknown) {
    Decided {
      states = Map.copyOf(states);
    }

    /** The pause of a source; null where its events are published, for the template. */
    public @Nullable SourceState of(String source) {
      SourceState state = states.get(source);
      return state != null && state.isPaused() ? state : null;
    }
  }

  /** What is decided now, or was two seconds ago. Blocks. */
  Decided now() {
    return switch (recent.get()) {
      case Fact.Unknown<PausedSources> unknown -> new Decided(Map.of(), unknown.why());
      case Fact.Known<PausedSources> known ->
          switch (known.value()) {
            case PausedSources.Unavailable unavailable -> new Decided(Map.of(), unavailable.why());
            case PausedSources.Known found -> new Decided(found.states(), "");
          };
    };
  }

  @Override
  public void addTo(ConsoleRoutes routes) {
    routes
        .action(
            "/sources/:name/pause",
            "pause-source",
            visit -> decide(visit, Decision.PAUSED, visit.field("reason")))
        .action(
            "/sources/:name/resume",
            "resume-source",
            visit -> decide(visit, Decision.RUNNING, Optional.empty()));
  }

  private PageAnswer decide(Visit visit, Decision decision, Optional<String> reason)
      throws InterruptedException {
    String source = visit.pathParameter("name");
    if (surroundings.configuration().sources().stream()
        .map(Configuration.SourceConfig::name)
        .noneMatch(source::equals)) {
      return PageAnswer.problem(404, "No such source", "The configuration has no such source.");
    }
    if (reason.orElse("").length() > SourceState.MOST_REASON) {
      return PageAnswer.problem(
          400, "Too long", "A reason has at most " + SourceState.MOST_REASON + " characters.");
    }
    visit.note("source", source);
    PauseControl.Change change =
        control().decide(decision, source, visit.user().name() + " (console)", reason.orElse(null));
    recent.forget();
    return switch (change) {
      case PauseControl.Change.Made made -> new PageAnswer.Redirect("/sources/" + source);
      case PauseControl.Change.Already already -> new PageAnswer.Redirect("/sources/" + source);
      case PauseControl.Change.NeverPaused never -> new PageAnswer.Redirect("/sources/" + source);
      case PauseControl.Change.Unknown unknown ->
          PageAnswer.problem(404, "No such source", "The configuration has no such source.");
      case PauseControl.Change.Unavailable unavailable ->
          PageAnswer.problem(409, "Nothing can be paused", unavailable.why());
    };
  }
}
