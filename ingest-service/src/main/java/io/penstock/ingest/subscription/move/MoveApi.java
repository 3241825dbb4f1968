package io.penstock.ingest.subscription.move;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.ingest.auth.Secret;
import io.penstock.ingest.files.RegularFile;
import io.penstock.ingest.subscription.ApiCaller.Kind;
import io.penstock.ingest.subscription.ApiException;
import io.penstock.ingest.subscription.GraphQl;
import io.penstock.ingest.subscription.Registration;
import io.penstock.ingest.subscription.SubscriptionApi;
import io.penstock.ingest.subscription.WantedSubscription;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Move's one mutation, which makes an endpoint of an id of ours what it should be. Move has no call
 * that lists, removes or tests endpoints: those are things of its portal. The secret is answered
 * once, when the endpoint is made, and goes to a file.
 */
final class MoveApi implements SubscriptionApi.Upserted {

  private static final String UPSERT =
      "mutation ($uid: String!, $url: String!, $events: [String!], $description: String) {"
          + " upsertWebhookEndpoint(uid: $uid, url: $url, events: $events, description:"
          + " $description) { uid url events secret } }";

  private final GraphQl api;
  private final String uid;
  private final MoveFiles files;
  private final List<String> notes = new ArrayList<>();

  /**
   * @param uid by which Move knows the endpoint; the same for ever
   */
  MoveApi(GraphQl api, String uid, MoveFiles files) {
    this.api = api;
    this.uid = uid;
    this.files = files;
  }

  /** Asks Move who we are, which tells whether the key is good, and remembers the rest. */
  @Override
  public List<Registration> list() throws ApiException, InterruptedException {
    api.run("query { client { id name } }", none(), "client", Kind.READS);
    return files.remembered(uid).stream().toList();
  }

  @Override
  public String portal() throws ApiException, InterruptedException {
    String portal =
        api.run("query { client { id name portal } }", none(), "client", Kind.READS)
            .path("portal")
            .asText("");
    if (portal.isEmpty()) {
      throw new ApiException("move answers without the address of the portal");
    }
    return portal;
  }

  @Override
  public void upsert(WantedSubscription wanted) throws ApiException, InterruptedException {
    try (MoveFiles.Prepared prepared = files.prepare()) {
      ObjectNode variables =
          none().put("uid", uid).put("url", wanted.url()).put("description", "Penstock");
      wanted.events().forEach(variables.putArray("events")::add);
      JsonNode endpoint = send(variables);
      String secret = endpoint.path("secret").asText("");
      if (!secret.isEmpty()) {
        keep(Secret.of(secret), prepared);
      } else if (!files.haveSecret()) {
        notes.add(
            "Move shows the secret of an endpoint once, when it is made, and this one was there:"
                + " copy its secret from the portal to the file "
                + files.next());
      } else if (files.remembered(uid).isEmpty()) {
        notes.add(
            "Move knew the endpoint already, and did not show its secret: compare the files "
                + String.join(", ", files.names())
                + " with the portal if deliveries are refused");
      }
      prepared.memory().write(MoveFiles.memoryOf(uid, wanted));
    } catch (IOException e) {
      throw new ApiException(
          "the endpoint "
              + uid
              + " is registered, but a file of "
              + String.join(", ", files.names())
              + " could not be written ("
              + RegularFile.why(e)
              + "): copy the secret from the portal",
          ApiException.Effect.UNKNOWN);
    }
  }

  private JsonNode send(ObjectNode variables) throws ApiException, InterruptedException {
    try {
      return api.run(UPSERT, variables, "upsertWebhookEndpoint", Kind.REPEATABLE);
    } catch (ApiException e) {
      throw e.effect() == ApiException.Effect.UNKNOWN && !files.haveSecret()
          ? new ApiException(
              e.sentence()
                  + ". If the endpoint was made, its secret is shown in the portal alone: copy it"
                  + " to the file "
                  + files.next(),
              e.effect())
          : e;
    }
  }

  private void keep(Secret secret, MoveFiles.Prepared prepared) throws IOException {
    if (files.have(secret)) {
      return;
    }
    Path file = files.next();
    Optional<Path> former = files.keepFormer();
    prepared
        .secret()
        .write((WantedSubscription.text(secret) + "\n").getBytes(StandardCharsets.UTF_8));
    notes.add(
        "the secret that Move answered with is in the file "
            + file
            + former.map(kept -> "; what was there is kept as " + kept).orElse(""));
  }

  @Override
  public List<String> removalByHand(WantedSubscription wanted) {
    return List.of(
        "Move has no call that removes an endpoint. In its portal (penstock subscriptions list"
            + " --portal-file FILE gives the address): Endpoints, the one of the address "
            + wanted.configured().url()
            + ", Delete Endpoint");
  }

  @Override
  public Testing testing() {
    return new Testing.ByHand(
        "Move has no call for a test: use Testing on the endpoint's page in its portal (penstock"
            + " subscriptions list --portal-file FILE gives the address)");
  }

  @Override
  public List<String> takeNotes() {
    List<String> taken = List.copyOf(notes);
    notes.clear();
    return taken;
  }

  private static ObjectNode none() {
    return JsonNodeFactory.instance.objectNode();
  }

  @Override
  public void close() {
    api.close();
  }
}
