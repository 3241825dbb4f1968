package io.penstock.ingest.subscription.smartshape;

import io.penstock.ingest.auth.Place;
import io.penstock.ingest.auth.Secret;
import io.penstock.ingest.auth.SharedSecret;
import io.penstock.ingest.auth.bcrypt.Bcrypt;
import io.penstock.ingest.config.AuthSpec;
import io.penstock.ingest.config.Configuration.SourceConfig;
import io.penstock.ingest.config.SubscriptionConfig;
import io.penstock.ingest.config.SubscriptionKind;
import io.penstock.ingest.subscription.ApiCaller;
import io.penstock.ingest.subscription.SubscriptionApi;
import io.penstock.ingest.subscription.SubscriptionProvider;
import io.penstock.ingest.subscription.WantedSubscription;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * SmartShape: <a
 * href="https://cloud.smartshape.com/documentation/developer-manual/webhooks">webhooks</a>, by
 * REST, one for each type of event.
 */
public final class SmartShapeSubscriptions implements SubscriptionProvider.ByApi {

  private static final String HEADER = "x-smartshape-token";

  private static final SubscriptionKind KIND =
      new SubscriptionKind(
          "smartshape",
          new TreeMap<>(
              Map.of(
                  0,
                  List.of(
                      "attribute_updated",
                      "file_uploaded",
                      "file_optimized",
                      "annotation_created",
                      "annotation_updated",
                      "annotation_removed",
                      "configuration_created",
                      "configuration_updated",
                      "configuration_removed"))),
          false,
          "bcrypt-token",
          new SubscriptionKind.Way.Api(Optional.empty(), List.of("an access token"), true),
          SmartShapeSubscriptions::objection);

  private static Optional<String> objection(AuthSpec spec) {
    boolean isInAddress =
        spec instanceof SharedSecret shared
            && (shared.place() == Place.URL_TOKEN || shared.place() == Place.QUERY);
    boolean isHash = spec instanceof Bcrypt bcrypt && bcrypt.header().equals(HEADER);
    return isInAddress || isHash
        ? Optional.empty()
        : Optional.of(
            "SmartShape cannot be told "
                + spec.type()
                + " as auth has it: use bcrypt-token with the header "
                + HEADER
                + ", and url-token or query beside it");
  }

  @Override
  public SubscriptionKind kind() {
    return KIND;
  }

  @Override
  public SubscriptionApi open(
      SourceConfig source, SubscriptionConfig.Api api, List<Secret> credentials, ApiCaller caller) {
    return new SmartShapeApi(
        caller,
        api.url(),
        Map.of("authorization", "Bearer " + WantedSubscription.text(credentials.getFirst())));
  }
}
