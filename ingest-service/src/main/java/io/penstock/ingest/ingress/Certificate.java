package io.penstock.ingest.ingress;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.penstock.ingest.config.Configuration.TlsConfig;
import io.penstock.ingest.files.FollowedFiles;
import io.penstock.ingest.files.FollowedFiles.Followed;
import io.penstock.ingest.files.UnusableException;
import io.penstock.ingest.observability.Meters;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.ServerSSLOptions;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import javax.net.ssl.KeyManager;
import javax.net.ssl.X509KeyManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The ingress's certificate and its key, which follow their files as {@link FollowedFiles} does. A
 * pair is used only if its key belongs to its certificate. Otherwise the last good one stays in
 * force, which is logged and measured.
 */
public final class Certificate implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Certificate.class);

  /** Of each file, in bytes. */
  private static final int MAX_SIZE = 256 * 1024;

  private static final List<String> KEYS = List.of("RSA", "EC", "EdDSA", "RSASSA-PSS");

  private final Vertx vertx;
  private final TlsConfig paths;
  private final Counter reloaded;
  private final Counter failed;
  private final FollowedFiles files;
  private final Followed<Pair> followed;
  private volatile Pair inForce;
  private volatile Consumer<ServerSSLOptions> user = options -> {};

  private record Pair(ServerSSLOptions options, Instant expiry) {}

  private final class Changes implements FollowedFiles.Listener {

    @Override
    public void reloaded(Collection<Followed<?>> changed) {
      Pair next = followed.value();
      user.accept(next.options());
      inForce = next;
      reloaded.increment();
      log.atInfo()
          .addKeyValue("expires", next.expiry())
          .log("The ingress's certificate was replaced");
    }

    @Override
    public void failed(Followed<?> pair, String problem) {
      failed.increment();
      log.atError()
          .addKeyValue("expires", inForce.expiry())
          .addKeyValue("problem", problem)
          .log("The new certificate cannot be used, and the last one stays in force");
    }
  }

  /**
   * Reads the files.
   *
   * @param interval between two readings
   * @throws IllegalArgumentException if they cannot be used, with a sentence that says why
   */
  public Certificate(Vertx vertx, TlsConfig paths, Duration interval, MeterRegistry registry) {
    this.vertx = vertx;
    this.paths = paths;
    files = new FollowedFiles("penstock-tls", interval, new Changes());
    try {
      followed = files.follow(List.of(paths.certificate(), paths.key()), MAX_SIZE, this::parse);
    } catch (UnusableException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
    inForce = followed.value();
    reloaded = Meters.TLS_RELOADS.counter(registry, "outcome", "reloaded");
    failed = Meters.TLS_RELOADS.counter(registry, "outcome", "failed");
    Meters.TLS_EXPIRY.gauge(registry, "seconds", this, c -> c.inForce.expiry().getEpochSecond());
    Meters.TLS_FAILING.gauge(registry, null, this, c -> c.isFailing() ? 1 : 0);
    log.atInfo()
        .addKeyValue("certificate", paths.certificate())
        .addKeyValue("expires", inForce.expiry())
        .log("The ingress speaks TLS");
  }

  /** Whether the files cannot be used now, and an older pair is in force. */
  public boolean isFailing() {
    return files.failing() > 0;
  }

  /** The pair in force. */
  public ServerSSLOptions options() {
    return inForce.options();
  }

  /**
   * Starts to follow the files. Once.
   *
   * @param listener is given every new pair, on the thread that reads them
   */
  public void follow(Consumer<ServerSSLOptions> listener) {
    user = listener;
    files.start();
  }

  private Pair parse(List<byte[]> contents) throws UnusableException {
    PemKeyCertOptions pem =
        new PemKeyCertOptions()
            .setCertValue(Buffer.buffer(contents.getFirst().clone()))
            .setKeyValue(Buffer.buffer(contents.getLast().clone()));
    try {
      for (KeyManager manager : pem.getKeyManagerFactory(vertx).getKeyManagers()) {
        if (manager instanceof X509KeyManager keys) {
          for (String kind : KEYS) {
            String[] aliases = keys.getServerAliases(kind, null);
            if (aliases != null) {
              return checked(
                  pem, keys.getCertificateChain(aliases[0])[0], keys.getPrivateKey(aliases[0]));
            }
          }
        }
      }
      throw new UnusableException(paths.certificate() + " and " + paths.key() + " hold no pair");
    } catch (UnusableException e) {
      throw e;
    } catch (Exception e) {
      // getKeyManagerFactory declares no narrower type. Its message may hold the content.
      log.atDebug().addKeyValue("kind", e.getClass().getName()).log("A certificate cannot be used");
      throw new UnusableException(
          paths.certificate()
              + " and "
              + paths.key()
              + " are not a certificate and its unencrypted key in PEM: "
              + e.getClass().getSimpleName());
    }
  }

  private Pair checked(PemKeyCertOptions pem, X509Certificate certificate, PrivateKey key)
      throws GeneralSecurityException, UnusableException {
    if (!belongTogether(certificate, key)) {
      throw new UnusableException(paths.key() + " is not the key of " + paths.certificate());
    }
    return new Pair(
        new ServerSSLOptions().setKeyCertOptions(pem), certificate.getNotAfter().toInstant());
  }

  private static boolean belongTogether(X509Certificate certificate, PrivateKey key)
      throws GeneralSecurityException {
    String algorithm =
        switch (key.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          default -> key.getAlgorithm();
        };
    byte[] text = "penstock".getBytes(UTF_8);
    Signature signature = Signature.getInstance(algorithm);
    signature.initSign(key);
    signature.update(text);
    byte[] signed = signature.sign();
    signature.initVerify(certificate.getPublicKey());
    signature.update(text);
    return signature.verify(signed);
  }

  /** Ends the reading, and its thread. */
  @Override
  public void close() {
    files.close();
  }
}
