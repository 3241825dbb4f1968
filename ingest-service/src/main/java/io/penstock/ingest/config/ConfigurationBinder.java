package io.penstock.ingest.config;

import io.penstock.ingest.config.Configuration.Connections;
import io.penstock.ingest.config.Configuration.Deduplication;
import io.penstock.ingest.config.Configuration.Delivery;
import io.penstock.ingest.config.Configuration.Http;
import io.penstock.ingest.config.Configuration.Kafka;
import io.penstock.ingest.config.Configuration.Limits;
import io.penstock.ingest.config.Configuration.Pipeline;
import io.penstock.ingest.config.Configuration.RateLimit;
import io.penstock.ingest.config.Configuration.Role;
import io.penstock.ingest.config.Configuration.SchemaRegistry;
import io.penstock.ingest.config.Configuration.Source;
import io.penstock.ingest.config.Configuration.Spool;
import io.penstock.ingest.config.Configuration.Tls;
import io.penstock.ingest.config.Configuration.Topics;
import io.penstock.ingest.config.Configuration.Tracing;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What the file may say: every key, its default and its limits. Binds one document. */
final class ConfigurationBinder {

  /** So that every header of an event stays small. */
  private static final int MAX_EVENT_SOURCE_BASE = 256;

  private static final int KIB = 1024;
  private static final int MIB = 1024 * KIB;
  private static final long GIB = 1024L * MIB;

  private static final Pattern HOST = Pattern.compile("[A-Za-z0-9._:%-]{1,255}");
  private static final Pattern BOOTSTRAP_SERVER =
      Pattern.compile("(\\[[A-Za-z0-9.:%]+]|[A-Za-z0-9._-]+):[1-9][0-9]{0,4}");
  private static final Pattern TOPIC_PREFIX = Pattern.compile("[A-Za-z0-9._-]{1,200}");
  private static final Pattern SOURCE_NAME = Pattern.compile("[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?");

