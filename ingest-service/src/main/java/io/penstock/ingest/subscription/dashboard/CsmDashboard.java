package io.penstock.ingest.subscription.dashboard;

import io.penstock.ingest.config.Configuration.SourceConfig;
import io.penstock.ingest.config.SubscriptionConfig;
import io.penstock.ingest.config.SubscriptionKind;
import io.penstock.ingest.subscription.SubscriptionProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * CSM: <a href="https://docs.csm.ai/webhooks">one address for each account</a>, on a page alone.
 */
public final class CsmDashboard implements SubscriptionProvider.ByHand {

  private static final SubscriptionKind KIND =
      new SubscriptionKind(
          "csm",
          new TreeMap<>(Map.of(0, List.of("session_status_changed"))),
          false,
          "",
          new SubscriptionKind.Way.Dashboard(),
          spec -> Optional.empty());

  @Override
  public SubscriptionKind kind() {
    return KIND;
  }

  @Override
  public List<String> instructions(SourceConfig source, SubscriptionConfig subscription) {
    DashboardAddress address = DashboardAddress.of(source, subscription);
    List<String> lines = new ArrayList<>();
    lines.add("CSM has no API for it. In CSM: Dashboard, Profile Settings, Developer Settings:");
    lines.add("webhook URL: " + address.text());
    lines.addAll(address.notes());
    lines.add("There is one address for each account, and it gets all changes of sessions.");
    return lines;
  }
}
