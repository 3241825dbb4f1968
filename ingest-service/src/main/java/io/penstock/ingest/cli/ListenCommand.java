package io.penstock.ingest.cli;

import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.files.RegularFile;
import io.penstock.ingest.lookup.PlainText;
import io.penstock.ingest.service.StartException;
import io.penstock.ingest.subscription.ApiException;
import io.penstock.ingest.subscription.ListenRecord;
import io.penstock.ingest.subscription.Registration;
import io.penstock.ingest.subscription.SourceSubscriptions;
import io.penstock.ingest.subscription.SourceSubscriptions.Managed;
import io.penstock.ingest.subscription.SourceSubscriptions.NotManageableException;
import io.penstock.ingest.subscription.SubscriptionApi.Listed;
import io.penstock.ingest.subscription.SubscriptionPlan;
import io.penstock.ingest.subscription.WantedSubscription;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Registers a source for a time, and streams its events. */
@Command(
    name = "listen",
    description = {
      "Registers a source at its provider, prints its events as 'penstock tail' does, and removes"
          + " what it has registered when it ends: by Ctrl-C, SIGTERM, or --limit. Events that the"
          + " source is registered for already are not registered again.",
      "What a killed one has left behind is found by the next, which asks before it removes it."
    })
final class ListenCommand extends Subcommand {

  /** How long the removal may take after a signal, in milliseconds. */
  private static final long END_MILLIS = 25_000;

  @Mixin
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private ConfigFile config;

  @Option(names = "--source", required = true, paramLabel = "NAME", description = "The source.")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private String source;

  @Option(
      names = "--events",
      paramLabel = "TYPE",
      split = ",",
      description = "For these types of events; otherwise for those of the configuration.")
  private List<String> events = List.of();

  @Option(names = "--limit", paramLabel = "N", description = "End after so many lines.")
  private @Nullable Long limit;

  @Option(names = "--raw", description = "Print the provider's own JSON, and nothing else.")
  private boolean raw;

  @Option(
      names = "--yes",
      description = "Remove what an earlier one has left behind, without asking.")
  private boolean yes;

  @Option(
      names = "--state-directory",
      paramLabel = "DIR",
      description =
          "Where to remember what is registered; otherwise penstock/listen in XDG_STATE_HOME or"
              + " ~/.local/state.")
  private @Nullable Path stateDirectory;

  private final CountDownLatch stopped = new CountDownLatch(1);

  @Override
  public Integer call() throws StartException {
    Configuration configuration = configuration();
    try (SourceSubscriptions subscriptions =
        SourceSubscriptions.open(
            configuration,
            Set.of(source),
            environment(),
            time -> new CountDownLatch(1).await(time.toNanos(), TimeUnit.NANOSECONDS),
            InstantSource.system())) {
      if (!(subscriptions.all().getFirst() instanceof Managed.ByApi of)
          || !(of.api() instanceof Listed api)) {
        throw new StartException(
            List.of(
                "source "
                    + source
                    + ": nothing can be registered for a time, since its provider has no API that"
                    + " registers and removes, or subscription.api is not given"));
      }
      return UntilSignal.<StartException>run(END_MILLIS, stopped::countDown, () -> listen(of, api));
    } catch (NotManageableException e) {
      throw new StartException(e.problems());
    }
  }

  /** With the events of the option in the place of the configured ones. */
  private Configuration configuration() throws StartException {
    Configuration configuration = config.read().configuration();
    if (events.isEmpty()) {
      return configuration;
    }
    Map<String, String> options = new HashMap<>();
    for (int i = 0; i < configuration.sources().size(); i++) {
      if (configuration.sources().get(i).name().equals(source)) {
        options.put("PENSTOCK_SOURCES_" + i + "_SUBSCRIPTION_EVENTS", String.join(",", events));
      }
    }
    return config.read(options).configuration();
  }

  private Path directory() {
    if (stateDirectory != null) {
      return stateDirectory;
    }
    String state = environment().getOrDefault("XDG_STATE_HOME", "");
    Path base =
        state.isBlank()
            ? Path.of(System.getProperty("user.home", "."), ".local", "state")
            : Path.of(state);
    return base.resolve("penstock").resolve("listen");
  }

