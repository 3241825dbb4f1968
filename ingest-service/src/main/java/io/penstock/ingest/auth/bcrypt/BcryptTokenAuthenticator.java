package io.penstock.ingest.auth.bcrypt;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.penstock.ingest.auth.Authenticator;
import io.penstock.ingest.auth.MatchListener;
import io.penstock.ingest.auth.RequestHead;
import io.penstock.ingest.auth.Secret;
import io.penstock.ingest.auth.SecretList;
import io.penstock.ingest.auth.SlowWork;
import io.penstock.ingest.auth.Verdict;
import io.penstock.ingest.observability.Meters;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A header that holds the bcrypt hash of a shared secret, as <a
 * href="https://cloud.smartshape.com/documentation/developer-manual/web-api/webhook-api">SmartShape
 * sends it</a>.
 *
 * <p>A token names its own cost, which its sender makes this service pay. So a token is checked
 * before it is computed, computed once, and remembered by its digest. Right tokens are remembered
 * as long as their secret is in the list, in a cache of their own, so that unauthenticated requests
 * cannot push them out. Wrong tokens are remembered until the list changes. A known token needs no
 * thread but the caller's. One that has to be computed waits its turn in the {@link BcryptPool};
 * copies that arrive in the meantime share the one computation.
 *
 * <p>It is not known whether SmartShape makes a new hash for every request or sends the same one
 * again. Both work; new hashes at the pace of the pool.
 */
public final class BcryptTokenAuthenticator implements Authenticator {

  private static final Logger LOG = LoggerFactory.getLogger(BcryptTokenAuthenticator.class);

  /** How many tokens are remembered as right, and as many as wrong: 1 MB of each. */
  private static final int MAX_REMEMBERED = 10_000;

  /** How many requests may share one computation. */
  private static final int MAX_COPIES = 1_000;

  private final String header;
  private final SecretList secrets;
  private final int maxCost;
  private final SlowWork pool;
  private final MatchListener listener;
  private final Hashing hashing;
  private final BcryptObjections objections;
  private final Result wrongToken;
  private final BcryptStatistics statistics = new BcryptStatistics();

  /** The tokens that proved right, and by which secret. */
  private final Cache<BcryptToken.Digest, Secret> right = memory();

  /** The tokens that proved wrong, and for which version of the secrets. */
  private final Cache<BcryptToken.Digest, Long> wrong = memory();

  private final ConcurrentMap<BcryptToken.Digest, Computation> computations =
      new ConcurrentHashMap<>();

  /**
   * Accepts hashes of any of these secrets.
   *
   * @param header its name, in lower case
   * @param maxCost the highest cost that is computed, 4 to 31
   */
  public BcryptTokenAuthenticator(
      String header, SecretList secrets, int maxCost, SlowWork pool, MatchListener listener) {
    this(header, secrets, maxCost, pool, listener, BcryptHash::matches);
  }

  BcryptTokenAuthenticator(
      String header,
      SecretList secrets,
      int maxCost,
      SlowWork pool,
      MatchListener listener,
      Hashing hashing) {
    if (maxCost < 4 || maxCost > 31) {
      throw new IllegalArgumentException("a bcrypt cost is 4 to 31, not " + maxCost);
    }
    this.header = header;
    this.secrets = secrets;
    this.maxCost = maxCost;
    this.pool = pool;
    this.listener = listener;
    this.hashing = hashing;
    this.objections = new BcryptObjections(header, maxCost);
    this.wrongToken = new Result(objections.wrong(), -1);
  }

  /** The slow part: whether a token is a hash of a secret. */
  @FunctionalInterface
  interface Hashing {
    boolean matches(Secret secret, BcryptToken token);
  }

  private static <V> Cache<BcryptToken.Digest, V> memory() {
    // Tidies up on the thread that writes to it: one of the pool's.
    return Caffeine.newBuilder().maximumSize(MAX_REMEMBERED).executor(Runnable::run).build();
  }

  /** What has been counted so far. */
  public BcryptStatistics statistics() {
    return statistics;
  }

  @Override
  public void bindTo(MeterRegistry registry, String source) {
    counter(Meters.BCRYPT_HASHES, registry, source, BcryptStatistics::hashes);
    counter(Meters.BCRYPT_SHED, registry, source, BcryptStatistics::overloaded);
    Meters.BCRYPT_HIGHEST_COST.gauge(
        registry, null, statistics, BcryptStatistics::highestCost, "source", source);
  }

  private void counter(
      Meters meter,
      MeterRegistry registry,
      String source,
      ToDoubleFunction<BcryptStatistics> count) {
    FunctionCounter.builder(meter.meterName(), statistics, count)
        .description(meter.description())
        .tag("source", source)
        .register(registry);
  }

  @Override
  public Verdict screen(RequestHead head) {
    BcryptToken token = computable(head);
    return token == null ? objections.to(head) : recall(token.digest());
  }

  @Override
  public boolean needsBody() {
    return false;
  }

  @Override
  public Future<Verdict> verify(RequestHead head, byte[] body) {
    BcryptToken token = computable(head);
    if (token == null) {
      return Future.succeededFuture(objections.to(head));
    }
    BcryptToken.Digest digest = token.digest();
    Verdict recalled = recall(digest);
    if (!(recalled instanceof Verdict.Undecided)) {
      return Future.succeededFuture(recalled);
    }
    Computation own = new Computation(token, digest);
    Computation other = computations.putIfAbsent(digest, own);
    if (other != null) {
      return other.join();
    }
    pool.submit(head.remoteAddress(), own);
    return own.join();
  }

