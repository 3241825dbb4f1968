package io.penstock.ingest.auth.hmac;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** How a signature is written in its header. */
enum Encoding {
  HEX("hex") {
    @Override
    String write(byte[] signature) {
      return HexFormat.of().formatHex(signature);
    }

    @Override
    byte @Nullable [] read(String text, int bytes) {
      if (text.length() != 2 * bytes) {
        return null;
      }
      try {
        return HexFormat.of().parseHex(text);
      } catch (IllegalArgumentException e) {
        return null;
      }
    }

    @Override
    String words(int bytes) {
      return 2 * bytes + " hexadecimal digits";
    }
  },

  BASE64("base64") {
    @Override
    String write(byte[] signature) {
      return Base64.getEncoder().encodeToString(signature);
    }

    @Override
    byte @Nullable [] read(String text, int bytes) {
      if (text.length() != (bytes + 2) / 3 * 4) {
        return null;
      }
      try {
        byte[] signature = Base64.getDecoder().decode(text);
        // Base64 has bits to spare at its end: only one spelling of a signature is one.
        return signature.length == bytes
                && MessageDigest.isEqual(
                    Base64.getEncoder().encode(signature),
                    text.getBytes(StandardCharsets.ISO_8859_1))
            ? signature
            : null;
      } catch (IllegalArgumentException e) {
        return null;
      }
    }

    @Override
    String words(int bytes) {
      return "base64 of " + bytes + " bytes";
    }
  };

  private final String key;

  Encoding(String key) {
    this.key = key;
  }

  /** What the file calls it. */
  String key() {
    return key;
  }

  /** A signature as it stands in a header. */
  abstract String write(byte[] signature);

  /**
   * The signature that a text is; null where it is none of so many bytes. Its text is the client's,
   * so how long this takes shows nothing.
   */
  abstract byte @Nullable [] read(String text, int bytes);

  /** What a signature of so many bytes looks like, in words. */
  abstract String words(int bytes);
}
