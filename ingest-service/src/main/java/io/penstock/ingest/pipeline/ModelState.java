package io.penstock.ingest.pipeline;

import io.penstock.ingest.provider.ModelReadiness.Sign;
import io.penstock.ingest.provider.ModelReadiness.Subject;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BinaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a model: the newest event of each subject, and what was published of it.
 *
 * <p>Which of two events is newer, their versions say, or their times where these are equal or
 * absent, or their order of arrival where these say nothing either. So events that arrive late
 * change nothing, and the order of arrival matters only where the events themselves have none.
 *
 * @param facts the newest event of each subject
 * @param published the readiness that was published last and not withdrawn since
 */
record ModelState(Map<Subject, Latest> facts, Optional<Readied> published) {

  /** Nothing is known. */
  static final ModelState EMPTY = new ModelState(Map.of(), Optional.empty());

  /** The first byte says in which form the rest is. */
  private static final byte FORM = 1;

  private static final byte ABSENT = 0;
  private static final byte HOLDS = 1;
  private static final byte HOLDS_NOT = 2;
  private static final int ID_BYTES = 16;
  private static final long NONE = Long.MIN_VALUE;
  private static final int LATEST_BYTES = 1 + ID_BYTES + 3 * Long.BYTES;

  /** The order in which they are stored: never changed. */
  private static final List<Subject> STORED =
      List.of(Subject.PROCESSED, Subject.ACTIVE, Subject.GONE);

  /** The most bytes that {@link #bytes} gives. */
  static final int MOST_BYTES = 1 + STORED.size() * LATEST_BYTES + 1 + 3 * ID_BYTES;

  ModelState {
    facts = Map.copyOf(facts);
  }

  /**
   * Where an event stands among those of its model.
   *
   * @param version null where it has none
   * @param millis since 1970, by the provider's clock; null where it has no time
   */
  record Rank(@Nullable Long version, @Nullable Long millis) {

    boolean isBefore(Rank other) {
      if (version != null && other.version != null && !version.equals(other.version)) {
        return version < other.version;
      }
      return millis != null && other.millis != null && millis < other.millis;
    }

    /** Whether it is surely the same: one event that was sent by two registrations. */
    boolean isSameAs(Rank other) {
      return millis != null && equals(other);
    }
  }

  /**
   * What the newest event of a subject says.
   *
   * @param holds whether the model is that
   * @param eventId of the event
   * @param storedAt when it was noted, in milliseconds since 1970, by the brokers' clocks
   */
  record Latest(boolean holds, String eventId, Rank rank, long storedAt) {}

  /**
   * A readiness that was published.
   *
   * @param eventId its own id
   * @param processedId of the event that says that the model is processed
   * @param activationId of the event that says that it is active
   */
  record Readied(String eventId, String processedId, String activationId) {}

  /** What follows from an event. */
  sealed interface Effect {

    /** Whether something else is known than before. */
    default boolean changesState() {
      return true;
    }

    /** Nothing new: a copy, or the same event by another registration. */
    record Repeated() implements Effect {
      @Override
      public boolean changesState() {
        return false;
      }
    }

    /** It is older than what is known, and changes nothing. */
    record Late() implements Effect {
      @Override
      public boolean changesState() {
        return false;
      }
    }

    /** It is noted, and nothing is published. */
    record Noted() implements Effect {}

    /** The model can be used from now on. */
    record Ready(Readied readied, Latest processed, Latest active) implements Effect {}

    /** The model can no longer be used. */
    record Withdrawn(Readied readied) implements Effect {}
  }

  /**
   * An event's effect, and what is known after it.
   *
   * @param state the same where nothing has changed
   */
  record Step(ModelState state, Effect effect) {}

  /**
   * Takes note of an event.
   *
   * @param eventId of the event
   * @param at in milliseconds since 1970, by the brokers' clocks
   * @param readyId makes the id of a readiness of the ids of the two events that it follows from
   */
  Step with(Sign.Known sign, String eventId, long at, BinaryOperator<String> readyId) {
    Latest latest =
        new Latest(
            sign.holds(),
            eventId,
            new Rank(sign.version(), sign.at() == null ? null : sign.at().toEpochMilli()),
            at);
    Latest before = facts.get(sign.subject());
    if (before != null && isRepeated(before, latest)) {
      return new Step(this, new Effect.Repeated());
    }
    Latest gone = facts.get(Subject.GONE);
    if ((before != null && latest.rank().isBefore(before.rank()))
        || (gone != null && latest.rank().isBefore(gone.rank()))) {
      return new Step(this, new Effect.Late());
    }
    Map<Subject, Latest> after = new EnumMap<>(Subject.class);
    after.putAll(facts);
    after.put(sign.subject(), latest);
    if (sign.subject() == Subject.GONE) {
      // What is surely newer stays, as of a model that was restored before this arrived.
      after
          .entrySet()
          .removeIf(
              each ->
                  each.getKey() != Subject.GONE && !latest.rank().isBefore(each.getValue().rank()));
    }
    return step(sign, after, readyId);
  }

