package io.penstock.ingest.ingress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.landing.AppendOutcome;
import io.vertx.core.Vertx;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.Security;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** TLS with certificates of the JDK's keytool, swapped as Kubernetes swaps them, and otherwise. */
@Timeout(300)
class CertificateTest {

  private static final Duration INTERVAL = Duration.ofMillis(20);

  @TempDir static Path pairs;
  @TempDir Path directory;

  private final Vertx vertx = Vertx.vertx();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

  @BeforeAll
  static void makePairs() throws Exception {
    Pem.rsa(pairs.resolve("one"), "one", 10);
    Pem.ec(pairs.resolve("two"), "two", 20);
    Pem.rsa(pairs.resolve("three"), "three", 30);
  }

  @BeforeEach
  void mount() throws IOException {
    Files.createSymbolicLink(directory.resolve("..data"), pairs.resolve("one"));
    for (String name : new String[] {"tls.crt", "tls.key"}) {
      Files.createSymbolicLink(directory.resolve(name), Path.of("..data", name));
    }
  }

  @AfterEach
  void close() throws Exception {
    vertx.close().await(120, TimeUnit.SECONDS);
  }

  private Configuration.TlsConfig files() {
    return new Configuration.TlsConfig(directory.resolve("tls.crt"), directory.resolve("tls.key"));
  }

  private Certificate certificate() {
    return new Certificate(vertx, files(), INTERVAL, meters);
  }

