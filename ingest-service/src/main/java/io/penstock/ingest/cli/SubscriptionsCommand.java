package io.penstock.ingest.cli;

import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.lookup.PlainText;
import io.penstock.ingest.service.StartException;
import io.penstock.ingest.subscription.ApiException;
import io.penstock.ingest.subscription.Registration;
import io.penstock.ingest.subscription.SourceSubscriptions;
import io.penstock.ingest.subscription.SourceSubscriptions.Managed;
import io.penstock.ingest.subscription.SourceSubscriptions.NotManageableException;
import io.penstock.ingest.subscription.SubscriptionApi;
import io.penstock.ingest.subscription.SubscriptionChange;
import io.penstock.ingest.subscription.SubscriptionPlan;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The commands that make registrations at providers what the configuration asks for. */
@Command(
    name = "subscriptions",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description =
        "Compares the registrations at providers with the configuration, and makes them alike.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      SubscriptionsCommand.Plan.class,
      SubscriptionsCommand.Apply.class,
      SubscriptionsListCommand.class,
      SubscriptionsPingCommand.class,
      SubscriptionsCommand.Remove.class
    })
final class SubscriptionsCommand {

  /** How long the change that is being made may take after a signal, in milliseconds. */
  private static final long END_MILLIS = 25_000;

  private SubscriptionsCommand() {}

  /** A command about the sources that have a subscription. */
  abstract static class OfSources extends Subcommand {

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private ConfigFile config;

    @Option(
        names = "--source",
        paramLabel = "NAME",
        description =
            "Of this source alone; repeatable. Otherwise of all that have a subscription.")
    private List<String> sources = List.of();

    @Override
    public final Integer call() throws StartException, InterruptedException {
      Configuration configuration = config.read().configuration();
      try (SourceSubscriptions subscriptions =
          SourceSubscriptions.open(
              configuration,
              new HashSet<>(sources),
              environment(),
              time -> new CountDownLatch(1).await(time.toNanos(), TimeUnit.NANOSECONDS),
              InstantSource.system())) {
        return work(subscriptions);
      } catch (NotManageableException e) {
        throw new StartException(e.problems());
      } finally {
        out().flush();
        err().flush();
      }
    }

    /**
     * Does the command's work.
     *
     * @return the exit status
     */
    abstract int work(SourceSubscriptions subscriptions)
        throws StartException, InterruptedException;

    /** The error of one source. */
    static StartException failed(Managed of, ApiException e) {
      return new StartException(
          List.of("source " + of.source() + ": " + PlainText.of(e.sentence()) + before(e)));
    }

    private static String before(ApiException e) {
      return e.effect() == ApiException.Effect.UNKNOWN
          ? ". It is not known whether it was done: 'penstock subscriptions plan' shows it"
          : "";
    }
  }

  /** A command that compares first. */
  abstract static class Planning extends OfSources {

    /** What is to be done for one source. */
    record Step(Managed.ByApi of, SubscriptionChange change, String line) {}

    @Override
    final int work(SourceSubscriptions subscriptions) throws StartException, InterruptedException {
      SubscriptionLines lines = new SubscriptionLines(out(), subscriptions.surroundings());
      Map<Managed.ByApi, List<SubscriptionChange>> plans = new LinkedHashMap<>();
      for (Managed each : subscriptions.all()) {
        if (each instanceof Managed.ByApi byApi) {
          try {
            plans.put(byApi, plan(byApi, subscriptions));
          } catch (ApiException e) {
            throw new StartException(
                List.of(
                    "source " + each.source() + ": " + PlainText.of(e.sentence()),
                    "nothing was changed, at any provider"));
          }
        }
      }
      List<Step> steps = new ArrayList<>();
      boolean byHand = false;
      for (Managed each : subscriptions.all()) {
        lines.head(each);
        switch (each) {
          case Managed.ByApi byApi -> {
            List<SubscriptionChange> changes = plans.getOrDefault(byApi, List.of());
            changes.forEach(
                change -> steps.add(new Step(byApi, change, lines.print(byApi, change))));
            List<String> rest = byHand(byApi);
            rest.forEach(lines::byHand);
            byHand |= !rest.isEmpty();
            if (changes.isEmpty() && rest.isEmpty()) {
              lines.nothing();
            }
          }
          case Managed.ByHand page -> page.lines().forEach(lines::byHand);
        }
      }
      out().flush();
      long differences = steps.stream().filter(step -> step.change().isDifference()).count();
      err().println(differences + " changes");
      return finish(steps, differences, byHand);
    }

    /** What is to be changed for one source. */
    abstract List<SubscriptionChange> plan(Managed.ByApi of, SourceSubscriptions subscriptions)
        throws ApiException, InterruptedException;

    /** What remains to be done by hand after it. */
    List<String> byHand(Managed.ByApi of) {
      return List.of();
    }

    abstract int finish(List<Step> steps, long differences, boolean byHand)
        throws InterruptedException;

    /**
     * Makes the changes, and says what was done and what was not if one fails. A signal ends it
     * behind the change that is being made.
     */
    final int make(List<Step> steps) throws InterruptedException {
      AtomicBoolean stopped = new AtomicBoolean();
      return UntilSignal.<InterruptedException>run(
          END_MILLIS, () -> stopped.set(true), () -> make(steps, stopped));
    }

