package io.penstock.ingest.ingress;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.penstock.ingest.config.Configuration.Tls;
import io.penstock.ingest.observability.Meters;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.ServerSSLOptions;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javax.net.ssl.KeyManager;
import javax.net.ssl.X509KeyManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The ingress's certificate and its key, which follow their files on a thread of their own.
 *
 * <p>The files are read rather than watched, at an interval: their bytes tell what time stamps and
 * directory events do not, above all when Kubernetes switches a symbolic link two directories up. A
 * pair counts once it has been read twice in a row, so that none is taken while it is being
 * written, and only if its key belongs to its certificate; otherwise the last good one stays in
 * force, which is logged and measured.
 */
public final class Certificate implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Certificate.class);

  private static final int MAX_SIZE = 256 * 1024;
  private static final List<String> KEYS = List.of("RSA", "EC", "EdDSA", "RSASSA-PSS");

  private final Vertx vertx;
  private final Tls files;
  private final Duration interval;
  private final Counter reloaded;
  private final Counter failed;
  private final CountDownLatch closed = new CountDownLatch(1);
  private Pair last;
  private Pair judged;
  private volatile Instant expiry;
  private volatile boolean failing;
  private ServerSSLOptions current;
  private @Nullable Thread watcher;

  /** Both files' bytes; equal if they are. */
  private record Pair(Buffer certificate, Buffer key) {
    /** The key is a secret. */
    @Override
    public String toString() {
      return "Pair";
    }
  }

  private static final Pair NONE = new Pair(Buffer.buffer(), Buffer.buffer());

  /** Why a pair cannot be used: a sentence, without any of the files' content. */
  private static final class UnusableException extends Exception {
    private static final long serialVersionUID = 1;

    UnusableException(String message) {
      super(message);
    }
  }

  private record Judged(ServerSSLOptions options, Instant expiry) {}

  /**
   * Reads the files.
   *
   * @param interval between two readings
   * @throws IllegalArgumentException if they cannot be used, with a sentence that says why
   */
  public Certificate(Vertx vertx, Tls files, Duration interval, MeterRegistry registry) {
    this.vertx = vertx;
    this.files = files;
    this.interval = interval;
    try {
      last = read();
      judged = last;
      Judged good = judge(last);
      current = good.options();
      expiry = good.expiry();
    } catch (UnusableException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
    reloaded = Meters.TLS_RELOADS.counter(registry, "outcome", "reloaded");
    failed = Meters.TLS_RELOADS.counter(registry, "outcome", "failed");
    Meters.TLS_EXPIRY.gauge(registry, "seconds", this, c -> c.expiry.getEpochSecond());
    Meters.TLS_FAILING.gauge(registry, null, this, c -> c.failing ? 1 : 0);
    log.info("The ingress speaks TLS: certificate={} expires={}", files.certificate(), expiry);
  }

  /** Whether the files cannot be used now, and an older pair is in force. */
  public boolean isFailing() {
    return failing;
  }

  /** The pair in force. */
  public ServerSSLOptions options() {
    return current;
  }

  /**
   * Starts to follow the files. Once.
   *
   * @param listener is given every new pair, on the thread that reads them
   */
  public void follow(Consumer<ServerSSLOptions> listener) {
    watcher = Thread.ofPlatform().daemon().name("penstock-tls").start(() -> watch(listener));
  }

  private void watch(Consumer<ServerSSLOptions> listener) {
    try {
      while (!closed.await(interval.toNanos(), TimeUnit.NANOSECONDS)) {
        try {
          look(listener);
        } catch (RuntimeException e) {
          log.error("The certificate could not be replaced", e);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // nobody does this but to end it
    }
  }

  /** What happens at each interval. */
  private void look(Consumer<ServerSSLOptions> listener) {
    Pair now;
    try {
      now = read();
    } catch (UnusableException e) {
      if (!failing) {
        unusable(e.getMessage());
        judged = NONE; // so that the same pair counts when it is back
      }
      return;
    }
    boolean settled = now.equals(last) && !now.equals(judged);
    last = now;
    if (!settled) {
      return;
    }
    judged = now;
    try {
      Judged good = judge(now);
      listener.accept(good.options());
      current = good.options();
      expiry = good.expiry();
      failing = false;
      reloaded.increment();
      log.info("The ingress's certificate was replaced: expires={}", expiry);
    } catch (UnusableException e) {
      unusable(e.getMessage());
    } catch (RuntimeException e) {
      unusable(e.getClass().getSimpleName());
    }
  }

  private void unusable(@Nullable String why) {
    failing = true;
    failed.increment();
    log.error(
        "The new certificate cannot be used, the last one stays in force: expires={} problem={}",
        expiry,
        why);
  }

  private Pair read() throws UnusableException {
    return new Pair(read(files.certificate()), read(files.key()));
  }

  private static Buffer read(Path file) throws UnusableException {
    try {
      if (Files.exists(file) && !Files.isRegularFile(file)) {
        throw new UnusableException(file + " is not a regular file");
      }
      try (InputStream in = Files.newInputStream(file)) {
        byte[] bytes = in.readNBytes(MAX_SIZE + 1);
        if (bytes.length > MAX_SIZE) {
          throw new UnusableException(file + " is larger than " + MAX_SIZE + " bytes");
        }
        return Buffer.buffer(bytes);
      }
    } catch (IOException e) {
      throw new UnusableException(file + " cannot be read: " + e.getClass().getSimpleName());
    }
  }

  private Judged judge(Pair pair) throws UnusableException {
    PemKeyCertOptions pem =
        new PemKeyCertOptions().setCertValue(pair.certificate()).setKeyValue(pair.key());
    try {
      for (KeyManager manager : pem.getKeyManagerFactory(vertx).getKeyManagers()) {
        if (manager instanceof X509KeyManager keys) {
          for (String kind : KEYS) {
            String[] aliases = keys.getServerAliases(kind, null);
            if (aliases != null) {
              return judged(
                  pem, keys.getCertificateChain(aliases[0])[0], keys.getPrivateKey(aliases[0]));
            }
          }
        }
      }
      throw new UnusableException(files.certificate() + " and " + files.key() + " hold no pair");
    } catch (UnusableException e) {
      throw e;
    } catch (
        Exception e) { // getKeyManagerFactory declares no less; its message may hold the content
      log.debug("A certificate cannot be used: kind={}", e.getClass().getName());
      throw new UnusableException(
          files.certificate()
              + " and "
              + files.key()
              + " are not a certificate and its unencrypted key in PEM: "
              + e.getClass().getSimpleName());
    }
  }

  private Judged judged(PemKeyCertOptions pem, X509Certificate certificate, PrivateKey key)
      throws GeneralSecurityException, UnusableException {
    if (!belongTogether(certificate, key)) {
      throw new UnusableException(files.key() + " is not the key of " + files.certificate());
    }
    return new Judged(
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

  /** Ends the reading. */
  @Override
  public void close() {
    closed.countDown();
    if (watcher != null) {
      watcher.interrupt();
    }
  }
}
