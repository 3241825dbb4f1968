package io.penstock.ingest.service;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.observability.FailureText;
import io.penstock.ingest.observability.LastingWarning;
import io.penstock.ingest.provider.Provider;
import io.penstock.ingest.source.SecretMeters;
import io.penstock.ingest.source.Sources;
import io.penstock.ingest.tracing.Tracing;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the roles of an instance are given.
 *
 * @param clock tells when deliveries are received, and whether a signature is recent
 * @param secrets what is known of the sources' secrets
 * @param failure fails when the instance cannot go on
 */
record RoleContext(
    Configuration configuration,
    List<Provider> providers,
    InstantSource clock,
    PrometheusMeterRegistry registry,
    Vertx vertx,
    Sources sources,
    SecretMeters secrets,
    Tracing tracing,
    CompletableFuture<Void> failure) {

  private static final Logger log = LoggerFactory.getLogger(RoleContext.class);

  /** How often what may need a warning is looked at. */
  static final Duration LOOK_INTERVAL = Duration.ofSeconds(1);

  /** Ends the instance when a part of it fails. */
  void failsWith(CompletableFuture<Void> part) {
    part.exceptionally(
        cause -> {
          failure.completeExceptionally(cause);
          return null;
        });
  }

  /** Warns while something is so, and says when it has ended. The question must not block. */
  void warnWhile(BooleanSupplier question, String so, String ended) {
    LastingWarning warning = new LastingWarning(log, System::nanoTime);
    vertx.setPeriodic(
        LOOK_INTERVAL.toMillis(),
        timer -> {
          if (question.getAsBoolean()) {
            warning.holds(so);
          } else {
            warning.ends(ended);
          }
        });
  }

  /**
   * Opens a port.
   *
   * @param what names it to the operator
   */
  void deploy(VerticleBase verticle, String what) throws StartException, InterruptedException {
    CompletableFuture<String> deployed =
        vertx.deployVerticle(verticle).toCompletionStage().toCompletableFuture();
    try {
      deployed.get();
    } catch (ExecutionException e) {
      throw new StartException(
          List.of(what + " cannot be opened: " + FailureText.of(e.getCause())));
    } catch (InterruptedException e) {
      awaitHalfOpened(deployed);
      throw e;
    }
  }

  /** A port that is half open cannot be closed. */
  private static void awaitHalfOpened(CompletableFuture<?> deployed) throws InterruptedException {
    try {
      deployed.get(3, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      log.debug("A port was not opened before the shutdown", e);
    }
  }
}
