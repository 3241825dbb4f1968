package io.penstock.localstack;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

@EnabledIfSystemProperty(
    named = "penstock.thorough",
    matches = "true",
    disabledReason = "the integration tests need what this shows: mvn -Pthorough verify")
class SchemaRegistryIT {

  private static final String V1 = record("{'name':'a','type':'string'}");
  private static final String V1_REFORMATTED = V1.replace(",", " ,\\n ");
  private static final String V2 =
      record("{'name':'a','type':'string'},{'name':'b','type':['null','long'],'default':null}");
  private static final String INCOMPATIBLE = record("{'name':'a','type':'long'}");
  private static final String FULL_TRANSITIVE = "{\"compatibility\":\"FULL_TRANSITIVE\"}";

  private static final HttpClient HTTP =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
  private static LocalStack stack;
  private String subject;

  @BeforeAll
  static void startStack() {
    stack = LocalStack.builder().start();
  }

  @AfterAll
  static void closeStack() {
    stack.close();
  }

  @BeforeEach
  void nameSubject(TestInfo test) {
    subject = test.getTestMethod().orElseThrow().getName();
  }

  @Test
  void keepsSchemasIdsAndRulesOverSigkill() throws Exception {
    send("PUT", "/config/" + subject, FULL_TRANSITIVE);
    String id = send("POST", "/subjects/" + subject + "/versions", V1).body();

    stack.schemaRegistry().kill();
    stack.schemaRegistry().start();

    assertThat(send("POST", "/subjects/" + subject + "/versions", V1).body()).isEqualTo(id);
    assertThat(send("GET", "/subjects/" + subject + "/versions/1", "").body())
        .startsWith(id.substring(0, id.length() - 1) + ",");
    assertThat(send("GET", "/config/" + subject, "").body()).contains("FULL_TRANSITIVE");
  }

  @Test
  void takesARuleBeforeTheFirstVersion() throws Exception {
    assertThat(send("PUT", "/config/" + subject, FULL_TRANSITIVE).statusCode()).isEqualTo(200);
    send("POST", "/subjects/" + subject + "/versions", V1);

    assertRefusesIncompatibleVersions();
  }

  @Test
  void takesARuleAfterTheFirstVersion() throws Exception {
    send("POST", "/subjects/" + subject + "/versions", V1);
    assertThat(send("PUT", "/config/" + subject, FULL_TRANSITIVE).statusCode()).isEqualTo(200);

    assertRefusesIncompatibleVersions();
  }

  @Test
  void takesAReformattedSchemaForTheSame() throws Exception {
    String id = send("POST", "/subjects/" + subject + "/versions", V1).body();

    assertThat(send("POST", "/subjects/" + subject + "/versions", V1_REFORMATTED).body())
        .isEqualTo(id);
    assertThat(send("POST", "/subjects/" + subject, V1_REFORMATTED).body())
        .contains("\"version\":1,");
  }

  private void assertRefusesIncompatibleVersions() throws Exception {
    String versions = "/subjects/" + subject + "/versions";
    String check = "/compatibility" + versions + "/latest";
    assertThat(send("POST", check, INCOMPATIBLE).body()).contains("\"is_compatible\":false");
    assertThat(send("POST", check, V2).body()).contains("\"is_compatible\":true");
    assertThat(send("POST", versions, INCOMPATIBLE).statusCode()).isEqualTo(409);
    assertThat(send("POST", versions, V2).statusCode()).isEqualTo(200);
  }

  private static HttpResponse<String> send(String method, String path, String body)
      throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(stack.schemaRegistry().url() + path))
            .timeout(Duration.ofMinutes(2))
            .header("Content-Type", "application/vnd.schemaregistry.v1+json")
            .method(method, HttpRequest.BodyPublishers.ofString(body))
            .build();
    return HTTP.send(request, HttpResponse.BodyHandlers.ofString());
  }

  /** The body that registers a record with these fields; single quotes stand for double ones. */
  private static String record(String fields) {
    String schema = "{'type':'record','name':'Event','fields':[" + fields + "]}";
    return "{\"schema\":\"" + schema.replace("'", "\\\"") + "\"}";
  }
}
