package io.penstock.ingest.subscription;

import io.penstock.ingest.subscription.SubscriptionApi.Listed;
import io.penstock.ingest.subscription.SubscriptionApi.Listed.Patch;
import io.penstock.ingest.subscription.SubscriptionApi.Upserted;
import io.penstock.ingest.subscription.SubscriptionChange.Add;
import io.penstock.ingest.subscription.SubscriptionChange.Aspect;
import io.penstock.ingest.subscription.SubscriptionChange.Difference;
import io.penstock.ingest.subscription.SubscriptionChange.Remove;
import io.penstock.ingest.subscription.SubscriptionChange.Replace;
import io.penstock.ingest.subscription.SubscriptionChange.SendAgain;
import io.penstock.ingest.subscription.SubscriptionChange.Update;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What has to be done so that a provider has one source's registrations as the configuration asks
 * for them.
 *
 * @param changes in the order in which they are to be made: what is added comes before what is
 *     removed, so that no event is lost between
 * @param unchanged the registrations that are as they should be
 */
public record SubscriptionPlan(List<SubscriptionChange> changes, List<Registration> unchanged) {

  public SubscriptionPlan {
    changes = List.copyOf(changes);
    unchanged = List.copyOf(unchanged);
  }

  /**
   * What is known of all sources of the configuration.
   *
   * @param claimed the addresses of all of them
   * @param known segments of their addresses, which may be shown
   */
  public record Surroundings(Set<CallbackAddress> claimed, Set<String> known) {
    public Surroundings {
      claimed = Set.copyOf(claimed);
      known = Set.copyOf(known);
    }
  }

  /** Whether the provider has all as it should be, as far as it tells. */
  public boolean isSettled() {
    return changes.stream().noneMatch(SubscriptionChange::isDifference);
  }

  /**
   * Compares.
   *
   * @param registered what {@link SubscriptionApi#list} has told
   * @param api makes the changes, when each is called
   * @param renew whether credentials are to be sent again
   */
  public static SubscriptionPlan of(
      WantedSubscription wanted,
      List<Registration> registered,
      SubscriptionApi api,
      Surroundings surroundings,
      boolean renew) {
    Comparison comparison = new Comparison(surroundings, renew);
    return switch (api) {
      case Listed listed -> new Matching(wanted, registered, listed, comparison).plan();
      case Upserted upserted ->
          new SubscriptionPlan(
              List.of(upsert(wanted, registered, upserted, comparison)), List.of());
    };
  }

  private static SubscriptionChange upsert(
      WantedSubscription wanted,
      List<Registration> remembered,
      Upserted api,
      Comparison comparison) {
    SubscriptionChange.Call call = () -> api.upsert(wanted);
    if (remembered.isEmpty()) {
      return new Add(wanted, call);
    }
    Registration last = remembered.getFirst();
    List<Difference> differences = comparison.differences(last, wanted);
    return differences.isEmpty() ? new SendAgain(last, call) : new Update(last, differences, call);
  }

  /** The registrations that are a source's: those that lead to its address. */
  public static List<Registration> ofSource(
      WantedSubscription wanted, List<Registration> registered) {
    return registered.stream().filter(each -> leadsTo(wanted, each)).toList();
  }

  private static boolean leadsTo(WantedSubscription wanted, Registration registration) {
    return registration.address().filter(wanted.address()::equals).isPresent();
  }

  /**
   * Finds the registrations of the account that are the source's, and what is to become of them.
   */
  private static final class Matching {

    private final WantedSubscription wanted;
    private final Listed api;
    private final Comparison comparison;
    private final List<Registration> ours;
    private final List<Registration> near = new ArrayList<>();
    private final List<SubscriptionChange> changes = new ArrayList<>();
    private final List<Registration> unchanged = new ArrayList<>();

    Matching(
        WantedSubscription wanted,
        List<Registration> registered,
        Listed api,
        Comparison comparison) {
      this.wanted = wanted;
      this.api = api;
      this.comparison = comparison;
      this.ours = new ArrayList<>(ofSource(wanted, registered));
      for (Registration each : registered) {
        Optional<CallbackAddress> address = each.address();
        if (!ours.contains(each)
            && address.isPresent()
            && address.get().isNear(wanted.configured())
            && !comparison.surroundings().claimed().contains(address.get())) {
          near.add(each);
        }
      }
    }

