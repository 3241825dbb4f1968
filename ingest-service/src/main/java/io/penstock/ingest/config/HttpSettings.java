package io.penstock.ingest.config;

import io.penstock.ingest.config.Configuration.ConnectionsConfig;
import io.penstock.ingest.config.Configuration.HttpConfig;
import io.penstock.ingest.config.Configuration.SourceConfig;
import io.penstock.ingest.config.Configuration.TlsConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the section {@code http}: ports, limits of the whole instance, connections, TLS. */
final class HttpSettings {

  private static final Pattern HOST = Pattern.compile("[A-Za-z0-9._:%-]{1,255}");
  private static final Pattern NUMBERS = Pattern.compile("[0-9.]+");
  private static final Pattern IPV4 =
      Pattern.compile("((25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])(\\.(?!$)|$)){4}");

  private final long maxHeap;

  /**
   * @param maxHeap the most bytes that this process may use
   */
  HttpSettings(long maxHeap) {
    this.maxHeap = maxHeap;
  }

  HttpConfig read(Section http, List<SourceConfig> sources) {
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
    return new HttpConfig(
        host,
        port,
        management,
        maxInFlightBytes(http, sources),
        maxInFlightRequests(http, sources),
        connections(http),
        http.value("shutdown-delay")
            .duration(Duration.ZERO, Duration.ofMinutes(5), Duration.ofSeconds(5)),
        http.value("refusals-kept").integer(0, 200, Configuration.DEFAULT_REFUSALS_KEPT),
        http.section("tls", HttpSettings::tls));
  }

  private static ConnectionsConfig connections(Section http) {
    ConnectionsConfig standard = ConnectionsConfig.DEFAULT;
    return new ConnectionsConfig(
        http.value("max-connections").integer(1, 1_000_000, standard.most()),
        http.value("request-timeout")
            .duration(Duration.ofMillis(100), Duration.ofMinutes(5), standard.requestTimeout()),
        http.value("idle-timeout")
            .duration(Duration.ofMillis(100), Duration.ofHours(1), standard.idleTimeout()),
        http.value("max-connection-age")
            .duration(Duration.ofMillis(100), Duration.ofDays(1), standard.age()));
  }

  private static @Nullable TlsConfig tls(Section tls) {
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
    return certificatePath == null || keyPath == null
        ? null
        : new TlsConfig(certificatePath, keyPath);
  }

  private static int maxInFlightRequests(Section http, List<SourceConfig> sources) {
    Value value = http.value("max-in-flight-requests");
    int most = value.integer(1, 1_000_000, Configuration.DEFAULT_MAX_IN_FLIGHT_REQUESTS);
    for (SourceConfig source : sources) {
      Integer own = source.limits().maxInFlightRequests();
      if (own != null && own > most) {
        value.warning(
            most + " is less than the " + own + " of " + source.name() + ", which it never has");
      }
    }
    return most;
  }

  private long maxInFlightBytes(Section http, List<SourceConfig> sources) {
    int largestBody = SourceSettings.largestBody(sources);
    long affordable = maxHeap / 4;
    long standard = Math.max(Math.min(256 * Units.MIB, affordable), largestBody);
    Value value = http.value("max-in-flight-bytes");
    long bytes = value.bytes(Units.KIB, 256 * Units.GIB, standard);
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
    for (SourceConfig source : sources) {
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
}
