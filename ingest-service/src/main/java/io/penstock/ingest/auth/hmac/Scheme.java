package io.penstock.ingest.auth.hmac;

/**
 * How a sender signs.
 *
 * @param header that has the signature, in lower case
 * @param prefix what stands before each signature; empty for nothing
 * @param member the header is a list of {@code name=value} with commas between, and signatures are
 *     the values of this name; empty: the header is the signature
 * @param signs what is signed
 * @param url what {@code {url}} stands for; empty where nothing needs it
 */
record Scheme(
    String header,
    Algorithm algorithm,
    Encoding encoding,
    String prefix,
    String member,
    SignedText signs,
    Timestamp timestamp,
    String url) {

  /** Whether the header is a list. */
  boolean isList() {
    return !member.isEmpty();
  }
}