    private int make(List<Step> steps, AtomicBoolean stopped) throws InterruptedException {
      for (int i = 0; i < steps.size(); i++) {
        Step step = steps.get(i);
        if (stopped.get()) {
          err().println("error: a signal has stopped it");
          return half(steps, i, "not done: ");
        }
        try {
          step.change().call().make();
        } catch (ApiException e) {
          err().println("error: " + failed(step.of(), e).getMessage());
          boolean isUnknown = e.effect() == ApiException.Effect.UNKNOWN;
          return half(steps, i, isUnknown ? "not known: " : "not done: ");
        } finally {
          printNotes(step.of());
        }
      }
      err().println(steps.size() + " changes were made");
      return 0;
    }

    private void printNotes(Managed.ByApi of) {
      if (of.api() instanceof SubscriptionApi.Upserted api) {
        api.takeNotes().forEach(note -> err().println(of.source() + ": " + PlainText.of(note)));
      }
    }

    private int half(List<Step> steps, int at, String stateOfIt) {
      for (int i = 0; i < steps.size(); i++) {
        String state = i < at ? "done: " : i > at ? "not done: " : stateOfIt;
        err().println(state + steps.get(i).of().source() + ": " + steps.get(i).line());
      }
      err().println("Run it again when the cause is removed: it goes on from there.");
      err().flush();
      return 1;
    }

    /**
     * Whether the operator agrees.
     *
     * @param yes whether the option says so
     */
    final boolean isAgreed(boolean yes, List<Step> steps) {
      if (yes) {
        return true;
      }
      if (Consent.canBeAsked()) {
        err().flush();
        return Consent.ask("Make these " + steps.size() + " changes? Type yes: ");
      }
      return false;
    }

    final int refused() {
      err().println("Nothing was changed: give --yes to do this.");
      return 2;
    }
  }

  /** Shows what would be changed. */
  @Command(
      name = "plan",
      description = {
        "Prints what apply would change at the providers, and changes nothing. For providers"
            + " without an API it prints what to enter where.",
        "Exit status: 0 if nothing is to be changed, 2 if something is, 1 if a provider does not"
            + " answer or refuses."
      })
  static final class Plan extends Planning {

    @Override
    List<SubscriptionChange> plan(Managed.ByApi of, SourceSubscriptions subscriptions)
        throws ApiException, InterruptedException {
      return compared(of, subscriptions, false);
    }

    @Override
    int finish(List<Step> steps, long differences, boolean byHand) {
      return differences == 0 ? 0 : 2;
    }
  }

  private static List<SubscriptionChange> compared(
      Managed.ByApi of, SourceSubscriptions subscriptions, boolean renew)
      throws ApiException, InterruptedException {
    return SubscriptionPlan.of(
            of.wanted(), of.api().list(), of.api(), subscriptions.surroundings(), renew)
        .changes();
  }

  /** Changes it. */
  @Command(
      name = "apply",
      description = {
        "Makes the registrations at the providers what the configuration asks for, as plan prints"
            + " it. Registrations that lead elsewhere are left alone.",
        "To run it again is harmless: it goes on where it was interrupted.",
        "Exit status: 0 if all is as configured, 2 if it was not confirmed, 1 if a provider does"
            + " not answer or refuses; what was done by then is printed."
      })
  static final class Apply extends Planning {

    @Option(
        names = "--yes",
        description = "Do not ask. Without a terminal, nothing is changed without this option.")
    private boolean yes;

    @Option(
        names = "--renew",
        description =
            "Send the credentials again, after a secret has changed: no provider shows those that"
                + " it has.")
    private boolean renew;

    @Override
    List<SubscriptionChange> plan(Managed.ByApi of, SourceSubscriptions subscriptions)
        throws ApiException, InterruptedException {
      return compared(of, subscriptions, renew);
    }

    @Override
    int finish(List<Step> steps, long differences, boolean byHand) throws InterruptedException {
      if (steps.isEmpty()) {
        return 0;
      }
      if (!isAgreed(yes, steps)) {
        return differences == 0 ? 0 : refused();
      }
      return make(steps);
    }
  }

  /** Ends it. */
  @Command(
      name = "remove",
      description = {
        "Removes the registrations that lead to the sources' addresses.",
        "Exit status: 0 if none is left, 2 if it was not confirmed or something is to be done by"
            + " hand, 1 if a provider does not answer or refuses."
      })
  static final class Remove extends Planning {

    @Option(
        names = "--yes",
        description = "Do not ask. Without a terminal, nothing is changed without this option.")
    private boolean yes;

    @Override
    List<SubscriptionChange> plan(Managed.ByApi of, SourceSubscriptions subscriptions)
        throws ApiException, InterruptedException {
      List<Registration> registered = of.api().list();
      return switch (of.api()) {
        case SubscriptionApi.Listed api ->
            SubscriptionPlan.ofSource(of.wanted(), registered).stream()
                .<SubscriptionChange>map(
                    each ->
                        new SubscriptionChange.Remove(
                            each, "it leads to the source's address", () -> api.remove(each)))
                .toList();
        case SubscriptionApi.Upserted api -> List.of();
      };
    }

    @Override
    List<String> byHand(Managed.ByApi of) {
      return switch (of.api()) {
        case SubscriptionApi.Listed api -> List.of();
        case SubscriptionApi.Upserted api -> api.removalByHand(of.wanted());
      };
    }

    @Override
    int finish(List<Step> steps, long differences, boolean byHand) throws InterruptedException {
      if (!steps.isEmpty()) {
        if (!isAgreed(yes, steps)) {
          return refused();
        }
        int status = make(steps);
        if (status != 0) {
          return status;
        }
      }
      return byHand ? 2 : 0;
    }
  }
}
