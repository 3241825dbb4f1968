package io.penstock.ingest.subscription.move;

import io.penstock.ingest.auth.Place;
import io.penstock.ingest.auth.Secret;
import io.penstock.ingest.auth.SharedSecret;
import io.penstock.ingest.auth.standardwebhooks.StandardWebhooks;
import io.penstock.ingest.config.AuthSpec;
import io.penstock.ingest.config.Configuration.SourceConfig;
import io.penstock.ingest.config.SecretRef;
import io.penstock.ingest.config.SubscriptionConfig;
import io.penstock.ingest.config.SubscriptionKind;
import io.penstock.ingest.subscription.ApiCaller;
import io.penstock.ingest.subscription.GraphQl;
import io.penstock.ingest.subscription.SubscriptionApi;
import io.penstock.ingest.subscription.SubscriptionProvider;
import io.penstock.ingest.subscription.WantedSubscription;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Move API: <a href="https://developers.move.ai/docs/integrations/webhooks">webhook endpoints</a>,
 * by GraphQL.
 */
public final class MoveSubscriptions implements SubscriptionProvider.ByApi {

  private static final SubscriptionKind KIND =
      new SubscriptionKind(
          "move",
          new TreeMap<>(
              Map.of(
                  0,
                  List.of(
                      "job.state.started",
                      "job.state.completed",
                      "ugc.job.state.completed",
                      "ugc.job.state.failed"))),
          false,
          "standard-webhooks",
          new SubscriptionKind.Way.Api(
              Optional.of(URI.create("https://api.move.ai/ugc/graphql")),
              List.of("an API key"),
              false),
          MoveSubscriptions::objection);

  private static Optional<String> objection(AuthSpec spec) {
    if (spec instanceof StandardWebhooks signed) {
      return files(signed).isEmpty()
          ? Optional.of(
              "Move answers with its secret once, and that is written to a file: give"
                  + " standard-webhooks the secrets [{file: PATH}]")
          : Optional.empty();
    }
    return spec instanceof SharedSecret shared
            && (shared.place() == Place.URL_TOKEN || shared.place() == Place.QUERY)
        ? Optional.empty()
        : Optional.of(
            "Move cannot be told "
                + spec.type()
                + ", which auth asks for: use standard-webhooks, and url-token or query beside it");
  }

  private static List<Path> files(AuthSpec spec) {
    List<Path> files = new ArrayList<>();
    for (SecretRef reference : spec.references()) {
      if (reference instanceof SecretRef.File file) {
        files.add(file.path());
      }
    }
    return files;
  }

  @Override
  public SubscriptionKind kind() {
    return KIND;
  }

  @Override
  public SubscriptionApi open(
      SourceConfig source, SubscriptionConfig.Api api, List<Secret> credentials, ApiCaller caller) {
    List<Path> files =
        source.auth().stream()
            .filter(StandardWebhooks.class::isInstance)
            .flatMap(spec -> files(spec).stream())
            .toList();
    return new MoveApi(
        new GraphQl(
            caller,
            api.url(),
            Map.of("authorization", WantedSubscription.text(credentials.getFirst()))),
        "penstock-" + source.name(),
        new MoveFiles(files));
  }
}
