package io.penstock.ingest.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Which deliveries are one event, from the request to the topic. */
@ExtendWith(Stack.Shared.class)
@SuppressWarnings("InlineFormatString") // a body reads better on lines of its own
class IdentityIT {

  private static final String SOURCES =
      """
      sources:
        - name: twins
          provider: matterport
          auth: [{type: url-token, tokens: [{env: CSM_URL_TOKEN}]}]
      """;

  private static final String TWIN =
      "{\"modelId\":\"m\",\"version\":5,\"webhookId\":\"w\","
          + "\"timestamp\":\"2024-11-22T09:15:00Z\",\"type\":%s}";

  /** Sends each twice: as it is, and as its provider's retry. */
  @Test
  void whatIsToldApartHasDifferentIdsAndWhatIsOneHasOne(Stack stack) {
    Settings settings = Settings.of(stack).withText("sources:\n", SOURCES);
    List<String> twins =
        List.of(
            "\"bundle_updated\",\"body\":{\"status\":\"delivered\",\"bundleId\":\"a\"}",
            "\"bundle_updated\",\"body\":{\"status\":\"delivered\",\"bundleId\":\"b\"}",
            "\"bundle_updated\",\"body\":{\"status\":\"delivered\",\"bundleId\":\"c\"}",
            "\"activation_state_changed\",\"body\":{\"current\":{\"state\":\"pending\"}}",
            "\"activation_state_changed\",\"body\":{\"current\":{\"state\":\"active\"}}");
    try (Instance instance = Instance.ready(settings);
        Sender sender = new Sender();
        Outsider outsider = new Outsider(settings)) {
      for (int attempt = 0; attempt < 2; attempt++) {
        for (String twin : twins) {
          String address = instance.url() + "/webhooks/twins/" + Settings.CSM_TOKEN;
          acknowledged(
              sender, Sender.request(address, TWIN.formatted(twin).getBytes(UTF_8)).build());
        }
        for (String file : List.of("f-1", "f-2", "f-3", "f-4")) {
          acknowledged(sender, Sender.shapes(instance, Sender.shape(file, "one-uuid")));
        }
      }

      assertThat(outsider.readAll(settings.prefix() + ".matterport"))
          .hasSize(twins.size())
          .extracting(event -> event.header("ce_id"))
          .doesNotHaveDuplicates();
      assertThat(outsider.readAll(settings.smartshape()))
          .hasSize(4)
          .extracting(event -> event.header("ce_id"))
          .doesNotHaveDuplicates();
      assertThat(instance.metric("penstock_pipeline_differing_copies_total"))
          .as("copies were equal")
          .isZero();

      byte[] other =
          new String(Sender.shape("f-1", "one-uuid"), UTF_8)
              .replace("6581919", "7")
              .getBytes(UTF_8);
      acknowledged(sender, Sender.shapes(instance, other));
      assertThat(outsider.readAll(settings.smartshape())).as("it is a copy").hasSize(4);
      assertThat(instance.metric("penstock_pipeline_differing_copies_total")).isEqualTo(1);
      assertThat(instance.log())
          .contains("A copy was removed whose body is not that of the event that was published")
          .doesNotContain("6581919");
    }
  }

  private static void acknowledged(Sender sender, HttpRequest request) {
    assertThat(sender.send(request).statusCode()).isEqualTo(200);
  }
}