  /** RFC 9110, section 5.1. */
  private static final Pattern HEADER_NAME = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}");

  /** RFC 7617, section 2. */
  private static final Pattern USERNAME = Pattern.compile("(?=.*\\S)[^:\\p{Cntrl}]{1,255}");

  private static final Pattern PARAMETER = Pattern.compile("[\\x21-\\x7E]{1,100}");
  private static final Pattern FIELD = Pattern.compile("[^.\\p{Cntrl}]{1,100}");

  /** The one type that proves nothing. */
  private static final String NONE = "none";

  /** How each type of authentication is bound. A new one is a record and an entry. */
  private static final Map<String, Function<Section, AuthSpec>> AUTH =
      Map.of(
          "url-token", ConfigurationBinder::urlToken,
          "basic", ConfigurationBinder::basic,
          "bearer", ConfigurationBinder::bearer,
          "header", ConfigurationBinder::header,
          "query", ConfigurationBinder::query,
          "body-field", ConfigurationBinder::bodyField,
          "bcrypt-token", ConfigurationBinder::bcryptToken,
          "standard-webhooks", ConfigurationBinder::standardWebhooks);

  private final Map<String, Duration> knownProviders;
  private final long maxHeap;

  /**
   * @param knownProviders by name, how long each may have to wait for its answer
   */
  ConfigurationBinder(Map<String, Duration> knownProviders, long maxHeap) {
    this.knownProviders = knownProviders;
    this.maxHeap = maxHeap;
  }

  Configuration bind(Section root) {
    Set<Role> roles = roles(root);
    Deduplication deduplication = root.section("deduplication", ConfigurationBinder::deduplication);
    List<Source> sources = sources(root, deduplication.window());
    int largestBody = sources.stream().mapToInt(Source::maxBodySize).max().orElse(0);
    return new Configuration(
        roles,
        root.section("http", section -> http(section, largestBody)),
        root.section("kafka", ConfigurationBinder::kafka),
        root.section(
            "schema-registry", section -> schemaRegistry(section, roles.contains(Role.PIPELINE))),
        root.section("topics", ConfigurationBinder::topics),
        root.section("delivery", section -> delivery(section, sources)),
        deduplication,
        root.section("pipeline", ConfigurationBinder::pipeline),
        root.section("tracing", ConfigurationBinder::tracing),
        sources);
  }

  private static Set<Role> roles(Section root) {
    Map<String, Role> known =
        Arrays.stream(Role.values())
            .collect(Collectors.toMap(role -> role.name().toLowerCase(Locale.ROOT), role -> role));
    Set<Role> roles = EnumSet.noneOf(Role.class);
    for (Value value : root.values("roles")) {
      Role role = known.get(value.oneOf(known.keySet(), "role", ""));
      if (role != null && !roles.add(role)) {
        value.problem("is given twice");
      }
    }
    return roles.isEmpty() ? Role.all() : roles;
  }

  private Http http(Section http, int largestBody) {
    String host = http.value("host").matching(HOST, "must be a host name or address", "0.0.0.0");
    int port = http.value("port").integer(0, 65535, 8080);
    Value managementPort = http.value("management-port");
    int management = managementPort.integer(0, 65535, 9090);
    if (port != 0 && port == management) {
      managementPort.problem("must differ from http.port");
    }
    return new Http(
        host,
        port,
        management,
        maxInFlightBytes(http, largestBody),
        http.value("max-in-flight-requests")
            .integer(1, 1_000_000, Configuration.DEFAULT_MAX_IN_FLIGHT_REQUESTS),
        connections(http),
        http.value("shutdown-delay")
            .duration(Duration.ZERO, Duration.ofMinutes(5), Duration.ofSeconds(5)),
        http.section("tls", ConfigurationBinder::tls));
  }

  private static Connections connections(Section http) {
    Connections standard = Connections.DEFAULT;
    return new Connections(
        http.value("max-connections").integer(1, 1_000_000, standard.most()),
        http.value("request-timeout")
            .duration(Duration.ofMillis(100), Duration.ofMinutes(5), standard.requestTimeout()),
        http.value("idle-timeout")
            .duration(Duration.ofMillis(100), Duration.ofHours(1), standard.idleTimeout()),
        http.value("max-connection-age")
            .duration(Duration.ofMillis(100), Duration.ofDays(1), standard.age()));
  }

  private static @Nullable Tls tls(Section tls) {
    Value certificate = tls.value("certificate");
    Value key = tls.value("key");
    if (certificate.isPresent() != key.isPresent()) {
      Value absent = certificate.isPresent() ? key : certificate;
      absent.problem("is required: a certificate and its key go together");
    }
    Path certificatePath = certificate.filePath();
    Path keyPath = key.filePath();
    return certificatePath == null || keyPath == null ? null : new Tls(certificatePath, keyPath);
  }

  private long maxInFlightBytes(Section http, int largestBody) {
    long affordable = maxHeap / 4;
    long standard = Math.max(Math.min(256 * MIB, affordable), largestBody);
    Value value = http.value("max-in-flight-bytes");
    long bytes = value.bytes(KIB, 256 * GIB, standard);
    if (bytes < largestBody) {
      value.problem(
          "must hold at least one body of the largest max-body-size, "
              + Units.format(largestBody)
              + ", or such a body would never be accepted");
    } else if (bytes > affordable) {
      value.warning(
          Units.format(bytes)
              + " is more than a quarter of the "
              + Units.format(maxHeap)
              + " heap");
    }
    return bytes;
  }

  private static Kafka kafka(Section kafka) {
    Value servers = kafka.required("bootstrap-servers");
    for (String server : parts(servers)) {
      if (!BOOTSTRAP_SERVER.matcher(server).matches()) {
        servers.problem("must be host:port, or several of them with commas between");
        break;
      }
    }
    return new Kafka(
        String.join(",", parts(servers)),
        kafka.properties("properties", ClientPropertyRules.KAFKA));
  }

  private static SchemaRegistry schemaRegistry(Section registry, boolean required) {
    Value url = required ? registry.required("url") : registry.value("url");
    for (String part : parts(url)) {
      String complaint = complaintAboutUrl(part);
      if (complaint != null) {
        url.problem(complaint);
        break;
      }
    }
    return new SchemaRegistry(
        String.join(",", parts(url)),
        registry.value("auto-register").bool(false),
        registry.properties("properties", ClientPropertyRules.SCHEMA_REGISTRY));
  }

  private static @Nullable String complaintAboutUrl(String text) {
    try {
      URI url = new URI(text);
      if (url.getRawUserInfo() != null) {
        return "must not contain a password: set basic.auth.credentials.source and"
            + " basic.auth.user.info in schema-registry.properties";
      }
      boolean http = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
      if (http && url.getHost() != null) {
        return null;
      }
    } catch (URISyntaxException e) {
      // Reported below: its message would repeat the text.
    }
    return "must be an http or https address, or several of them with commas between";
  }

  /** The parts of a text with commas between; none where it is absent. */
  private static List<String> parts(Value value) {
    return value.isPresent()
        ? Arrays.stream(value.text("").split(",", -1)).map(String::strip).toList()
        : List.of();
  }

  private static Topics topics(Section topics) {
    return new Topics(
        topics
            .value("prefix")
            .matching(
                TOPIC_PREFIX,
                "must be 1 to 200 of the characters that Kafka allows: A-Z a-z 0-9 . _ -",
                "webhooks"),
        topics.value("create").bool(false),
        topics.value("partitions").integer(1, 10_000, 12),
        topics.value("replication-factor").integer(1, 100, 3));
  }

  private static Delivery delivery(Section delivery, List<Source> sources) {
    Value value = delivery.value("kafka-deadline");
    Duration deadline =
        value.duration(Duration.ofMillis(10), Duration.ofSeconds(30), Duration.ofSeconds(1));
    for (Source source : sources) {
      if (deadline.compareTo(source.acknowledgementDeadline()) >= 0) {
        value.problem(
            "must be shorter than the acknowledgement-deadline of every source: that of "
                + source.name()
                + " is "
                + Units.format(source.acknowledgementDeadline()));
        break;
      }
    }
    int largestBody = sources.stream().mapToInt(Source::maxBodySize).max().orElse(0);
    Optional<Spool> spool = delivery.section("spool", section -> spool(section, largestBody));
    return new Delivery(deadline, spool.orElse(null));
  }

  private static Optional<Spool> spool(Section spool, int largestBody) {
    Value size = spool.value("max-size");
    long maxSize = size.bytes(16 * MIB, 16 * 1024 * GIB, 2 * GIB);
    if (maxSize < 4L * largestBody) {
      size.problem(
          "must be at least four times the largest max-body-size, " + Units.format(largestBody));
    }
    Value place = spool.value("directory");
    Path directory = place.filePath();
    if (!place.isPresent() && (spool.isGiven() || size.isPresent())) {
      spool.problem("directory", "is required for a spool");
    }
    return Optional.ofNullable(directory).map(found -> new Spool(found, maxSize));
  }

  private static Deduplication deduplication(Section deduplication) {
    return new Deduplication(
        deduplication
            .value("window")
            .duration(Duration.ofSeconds(1), Duration.ofDays(90), Duration.ofDays(3)));
  }

  private static Tracing tracing(Section tracing) {
    Value endpoint = tracing.value("endpoint");
    String url = endpoint.text("");
    String complaint = url.isEmpty() ? null : complaintAboutUrl(url);
    if (complaint != null) {
      endpoint.problem(complaint);
    }
    return new Tracing(
        url.isEmpty() ? null : url, tracing.value("sample-one-in").integer(1, 1_000_000, 1));
  }

  private static Pipeline pipeline(Section pipeline) {
    return new Pipeline(
        pipeline.value("state-directory").filePath(),
        pipeline.value("threads").integer(1, 256, Runtime.getRuntime().availableProcessors()),
        eventSourceBase(pipeline.value("event-source-base")));
  }

  private static @Nullable String eventSourceBase(Value value) {
    if (!value.isPresent()) {
      return null;
    }
    String text = value.text("");
    if (!isEventSourceBase(text)) {
      value.problem(
          "must be an absolute URI of at most "
              + MAX_EVENT_SOURCE_BASE
              + " characters, without user, query or fragment, such as https://hooks.example.com");
      return null;
    }
    return text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
  }

  private static boolean isEventSourceBase(String text) {
    try {
      URI uri = new URI(text);
      boolean isHttp =
          "http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme());
      return uri.isAbsolute()
          && uri.toASCIIString().equals(text)
          && text.length() <= MAX_EVENT_SOURCE_BASE
          && (!isHttp || uri.getHost() != null)
          && uri.getRawUserInfo() == null
          && uri.getRawQuery() == null
          && !uri.getRawSchemeSpecificPart().contains("?")
          && uri.getRawFragment() == null;
    } catch (URISyntaxException e) {
      return false; // its message would repeat the text
    }
  }

  private List<Source> sources(Section root, Duration window) {
    Map<String, String> names = new HashMap<>();
    return root.sections("sources", section -> source(section, names, window));
  }

  /**
   * @param names the sources before this one: paths by name
   * @param window for how long anything is remembered
   */
  private Source source(Section source, Map<String, String> names, Duration window) {
    Value name = source.required("name");
    String validName =
        name.matching(
            SOURCE_NAME,
            "must be 1 to 64 lower case letters, digits and dashes, with no dash at either end",
            "");
    String before = validName.isEmpty() ? null : names.putIfAbsent(validName, source.path());
    if (before != null) {
      name.problem("is already the name of " + before);
    }
    int maxBodySize = Math.toIntExact(source.value("max-body-size").bytes(KIB, 64 * MIB, MIB));
    String provider = source.required("provider").oneOf(knownProviders.keySet(), "provider", "");
    return new Source(
        validName,
        provider,
        maxBodySize,
        authentication(source),
        equalWithin(source, window),
        source
            .value("acknowledgement-deadline")
            .duration(
                Duration.ofMillis(100),
                Duration.ofMinutes(1),
                knownProviders.getOrDefault(provider, Source.SHORTEST_DEADLINE)),
        limits(source, maxBodySize));
  }

  private static Limits limits(Section source, int maxBodySize) {
    Value bytes = source.value("max-in-flight-bytes");
    long most = bytes.bytes(KIB, 256 * GIB, maxBodySize);
    if (most < maxBodySize) {
      bytes.problem("must hold at least one body of max-body-size, " + Units.format(maxBodySize));
    }
    Value requests = source.value("max-in-flight-requests");
    int mostRequests = requests.integer(1, 1_000_000, 1);
    return new Limits(
        bytes.isPresent() ? Long.valueOf(most) : null,
        requests.isPresent() ? Integer.valueOf(mostRequests) : null,
        source.section("rate-limit", ConfigurationBinder::rateLimit));
  }

  private static @Nullable RateLimit rateLimit(Section limit) {
    Value perSecond = limit.value("per-second");
    Value burst = limit.value("burst");
    int rate = perSecond.integer(1, 1_000_000, 1);
    int most = burst.integer(1, 1_000_000, rate);
    if (burst.isPresent() && !perSecond.isPresent()) {
      perSecond.problem("is required where burst is given");
    }
    return perSecond.isPresent() ? new RateLimit(rate, most) : null;
  }

  private static @Nullable Duration equalWithin(Section source, Duration window) {
    Value value = source.value("deduplicate-equal-within");
    Duration within =
        value.duration(Duration.ofSeconds(1), Duration.ofDays(90), Duration.ofSeconds(1));
    if (value.isPresent() && within.compareTo(window) > 0) {
      value.problem(
          "must not be longer than deduplication.window, "
              + Units.format(window)
              + ": nothing is remembered for longer");
    }
    return value.isPresent() ? within : null;
  }

  private static List<AuthSpec> authentication(Section source) {
    boolean open = source.value("allow-unauthenticated").bool(false);
    List<Section> nones = new ArrayList<>();
    List<AuthSpec> specs = new ArrayList<>();
    List<Section> all =
        source.sections(
            "auth",
            section -> {
              String type = section.required("type").oneOf(authTypes(), "type", "");
              Function<Section, AuthSpec> binder = AUTH.get(type);
              if (binder != null) {
                AuthSpec spec = binder.apply(section);
                section.judgeSecrets(spec);
                specs.add(spec);
              } else if (type.equals(NONE)) {
                nones.add(section);
              } else {
                section.toleratesUnknownKeys();
              }
              return section;
            });
    for (Section none : nones) {
      if (all.size() > 1) {
        none.problem("type none cannot stand beside others");
      } else if (!open) {
        none.problem("type none needs allow-unauthenticated: true beside auth");
      }
    }
    if (specs.stream().filter(ConfigurationBinder::isAuthorizationHeader).count() > 1) {
      source.problem(
          "auth", "no request can pass: more than one of these needs the header authorization");
    }
    if (open && nones.isEmpty()) {
      source.problem("allow-unauthenticated", "goes only with auth: [{type: none}]");
    }
    return specs;
  }

  /** A request has one such header at most. */
  private static boolean isAuthorizationHeader(AuthSpec spec) {
    return spec instanceof AuthSpec.Basic
        || spec instanceof AuthSpec.Bearer
        || (spec instanceof AuthSpec.Header header && header.name().equals("authorization"));
  }

  static Set<String> authTypes() {
    return Stream.concat(AUTH.keySet().stream(), Stream.of(NONE)).collect(Collectors.toSet());
  }

  private static AuthSpec urlToken(Section auth) {
    return new AuthSpec.UrlToken(auth.secrets("tokens"));
  }

  private static AuthSpec basic(Section auth) {
    String username =
        auth.required("username")
            .matching(USERNAME, "must be 1 to 255 characters, without a colon", "");
    return new AuthSpec.Basic(username, auth.secrets("passwords"));
  }

  private static AuthSpec bearer(Section auth) {
    return new AuthSpec.Bearer(auth.secrets("tokens"));
  }

  private static AuthSpec header(Section auth) {
    String name = auth.required("name").matching(HEADER_NAME, "must be the name of a header", "");
    return new AuthSpec.Header(name.toLowerCase(Locale.ROOT), auth.secrets("values"));
  }

  private static AuthSpec query(Section auth) {
    String parameter =
        auth.required("parameter")
            .matching(PARAMETER, "must be 1 to 100 visible characters, not encoded", "");
    return new AuthSpec.Query(parameter, auth.secrets("values"));
  }

  private static AuthSpec bodyField(Section auth) {
    String field =
        auth.required("field")
            .matching(FIELD, "must be the name of a member at the root, without dots", "");
    return new AuthSpec.BodyField(field, auth.secrets("values"));
  }

  private static AuthSpec bcryptToken(Section auth) {
    String header =
        auth.value("header")
            .matching(HEADER_NAME, "must be the name of a header", "x-smartshape-token");
    return new AuthSpec.BcryptToken(
        header.toLowerCase(Locale.ROOT),
        auth.secrets("secrets"),
        auth.value("max-cost").integer(4, 16, 12));
  }

  private static AuthSpec standardWebhooks(Section auth) {
    return new AuthSpec.StandardWebhooks(
        auth.secrets("secrets"),
        auth.value("tolerance")
            .duration(Duration.ofSeconds(1), Duration.ofHours(1), Duration.ofMinutes(5)));
  }
}
