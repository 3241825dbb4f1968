package io.penstock.localstack;

import io.penstock.localstack.child.GuardedMain;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How the schema registry is set up: its schemas in a file, few connections to it. */
record RegistrySetup(
    int port, Map<String, String> overrides, List<String> jvmOptions, Duration startTimeout) {

  private static final int TIMEOUT_MILLIS = 2_000;

  RegistrySetup {
    overrides = Map.copyOf(overrides);
    jvmOptions = List.copyOf(jvmOptions);
  }

  SchemaRegistry create(RuntimeHome home, StackDirectory stack, Watchdog watchdog)
      throws IOException {
    Path directory = stack.forProcess("schema-registry");
    List<String> options = new ArrayList<>(ChildJvm.options(directory));
    options.add("-Xmx256m");
    options.addAll(jvmOptions);
    properties(directory).forEach((key, value) -> options.add("-D" + key + "=" + value));
    List<String> main = List.of(GuardedMain.class.getName(), "io.quarkus.runner.GeneratedMain");

    ChildProcess.Spec spec =
        new ChildProcess.Spec(
            "schema-registry",
            directory,
            home.registryCommand(options, main),
            this::answers,
            startTimeout);
    return new SchemaRegistry(port, new ChildProcess(spec, watchdog));
  }

  Map<String, String> properties(Path directory) {
    Map<String, String> p = new LinkedHashMap<>();
    p.put("quarkus.http.host", "127.0.0.1");
    p.put("quarkus.http.port", Integer.toString(port));
    // WRITE_DELAY=0: a commit is in the file before it is answered, so that SIGKILL loses nothing.
    p.put(
        "quarkus.datasource.jdbc.url",
        "jdbc:h2:file:" + directory.resolve("schemas") + ";WRITE_DELAY=0");
    p.put("quarkus.datasource.jdbc.initial-size", "1");
    p.put("quarkus.datasource.jdbc.min-size", "1");
    p.put("quarkus.datasource.jdbc.max-size", "20");
    // Like Confluent's registry: white space and the order of JSON keys make no new version.
    p.put("registry.ccompat.use-canonical-hash", "true");
    p.put("quarkus.banner.enabled", "false");
    p.putAll(overrides);
    return p;
  }

  private boolean answers() {
    try {
      HttpURLConnection connection =
          (HttpURLConnection)
              URI.create(SchemaRegistry.url(port) + "/subjects").toURL().openConnection();
      try {
        connection.setConnectTimeout(TIMEOUT_MILLIS);
        connection.setReadTimeout(TIMEOUT_MILLIS);
        return connection.getResponseCode() == HttpURLConnection.HTTP_OK;
      } finally {
        connection.disconnect();
      }
    } catch (IOException notYet) {
      return false;
    }
  }
}