  /** As Kubernetes does it: both files change at one moment. */
  private void switchTo(String pair) throws IOException {
    Path next = Files.createSymbolicLink(directory.resolve("..next"), pairs.resolve(pair));
    Files.move(next, directory.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
  }

  private double failing() {
    return meters.get("penstock.tls.failing").gauge().value();
  }

  private double count(String outcome) {
    return meters.get("penstock.tls.reloads").tag("outcome", outcome).counter().count();
  }

  private Ingress ingress(Certificate certificate) throws Exception {
    Ingress ingress =
        new Ingress(
            vertx,
            4L * 1024 * 1024,
            Configuration.ConnectionsConfig.DEFAULT,
            certificate.options());
    certificate.follow(
        options -> {
          try {
            ingress.use(options);
          } catch (TimeoutException e) {
            throw new IllegalStateException(e);
          }
        });
    return ingress;
  }

  /** A client that trusts everybody, and tells whom it met. */
  private static final class Client implements AutoCloseable {
    private final SSLSocket socket;

    Client(int port, String... protocols) throws IOException, GeneralSecurityException {
      SSLContext context = SSLContext.getInstance("TLS");
      X509TrustManager trusting =
          new X509TrustManager() {
            @Override
            public void checkClientTrusted(X509Certificate[] chain, String type) {}

            @Override
            public void checkServerTrusted(X509Certificate[] chain, String type) {}

            @Override
            public X509Certificate[] getAcceptedIssuers() {
              return new X509Certificate[0];
            }
          };
      context.init(null, new TrustManager[] {trusting}, null);
      socket =
          (SSLSocket)
              context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port);
      socket.setSoTimeout(120_000);
      if (protocols.length > 0) {
        socket.setEnabledProtocols(protocols);
      }
    }

    String server() throws IOException {
      X509Certificate met = (X509Certificate) socket.getSession().getPeerCertificates()[0];
      return met.getSubjectX500Principal().getName();
    }

    String post() throws IOException {
      OutputStream out = socket.getOutputStream();
      out.write(
          "POST /webhooks/open HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nevent"
              .getBytes(StandardCharsets.US_ASCII));
      out.flush();
      StringBuilder answer = new StringBuilder();
      while (answer.indexOf("}") < 0) {
        int next = socket.getInputStream().read();
        if (next < 0) {
          throw new EOFException("closed after: " + answer);
        }
        answer.append((char) next);
      }
      return answer.substring(0, 12);
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  @Test
  void deliveriesComeByTls() throws Exception {
    try (Certificate certificate = certificate();
        Ingress ingress = ingress(certificate);
        Client client = new Client(ingress.port(), "TLSv1.2");
        Client newer = new Client(ingress.port(), "TLSv1.3")) {
      assertThat(client.post()).isEqualTo("HTTP/1.1 200");
      assertThat(client.server()).isEqualTo("CN=one");
      assertThat(newer.post()).isEqualTo("HTTP/1.1 200");
      assertThat(ingress.log.records()).hasSize(2);
      // and nothing else does
      try (RawClient plain = ingress.connect()) {
        plain.post("/webhooks/open", "event");
        assertThat(plain.answersUntilTheEnd()).isEmpty();
      }
    }
  }

  @Test
  void theHeadersOfARequestAreLookedAtAsStrictlyAsWithoutTls() throws Exception {
    try (Certificate certificate = certificate();
        Ingress ingress = ingress(certificate);
        Client client = new Client(ingress.port())) {
      client
          .socket
          .getOutputStream()
          .write(
              ("POST /webhooks/open HTTP/1.1\r\nHost: a\r\nX: y\r\n z\r\n"
                      + "Content-Length: 5\r\n\r\nevent")
                  .getBytes(StandardCharsets.US_ASCII));
      assertThat(client.socket.getInputStream().readNBytes(12)).asString().endsWith("400");
      assertThat(ingress.log.records()).isEmpty();
    }
  }

  @Test
  void whoSaysGoodbyeByTlsIsAnsweredAllTheSameAndThenClosed() throws Exception {
    try (Certificate certificate = certificate();
        Ingress ingress = ingress(certificate);
        Client client = new Client(ingress.port(), "TLSv1.3")) {
      ingress.log.holds();
      client
          .socket
          .getOutputStream()
          .write(
              "POST /webhooks/open HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nevent"
                  .getBytes(StandardCharsets.US_ASCII));
      // close_notify; the TCP connection stays open
      client.socket.shutdownOutput();
      ingress.log.next().settlesAndEnds(AppendOutcome.BY_KAFKA);
      assertThat(client.socket.getInputStream().readAllBytes())
          .asString(StandardCharsets.US_ASCII)
          .startsWith("HTTP/1.1 200");
      await()
          .untilAsserted(
              () ->
                  assertThat(ingress.meters.get("penstock.connections").gauge().value()).isZero());
      assertThat(ingress.context.drain(Duration.ofSeconds(5))).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void whoSaysGoodbyeByTlsAndKeepsItsConnectionIsClosed(String version) throws Exception {
    try (Certificate certificate = certificate();
        Ingress ingress = ingress(certificate);
        Client client = new Client(ingress.port(), version)) {
      assertThat(client.post()).isEqualTo("HTTP/1.1 200");
      client.socket.shutdownOutput();
      await()
          .untilAsserted(
              () ->
                  assertThat(ingress.meters.get("penstock.connections").gauge().value()).isZero());
    }
  }

  @Test
  void newConnectionsMeetTheNewCertificateAndNoneIsRefusedMeanwhile() throws Exception {
    try (Certificate certificate = certificate();
        Ingress ingress = ingress(certificate);
        Client old = new Client(ingress.port())) {
      assertThat(old.post()).isEqualTo("HTTP/1.1 200");
      AtomicBoolean end = new AtomicBoolean();
      AtomicInteger connected = new AtomicInteger();
      AtomicReference<Exception> refused = new AtomicReference<>();
      Thread clients =
          Thread.ofPlatform()
              .start(
                  () -> {
                    while (!end.get()) {
                      try (Client client = new Client(ingress.port())) {
                        assertThat(client.post()).isEqualTo("HTTP/1.1 200");
                        connected.incrementAndGet();
                      } catch (Exception | AssertionError e) {
                        refused.compareAndSet(null, new Exception(e));
                      }
                    }
                  });
      // when
      for (String pair : new String[] {"two", "one", "two"}) {
        switchTo(pair);
        await()
            .untilAsserted(
                () -> {
                  try (Client client = new Client(ingress.port())) {
                    assertThat(client.server()).isEqualTo("CN=" + pair);
                  }
                });
      }
      end.set(true);
      clients.join();
      // then
      assertThat(refused.get()).isNull();
      assertThat(connected).hasPositiveValue();
      assertThat(old.post()).isEqualTo("HTTP/1.1 200");
      await().untilAsserted(() -> assertThat(count("reloaded")).isEqualTo(3));
      assertThat(failing()).isZero();
    }
  }

  @Test
  void theTimeOfExpiryIsMeasured() throws Exception {
    try (Certificate certificate = certificate()) {
      double before = meters.get("penstock.tls.certificate.expiry").gauge().value();
      assertThat(before - Instant.now().getEpochSecond()).isBetween(9.0 * 86_400, 11.0 * 86_400);
      certificate.follow(options -> {});
      switchTo("two");
      await()
          .untilAsserted(
              () ->
                  assertThat(meters.get("penstock.tls.certificate.expiry").gauge().value())
                      .isGreaterThan(before + 9.0 * 86_400));
    }
  }

  @Test
  void aBrokenPairLeavesTheLastOneInForceAndIsTold() throws Exception {
    try (Certificate certificate = certificate();
        Ingress ingress = ingress(certificate)) {
      // when a key does not belong to its certificate
      Path mixed = Files.createDirectory(pairs.resolve("mixed"));
      Files.copy(pairs.resolve("one/tls.crt"), mixed.resolve("tls.crt"));
      Files.copy(pairs.resolve("three/tls.key"), mixed.resolve("tls.key"));
      switchTo("mixed");
      // then
      await().untilAsserted(() -> assertThat(failing()).isEqualTo(1));
      assertThat(count("failed")).isEqualTo(1);
      try (Client client = new Client(ingress.port())) {
        assertThat(client.post()).isEqualTo("HTTP/1.1 200");
        assertThat(client.server()).isEqualTo("CN=one");
      }
      // and when it is mended
      switchTo("two");
      await().untilAsserted(() -> assertThat(failing()).isZero());
      try (Client client = new Client(ingress.port())) {
        assertThat(client.server()).isEqualTo("CN=two");
      }
    }
  }

  @Test
  void aPairThatGoesAndComesBackAsItWasIsWellAgain() throws Exception {
    try (Certificate certificate = certificate()) {
      certificate.follow(options -> {});
      switchTo("nowhere");
      await().untilAsserted(() -> assertThat(failing()).isEqualTo(1));
      switchTo("one");
      await().untilAsserted(() -> assertThat(failing()).isZero());
    }
  }

  @Test
  void whatCannotBeUsedAtTheStartIsSaidWithoutItsContent() throws Exception {
    for (String content : new String[] {"", "rubbish", "-----BEGIN PRIVATE KEY-----\nxx\n"}) {
      Path broken = pairs.resolve("broken" + content.length());
      Files.createDirectory(broken);
      Files.writeString(broken.resolve("tls.key"), content);
      Files.copy(pairs.resolve("one/tls.crt"), broken.resolve("tls.crt"));
      switchTo("broken" + content.length());
      assertThatIllegalArgumentException()
          .isThrownBy(this::certificate)
          .withMessageContaining("tls.key")
          .withMessageNotContaining("rubbish");
    }
    switchTo("nowhere");
    assertThatIllegalArgumentException()
        .isThrownBy(this::certificate)
        .withMessageContaining("tls.crt cannot be read");
  }

  @Test
  void oldVersionsOfTlsAreRefused() throws Exception {
    String disabled = Security.getProperty("jdk.tls.disabledAlgorithms");
    Security.setProperty("jdk.tls.disabledAlgorithms", ""); // so that it is not the client's doing
    try (Certificate certificate = certificate();
        Ingress ingress = ingress(certificate);
        Client client = new Client(ingress.port(), "TLSv1.1")) {
      assertThatThrownBy(client::post).isInstanceOf(SSLHandshakeException.class);
    } finally {
      Security.setProperty("jdk.tls.disabledAlgorithms", disabled);
    }
  }
}
