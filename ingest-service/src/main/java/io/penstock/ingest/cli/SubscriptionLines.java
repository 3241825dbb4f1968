package io.penstock.ingest.cli;

import io.penstock.ingest.lookup.PlainText;
import io.penstock.ingest.subscription.Registration;
import io.penstock.ingest.subscription.SourceSubscriptions.Managed;
import io.penstock.ingest.subscription.SubscriptionChange;
import io.penstock.ingest.subscription.SubscriptionChange.Difference;
import io.penstock.ingest.subscription.SubscriptionPlan.Surroundings;
import io.penstock.ingest.subscription.WantedSubscription;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;

/** Prints registrations and their changes. Texts of providers are made harmless; no secret. */
final class SubscriptionLines {

  private final PrintWriter out;
  private final Surroundings surroundings;

  SubscriptionLines(PrintWriter out, Surroundings surroundings) {
    this.out = out;
    this.surroundings = surroundings;
  }

  /** The line that the lines of a source follow. */
  void head(Managed of) {
    out.println(of.source() + " (" + of.provider() + ")");
  }

  void nothing() {
    out.println("  = as configured");
  }

  void byHand(String line) {
    out.println("  ! " + line);
  }

  /**
   * Prints a change.
   *
   * @return its first line
   */
  String print(Managed.ByApi of, SubscriptionChange change) {
    String line =
        switch (change) {
          case SubscriptionChange.Add add -> "+ register " + events(add.wanted());
          case SubscriptionChange.Update update -> "~ change " + id(update.registration());
          case SubscriptionChange.Replace replace ->
              "~ replace " + id(replace.registration()) + " for " + events(replace.wanted());
          case SubscriptionChange.Remove remove ->
              "- remove "
                  + id(remove.registration())
                  + " for "
                  + PlainText.of(String.join(", ", remove.registration().events()))
                  + ": "
                  + remove.why();
          case SubscriptionChange.SendAgain again ->
              "= "
                  + id(again.registration())
                  + " is as it was registered last; "
                  + of.provider()
                  + " does not tell what it is now, so apply sends it again";
        };
    out.println("  " + line);
    switch (change) {
      case SubscriptionChange.Add add -> details(add.wanted());
      case SubscriptionChange.Update update -> print(update.differences());
      case SubscriptionChange.Replace replace -> print(replace.differences());
      case SubscriptionChange.Remove remove -> {}
      case SubscriptionChange.SendAgain again -> {}
    }
    return line;
  }

  private void details(WantedSubscription wanted) {
    out.println("      address: " + wanted.address().shown(surroundings.known()));
    if (wanted.version() > 0) {
      out.println("      version: " + wanted.version());
    }
    List<String> proof = wanted.proof().words();
    if (!proof.isEmpty()) {
      out.println("      with: " + String.join(", ", proof));
    }
  }

  private void print(List<Difference> differences) {
    for (Difference each : differences) {
      String name = each.aspect().name().toLowerCase(Locale.ROOT);
      if (each.aspect() == SubscriptionChange.Aspect.EVENTS) {
        if (!each.from().isEmpty()) {
          out.println("      events: - " + PlainText.of(each.from()));
        }
        if (!each.to().isEmpty()) {
          out.println("      events: + " + each.to());
        }
      } else {
        out.println("      " + name + ": " + PlainText.of(each.from()) + " -> " + each.to());
      }
    }
  }

  private static String events(WantedSubscription wanted) {
    return String.join(", ", wanted.events());
  }

  private static String id(Registration registration) {
    return PlainText.of(registration.id());
  }

  /** Prints a registration that a provider has, and the source that it is of. */
  void print(Registration registration, String source) {
    out.printf(
        "  %s %s%n      address: %s%n      events: %s%n",
        id(registration),
        source,
        registration
            .address()
            .map(address -> PlainText.of(address.shown(surroundings.known())))
            .orElse("not told"),
        PlainText.of(String.join(", ", registration.events())));
    registration.version().ifPresent(version -> out.println("      version: " + version));
  }
}
