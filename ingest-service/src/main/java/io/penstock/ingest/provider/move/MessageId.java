package io.penstock.ingest.provider.move;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The id of a message in Svix: the same in every attempt to deliver it, and in no other message.
 */
final class MessageId {

  private static final String SVIX = "svix-id";
  private static final String STANDARD = "webhook-id";

  /** The headers to keep with a delivery: never the signature. */
  static final List<String> HEADERS =
      List.of(SVIX, STANDARD, "svix-timestamp", "webhook-timestamp");

  private MessageId() {}

  /** The message's id: the signed one if the source requires signatures; null if there is none. */
  static @Nullable String of(Map<String, String> headers) {
    String svix = headers.get(SVIX);
    String id = svix == null ? headers.get(STANDARD) : svix;
    return id == null || id.isBlank() ? null : id;
  }
}
