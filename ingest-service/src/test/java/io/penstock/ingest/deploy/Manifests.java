package io.penstock.ingest.deploy;

import static org.junit.jupiter.api.Assumptions.abort;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The manifests that kustomize renders from a directory, each read as the type of its kind.
 *
 * @param resources in kustomize's order
 */
public record Manifests(List<Object> resources) {

  private static final Optional<List<String>> TOOL = tool();

  private static final Map<String, String> RENDERED = new ConcurrentHashMap<>();

  private static final Map<String, Class<?>> TYPES =
      Map.ofEntries(
          Map.entry("v1/Namespace", Namespace.class),
          Map.entry("v1/ServiceAccount", ServiceAccount.class),
          Map.entry("v1/ConfigMap", ConfigMap.class),
          Map.entry("v1/Secret", Secret.class),
          Map.entry("v1/Service", Service.class),
          Map.entry("apps/v1/StatefulSet", StatefulSet.class),
          Map.entry("batch/v1/Job", Job.class),
          Map.entry("apps/v1/Deployment", Deployment.class),
          Map.entry("autoscaling/v2/HorizontalPodAutoscaler", HorizontalPodAutoscaler.class),
          Map.entry("policy/v1/PodDisruptionBudget", PodDisruptionBudget.class),
          Map.entry("networking.k8s.io/v1/NetworkPolicy", NetworkPolicy.class),
          Map.entry("networking.k8s.io/v1/Ingress", Ingress.class),
          Map.entry("gateway.networking.k8s.io/v1/Gateway", Gateway.class),
          Map.entry("gateway.networking.k8s.io/v1/HTTPRoute", HttpRoute.class),
          Map.entry("networking.gke.io/v1/HealthCheckPolicy", HealthCheckPolicy.class),
          Map.entry("external-secrets.io/v1/ExternalSecret", ExternalSecret.class),
          Map.entry("kafka.strimzi.io/v1/KafkaTopic", KafkaTopic.class),
          Map.entry("kafka.strimzi.io/v1/KafkaUser", KafkaUser.class),
          Map.entry("monitoring.coreos.com/v1/PodMonitor", PodMonitor.class),
          Map.entry("monitoring.coreos.com/v1/PrometheusRule", PrometheusRule.class));

  /** A topic, as Strimzi's resource. */
  public record KafkaTopic(String apiVersion, String kind, ObjectMeta metadata, TopicSpec spec) {
    public record TopicSpec(
        int partitions, int replicas, Map<String, String> config, @Nullable String topicName) {}
  }

  /** A Kafka user, as Strimzi's resource. */
  public record KafkaUser(String apiVersion, String kind, ObjectMeta metadata, UserSpec spec) {
    public record UserSpec(Authentication authentication, Authorization authorization) {}

    public record Authentication(String type) {}

    public record Authorization(String type, List<Acl> acls) {}

    public record Acl(Resource resource, List<String> operations) {}

    /** A cluster has no name. */
    public record Resource(String type, @Nullable String name, @Nullable String patternType) {}
  }

  /** Scrape targets, as the Prometheus operator's resource. */
  record PodMonitor(String apiVersion, String kind, ObjectMeta metadata, MonitorSpec spec) {
    record MonitorSpec(
        Selector selector, List<String> podTargetLabels, List<Endpoint> podMetricsEndpoints) {}

    record Selector(Map<String, String> matchLabels) {}

    record Endpoint(String port, String path, String interval, String scrapeTimeout) {}
  }

  /** Rules, as the Prometheus operator's resource. */
  record PrometheusRule(String apiVersion, String kind, ObjectMeta metadata, RuleSpec spec) {
    record RuleSpec(List<Group> groups) {}

    record Group(String name, @Nullable String interval, List<Rule> rules) {}

    record Rule(
        @Nullable String alert,
        @Nullable String record,
        String expr,
        @com.fasterxml.jackson.annotation.JsonProperty("for") @Nullable String duration,
        @Nullable Map<String, String> labels,
        @Nullable Map<String, String> annotations) {}
  }

  /** A listener for TLS, of the Gateway API. */
  record Gateway(String apiVersion, String kind, ObjectMeta metadata, GatewaySpec spec) {
    record GatewaySpec(String gatewayClassName, List<Listener> listeners) {}

    record Listener(
        String name,
        String protocol,
        int port,
        String hostname,
        JsonNode tls,
        JsonNode allowedRoutes) {}
  }

