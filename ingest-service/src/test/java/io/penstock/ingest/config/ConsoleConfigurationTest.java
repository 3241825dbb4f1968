package io.penstock.ingest.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingest.config.ConfigurationReader.Result;
import io.penstock.ingest.config.ConsoleConfig.Access;
import io.penstock.ingest.config.ConsoleConfig.Right;
import io.penstock.ingest.source.AuthKinds;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConsoleConfigurationTest {

  private static final String REST =
      """

      kafka: {bootstrap-servers: "kafka:9092"}
      schema-registry: {url: "http://registry"}
      sources: [{name: a, provider: csm, auth: [{type: url-token, tokens: [{env: T}]}]}]
      """;

  private static Result read(String console, Map<String, String> environment) {
    return new ConfigurationReader(
            environment, Map.of("csm", Duration.ofSeconds(4)), AuthKinds.ALL, SecretCheck.NONE)
        .read("console: " + console + REST, Path.of("/etc/penstock"));
  }

  private static Configuration valid(String console, Map<String, String> environment) {
    Result result = read(console, environment);
    assertThat(result).isInstanceOf(Result.Valid.class);
    return ((Result.Valid) result).configuration();
  }

  private static List<String> problems(String console) {
    return read(console, Map.of()) instanceof Result.Invalid invalid
        ? invalid.problems().stream().map(Problem::toString).toList()
        : List.of();
  }

  @Test
  void theDefaultIsThisMachineAloneAndNoRole() {
    Configuration configuration = valid("{}", Map.of());

    assertThat(configuration.console()).isEqualTo(ConsoleConfig.DEFAULT);
    assertThat(configuration.roles())
        .containsExactlyInAnyOrder(Configuration.Role.INGRESS, Configuration.Role.PIPELINE);
  }

  @Test
  void everythingIsRead() {
    ConsoleConfig console =
        valid(
                """

                  host: 0.0.0.0
                  port: 9100
                  url: "https://console.example.com/"
                  ingress-url: "https://hooks.example.com//"
                  samples: allow
                  instances: ["http://a:9090", "http://b:9090/"]
                  access:
                    - {type: token, name: olga, right: operator, secrets: [{env: A}, {file: b}]}
                    - {type: basic, name: vera, right: read-only, secrets: [{env: C}]}
                    - {type: proxy, header: X-User, addresses: ["10.0.0.7", "::1"], right: read-only, operators: [olga]}
                """,
                Map.of())
            .console();

    assertThat(console)
        .isEqualTo(
            new ConsoleConfig(
                "0.0.0.0",
                9100,
                "https://console.example.com",
                "https://hooks.example.com",
                true,
                List.of("http://a:9090", "http://b:9090"),
                List.of(
                    new Access.Token(
                        "olga",
                        Right.OPERATOR,
                        List.of(
                            new SecretRef.Env("A"),
                            new SecretRef.File(Path.of("/etc/penstock/b")))),
                    new Access.Basic("vera", Right.READ_ONLY, List.of(new SecretRef.Env("C"))),
                    new Access.Proxy(
                        "x-user",
                        Set.of("10.0.0.7", "0:0:0:0:0:0:0:1"),
                        Right.READ_ONLY,
                        Set.of("olga")))));
  }

  @Test
  void variablesOverride() {
    Map<String, String> environment = new HashMap<>();
    environment.put("PENSTOCK_CONSOLE_PORT", "0");
    environment.put("PENSTOCK_CONSOLE_INSTANCES", "http://a:1,http://b:2");

    ConsoleConfig console = valid("{port: 9100}", environment).console();

    assertThat(console.port()).isZero();
    assertThat(console.instances()).containsExactly("http://a:1", "http://b:2");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{host: 0.0.0.0} | console.host: must be a loopback address",
        "{host: console.example.com} | console.host: must be a loopback address",
        "{host: 127.0.0.1.example.com} | console.host: must be a loopback address",
        "{host: \"a b\"} | console.host: must be a host name",
        "{port: 9090} | console.port: must differ",
        "{url: \"ftp://a\"} | console.url: must be an http or https address",
        "{ingress-url: \"https://a/?b\"} | must not have a query",
        "{ingress-url: \"https://u:p@a\"} | must not contain a password",
        "{samples: maybe} | console.samples: unknown choice",
        "{instances: [a]} | console.instances[0]: must be an http or https address",
        "{access: []} | console.access: must not be empty",
        "{access: [{type: token, right: operator, secrets: [{env: A}]}]} | console.access[0].name: is required",
        "{access: [{type: token, name: a, secrets: [{env: A}]}]} | console.access[0].right: is required",
        "{access: [{type: token, name: a, right: admin, secrets: [{env: A}]}]} | console.access[0].right: unknown right",
        "{access: [{type: token, name: a, right: operator}]} | console.access[0].secrets: is required",
        "{access: [{type: token, name: a, right: operator, secrets: [abc]}]} | a secret is never a literal",
        "{access: [{type: token, name: \"a b\", right: operator, secrets: [{env: A}]}]} | must be 1 to 64",
        "{access: [{type: oidc}]} | console.access[0].type: unknown type",
        "{access: [{type: proxy, header: x, right: operator}]} | console.access[0].addresses: is required",
        "{access: [{type: proxy, header: x, right: operator, addresses: [proxy.example.com]}]} | must be an IP address",
        "{access: [{type: proxy, right: operator, addresses: [10.0.0.7]}]} | console.access[0].header: is required",
        "{acess: []} | unknown key; did you mean 'access'?"
      })
  void mistakesAreTold(String console, String problem) {
    assertThat(problems(console)).anyMatch(each -> each.contains(problem));
  }

  @Test
  void aCheckTellsOfASecretThatIsTooShortOrNotThere() {
    String console =
        "console: {access: [{type: token, name: a, right: operator, secrets: [{env: SHORT}, {env: NONE}]}]}";
    ConfigurationReader reader =
        new ConfigurationReader(
            Map.of("SHORT", "fifteen bytes!!", "T", "a token that is long"),
            Map.of("csm", Duration.ofSeconds(4)),
            AuthKinds.ALL,
            SecretCheck.NONE);

    Result result = reader.check(console + REST, Path.of("/etc/penstock"));

    assertThat(result).isInstanceOf(Result.Invalid.class);
    assertThat(((Result.Invalid) result).problems())
        .singleElement()
        .asString()
        .contains(
            "console.access[0].secrets[0]: environment variable SHORT is shorter than 16 bytes")
        .doesNotContain("fifteen");
  }

  @Test
  void aNameIsThatOfOneUser() {
    assertThat(
            problems(
                "{access: [{type: token, name: a, right: operator, secrets: [{env: A}]},"
                    + " {type: basic, name: a, right: operator, secrets: [{env: B}]}]}"))
        .anyMatch(each -> each.contains("console.access[1].name: is given twice"));
  }
}
