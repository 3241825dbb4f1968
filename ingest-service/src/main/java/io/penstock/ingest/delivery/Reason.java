package io.penstock.ingest.delivery;

/**
 * Why a delivery is refused or dead-lettered: one vocabulary for metric labels, problem types, dead
 * letters and logs.
 */
public enum Reason {
  UNKNOWN_SOURCE("unknown-source", 404, "No source has this name"),
  METHOD_NOT_ALLOWED("method-not-allowed", 405, "Webhooks are delivered by POST"),
  UNSUPPORTED_CONTENT_TYPE("unsupported-content-type", 415, "The body must not be compressed"),
  PAYLOAD_TOO_LARGE("payload-too-large", 413, "The body is larger than this source accepts"),
  AUTHENTICATION_FAILED("authentication-failed", 401, "The sender did not prove who it is"),
  MALFORMED_JSON("malformed-json", 400, "The body is not well-formed JSON"),
  MISSING_IDENTITY("missing-identity", 400, "The body lacks what identifies an event"),
  /** Only for dead letters: the sender has had its 200. */
  UNDECODABLE("undecodable", 200, "The body could not be turned into an event"),
  RATE_LIMITED("rate-limited", 429, "This source sends more than it may"),
  OVERLOADED("overloaded", 503, "Too much is in flight"),
  KAFKA_UNAVAILABLE("kafka-unavailable", 503, "The delivery could not be made durable in time"),
  SPOOL_FULL("spool-full", 503, "The delivery could not be made durable in time"),
  SHUTTING_DOWN("shutting-down", 503, "This instance is shutting down");

  private final String code;
  private final int status;
  private final String title;

  Reason(String code, int status, String title) {
    this.code = code;
    this.status = status;
    this.title = title;
  }

  /** The reason's name in every interface: lower case, with dashes. */
  public String code() {
    return code;
  }

  /** The HTTP status that a sender sees. */
  public int status() {
    return status;
  }

  /** A short sentence, the same for every occurrence. */
  public String title() {
    return title;
  }
}
