package io.penstock.ingest.auth.standardwebhooks;

import io.penstock.ingest.auth.OneHeader;
import io.penstock.ingest.auth.RequestHead;
import io.penstock.ingest.auth.SigningTime;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the head of a signed request says: under {@code svix-id}, {@code svix-timestamp} and {@code
 * svix-signature}, or under the names that Standard Webhooks gives them, {@code webhook-…}.
 *
 * <p>The two sets of names are never mixed. If any of Svix's is there, they are what counts, as in
 * Svix's own libraries, and all three must be there: what is missing is not taken from the other
 * set. Move's rules read the id by the same rule, so that the id which identifies an event is the
 * one that was signed.
 *
 * @param timestamp when the attempt was signed, in seconds since 1970
 * @param signedBeforeBody the bytes that were signed in front of the body: id, dot, time, dot
 * @param shared signatures of version {@code v1}, as base64 in ASCII, all of the right length
 * @param ed25519 signatures of version {@code v1a}, all of 64 bytes
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record SignedHead(
    long timestamp, byte[] signedBeforeBody, List<byte[]> shared, List<byte[]> ed25519)
    implements Presented {

  static final String SVIX = "svix-";
  static final String STANDARD = "webhook-";
  static final String ID = "id";
  static final String TIMESTAMP = "timestamp";
  static final String SIGNATURE = "signature";

  /** An id of Svix has about 31 characters. */
  static final int MAX_ID_LENGTH = 256;

  /** Room for twice as many of the longest signatures as are looked at. */
  private static final int MAX_SIGNATURE_LENGTH = 8 * 1024;

  /** How many signatures are looked at, of any version. Svix sends up to 11. */
  static final int MAX_SIGNATURES = 50;

  /**
   * How many of {@code v1a} are kept, the first ones. A sender lists one for its key, and one for
   * each that it is still rotating out: two are usual, and Svix can be brought to list 11. Each
   * costs as much to verify as two hundred of {@code v1}.
   */
  static final int MAX_ED25519 = 6;

  private static final int SHARED_TEXT_LENGTH = 44;
  private static final int ED25519_TEXT_LENGTH = 88;

  /** Reads a head: what it says, or what is wrong if it lacks a header, repeats one, or more. */
  static Presented parse(RequestHead head) {
    String set = set(head);
    String id = OneHeader.of(head, set + ID, MAX_ID_LENGTH);
    String timestamp = OneHeader.of(head, set + TIMESTAMP, SigningTime.MAX_LENGTH);
    String signatures = OneHeader.of(head, set + SIGNATURE, MAX_SIGNATURE_LENGTH);
    if (id == null
        || timestamp == null
        || signatures == null
        || !isId(id)
        || !SigningTime.isNumber(timestamp)) {
      return new Presented.Unreadable(fault(head, set, id, timestamp, signatures));
    }
    SignedHead parsed =
        new SignedHead(
            Long.parseLong(timestamp),
            (id + "." + timestamp + ".").getBytes(StandardCharsets.US_ASCII),
            new ArrayList<>(),
            new ArrayList<>());
    parsed.read(signatures);
    return parsed;
  }

  /** What is wrong with a head, in words that repeat nothing of it. */
  private static String fault(
      RequestHead head,
      String set,
      @Nullable String id,
      @Nullable String timestamp,
      @Nullable String signatures) {
    if (set.equals(STANDARD) && !isAnyPresent(head, STANDARD)) {
      return "the headers svix-id, svix-timestamp and svix-signature are missing, and so are those"
          + " that begin with webhook-";
    }
    if (id == null) {
      return OneHeader.fault(head, set + ID, MAX_ID_LENGTH);
    }
    if (timestamp == null) {
      return OneHeader.fault(head, set + TIMESTAMP, SigningTime.MAX_LENGTH);
    }
    if (signatures == null) {
      return OneHeader.fault(head, set + SIGNATURE, MAX_SIGNATURE_LENGTH);
    }
    return isId(id)
        ? "the header " + set + TIMESTAMP + " is not a number of seconds since 1970"
        : "the header " + set + ID + " has a dot, a space or a character beyond ASCII";
  }

  /** Which of the two sets of names a head has: the one that counts. */
  static String set(RequestHead head) {
    return isAnyPresent(head, SVIX) ? SVIX : STANDARD;
  }

  private static boolean isAnyPresent(RequestHead head, String set) {
    return head.header(set + ID) != null
        || head.header(set + TIMESTAMP) != null
        || head.header(set + SIGNATURE) != null;
  }

  /**
   * Visible ASCII without a dot: with one, {@code a.1} at time 2 would be signed like {@code a} at
   * time 1 with a body that begins with {@code 2.}, so the specification forbids it.
   */
  private static boolean isId(String id) {
    return id.chars().allMatch(c -> c > ' ' && c < 0x7f && c != '.');
  }

  /** Takes in what could be a signature and leaves the rest: other versions, and rubbish. */
  private void read(String signatures) {
    int start = 0;
    for (int looked = 0; looked < MAX_SIGNATURES && start < signatures.length(); looked++) {
      int space = signatures.indexOf(' ', start);
      int end = space < 0 ? signatures.length() : space;
      int comma = signatures.indexOf(',', start, end);
      if (comma >= 0) {
        read(signatures.substring(start, comma), signatures.substring(comma + 1, end));
      }
      start = end + 1;
    }
  }

  private void read(String version, String text) {
    byte[] ascii = text.getBytes(StandardCharsets.ISO_8859_1);
    if (version.equals("v1") && text.length() == SHARED_TEXT_LENGTH) {
      shared.add(ascii);
    } else if (version.equals("v1a")
        && text.length() == ED25519_TEXT_LENGTH
        && ed25519.size() < MAX_ED25519) {
      try {
        byte[] signature = Base64.getDecoder().decode(ascii);
        // Base64 has bits to spare at its end: only one spelling of a signature is one.
        if (signature.length == WebhookKey.Ed25519.SIGNATURE_BYTES
            && Arrays.equals(Base64.getEncoder().encode(signature), ascii)) {
          ed25519.add(signature);
        }
      } catch (IllegalArgumentException notBase64) {
        return;
      }
    }
  }
}
