package io.penstock.ingest.delivery;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * Identifies an event: the copies of one event have the same id, and no others. 128 bits of a
 * SHA-256, so that a sender's choice of text can neither collide nor cost memory. It is also the
 * event's id in its headers and its record.
 *
 * <p>The entity key is part of it. Copies are looked for in the partition that the entity key
 * chooses: records with the same id are in the same partition.
 *
 * <p>Each kind of id is made under its own name, so that ids of different kinds never meet. How ids
 * are made is part of the contract with consumers, who keep them: it never changes.
 *
 * @param hex 32 lower-case hexadecimal digits
 */
public record DeduplicationId(String hex) {

  private static final int BYTES = 16;

  /** One for each thread: to look for an implementation takes as long as a short digest. */
  private static final ThreadLocal<MessageDigest> SHA_256 =
      ThreadLocal.withInitial(DeduplicationId::sha256);

  public DeduplicationId {
    if (hex.length() != 2 * BYTES) {
      throw new IllegalArgumentException("a deduplication id has 32 digits, not " + hex.length());
    }
    for (int i = 0; i < hex.length(); i++) {
      char digit = hex.charAt(i);
      if (!((digit >= '0' && digit <= '9') || (digit >= 'a' && digit <= 'f'))) {
        throw new IllegalArgumentException(
            "a deduplication id has lower-case hexadecimal digits alone");
      }
    }
  }

  /**
   * The id of an event.
   *
   * @param source the source's name: ids of different sources never meet
   * @param entityKey what the event is of: ids of different entities never meet
   * @param uniqueParts the provider's own identification, in a fixed order; empty where it has
   *     none, so that each delivery is an event of its own
   * @param receiptId of the delivery; counts only where there are no parts
   */
  public static DeduplicationId of(
      String source, String entityKey, List<String> uniqueParts, String receiptId) {
    if (uniqueParts.isEmpty()) {
      return digest("delivery", source, entityKey, receiptId);
    }
    String[] parts = new String[2 + uniqueParts.size()];
    parts[0] = source;
    parts[1] = entityKey;
    for (int i = 0; i < uniqueParts.size(); i++) {
      parts[2 + i] = uniqueParts.get(i);
    }
    return digest("event", parts);
  }

  /**
   * The id that equal bodies of one source share. Never an event's id.
   *
   * @param contentDigest of the body, as text
   */
  public static DeduplicationId ofContent(String source, String contentDigest) {
    return digest("content", source, contentDigest);
  }

  /**
   * What a refused delivery is remembered by: two landing records of one receipt, as after a crash
   * while the spool drained, are one dead letter. Never an event's id, nor a letter's.
   */
  public static DeduplicationId ofRefusal(String source, String receiptId) {
    return digest("refusal", source, receiptId);
  }

  /**
   * The id of a dead letter, never that of an event: a consumer that removes copies by their ids
   * must not take the event that a letter becomes later for a copy of the letter. The same each
   * time that the same landing record is read; another for each landing record, also of the same
   * delivery.
   *
   * @param topic the landing record's
   * @param partition the landing record's
   * @param offset the landing record's
   * @param receiptId of the delivery: a topic that is made anew counts its offsets anew
   */
  public static DeduplicationId ofDeadLetter(
      String topic, int partition, long offset, String receiptId) {
    return digest(
        "dead letter", topic, Integer.toString(partition), Long.toString(offset), receiptId);
  }

  /**
   * The id of the event that says that a model can be used. Never that of another kind of event.
   *
   * @param processedEventId the id of the event that says that the model is processed
   * @param activationEventId the id of the event that says that it is active
   */
  public static DeduplicationId ofModelReady(
      String source, String entityKey, String processedEventId, String activationEventId) {
    return digest("model ready", source, entityKey, processedEventId, activationEventId);
  }

  /**
   * The id of the event that says that a model can no longer be used. Never that of another kind of
   * event.
   *
   * @param readyEventId the id of the event that is withdrawn
   * @param causeEventId the id of the event that withdraws it
   */
  public static DeduplicationId ofModelWithdrawn(
      String source, String entityKey, String readyEventId, String causeEventId) {
    return digest("model withdrawn", source, entityKey, readyEventId, causeEventId);
  }

  private static DeduplicationId digest(String kind, String... parts) {
    int length = encodedLength(kind);
    for (String part : parts) {
      length += encodedLength(part);
    }
    byte[] bytes = new byte[length];
    int end = encode(kind, bytes, 0);
    for (String part : parts) {
      end = encode(part, bytes, end);
    }
    return new DeduplicationId(HexFormat.of().formatHex(SHA_256.get().digest(bytes), 0, BYTES));
  }

  /** The same 128 bits as bytes, a new array. */
  public byte[] bytes() {
    return HexFormat.of().parseHex(hex);
  }

  /**
   * The UTF-16 units with their number before them: two lists of texts never give the same bytes,
   * not even texts with lone surrogates, which UTF-8 would turn into one and the same question
   * mark.
   */
  private static int encode(String part, byte[] bytes, int start) {
    int length = 2 * part.length();
    int at = start;
    bytes[at++] = (byte) (length >>> 24);
    bytes[at++] = (byte) (length >>> 16);
    bytes[at++] = (byte) (length >>> 8);
    bytes[at++] = (byte) length;
    for (int i = 0; i < part.length(); i++) {
      char unit = part.charAt(i);
      bytes[at++] = (byte) (unit >>> 8);
      bytes[at++] = (byte) unit;
    }
    return at;
  }

  private static int encodedLength(String part) {
    return Integer.BYTES + 2 * part.length();
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
