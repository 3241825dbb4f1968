package io.penstock.ingest.subscription;

import io.penstock.ingest.subscription.SubscriptionChange.Difference;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** In what the registration at a provider is not what the configuration asks for. */
public enum SubscriptionFault {
  /** It is not there. */
  MISSING,
  /** It leads to another address. */
  ADDRESS,
  /** It has other types of events. */
  EVENTS,
  /** It is of another version of the webhooks. */
  VERSION,
  /** It is turned off. */
  DISABLED,
  /** There is one too many for the address. */
  SURPLUS,
  /** The provider could not be asked. */
  UNCHECKED;

  /** The value of the metric's label. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** What is wrong, by the plan that would correct it. */
  static Set<SubscriptionFault> of(SubscriptionPlan plan) {
    Set<SubscriptionFault> faults = EnumSet.noneOf(SubscriptionFault.class);
    for (SubscriptionChange change : plan.changes()) {
      switch (change) {
        case SubscriptionChange.Add add -> faults.add(MISSING);
        case SubscriptionChange.Update update -> faults.addAll(of(update.differences()));
        case SubscriptionChange.Replace replace -> faults.addAll(of(replace.differences()));
        case SubscriptionChange.Remove remove -> faults.add(SURPLUS);
        case SubscriptionChange.SendAgain again -> {}
      }
    }
    return faults;
  }

  private static Set<SubscriptionFault> of(List<Difference> differences) {
    Set<SubscriptionFault> faults = EnumSet.noneOf(SubscriptionFault.class);
    for (Difference each : differences) {
      switch (each.aspect()) {
        case ADDRESS -> faults.add(ADDRESS);
        case EVENTS -> faults.add(EVENTS);
        case VERSION -> faults.add(VERSION);
        case ENABLED -> faults.add(DISABLED);
        case CREDENTIALS -> {}
      }
    }
    return faults;
  }
}
