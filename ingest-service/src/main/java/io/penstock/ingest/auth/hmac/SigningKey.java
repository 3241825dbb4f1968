package io.penstock.ingest.auth.hmac;

import io.penstock.ingest.auth.Secret;
import io.penstock.ingest.auth.SecretForm;
import java.security.GeneralSecurityException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/** Makes signatures with one secret, whose bytes are the key. Shows nothing of it. */
final class SigningKey {

  /** What a secret must look like: the bytes that the sender was given, and nothing else. */
  static final SecretForm FORM =
      new SecretForm() {
        @Override
        public @Nullable String complaint(Secret secret) {
          return secret.compute(SigningKey::complaint);
        }

        @Override
        public @Nullable String doubt(Secret secret) {
          return secret.compute(SigningKey::doubt);
        }
      };

  /** A client that has one signature can guess any shorter secret, on a machine of its own. */
  private static final int SHORT_BYTES = 16;

  /** Never used but to be cloned, which is faster than a new one with this key. */
  private final Mac prototype;

  private SigningKey(Mac prototype) {
    this.prototype = prototype;
  }

  /** The key that a secret is. */
  static SigningKey of(Secret secret, Algorithm algorithm) {
    return secret.compute(
        key -> {
          try {
            Mac mac = Mac.getInstance(algorithm.javaName());
            mac.init(new SecretKeySpec(key, algorithm.javaName()));
            return new SigningKey((Mac) mac.clone());
          } catch (GeneralSecurityException | CloneNotSupportedException e) {
            throw new IllegalStateException(
                "every Java platform has an " + algorithm.javaName() + " to clone", e);
          }
        });
  }

  /** The signature of a request. */
  byte[] sign(SignedText text, String timestamp, String url, byte[] body) {
    try {
      Mac mac = (Mac) prototype.clone();
      text.write(timestamp, url, body, mac::update);
      return mac.doFinal();
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("it could be cloned before", e);
    }
  }

  private static @Nullable String complaint(byte[] value) {
    byte last = value[value.length - 1];
    if (last == '\n' || last == '\r') {
      return "ends in a line break: write the value without it (of a file, only one at its very end"
          + " is left out)";
    }
    for (byte b : value) {
      if ((b >= 0 && b < ' ') || b == 0x7F) {
        return "has a control character, which no secret for signatures has";
      }
    }
    return value.length >= 3
            && value[0] == (byte) 0xEF
            && value[1] == (byte) 0xBB
            && value[2] == (byte) 0xBF
        ? "begins with a byte order mark: save it as UTF-8 without one"
        : null;
  }

  private static @Nullable String doubt(byte[] value) {
    if (value.length < SHORT_BYTES) {
      return "is shorter than " + SHORT_BYTES + " bytes, and can be guessed from one signature";
    }
    return value[0] == ' ' || value[value.length - 1] == ' '
        ? "begins or ends with white space, which is hardly meant"
        : null;
  }

  @Override
  public String toString() {
    return "SigningKey[redacted]";
  }
}