    SubscriptionPlan plan() {
      if (api.isOnePerEvent()) {
        wanted.events().forEach(event -> settle(wanted.of(Set.of(event))));
      } else {
        settle(wanted);
      }
      for (Registration surplus : ours) {
        boolean isWanted = !api.isOnePerEvent() || wanted.events().containsAll(surplus.events());
        changes.add(
            new Remove(
                surplus,
                isWanted
                    ? "there is another for the same address"
                    : "the configuration does not ask for it",
                () -> api.remove(surplus)));
      }
      return new SubscriptionPlan(changes, unchanged);
    }

    private void settle(WantedSubscription one) {
      Optional<Registration> found = take(ours, one);
      if (found.isEmpty()) {
        found = take(near, one);
      }
      if (found.isEmpty()) {
        changes.add(new Add(one, () -> api.add(one)));
        return;
      }
      Registration registration = found.get();
      List<Difference> differences = comparison.differences(registration, one);
      Optional<Patch> patch = api.patch().filter(each -> isPatched(differences));
      if (differences.isEmpty()) {
        unchanged.add(registration);
      } else if (patch.isPresent()) {
        Patch by = patch.get();
        changes.add(new Update(registration, differences, () -> by.make(registration, one)));
      } else {
        changes.add(
            new Replace(registration, one, differences, new Replacement(api, registration, one)));
      }
    }

    private static boolean isPatched(List<Difference> differences) {
      return differences.stream()
          .allMatch(
              each ->
                  switch (each.aspect()) {
                    case ADDRESS, VERSION, CREDENTIALS -> true;
                    case EVENTS, ENABLED -> false;
                  });
    }

    /** The registration that has the most in common, which is then taken by this. */
    private Optional<Registration> take(List<Registration> from, WantedSubscription one) {
      Optional<Registration> best =
          from.stream()
              .filter(each -> !api.isOnePerEvent() || each.events().equals(one.events()))
              .max(
                  Comparator.comparingInt((Registration each) -> common(each, one))
                      .thenComparing(Registration::id, Comparator.reverseOrder()));
      best.ifPresent(from::remove);
      return best;
    }

    private static int common(Registration registration, WantedSubscription one) {
      Set<String> events = new HashSet<>(registration.events());
      events.retainAll(one.events());
      return 2 * events.size()
          - registration.events().size()
          + (registration.enabled() == Registration.Enabled.NO ? -1000 : 0);
    }
  }

  /**
   * Compares one registration with what is wanted.
   *
   * @param renew whether credentials are to be sent again
   */
  private record Comparison(Surroundings surroundings, boolean renew) {

    List<Difference> differences(Registration registration, WantedSubscription one) {
      List<Difference> differences = new ArrayList<>();
      CallbackAddress address = registration.address().orElse(one.address());
      if (!address.equals(one.address())) {
        differences.add(
            new Difference(
                Aspect.ADDRESS,
                address.shown(surroundings.known()),
                one.address().shown(surroundings.known())));
      }
      if (!registration.events().equals(one.events())) {
        differences.add(
            new Difference(
                Aspect.EVENTS,
                without(registration.events(), one.events()),
                without(one.events(), registration.events())));
      }
      int version = registration.version().orElse(one.version());
      if (version != one.version()) {
        differences.add(
            new Difference(
                Aspect.VERSION, Integer.toString(version), Integer.toString(one.version())));
      }
      if (registration.enabled() == Registration.Enabled.NO) {
        differences.add(new Difference(Aspect.ENABLED, "turned off", "in use"));
      }
      if (renew) {
        differences.add(new Difference(Aspect.CREDENTIALS, "not shown", "sent again"));
      }
      return differences;
    }

    private static String without(SortedSet<String> all, Set<String> others) {
      SortedSet<String> rest = new TreeSet<>(all);
      rest.removeAll(others);
      return String.join(", ", rest);
    }
  }
}
