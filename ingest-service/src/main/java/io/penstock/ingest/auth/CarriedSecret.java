package io.penstock.ingest.auth;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * What a secret must look like to stand in a certain place of a request. With a value that its
 * place cannot carry, every delivery would be refused, so the mistake is reported when the value is
 * read, by the name of its reference.
 *
 * <p>The rules are those of the authenticators and of HTTP. Control characters are refused in every
 * place, even where some encoding could carry them: they are always a mistake. What a place can
 * carry, and is probably a mistake, is a doubt and not a complaint.
 */
public enum CarriedSecret implements SecretForm {

  /** A segment of the address's path, decoded as UTF-8. */
  URL_TOKEN("in the path of an address", false, true),

  /** The password of RFC 7617, encoded as base64. */
  PASSWORD("in a password (RFC 7617)", false, false),

  /** The token of RFC 6750, which has no white space. */
  BEARER("in a bearer token (RFC 6750)", true, false),

  /** The value of a header (RFC 9110, section 5.5). */
  HEADER("in a header", true, false),

  /** The value of a parameter in the address's query, decoded as UTF-8. */
  QUERY("in the query of an address", false, true),

  /** A JSON string. */
  BODY_FIELD("in a text of a JSON body", false, true),

  /** What the sender makes a bcrypt hash of. */
  HASHED("in a secret for bcrypt", false, false);

  /** A client that may try often can guess anything shorter. */
  private static final int SHORT_BYTES = 8;

  /** What bcrypt takes of a secret. */
  private static final int HASHED_BYTES = 72;

  /** Of a request line (8 KiB), what is left beside the method, the path and the version. */
  private static final int MOST_IN_ADDRESS = 8 * 1024 - 40;

  /** Of all headers (16 KiB), what is left beside a name and the header that names the host. */
  private static final int MOST_IN_HEADER = 16 * 1024 - 40;

  private static final int BYTE_ORDER_MARK = 0xFEFF;

  private final String place;
  private final boolean isTrimmed;
  private final boolean isDecoded;

  /**
   * @param isTrimmed whether HTTP takes white space away from its ends
   * @param isDecoded whether the request's text is decoded as UTF-8 before it is compared, so that
   *     what is no UTF-8 equals nothing
   */
  CarriedSecret(String place, boolean isTrimmed, boolean isDecoded) {
    this.place = place;
    this.isTrimmed = isTrimmed;
    this.isDecoded = isDecoded;
  }

  @Override
  public @Nullable String complaint(Secret secret) {
    return secret.compute(this::complaint);
  }

  @Override
  public @Nullable String doubt(Secret secret) {
    return secret.compute(this::doubt);
  }

  private @Nullable String complaint(byte[] value) {
    if (hasControl(value, withoutLineBreaks(value))) {
      return "has a control character, which cannot stand " + place;
    }
    if (withoutLineBreaks(value) < value.length) {
      return "ends in a line break, which cannot stand "
          + place
          + ": write the value without it (of a file, only one at its very end is left out)";
    }
    String text = utf8(value);
    if (text == null) {
      return isDecoded ? "is not UTF-8, and so can never stand " + place : null;
    }
    if (text.codePointAt(0) == BYTE_ORDER_MARK) {
      return "begins with a byte order mark: save it as UTF-8 without one";
    }
    if (isTrimmed && hasOuterSpace(text)) {
      return "begins or ends with white space, which cannot stand at either end " + place;
    }
    return switch (this) {
      case URL_TOKEN ->
          text.length() <= 2 && text.chars().allMatch(c -> c == '.')
              ? "is a dot segment, which clients take out of an address"
              : tooLong(encodedLength(value), MOST_IN_ADDRESS, "a request line, 8 KiB");
      case QUERY -> tooLong(encodedLength(value), MOST_IN_ADDRESS, "a request line, 8 KiB");
      case BEARER ->
          text.indexOf(' ') >= 0
              ? "has white space, which cannot stand " + place
              : tooLong(value.length, MOST_IN_HEADER, "all headers, 16 KiB");
      case HEADER -> tooLong(value.length, MOST_IN_HEADER, "all headers, 16 KiB");
      case PASSWORD -> tooLong(value.length * 4L / 3, MOST_IN_HEADER, "all headers, 16 KiB");
      case BODY_FIELD, HASHED -> null;
    };
  }

  private static @Nullable String tooLong(long length, int most, String bound) {
    return length > most ? "is too long for " + bound : null;
  }

  private @Nullable String doubt(byte[] value) {
    if (value.length < SHORT_BYTES) {
      return "is shorter than " + SHORT_BYTES + " bytes, and can be guessed";
    }
    String text = utf8(value);
    if (text == null) {
      return "is not UTF-8: the sender must send exactly its bytes";
    }
    if (hasOuterSpace(text)) {
      return "begins or ends with white space, which is hardly meant";
    }
    return switch (this) {
      case URL_TOKEN ->
          encodedLength(value) > value.length
              ? "has characters that must be percent-encoded in the address; it is given here as"
                  + " it is when decoded"
              : null;
      case BEARER ->
          text.matches("[A-Za-z0-9._~+/-]+=*")
              ? null
              : "has characters that RFC 6750 does not allow in a bearer token";
      case HEADER ->
          text.length() < value.length
              ? "is not ASCII: the sender must send it as the bytes of UTF-8"
              : null;
      case HASHED ->
          value.length > HASHED_BYTES
              ? "is longer than " + HASHED_BYTES + " bytes, of which bcrypt takes no more"
              : null;
      case QUERY, PASSWORD, BODY_FIELD -> null;
    };
  }

  /** Up to where there is more than line breaks. */
  private static int withoutLineBreaks(byte[] value) {
    int end = value.length;
    while (end > 0 && (value[end - 1] == '\n' || value[end - 1] == '\r')) {
      end--;
    }
    return end;
  }

  /** C0 and DEL; in a header, a tab inside is white space like any other. */
  private boolean hasControl(byte[] value, int end) {
    for (int i = 0; i < end; i++) {
      boolean isTab = value[i] == '\t' && this == HEADER;
      if ((value[i] >= 0 && value[i] < ' ' && !isTab) || value[i] == 0x7f) {
        return true;
      }
    }
    return false;
  }

  private static boolean hasOuterSpace(String text) {
    return isSpace(text.codePointAt(0)) || isSpace(text.codePointBefore(text.length()));
  }

  private static boolean isSpace(int character) {
    return Character.isWhitespace(character) || Character.isSpaceChar(character);
  }

  /** How long it is when all but RFC 3986's unreserved characters is percent-encoded. */
  private static long encodedLength(byte[] value) {
    long length = 0;
    for (byte b : value) {
      boolean unreserved =
          (b >= 'a' && b <= 'z')
              || (b >= 'A' && b <= 'Z')
              || (b >= '0' && b <= '9')
              || "-._~".indexOf(b) >= 0;
      length += unreserved ? 1 : 3;
    }
    return length;
  }

  private static @Nullable String utf8(byte[] value) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(value)).toString();
    } catch (CharacterCodingException e) {
      return null;
    }
  }
}
