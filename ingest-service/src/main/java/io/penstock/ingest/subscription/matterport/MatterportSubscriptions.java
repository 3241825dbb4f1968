package io.penstock.ingest.subscription.matterport;

import io.penstock.ingest.auth.Place;
import io.penstock.ingest.auth.Secret;
import io.penstock.ingest.auth.SharedSecret;
import io.penstock.ingest.config.AuthSpec;
import io.penstock.ingest.config.Configuration.SourceConfig;
import io.penstock.ingest.config.SubscriptionConfig;
import io.penstock.ingest.config.SubscriptionKind;
import io.penstock.ingest.subscription.ApiCaller;
import io.penstock.ingest.subscription.GraphQl;
import io.penstock.ingest.subscription.SubscriptionApi;
import io.penstock.ingest.subscription.SubscriptionProvider;
import io.penstock.ingest.subscription.WantedSubscription;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Matterport: <a href="https://matterport.github.io/developer-docs/webhooks/">model event
 * callbacks</a>, by GraphQL.
 */
public final class MatterportSubscriptions implements SubscriptionProvider.ByApi {

  private static final SubscriptionKind KIND =
      new SubscriptionKind(
          "matterport",
          new TreeMap<>(
              Map.of(
                  1,
                  List.of(
                      "uploaded",
                      "processed",
                      "inserted",
                      "updated",
                      "deleted",
                      "bundle_requested",
                      "bundle_completed"),
                  2,
                  List.of(
                      "activation_state_changed",
                      "bundle_updated",
                      "created",
                      "deleted",
                      "details_changed",
                      "processed",
                      "restored",
                      "transferred_in",
                      "transferred_out",
                      "visibility_changed"))),
          true,
          "",
          new SubscriptionKind.Way.Api(
              Optional.of(URI.create("https://api.matterport.com/api/models/graph")),
              List.of("the id of an API token", "its secret"),
              true),
          MatterportSubscriptions::objection);

  private static Optional<String> objection(AuthSpec spec) {
    return spec instanceof SharedSecret shared && shared.place() != Place.BODY_FIELD
        ? Optional.empty()
        : Optional.of(
            "Matterport cannot be told "
                + spec.type()
                + ", which auth asks for: use basic, bearer, header, query or url-token");
  }

  @Override
  public SubscriptionKind kind() {
    return KIND;
  }

  /** The page does not say how a token is presented; by third parties' account by HTTP Basic. */
  @Override
  public SubscriptionApi open(
      SourceConfig source, SubscriptionConfig.Api api, List<Secret> credentials, ApiCaller caller) {
    String pair =
        WantedSubscription.text(credentials.get(0))
            + ":"
            + WantedSubscription.text(credentials.get(1));
    String basic = Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
    return new MatterportApi(
        new GraphQl(caller, api.url(), Map.of("authorization", "Basic " + basic)));
  }
}