  private static boolean isRepeated(Latest before, Latest latest) {
    return before.eventId().equals(latest.eventId())
        || (before.holds() == latest.holds() && before.rank().isSameAs(latest.rank()));
  }

  private Step step(Sign.Known sign, Map<Subject, Latest> after, BinaryOperator<String> readyId) {
    Latest processed = after.get(Subject.PROCESSED);
    Latest active = after.get(Subject.ACTIVE);
    boolean isReady = holds(processed) && holds(active);
    // A model that is ready stays so if it is activated again, or if its next processing fails.
    boolean isNewly = published.isEmpty() || (sign.subject() == Subject.PROCESSED && sign.holds());
    if (processed != null && active != null && isReady && isNewly) {
      Readied readied =
          new Readied(
              readyId.apply(processed.eventId(), active.eventId()),
              processed.eventId(),
              active.eventId());
      return new Step(
          new ModelState(after, Optional.of(readied)),
          new Effect.Ready(readied, processed, active));
    }
    boolean isThere = sign.subject() != Subject.GONE || isReady;
    if (published.isPresent() && (!holds(active) || !isThere)) {
      return new Step(
          new ModelState(after, Optional.empty()), new Effect.Withdrawn(published.get()));
    }
    return new Step(new ModelState(after, published), new Effect.Noted());
  }

  private static boolean holds(@Nullable Latest latest) {
    return latest != null && latest.holds();
  }

  /**
   * What is known without what was noted before a time.
   *
   * @param time in milliseconds since 1970, by the brokers' clocks
   */
  ModelState since(long time) {
    if (facts.values().stream().allMatch(latest -> latest.storedAt() >= time)) {
      return this;
    }
    Map<Subject, Latest> since = new EnumMap<>(Subject.class);
    facts.forEach(
        (subject, latest) -> {
          if (latest.storedAt() >= time) {
            since.put(subject, latest);
          }
        });
    return new ModelState(since, Optional.empty());
  }

  /** Whether nothing is known, or nothing that this version can read. */
  boolean isEmpty() {
    return facts.isEmpty();
  }

  /** When the last event was noted, in milliseconds since 1970; not to be asked where none was. */
  long lastAt() {
    return facts.values().stream().mapToLong(Latest::storedAt).max().orElseThrow();
  }

  byte[] bytes() {
    ByteBuffer bytes = ByteBuffer.allocate(MOST_BYTES);
    bytes.put(FORM);
    for (Subject subject : STORED) {
      Latest latest = facts.get(subject);
      if (latest == null) {
        bytes.put(ABSENT);
      } else {
        bytes.put(latest.holds() ? HOLDS : HOLDS_NOT);
        putId(bytes, latest.eventId());
        putNumber(bytes, latest.rank().version());
        putNumber(bytes, latest.rank().millis());
        bytes.putLong(latest.storedAt());
      }
    }
    if (published.isEmpty()) {
      bytes.put(ABSENT);
    } else {
      bytes.put(HOLDS);
      putId(bytes, published.get().eventId());
      putId(bytes, published.get().processedId());
      putId(bytes, published.get().activationId());
    }
    byte[] written = new byte[bytes.position()];
    bytes.flip().get(written);
    return written;
  }

  /**
   * Reads what {@link #bytes} wrote.
   *
   * @param stored null where nothing is stored; anything else, as a later version may have written
   *     it, is as if nothing was known
   */
  static ModelState read(byte @Nullable [] stored) {
    if (stored == null || stored.length == 0 || stored[0] != FORM) {
      return EMPTY;
    }
    ByteBuffer bytes = ByteBuffer.wrap(stored, 1, stored.length - 1);
    try {
      Map<Subject, Latest> facts = new EnumMap<>(Subject.class);
      for (Subject subject : STORED) {
        byte kind = bytes.get();
        if (kind != ABSENT) {
          facts.put(
              subject,
              new Latest(
                  kind == HOLDS,
                  id(bytes),
                  new Rank(number(bytes), number(bytes)),
                  bytes.getLong()));
        }
      }
      Optional<Readied> published =
          bytes.get() == ABSENT
              ? Optional.empty()
              : Optional.of(new Readied(id(bytes), id(bytes), id(bytes)));
      return new ModelState(facts, published);
    } catch (BufferUnderflowException e) {
      return EMPTY;
    }
  }

  private static void putId(ByteBuffer bytes, String id) {
    bytes.put(HexFormat.of().parseHex(id));
  }

  private static String id(ByteBuffer bytes) {
    byte[] id = new byte[ID_BYTES];
    bytes.get(id);
    return HexFormat.of().formatHex(id);
  }

  private static void putNumber(ByteBuffer bytes, @Nullable Long number) {
    bytes.putLong(number == null ? NONE : number);
  }

  private static @Nullable Long number(ByteBuffer bytes) {
    long number = bytes.getLong();
    return number == NONE ? null : number;
  }
}
