package io.penstock.ingest.auth.hmac;

/** The hash functions that senders make an HMAC with. */
enum Algorithm {
  SHA1("sha1", "HmacSHA1", 20),
  SHA256("sha256", "HmacSHA256", 32),
  SHA512("sha512", "HmacSHA512", 64);

  private final String key;
  private final String javaName;
  private final int bytes;

  Algorithm(String key, String javaName, int bytes) {
    this.key = key;
    this.javaName = javaName;
    this.bytes = bytes;
  }

  /** What the file calls it. */
  String key() {
    return key;
  }

  /** What Java calls it. */
  String javaName() {
    return javaName;
  }

  /** How many bytes a signature has. */
  int bytes() {
    return bytes;
  }
}
