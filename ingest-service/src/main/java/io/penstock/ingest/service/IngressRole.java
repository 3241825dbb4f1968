package io.penstock.ingest.service;

import io.penstock.ingest.cluster.ClusterWatch.Sight;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.delivery.ReceiptIds;
import io.penstock.ingest.ingress.Admission;
import io.penstock.ingest.ingress.Certificate;
import io.penstock.ingest.ingress.IngressApi;
import io.penstock.ingest.ingress.IngressContext;
import io.penstock.ingest.ingress.IngressReport;
import io.penstock.ingest.ingress.IngressServer;
import io.penstock.ingest.ingress.Refusals;
import io.penstock.ingest.landing.Landing;
import io.penstock.ingest.landing.LandingReadiness;
import io.penstock.ingest.management.Health;
import io.penstock.ingest.management.ManagementPage;
import io.penstock.ingest.warmup.WarmUp;
import io.vertx.core.net.ServerSSLOptions;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes deliveries by HTTP and makes them durable. */
final class IngressRole implements RunningRole {

  private static final Logger log = LoggerFactory.getLogger(IngressRole.class);

  private static final Duration CERTIFICATE_INTERVAL = Duration.ofSeconds(1);

  /** How long those inside may take to be answered once no new ones are taken. */
  private static final Duration DRAIN = Duration.ofSeconds(8);

  private final Landing landing;
  private final IngressReport report;
  private final IngressApi api;
  private final int port;

  private IngressRole(Landing landing, IngressReport report, IngressApi api, int port) {
    this.landing = landing;
    this.report = report;
    this.api = api;
    this.port = port;
  }

  /**
   * Opens the spool, the producer and the port; tries them all with samples before.
   *
   * @param parts closes them: the port's new deliveries are refused and those inside answered, then
   *     the producer is flushed and the spool closed
   */
  static IngressRole open(RoleContext context, Parts parts)
      throws StartException, InterruptedException {
    Configuration configuration = context.configuration();
    Configuration.HttpConfig http = configuration.http();
    Optional<Certificate> certificate = certificate(context, parts);
    Optional<ServerSSLOptions> tls = certificate.map(Certificate::options);
    Admission admission =
        new Admission(http.maxInFlightBytes(), http.maxInFlightRequests(), context.sources().all());
    Landing landing = landing(context, admission, parts);
    ReceiptIds receiptIds = new ReceiptIds(context.clock(), new SecureRandom());
    log.atInfo()
        .addKeyValue("receipt_process", receiptIds.process())
        .log("The receipts of this process are known by what their ids have in common");
    IngressContext ingress =
        new IngressContext(
            context.vertx(),
            context.sources(),
            landing.log(),
            admission,
            receiptIds,
            context.clock(),
            context.registry(),
            context.tracing(),
            new Refusals(http.refusalsKept(), context.sources(), context.clock()));
    context.failsWith(ingress.failure());
    parts.add(new Door(ingress, http.shutdownDelay()));
    WarmUp.ofIngress(http, context.providers(), tls.orElse(null), context.clock());
    List<IngressServer> servers = new ArrayList<>();
    int port = 0;
    int count = Runtime.getRuntime().availableProcessors();
    for (int i = 0; i < count; i++) {
      IngressServer server = new IngressServer(http, ingress, count, tls.orElse(null));
      context.deploy(server, "port " + http.port());
      servers.add(server);
      port = server.port();
    }
    certificate.ifPresent(
        files -> files.follow(options -> servers.forEach(server -> server.use(options).await())));
    return new IngressRole(
        landing,
        new IngressReport(ingress, context.secrets()),
        IngressApi.of(context.sources(), context.secrets()),
        port);
  }

  private static Optional<Certificate> certificate(RoleContext context, Parts parts)
      throws StartException {
    Configuration.TlsConfig files = context.configuration().http().tls();
    if (files == null) {
      return Optional.empty();
    }
    try {
      Certificate certificate =
          parts.add(
              new Certificate(context.vertx(), files, CERTIFICATE_INTERVAL, context.registry()),
              Certificate::close);
      context.warnWhile(
          certificate::isFailing,
          "The certificate's files cannot be used, and the last good pair stays in force",
          "The certificate's files can be used again");
      return Optional.of(certificate);
    } catch (IllegalArgumentException e) {
      throw new StartException(List.of("http.tls: " + e.getMessage()));
    }
  }

  private static Landing landing(RoleContext context, Admission admission, Parts parts)
      throws StartException {
    try {
      Landing landing =
          parts.add(
              Landing.open(
                  context.vertx(),
                  context.configuration(),
                  admission::isFull,
                  context.clock(),
                  System::nanoTime,
                  context.registry()),
              Landing::close);
      context.failsWith(landing.failure());
      return landing;
    } catch (IOException e) {
      throw new StartException(List.of("delivery.spool: " + e.getMessage()));
    }
  }

  /** What lets deliveries in. */
  private record Door(IngressContext ingress, Duration delay) implements Parts.Part {

    @Override
    public void announceEnd() {
      ingress.announceLeave();
    }

    /** Takes deliveries until load balancers have noticed, then no new ones; answers the rest. */
    @Override
    public void close(Parts.Ending ending) throws InterruptedException {
      if (ending == Parts.Ending.ORDERLY) {
        new CountDownLatch(1).await(delay.toMillis(), TimeUnit.MILLISECONDS);
      }
      if (!ingress.drain(DRAIN)) {
        log.warn("Some deliveries were not answered before the shutdown; their senders will retry");
      }
    }
  }

  /** The port that is bound. */
  int port() {
    return port;
  }

  @Override
  public Configuration.Role kind() {
    return Configuration.Role.INGRESS;
  }

  @Override
  public Health.Check check(boolean alone) {
    return new Health.Check(
        "landing-log",
        true,
        () -> {
          LandingReadiness.State verdict = landing.verdict();
          return new Health.State(verdict.ready(), verdict.detail());
        });
  }

  @Override
  public List<ManagementPage> pages() {
    return IngressPages.of(report);
  }

  @Override
  public Optional<IngressApi> api() {
    return Optional.of(api);
  }

  @Override
  public boolean worksWithoutKafka() {
    return landing.hasSpool();
  }

  /** Kafka's client loads the landing log's metadata here, so that no event loop has to. */
  @Override
  public boolean find() {
    return landing.find();
  }

  @Override
  public void saw(Sight sight) {
    landing.saw(sight);
  }
}
