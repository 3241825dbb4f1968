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
import java.nio.file.Files;
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
  private static final Pattern NUMBERS = Pattern.compile("[0-9.]+");
  private static final Pattern IPV4 =
      Pattern.compile("((25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])(\\.(?!$)|$)){4}");

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

  private static final String REGISTRY_CREDENTIALS =
      ": set basic.auth.credentials.source and basic.auth.user.info in schema-registry.properties";

  /** The least that must be left of a deadline when Kafka's is over: for the spool, or the 503. */
  private static final Duration REST = Duration.ofMillis(250);

  /** What should be left: the spool's disk may be slow just then. */
  private static final Duration GOOD_REST = Duration.ofSeconds(1);

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
    Http http = root.section("http", section -> http(section, sources));
    Kafka kafka = root.section("kafka", ConfigurationBinder::kafka);
    SchemaRegistry registry =
        root.section(
            "schema-registry", section -> schemaRegistry(section, roles.contains(Role.PIPELINE)));
    Topics topics = root.section("topics", ConfigurationBinder::topics);
    Delivery delivery = root.section("delivery", section -> delivery(section, sources));
    Pipeline pipeline = root.section("pipeline", ConfigurationBinder::pipeline);
    keepApart(delivery, pipeline, root);
    warnOfIdleSettings(roles, http, delivery, pipeline, root);
    return new Configuration(
        roles,
        http,
        kafka,
        registry,
        topics,
        delivery,
        deduplication,
        pipeline,
        root.section("tracing", ConfigurationBinder::tracing),
        sources);
  }

  /** One's files would be the other's rubbish. */
  private static void keepApart(Delivery delivery, Pipeline pipeline, Section root) {
    Spool spool = delivery.spool();
    Path state = pipeline.stateDirectory();
    if (spool != null
        && state != null
        && (spool.directory().startsWith(state) || state.startsWith(spool.directory()))) {
      root.problem(
          "delivery",
          "delivery.spool.directory and pipeline.state-directory must be two directories, neither"
              + " of them within the other");
    }
  }

  /** Settings of a part that does not run here. */
  private static void warnOfIdleSettings(
      Set<Role> roles, Http http, Delivery delivery, Pipeline pipeline, Section root) {
    if (!roles.contains(Role.INGRESS)) {
      if (delivery.spool() != null) {
        root.warning("delivery", "spool has no effect without the role ingress");
      }
      if (http.tls() != null) {
        root.warning("http", "tls has no effect without the role ingress");
      }
    }
    if (!roles.contains(Role.PIPELINE) && pipeline.stateDirectory() != null) {
      root.warning("pipeline", "state-directory has no effect without the role pipeline");
    }
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

  private Http http(Section http, List<Source> sources) {
    Value hostValue = http.value("host");
    String host = hostValue.matching(HOST, "must be a host name or address", "0.0.0.0");
    if (NUMBERS.matcher(host).matches() && !IPV4.matcher(host).matches()) {
      hostValue.problem("must be a host name or address: an IPv4 address has four numbers to 255");
    }
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
        maxInFlightBytes(http, sources),
        maxInFlightRequests(http, sources),
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
    if (tls.isGiven() && !certificate.isPresent() && !key.isPresent()) {
      tls.problem("is empty: give certificate and key, or leave tls out");
    }
    if (certificate.isPresent() != key.isPresent()) {
      Value absent = certificate.isPresent() ? key : certificate;
      absent.problem("is required: a certificate and its key go together");
    }
    Path certificatePath = certificate.readableFile();
    Path keyPath = key.readableFile();
    return certificatePath == null || keyPath == null ? null : new Tls(certificatePath, keyPath);
  }

  private static int maxInFlightRequests(Section http, List<Source> sources) {
    Value value = http.value("max-in-flight-requests");
    int most = value.integer(1, 1_000_000, Configuration.DEFAULT_MAX_IN_FLIGHT_REQUESTS);
    for (Source source : sources) {
      Integer own = source.limits().maxInFlightRequests();
      if (own != null && own > most) {
        value.warning(
            most + " is less than the " + own + " of " + source.name() + ", which it never has");
      }
    }
    return most;
  }

  private long maxInFlightBytes(Section http, List<Source> sources) {
    int largestBody = largestBody(sources);
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
    for (Source source : sources) {
      Long own = source.limits().maxInFlightBytes();
      if (own != null && own > bytes) {
        value.warning(
            Units.format(bytes)
                + " is less than the "
                + Units.format(own)
                + " of "
                + source.name()
                + ", which it never has");
      }
    }
    return bytes;
  }

  private static int largestBody(List<Source> sources) {
    return sources.stream().mapToInt(Source::maxBodySize).max().orElse(0);
  }

  private static Kafka kafka(Section kafka) {
    Value servers = kafka.required("bootstrap-servers");
    for (String server : parts(servers)) {
      if (!BOOTSTRAP_SERVER.matcher(server).matches() || !hasPort(server)) {
        servers.problem("must be host:port, or several of them with commas between");
        break;
      }
    }
    if (parts(servers).stream().distinct().count() < parts(servers).size()) {
      servers.warning("names a server twice");
    }
    return new Kafka(
        String.join(",", parts(servers)),
        kafka.properties("properties", ClientPropertyRules.KAFKA));
  }

  /** Of digits already; there are 65535 ports. */
  private static boolean hasPort(String server) {
    return Integer.parseInt(server.substring(server.lastIndexOf(':') + 1)) <= 65535;
  }

  private static SchemaRegistry schemaRegistry(Section registry, boolean required) {
    Value url = required ? registry.required("url") : registry.value("url");
    for (String part : parts(url)) {
      String complaint =
          complaintAboutUrl(part, REGISTRY_CREDENTIALS, ", or several of them with commas between");
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

  private static @Nullable String complaintAboutUrl(String text, String instead, String others) {
    try {
      URI url = new URI(text);
      if (url.getRawUserInfo() != null) {
        return "must not contain a password" + instead;
      }
      boolean http = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
      if (http && url.getHost() != null && url.getPort() <= 65535 && url.getRawFragment() == null) {
        return null;
      }
    } catch (URISyntaxException e) {
      // Reported below: its message would repeat the text.
    }
    return "must be an http or https address" + others;
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
      Duration answer = source.acknowledgementDeadline();
      Duration rest = answer.minus(deadline);
      Duration needed = lesser(REST, answer.dividedBy(4));
      if (rest.compareTo(needed) < 0) {
        value.problem(
            "leaves no time for the answer: the acknowledgement-deadline of "
                + source.name()
                + ", "
                + Units.format(answer)
                + ", must be longer by "
                + Units.format(needed)
                + " at least");
        break;
      }
      if (rest.compareTo(lesser(GOOD_REST, answer.dividedBy(2))) < 0) {
        value.warning(
            "leaves only "
                + Units.format(rest)
                + " of the acknowledgement-deadline of "
                + source.name()
                + ": a spool on a busy disk may need more");
        break;
      }
    }
    int largestBody = largestBody(sources);
    Optional<Spool> spool = delivery.section("spool", section -> spool(section, largestBody));
    return new Delivery(deadline, spool.orElse(null));
  }

  private static Duration lesser(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  private static Optional<Spool> spool(Section spool, int largestBody) {
    Value size = spool.value("max-size");
    long maxSize = size.bytes(16 * MIB, 16 * 1024 * GIB, 2 * GIB);
    if (maxSize < 4L * largestBody) {
      size.problem(
          "must be at least four times the largest max-body-size, " + Units.format(largestBody));
    }
    Value place = spool.value("directory");
    Path directory = directory(place);
    if (!place.isPresent() && (spool.isGiven() || size.isPresent())) {
      spool.problem("directory", "is required for a spool");
    }
    return Optional.ofNullable(directory).map(found -> new Spool(found, maxSize));
  }

  private static @Nullable Path directory(Value place) {
    Path directory = place.filePath();
    if (directory != null && Files.exists(directory) && !Files.isDirectory(directory)) {
      place.problem("must be a directory, and is something else");
    }
    return directory;
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
    String complaint =
        url.isEmpty()
            ? null
            : complaintAboutUrl(url, "", ", such as http://collector:4318/v1/traces");
    if (complaint != null) {
      endpoint.problem(complaint);
    } else if (url.indexOf(',') >= 0) {
      endpoint.problem("must be one address, without a comma");
    } else if (!url.isEmpty() && URI.create(url).getRawPath().length() <= 1) {
      endpoint.warning("has no path: collectors take traces at /v1/traces");
    }
    Value oneIn = tracing.value("sample-one-in");
    if (oneIn.isPresent() && url.isEmpty()) {
      oneIn.warning("has no effect without tracing.endpoint");
    }
    return new Tracing(url.isEmpty() ? null : url, oneIn.integer(1, 1_000_000, 1));
  }

  private static Pipeline pipeline(Section pipeline) {
    return new Pipeline(
        directory(pipeline.value("state-directory")),
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
    List<AuthSpec> auth = authentication(source);
    warnOfShortMemory(source, auth, window);
    return new Source(
        validName,
        provider,
        maxBodySize,
        auth,
        equalWithin(source, window),
        acknowledgementDeadline(source, provider),
        limits(source, maxBodySize));
  }

  private Duration acknowledgementDeadline(Section source, String provider) {
    Duration standard = knownProviders.getOrDefault(provider, Source.SHORTEST_DEADLINE);
    Value value = source.value("acknowledgement-deadline");
    Duration deadline = value.duration(Duration.ofMillis(100), Duration.ofMinutes(1), standard);
    if (deadline.compareTo(standard.multipliedBy(5).dividedBy(4)) > 0) {
      value.warning(
          "is longer than "
              + (provider.isEmpty() ? "a provider" : provider)
              + " is known to wait: an answer after that is never heard (the default is "
              + Units.format(standard)
              + ")");
    }
    return deadline;
  }

  /** A captured request passes until its signature is too old, and is a copy until the window. */
  private static void warnOfShortMemory(Section source, List<AuthSpec> auth, Duration window) {
    for (AuthSpec spec : auth) {
      if (spec instanceof AuthSpec.StandardWebhooks webhooks
          && webhooks.tolerance().multipliedBy(2).compareTo(window) > 0) {
        source.warning(
            "auth",
            "tolerance is more than half of deduplication.window, "
                + Units.format(window)
                + ": a captured request that is sent again after that becomes an event");
        break;
      }
    }
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
    if (limit.isGiven() && !burst.isPresent() && !perSecond.isPresent()) {
      limit.problem("is empty: give per-second, or leave rate-limit out");
    }
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
    AuthRules.apply(specs, source);
    if (open && nones.isEmpty()) {
      source.problem("allow-unauthenticated", "goes only with auth: [{type: none}]");
    }
    return specs;
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
    return new AuthSpec.Header(headerName(auth.required("name"), ""), auth.secrets("values"));
  }

  /** In lower case. */
  private static String headerName(Value value, String fallback) {
    String name =
        value
            .matching(HEADER_NAME, "must be the name of a header", fallback)
            .toLowerCase(Locale.ROOT);
    if (AuthRules.isTaken(name)) {
      value.problem("must be a header that does not say how a request is to be read");
    }
    return name;
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
    return new AuthSpec.BcryptToken(
        headerName(auth.value("header"), "x-smartshape-token"),
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
