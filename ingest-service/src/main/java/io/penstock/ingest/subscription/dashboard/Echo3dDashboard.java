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
 * echo3D: <a href="https://docs.echo3d.com/web-console/automate-pages/webhooks">webhooks of a
 * collection</a>, on a page alone.
 */
public final class Echo3dDashboard implements SubscriptionProvider.ByHand {

  private static final SubscriptionKind KIND =
      new SubscriptionKind(
          "echo3d",
          new TreeMap<>(
              Map.of(
                  0,
                  List.of(
                      "Upload",
                      "Processed",
                      "Edit",
                      "Delete",
                      "CollectionMetadataAdd",
                      "CollectionMetadataRemove",
                      "AssetMetadataAdd",
                      "AssetMetadataRemove",
                      "AssetStatusUpdate"))),
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
    lines.add("echo3D has no API for it. In its console: Workflows, Webhooks, Add Webhook:");
    lines.add("Name: penstock-" + source.name());
    lines.add("URL: " + address.text());
    lines.addAll(address.notes());
    lines.add("Set Webhook Trigger(s): " + String.join(", ", subscription.events()));
    return lines;
  }
}
