package io.penstock.ingest.subscription;

import io.penstock.ingest.config.SubscriptionKind;
import io.penstock.ingest.subscription.dashboard.CsmDashboard;
import io.penstock.ingest.subscription.dashboard.Echo3dDashboard;
import io.penstock.ingest.subscription.matterport.MatterportSubscriptions;
import io.penstock.ingest.subscription.move.MoveSubscriptions;
import io.penstock.ingest.subscription.smartshape.SmartShapeSubscriptions;
import java.util.List;
import java.util.Optional;

/** The providers whose registrations are known. A further one is one line here and one package. */
public final class SubscriptionProviders {

  private static final List<SubscriptionProvider> ALL =
      List.of(
          new MatterportSubscriptions(),
          new SmartShapeSubscriptions(),
          new MoveSubscriptions(),
          new CsmDashboard(),
          new Echo3dDashboard());

  private SubscriptionProviders() {}

  /** All of them. */
  public static List<SubscriptionProvider> all() {
    return ALL;
  }

  /** What a configuration has to know of them. */
  public static List<SubscriptionKind> kinds() {
    return ALL.stream().map(SubscriptionProvider::kind).toList();
  }

  /** The one of a provider's name. */
  public static Optional<SubscriptionProvider> byName(String provider) {
    return ALL.stream().filter(each -> each.kind().provider().equals(provider)).findFirst();
  }
}
