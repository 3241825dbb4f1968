package io.penstock.ledger;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * echo3D: an unguessable address, and the collection's key in the body. It sends no id, and nobody
 * documents a retry: there is one attempt, and never a copy. Its entities are its collections, as
 * many as it has keys.
 */
final class Echo3dSender implements Sender {

  private static final int COLLECTIONS = 16;
  private static final Pattern KEY = Pattern.compile("\"apiKey\":\"([^\"]*)\"");

  private final String token = Texts.secret();
  private final List<String> keys =
      IntStream.range(0, COLLECTIONS).mapToObj(i -> "key-" + i + "-" + Texts.secret()).toList();

  @Override
  public String provider() {
    return "echo3d";
  }

  @Override
  public String sourceYaml() {
    return "{name: assets, provider: echo3d, auth: [{type: url-token, tokens: [{env: ECHO3D_URL_TOKEN}]},"
        + " {type: body-field, field: apiKey, values: ["
        + IntStream.range(0, COLLECTIONS)
            .mapToObj(i -> "{env: ECHO3D_KEY_" + i + "}")
            .collect(Collectors.joining(", "))
        + "]}]}";
  }

  @Override
  public Map<String, String> environment() {
    Map<String, String> environment = new LinkedHashMap<>();
    environment.put("ECHO3D_URL_TOKEN", token);
    for (int i = 0; i < COLLECTIONS; i++) {
      environment.put("ECHO3D_KEY_" + i, keys.get(i));
    }
    return environment;
  }

  @Override
  public Retries retries() {
    return new Retries(Duration.ofSeconds(10), List.of(), false);
  }

  @Override
  public boolean hasIds() {
    return false;
  }

  @Override
  public String entity(int run, int index) {
    return keys.get(index % COLLECTIONS);
  }

  @Override
  public String body(String id, String entity, long number, String text) {
    return """
    {"event":"AssetMetadataAdd","apiKey":"%s","entryIds":["entry-%d"],\
    "metadataKeys":["mark","note"],"metadataValues":["%s","%s"],"statuses":[],"versionIds":[]}"""
        .formatted(entity, number, MARK + id, text);
  }

  @Override
  public String path() {
    return "/webhooks/assets/" + token;
  }

  /** Without the key, which must not come out; with it, where it has. */
  @Override
  public String comparable(String json) {
    String masked = KEY.matcher(json).replaceFirst("\"apiKey\":\"\"");
    return keys.stream().anyMatch(masked::contains) ? json : masked;
  }
}