  /** The request's token, if it has exactly one, of the right form and an acceptable cost. */
  private @Nullable BcryptToken computable(RequestHead head) {
    List<String> values = head.headers(header);
    BcryptToken token = values.size() == 1 ? BcryptToken.parse(values.get(0)) : null;
    if (token == null) {
      statistics.malformed.increment();
      return null;
    }
    if (token.cost() > maxCost) {
      statistics.tooCostly.increment();
      return null;
    }
    return token;
  }

  private Verdict recall(BcryptToken.Digest digest) {
    Result remembered = remembered(digest);
    if (remembered == null) {
      return Verdict.UNDECIDED;
    }
    if (remembered.verdict() instanceof Verdict.Accepted) {
      statistics.known.increment();
      listener.matched(remembered.entry());
    } else {
      statistics.knownBad.increment();
    }
    return remembered.verdict();
  }

  /** What is known of a token, by the secrets that hold now; null if nothing is. */
  private @Nullable Result remembered(BcryptToken.Digest digest) {
    Secret secret = right.getIfPresent(digest);
    Long version = wrong.getIfPresent(digest);
    // Only now, so that nothing that was remembered is newer.
    SecretList.Snapshot now = secrets.current();
    if (secret != null) {
      int entry = now.secrets().indexOf(secret);
      if (entry >= 0) {
        return new Result(Verdict.ACCEPTED, entry);
      }
      right.asMap().remove(digest, secret);
    }
    return version != null && version == now.version() ? wrongToken : null;
  }

  @Override
  public String toString() {
    return "BcryptTokenAuthenticator[header=" + header + ", maxCost=" + maxCost + "]";
  }

  /**
   * What became of a token.
   *
   * @param entry the place of the secret that it is made of; meaningless unless accepted
   */
  private record Result(Verdict verdict, int entry) {
    static final Result OVERLOADED = new Result(Verdict.OVERLOADED, -1);
  }

  /** A request that waits for a computation. */
  private record Waiter(@Nullable Context context, Promise<Verdict> promise) {

    void answer(Verdict verdict) {
      if (context == null) {
        promise.complete(verdict);
        return;
      }
      try {
        context.runOnContext(on -> promise.complete(verdict));
      } catch (RejectedExecutionException e) {
        LOG.atDebug().setCause(e).log("The event loop of a request is closed");
      }
    }
  }

  /** One token on its way through the pool, and the requests that came with it. */
  private final class Computation implements SlowWork.Task {

    private final BcryptToken token;
    private final BcryptToken.Digest digest;
    private final List<Waiter> waiters = new ArrayList<>(1);
    private @Nullable Result result;

    Computation(BcryptToken token, BcryptToken.Digest digest) {
      this.token = token;
      this.digest = digest;
    }

    /** Adds a request; its answer comes on the caller's context. */
    Future<Verdict> join() {
      Result known;
      synchronized (this) {
        known = result;
        if (known == null && waiters.size() >= MAX_COPIES) {
          known = Result.OVERLOADED;
        }
        if (known == null) {
          Promise<Verdict> promise = Promise.promise();
          waiters.add(new Waiter(Vertx.currentContext(), promise));
          return promise.future();
        }
      }
      count(known);
      return Future.succeededFuture(known.verdict());
    }

    @Override
    public void run() {
      Result reached = Result.OVERLOADED;
      try {
        reached = compute();
      } finally {
        finish(reached);
      }
    }

    @Override
    public void shed() {
      finish(Result.OVERLOADED);
    }

    private Result compute() {
      // An earlier computation may have ended between its caller's look and this one's start.
      Result reached = remembered(digest);
      Set<Secret> tried = new HashSet<>();
      while (reached == null) {
        SecretList.Snapshot before = secrets.current();
        Secret matched = firstMatch(before, tried);
        SecretList.Snapshot now = secrets.current();
        int entry = matched == null ? -1 : now.secrets().indexOf(matched);
        if (matched != null && entry >= 0) {
          right.put(digest, matched);
          statistics.highestCost.accumulate(token.cost());
          reached = new Result(Verdict.ACCEPTED, entry);
        } else if (now.version() == before.version()) {
          wrong.put(digest, now.version());
          reached = wrongToken;
        }
        // Otherwise the secrets have changed in the meantime: those that are new get their turn.
      }
      return reached;
    }

    private @Nullable Secret firstMatch(SecretList.Snapshot snapshot, Set<Secret> tried) {
      for (Secret secret : snapshot.secrets()) {
        if (tried.add(secret) && isHashOf(secret)) {
          return secret;
        }
      }
      return null;
    }

    private boolean isHashOf(Secret secret) {
      statistics.hashes.increment();
      try {
        return hashing.matches(secret, token);
      } catch (RuntimeException e) {
        LOG.atDebug().setCause(e).log("A token of the right form could not be computed");
        return false;
      }
    }

    private void finish(Result reached) {
      List<Waiter> answered;
      synchronized (this) {
        result = reached;
        answered = List.copyOf(waiters);
        waiters.clear();
      }
      computations.remove(digest, this);
      RuntimeException broken = null;
      for (Waiter waiter : answered) {
        try {
          count(reached);
        } catch (RuntimeException | LinkageError e) {
          broken = new IllegalStateException("a hash could not be counted", e);
        }
        waiter.answer(reached.verdict()); // in any case: a request waits for it
      }
      if (broken != null) {
        throw broken;
      }
    }

    private void count(Result reached) {
      if (reached.verdict() instanceof Verdict.Accepted) {
        listener.matched(reached.entry());
      } else if (reached.verdict() instanceof Verdict.Overloaded) {
        statistics.overloaded.increment();
      }
    }
  }
}
