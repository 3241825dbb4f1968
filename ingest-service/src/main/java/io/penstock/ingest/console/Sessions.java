package io.penstock.ingest.console;

import io.penstock.ingest.console.ConsoleUsers.Proven;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The sessions of users who have logged in by the form, in memory: a restart ends them all. A
 * session ends after 12 hours, by logging out, or when the secret that began it is no longer in
 * force. The oldest makes room for the newest. Safe for use by any number of threads.
 */
final class Sessions {

  /** How long a session lasts. */
  static final Duration LIFE = Duration.ofHours(12);

  private static final int MOST = 1000;
  private static final int ID_BYTES = 32;

  private record Session(Proven proven, Instant began) {}

  private final Map<String, Session> sessions = new LinkedHashMap<>();
  private final SecureRandom random;
  private final InstantSource clock;

  Sessions(SecureRandom random, InstantSource clock) {
    this.random = random;
    this.clock = clock;
  }

  /** Begins a session; its id is the value of the cookie, and nothing else. */
  synchronized String begin(Proven proven) {
    byte[] bytes = new byte[ID_BYTES];
    random.nextBytes(bytes);
    String id = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    if (sessions.size() >= MOST) {
      sessions.remove(sessions.keySet().iterator().next());
    }
    sessions.put(id, new Session(proven, clock.instant()));
    return id;
  }

  /** The user of a session; empty where there is no such session any more. */
  synchronized Optional<ConsoleUser> user(String id) {
    Session session = sessions.get(id);
    if (session == null) {
      return Optional.empty();
    }
    if (!session.proven().holds()
        || Duration.between(session.began(), clock.instant()).compareTo(LIFE) > 0) {
      sessions.remove(id);
      return Optional.empty();
    }
    return Optional.of(session.proven().user());
  }

  /** Ends a session, if there is one. */
  synchronized void end(String id) {
    sessions.remove(id);
  }
}