  /** A route of the Gateway API. */
  record HttpRoute(String apiVersion, String kind, ObjectMeta metadata, RouteSpec spec) {
    record RouteSpec(List<Parent> parentRefs, List<String> hostnames, List<RouteRule> rules) {}

    record Parent(String name, String namespace) {}

    record RouteRule(List<Match> matches, List<Backend> backendRefs) {}

    record Match(PathMatch path) {}

    record PathMatch(String type, String value) {}

    record Backend(String name, int port) {}
  }

  /** What a load balancer of GKE asks. */
  record HealthCheckPolicy(String apiVersion, String kind, ObjectMeta metadata, PolicySpec spec) {
    record PolicySpec(
        @com.fasterxml.jackson.annotation.JsonProperty("default") Check check, Checked targetRef) {}

    record Check(
        int checkIntervalSec,
        int timeoutSec,
        int healthyThreshold,
        int unhealthyThreshold,
        Config config) {}

    record Config(String type, Http httpHealthCheck) {}

    record Http(String portSpecification, int port, String requestPath) {}

    record Checked(String group, String kind, String name) {}
  }

  /** A Secret from a store outside of the cluster, as the External Secrets Operator's resource. */
  record ExternalSecret(String apiVersion, String kind, ObjectMeta metadata, SecretSpec spec) {
    record SecretSpec(
        String refreshInterval,
        Store secretStoreRef,
        Target target,
        @Nullable List<Datum> data,
        @Nullable List<From> dataFrom) {}

    record Store(String kind, String name) {}

    record Target(String name, String creationPolicy, String deletionPolicy) {}

    record Datum(String secretKey, Remote remoteRef) {}

    record Remote(String key, String property) {}

    record From(Extract extract) {}

    record Extract(String key) {}
  }

  /**
   * Renders a directory below the root of the source tree. Without kustomize the test is skipped,
   * or fails with {@code -Dpenstock.require.kustomize}, as in CI.
   */
  static Manifests render(String directory) {
    return of(renderedText(directory));
  }

  /** As {@link #render}, as text; each directory is rendered once. */
  static String renderedText(String directory) {
    if (TOOL.isEmpty()) {
      String missing = "neither kustomize 5 nor a kubectl that contains it is on the path";
      if (System.getProperty("penstock.require.kustomize") != null) {
        throw new AssertionError(missing);
      }
      abort(missing);
    }
    return RENDERED.computeIfAbsent(directory, Manifests::kustomize);
  }

  /** Every document must be of a known type, and have only fields of this type. */
  public static Manifests of(String yaml) {
    List<Object> resources = new ArrayList<>();
    for (JsonNode document : Repository.documents(yaml)) {
      String type = document.path("apiVersion").asText() + "/" + document.path("kind").asText();
      String name = document.at("/metadata/name").asText();
      Class<?> known = TYPES.get(type);
      if (known == null) {
        throw new AssertionError(name + " is of the type " + type + ", which no test knows");
      }
      try {
        resources.add(Repository.YAML.treeToValue(document, known));
      } catch (JsonProcessingException e) {
        throw new AssertionError(type + " " + name + ": " + e.getMessage(), e);
      }
    }
    return new Manifests(List.copyOf(resources));
  }

  public <T> List<T> all(Class<T> type) {
    return resources.stream().filter(type::isInstance).map(type::cast).toList();
  }

  <T extends HasMetadata> Optional<T> find(Class<T> type, String name) {
    return all(type).stream().filter(r -> r.getMetadata().getName().equals(name)).findFirst();
  }

  /** Debian's kubectl of 2021 contains a kustomize that does not support components. */
  private static Optional<List<String>> tool() {
    if (output("kustomize", "version").contains("v5")) {
      return Optional.of(List.of("kustomize", "build"));
    }
    return output("kubectl", "version", "--client").contains("Kustomize Version: v5")
        ? Optional.of(List.of("kubectl", "kustomize"))
        : Optional.empty();
  }

  /** The output of a command; empty if there is no such command. */
  private static String output(String... command) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return process.waitFor(120, TimeUnit.SECONDS) && process.exitValue() == 0 ? output : "";
    } catch (IOException e) {
      return "";
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static String kustomize(String directory) {
    List<String> command = new ArrayList<>(TOOL.orElseThrow());
    command.add(Repository.ROOT.resolve(directory).toString());
    try {
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      String rendered = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(120, TimeUnit.SECONDS) || process.exitValue() != 0) {
        throw new AssertionError(String.join(" ", command) + " failed");
      }
      return rendered;
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
