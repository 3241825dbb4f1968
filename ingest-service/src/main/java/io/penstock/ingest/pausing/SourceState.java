package io.penstock.ingest.pausing;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What an operator decided last about a source. Immutable.
 *
 * @param source the source's name, as in the configuration
 * @param since when it was decided, by the clock of the machine on which it was
 * @param by who decided it: 1 to {@value #MOST_BY} characters, as the operator's machine says
 * @param reason why, in the operator's words: 1 to {@value #MOST_REASON} characters; null where
 *     none was given
 */
public record SourceState(
    String source, Decision decision, Instant since, String by, @Nullable String reason) {

  /** The longest name of an operator, in characters. */
  public static final int MOST_BY = 200;

  /** The longest reason, in characters. */
  public static final int MOST_REASON = 1000;

  private static final int MOST_BYTES = 64 * 1024;

  private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?");

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  /** Whether a source's events are published. */
  public enum Decision {
    /** They wait. */
    PAUSED,
    /** They are published. */
    RUNNING;

    /** As records and commands spell it. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * @throws IllegalArgumentException if a name or a text is empty or too long
   */
  public SourceState {
    if (!NAME.matcher(source).matches()) {
      throw new IllegalArgumentException("the name of a source is malformed");
    }
    if (by.isBlank() || by.length() > MOST_BY) {
      throw new IllegalArgumentException("who decides needs 1 to " + MOST_BY + " characters");
    }
    if (reason != null && (reason.isBlank() || reason.length() > MOST_REASON)) {
      throw new IllegalArgumentException("a reason has 1 to " + MOST_REASON + " characters");
    }
  }

  /** Whether the source's events wait. */
  public boolean isPaused() {
    return decision == Decision.PAUSED;
  }

  /** The value of this state's record in the control topic. */
  byte[] bytes() {
    ObjectNode json = JSON.createObjectNode();
    json.put("state", decision.word());
    json.put("since", since.toString());
    json.put("by", by);
    if (reason != null) {
      json.put("reason", reason);
    }
    try {
      return JSON.writeValueAsBytes(json);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of texts can be written", e);
    }
  }

  /**
   * Reads a record of the control topic. Members that this version does not know are ignored.
   *
   * @param source the record's key
   * @throws IllegalArgumentException if it is no state; the message repeats nothing of the record
   */
  static SourceState read(String source, byte[] value) {
    if (value.length > MOST_BYTES) {
      throw new IllegalArgumentException("the record has more than " + MOST_BYTES + " bytes");
    }
    JsonNode json;
    try {
      json = JSON.readTree(value);
    } catch (IOException e) {
      // Its message would quote the record.
      throw new IllegalArgumentException("the record is not JSON", null);
    }
    try {
      return new SourceState(
          source,
          decision(json.path("state").asText()),
          Instant.parse(json.path("since").asText()),
          json.path("by").asText(),
          json.path("reason").isTextual() ? json.path("reason").asText() : null);
    } catch (DateTimeException e) {
      throw new IllegalArgumentException("\"since\" is no time", null);
    }
  }

  private static Decision decision(String word) {
    for (Decision decision : Decision.values()) {
      if (decision.word().equals(word)) {
        return decision;
      }
    }
    throw new IllegalArgumentException("\"state\" is neither paused nor running");
  }
}