  private int listen(Managed.ByApi of, Listed api) throws StartException {
    try {
      List<Registration> ours = removeLeft(api, ours(of));
      Set<String> missing = new TreeSet<>(of.wanted().events());
      ours.forEach(each -> missing.removeAll(each.events()));
      if (missing.isEmpty()) {
        say(source + " is registered for these events already: nothing is registered or removed");
        return tail();
      }
      try (ListenRecord remembered = ListenRecord.begin(directory(), source, ours, missing)) {
        int status = 1;
        try {
          register(of.wanted(), api, missing, remembered);
          status = tail();
        } finally {
          status = remove(of, api, remembered) ? status : 1;
        }
        return status;
      }
    } catch (ApiException e) {
      throw SubscriptionsCommand.OfSources.failed(of, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 1;
    } catch (IOException e) {
      throw new StartException(
          List.of(
              "what is registered cannot be remembered in "
                  + directory()
                  + ": "
                  + RegularFile.why(e)
                  + "; --state-directory gives another place"));
    }
  }

  private static List<Registration> ours(Managed.ByApi of)
      throws ApiException, InterruptedException {
    return SubscriptionPlan.ofSource(of.wanted(), of.api().list());
  }

  /**
   * Finds what others have left behind, and removes it if that is agreed.
   *
   * @return what is registered then
   */
  private List<Registration> removeLeft(Listed api, List<Registration> ours)
      throws ApiException, InterruptedException, IOException {
    List<Registration> rest = new ArrayList<>(ours);
    for (ListenRecord left : ListenRecord.left(directory(), source)) {
      try (left) {
        List<Registration> own = left.ownOf(rest);
        if (!own.isEmpty()) {
          say(
              "an earlier 'penstock listen' has left registered: "
                  + PlainText.of(String.join(", ", own.stream().map(Registration::id).toList())));
          if (!yes && !(Consent.canBeAsked() && Consent.ask("Remove it? Type yes: "))) {
            say("It stays: give --yes to remove it.");
            continue;
          }
          for (Registration each : own) {
            api.remove(each);
            rest.remove(each);
          }
          say("It is removed.");
        }
        left.delete();
      }
    }
    return rest;
  }

  private void register(
      WantedSubscription all, Listed api, Set<String> missing, ListenRecord remembered)
      throws ApiException, InterruptedException, IOException {
    List<WantedSubscription> wanted = new ArrayList<>();
    if (api.isOnePerEvent()) {
      missing.forEach(event -> wanted.add(all.of(Set.of(event))));
    } else {
      wanted.add(all.of(missing));
    }
    for (WantedSubscription one : wanted) {
      if (stopped.getCount() > 0) {
        Registration made = api.add(one);
        remembered.made(made);
        say("registered " + PlainText.of(made.id()) + " for " + String.join(", ", one.events()));
      }
    }
    remembered.complete();
  }

  /** Whether nothing is left. */
  private boolean remove(Managed.ByApi of, Listed api, ListenRecord remembered) {
    List<Registration> left = new ArrayList<>();
    try {
      left.addAll(remembered.ownOf(ours(of)));
      while (!left.isEmpty()) {
        api.remove(left.getFirst());
        say("removed " + PlainText.of(left.removeFirst().id()));
      }
      remembered.delete();
      return true;
    } catch (ApiException e) {
      say("error: " + PlainText.of(e.sentence()));
    } catch (IOException e) {
      say("error: the file that remembers it cannot be removed: " + RegularFile.why(e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    say(
        "error: still registered is "
            + PlainText.of(String.join(", ", left.stream().map(Registration::id).toList()))
            + ": the next 'penstock listen' offers to remove it");
    return false;
  }

  private int tail() {
    if (stopped.getCount() == 0) {
      return 0;
    }
    List<String> line =
        new ArrayList<>(List.of("tail", "--config", config.path().toString(), "--source", source));
    if (raw) {
      line.add("--raw");
    }
    if (limit != null) {
      line.addAll(List.of("--limit", limit.toString()));
    }
    return PenstockCommand.run(context(), line.toArray(new String[0]));
  }

  private void say(String sentence) {
    err().println(sentence);
    err().flush();
  }
}
